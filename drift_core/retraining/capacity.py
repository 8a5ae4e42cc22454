"""How far a new student stays under its teacher, and whether a larger student is what would help."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from drift_core.distributions.noise_ceiling import JUDGE_AGAINST_ITSELF
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.agreement import agreement
from drift_core.measures.intervals import t_interval
from drift_core.measures.ranks import mid_ranks
from drift_core.measures.reliability import Runs, measure_reliability
from drift_core.measures.scores import Scores
from drift_core.retraining.held_back import HeldBack
from drift_core.retraining.loss_curve import LossCurve

CAPACITY_GAP = 0.10  # pattern: training plateaus 10-15 points under the teacher


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How far a new student stays under what its teacher lets a student reach.

    Attributes
    ----------
    agreement, trained
        Of the student with the teacher on pairs held back from the training, and on pairs that it was trained on: in
        their order, or as the share of equal labels where the teacher has two.
    reference
        The highest agreement that the teacher lets any student reach, by its repeated scores; without them by what
        judges reach against themselves.
    is_assumed
        Whether the reference is not measured.
    gap, trained_gap
        Reference minus agreement, as a fraction.
    curve
        The loss in the course of the training.
    """

    agreement: Measurement
    trained: Measurement
    reference: Measurement
    is_assumed: bool
    gap: Measurement
    trained_gap: Measurement
    curve: LossCurve

    @property
    def is_far(self) -> bool:
        """Whether the whole interval of the gap lies beyond 10 points, on held-back pairs and on trained ones."""
        return all(isinstance(each, Measured) and each.low > CAPACITY_GAP for each in (self.gap, self.trained_gap))

    @property
    def is_reached(self) -> bool:
        """Whether a larger or stepwise student is advised: far under the teacher, on a plateau."""
        return self.is_far and self.curve.trend == "plateau"

    @property
    def sentence(self) -> str:
        """The gap and what to do, in words."""
        gap = self.gap
        if isinstance(gap, Unmeasured):
            return f"How far the new student stays under its teacher is not known: {gap.reason}."
        judge = "a judge of usual noise" if self.is_assumed else "this teacher"
        points = f"{100 * gap.estimate:.0f} points ({100 * gap.low:.0f} to {100 * gap.high:.0f})"
        stays = f"the new student stays {points} under what {judge} lets a student reach"
        head = f"On {gap.n_pairs:,} held-back pairs of the list {stays}"
        return f"{head}. {self._advice(gap)}"

    def _advice(self, gap: Measured) -> str:
        if gap.high <= CAPACITY_GAP:
            return f"That is within {100 * CAPACITY_GAP:.0f} points, so its size is enough."
        if gap.low <= CAPACITY_GAP:
            return f"Whether that is more than {100 * CAPACITY_GAP:.0f} points cannot be told from so few."
        if not self.is_far:
            return "It is closer on the pairs that it was trained on: a longer list helps, a larger student may not."
        after: dict[str, str] = {
            "plateau": "Take a larger student, or distil stepwise over one of a size between.",
            "unmoved": "Raise --learning-rate or --epochs first; its size is in question once the loss has fallen.",
            "falling": "Train longer first, with more --epochs or a longer list.",
            "unknown": "Train longer first, with more --epochs or a longer list.",
        }
        return f"{self.curve.sentence} {after[self.curve.trend]}"

    def to_json(self) -> dict[str, object]:
        figures = ("agreement", "trained", "reference", "gap", "trained_gap")
        return {
            "sentence": self.sentence,
            "is_reached": self.is_reached,
            "is_assumed": self.is_assumed,
            **{name: getattr(self, name).to_json() for name in figures},
        }


