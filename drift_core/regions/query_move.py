"""How far queries moved between the regions of a partition, and whether by more than chance."""

from dataclasses import dataclass

import numpy as np

from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition

MOVED_SHARE = 0.10  # of queries in other regions than before; less is the ordinary change of a product
MOVED_P = 0.01


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


def chance_of_move(partition: Partition, queries: tuple[np.ndarray, np.ndarray]) -> float:
    """Chance that pairs move so far between regions, by whole queries: a score test of each region's share, times all.

    `queries` are the code of each pair's query, one array a sample.
    """
    from scipy.special import ndtr

    counts = []
    for labels, codes in zip((partition.heldout, partition.production), queries, strict=True):
        query = np.unique(codes, return_inverse=True)[1]
        counts.append(np.stack([np.bincount(query, labels == i, query.max() + 1) for i in range(partition.n_regions)]))
    before, after = (each.sum(axis=1) for each in counts)
    share = (before + after) / (before + after).sum()
    scatter = np.hstack([each - share[:, None] * each.sum(axis=0) for each in counts])
    variance = (scatter**2).mean(axis=1) * sum(each.shape[1] / each.sum() ** 2 for each in counts)
    apart = np.abs(before / before.sum() - after / after.sum())
    largest = (apart / np.sqrt(np.maximum(variance, np.finfo(float).tiny)))[apart > 0].max(initial=0.0)
    return min(1.0, 2 * partition.n_regions * float(ndtr(-largest)))
