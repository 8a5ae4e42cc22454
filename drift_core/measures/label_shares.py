"""Shares of labels in two samples: the one that rose most, and what the teacher's shares cost by themselves."""

from dataclasses import dataclass

import numpy as np

from drift_core.measured import Measured
from drift_core.measures.agreement import degrees_of
from drift_core.measures.intervals import difference_interval, proportion_interval
from drift_core.measures.proportion import proportion
from drift_core.measures.scores import Scores, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class RisenLabel:
    """The label of one side whose share rose most.

    Attributes
    ----------
    code, before, after
        The label, and its share of held-out and of production.
    is_sure
        Whether its share rose beyond chance.
    """

    code: int
    before: float
    after: float
    is_sure: bool

    @property
    def rise(self) -> float:
        return self.after - self.before


def risen_label(heldout: Scores, production: Scores, *, side: Side, confidence: float) -> RisenLabel:
    """Find the label of a side whose share rose most; it is sure at a level that allows for all labels.

    Notes
    -----
    The interval of the difference combines the score intervals of both shares (Newcombe, 1998), which count queries.
    """
    before, after = label_shares(heldout, production, side=side)
    code = int(np.argmax(after - before))
    level = 1 - (1 - confidence) / np.count_nonzero(before + after)
    shares = [proportion(getattr(each, side) == code, each, confidence=level) for each in (heldout, production)]
    return RisenLabel(
        code=code,
        before=float(before[code]),
        after=float(after[code]),
        is_sure=all(isinstance(share, Measured) for share in shares)
        and _lowest_rise(shares, (heldout, production), level) > 0,  # type: ignore[arg-type]  # seen above
    )


def label_shares(heldout: Scores, production: Scores, *, side: Side) -> tuple[np.ndarray, np.ndarray]:
    """Share of each label that either side gives, in both samples, each of shape (n_labels,)."""
    samples = heldout, production
    n = int(max(codes.max() for each in samples for codes in (each.student, each.teacher))) + 1
    counts = [
        np.bincount(getattr(each, side).astype(np.int64), weights=each.relative_weights, minlength=n)
        for each in samples
    ]
    return counts[0] / counts[0].sum(), counts[1] / counts[1].sum()


def cost_of_shares(heldout: Scores, production: Scores) -> float:
    """Agreement that held-out would lose if the teacher gave production's shares of labels and all else stayed.

    A label that held-out lacks is expected to be mistaken as often as all.
    """
    before, after = label_shares(heldout, production, side="teacher")
    weights, codes = heldout.relative_weights, heldout.teacher.astype(np.int64)
    errs = (heldout.student != heldout.teacher) * weights
    counts, differing = (np.bincount(codes, weights=each, minlength=len(before)) for each in (weights, errs))
    usual = float(errs.sum() / weights.sum())
    rates = (differing + usual) / (counts + 1)  # as if one pair more of each label were mistaken as often as all
    return float(rates @ (after - before))


def _lowest_rise(shares: list[Measured], samples: tuple[Scores, Scores], confidence: float) -> float:
    effective = [max(each.effective_queries, 2.0) for each in samples]
    return difference_interval(
        shares[1],
        shares[0],
        0.0,
        confidence,
        n_queries=(effective[1], effective[0]),
        degrees=(degrees_of(effective[1]), degrees_of(effective[0])),
        limits_of=proportion_interval,
    )[0]