def measure_capacity(
    held_back: HeldBack | None,
    *,
    student: np.ndarray,
    trained: Scores,
    curve: LossCurve,
    confidence: float = 0.95,
) -> Capacity:
    """Measure how far a student stays under its teacher.

    Parameters
    ----------
    held_back
        Pairs that were not trained on; None where there are none.
    student
        The new student's scores of them, shape (n,).
    trained
        The student's and the teacher's scores of pairs that it was trained on.

    Notes
    -----
    The reference bounds the agreement with one run of the teacher (see `measure_reliability`), times what equal scores
    of the teacher leave a student that never gives two pairs one score. The errors of reference and agreement are added
    as independent. A gap on pairs that were not trained on alone is one of generalising, which more pairs close; a gap
    on both, at a plateau of the loss, is the capacity gap that a student of a size between helps over [1]_.

    References
    ----------
    .. [1] Mirzadeh, S. I. et al. (2020). Improved knowledge distillation via teacher assistant. AAAI 34.
    """
    if held_back is None:
        unknown = Unmeasured(reason="no pairs of the list were held back (--held-back-share)")
        figures = dict.fromkeys(("agreement", "trained", "reference", "gap", "trained_gap"), unknown)
        return Capacity(**figures, is_assumed=True, curve=curve)
    values = np.unique(held_back.label)
    cut = float(values.mean()) if len(values) == 2 else None
    reference, is_assumed = _reference(held_back, cut is None, confidence)
    judged = Scores(student=student, teacher=held_back.label, queries=pd.factorize(held_back.query)[0].astype(np.int64))
    own, known = (agreement(_labelled(each, cut), confidence=confidence) for each in (judged, trained))
    return Capacity(
        agreement=own,
        trained=known,
        reference=reference,
        is_assumed=is_assumed,
        gap=_gap(reference, own, confidence),
        trained_gap=_gap(reference, known, confidence),
        curve=curve,
    )


def _labelled(scores: Scores, cut: float | None) -> Scores:
    """Scores as labels, above a cut or not, where the teacher has two."""
    if cut is None:
        return scores
    student, teacher = ((each >= cut).astype(float) for each in (scores.student, scores.teacher))
    return replace(scores, student=student, teacher=teacher, is_ranked=False)


def _reference(held_back: HeldBack, is_ranked: bool, confidence: float) -> tuple[Measurement, bool]:
    """The highest agreement that a student could reach with one run, and whether it is not measured."""
    runs = held_back.runs
    if not is_ranked:
        runs = np.where(np.isfinite(runs), runs == np.nanmax(runs), np.nan)
    several = Runs(scores=runs, queries=held_back.queries_of_runs, is_ranked=is_ranked)
    found = measure_reliability(several if several.is_repeated.any() else None, confidence=confidence).ceiling
    by_ties = _highest_of_ties(held_back.label) if is_ranked else 1.0
    if isinstance(found, Unmeasured):
        assumed = by_ties * JUDGE_AGAINST_ITSELF**0.5
        found = Measured(
            estimate=assumed,
            low=assumed,
            high=assumed,
            confidence=confidence,
            standard_error=0.0,
            n_pairs=0,
            n_queries=0,
        )
        return found, True
    ends = {name: by_ties * getattr(found, name) for name in ("estimate", "low", "high", "standard_error")}
    return replace(found, **ends), False


def _highest_of_ties(teacher: np.ndarray) -> float:
    """Rank correlation of scores with themselves once their ties are broken.

    Examples
    --------
    >>> round(_highest_of_ties(np.repeat(np.arange(4.0), 50)), 3)
    0.968
    """
    n = len(teacher)
    return float(mid_ranks(teacher).std() / ((n * n - 1) / 12) ** 0.5)


def _gap(reference: Measurement, own: Measurement, confidence: float) -> Measurement:
    if isinstance(own, Unmeasured) or isinstance(reference, Unmeasured):
        return own if isinstance(own, Unmeasured) else reference
    error = (own.standard_error**2 + reference.standard_error**2) ** 0.5
    return t_interval(
        reference.estimate - own.estimate,
        error,
        degrees=own.n_queries - 1,
        confidence=confidence,
        n_pairs=own.n_pairs,
        n_queries=own.n_queries,
    )
