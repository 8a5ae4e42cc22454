"""A look-alike as a result, and its checks: moved queries, narrowed ranges."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from drift_core.diagnosis.region import Region
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition

MOVED_SHARE = 0.10  # of queries in other regions than before; less is the ordinary change of a product
MOVED_P = 0.01
NARROWED = 0.7  # of the range of the teacher's scores, as sd, that is left
LEAST_IN_RANGE = 10  # pairs from which the range of a region is told


Status = Literal["points_to", "ruled_out", "not_checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """One look-alike and what the data say about it.

    Attributes
    ----------
    name, title
        Stable name; the same in words.
    status
        "points_to", "ruled_out" or "not_checked".
    sentence
        Why, with its figure; for one that is not checked, which data would allow it.
    look_next
        What to look at if it is this.
    """

    name: str
    title: str
    status: Status
    sentence: str
    look_next: str

    def to_json(self) -> dict[str, str]:
        return {
            "name": self.name,
            "title": self.title,
            "status": self.status,
            "sentence": self.sentence,
            "look_next": self.look_next,
        }


def lookalikes_table(lookalikes: Sequence[Lookalike], *statuses: Status) -> pd.DataFrame:
    """Tabulate the look-alikes of some statuses."""
    rows = [(each.title, each.sentence) for each in lookalikes if each.status in statuses]
    return pd.DataFrame(rows, columns=["Look-alike", "Why"])


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryMove:
    """How far queries moved between the regions of a partition.

    Attributes
    ----------
    share
        Queries that would have to change region to get held-out's shares, a fraction (total variation).
    p_value
        Of "both samples draw from the same shares".
    """

    share: float
    p_value: float

    @property
    def is_clear(self) -> bool:
        return self.share >= MOVED_SHARE and self.p_value <= MOVED_P


def query_move(
    partition: Partition, heldout: Scores, production: Scores, *, without: np.ndarray | None = None
) -> QueryMove:
    """Measure how far queries moved between regions, but for those `without`, bool of shape (n_regions,).

    Notes
    -----
    Pearson's chi-squared test on counts of queries, which are taken as drawn independently [1]_.

    References
    ----------
    .. [1] Pearson, K. (1900). On the criterion that a given system of deviations is such that it can be reasonably
       supposed to have arisen from random sampling. Philosophical Magazine 50.
    """
    sides = ((partition.heldout, heldout), (partition.production, production))
    counts = np.stack([_queries_in(labels, scores, partition.n_regions) for labels, scores in sides])
    counts = counts[:, (counts.sum(axis=0) > 0) & (True if without is None else ~without)]
    if not counts.any(axis=1).all():  # no region is left on a side
        return QueryMove(share=0.0, p_value=1.0)
    shares = counts / counts.sum(axis=1, keepdims=True)
    p_value = _chance_of_shares(counts) if counts.shape[1] > 1 else 1.0
    return QueryMove(share=float(np.abs(shares[0] - shares[1]).sum() / 2), p_value=p_value)


def _chance_of_shares(counts: np.ndarray) -> float:
    """Pearson's p-value of equal shares in both rows, with Yates' correction for two columns."""
    from scipy.special import chdtrc

    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    degrees = counts.shape[1] - 1
    apart = np.abs(counts - expected)
    apart -= np.minimum(apart, 0.5) if degrees == 1 else 0.0
    return float(chdtrc(degrees, (apart**2 / expected).sum()))


def _queries_in(labels: np.ndarray, scores: Scores, n_regions: int) -> np.ndarray:
    if scores.queries is None:
        return np.bincount(labels, minlength=n_regions)
    region = np.full(int(scores.queries.max(initial=-1)) + 1, -1, dtype=np.int64)
    region[scores.queries[::-1]] = labels[::-1]  # that of a query's first pair stays
    return np.bincount(region[region >= 0], minlength=n_regions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """A region whose teacher scores span less than before: the sd left, as a fraction of held-out's."""

    name: str
    range_left: float


def narrowed_region(
    regions: Sequence[Region], partition: Partition, heldout: Scores, production: Scores
) -> Narrowed | None:
    """Find the region whose range of teacher scores narrowed most, None when none did clearly."""
    found = []
    for region in regions:
        before = heldout.teacher[partition.heldout == region.index]
        after = production.teacher[partition.production == region.index]
        if min(len(before), len(after)) >= LEAST_IN_RANGE and np.ptp(before) > 0:
            found.append(Narrowed(name=region.name, range_left=float(after.std() / before.std())))
    narrowest = min(found, key=lambda each: each.range_left, default=None)
    return narrowest if narrowest and narrowest.range_left <= NARROWED else None
