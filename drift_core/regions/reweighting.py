"""Held-out agreement at production's mix: the counterfactual that parts a change of the mix from one inside regions."""

import numpy as np

from drift_core.measures.influence import influence_of
from drift_core.measures.scores import Scores
from drift_core.measures.split_terms import Term, by_query
from drift_core.regions.partitions import Partition


def reweighted_term(
    heldout: Scores,
    production: Scores,
    partition: Partition,
    n_queries: int,
    *,
    is_new: np.ndarray | None,
    chosen: np.ndarray | None = None,
) -> Term | None:
    """Agreement on held-out with production's region shares, of `chosen` pairs alone; None without a common region.

    Shares count pairs at their weights.
    """
    n_regions = partition.n_regions
    chosen = np.ones(len(production), dtype=bool) if chosen is None else chosen
    then, now = heldout.relative_weights, production.relative_weights * chosen
    counts = [
        np.bincount(labels, weights=weights, minlength=n_regions)
        for labels, weights in ((partition.heldout, then), (partition.production, now))
    ]
    shared = (counts[0] > 0) if is_new is None else (counts[0] > 0) & ~is_new
    target = np.where(shared, counts[1], 0)
    if target.sum() == 0:
        return None
    share = target / target.sum()
    factor = np.divide(share * len(heldout), counts[0], out=np.zeros(n_regions), where=shared)
    weights = factor[partition.heldout] * then
    influence = influence_of(heldout, weights=weights)
    sums = np.bincount(partition.heldout, weights=influence.values * then, minlength=n_regions)
    mean = np.divide(sums, counts[0], out=np.zeros(n_regions), where=shared)
    inside = influence.values - mean[partition.heldout]
    own = _beyond_noise(mean, inside * then, heldout.queries, partition.heldout, counts[0], share)
    through_share = own[partition.production] * now * shared[partition.production] * len(production) / target.sum()
    return Term(
        estimate=influence.estimate,
        heldout=by_query(weights * inside + (mean - own)[partition.heldout] * then, heldout, n_queries),
        production=by_query(through_share, production, n_queries),
    )


def _beyond_noise(
    mean: np.ndarray,
    inside: np.ndarray,
    queries: np.ndarray | None,
    regions: np.ndarray,
    n: np.ndarray,
    share: np.ndarray,
) -> np.ndarray:
    """Mean influence of each region, shrunk by what is noise in it: that noise is in the error of its pairs already."""
    per_region = np.sqrt(share) / np.where(n > 0, n, 1)
    sums = np.bincount(queries, weights=inside * per_region[regions])  # type: ignore[arg-type]
    seen, noise = share @ mean**2, sums @ sums
    return np.asarray(mean * np.sqrt(max(0.0, 1 - noise / seen)) if seen > 0 else mean)
