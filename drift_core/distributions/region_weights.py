"""How a part of the pairs is spread over regions, and the weights by which it stands for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FEWEST = 3  # queries of a region in the part that speak for it; regions of fewer speak together (ours)
LEFT_OUT = 0.02  # share of all that the part may leave out before it stands for them no more (ours)
CLOSE = 1e-9
N_ROUNDS = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionWeights:
    """What each pair of a part stands for.

    Attributes
    ----------
    weights
        Weight of each pair of the part, positive, shape (n_part,).
    uneven
        Places among the cuts of those over whose regions the part is spread otherwise than all, the most uneven first.
    left_out
        Region of the first such cut that the part hardly reaches, ascending; empty where it reaches enough.
    """

    weights: np.ndarray
    uneven: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()


def weigh_by_region(
    inside: np.ndarray,
    cuts: Sequence[np.ndarray],
    *,
    queries: np.ndarray | None,
    weights: np.ndarray | None = None,
    alpha: float,
) -> RegionWeights:
    """Weigh the pairs of a part so that they are spread over regions as all pairs are.

    Parameters
    ----------
    inside
        Which pairs the part holds, bool of shape (n,).
    cuts
        Regions of all pairs by each cut, int of shape (n,) from 0.
    queries, weights
        Query code and weight of each pair, shape (n,); None where each has its own query, or equal weight.
    alpha
        Error rate of "the part is spread otherwise", over all cuts.

    Notes
    -----
    A part that is spread as all pairs are keeps its weights. Else each pair counts by what its region has over what the
    part has of it [1]_, in turn for each cut that is uneven, until all fit [2]_. Spread is tested by Pearson's
    chi-square, without what a part of finite traffic cannot vary by, over the design effects of queries and weights.
    Within a region the part is taken as drawn at random.

    References
    ----------
    .. [1] Holt, D. and Smith, T. M. F. (1979). Post stratification. JRSS A 142, 33-46.
    .. [2] Deming, W. E. and Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the
       expected marginal totals are known. Annals of Mathematical Statistics 11, 427-444.
    """
    queries = np.arange(len(inside)) if queries is None else queries
    weights = np.ones(len(inside)) if weights is None else weights
    own, found = weights[inside], RegionWeights(weights=weights[inside])
    if inside.all() or not inside.any():
        return found
    chosen: list[int] = []
    while True:
        ratio = found.weights / own
        chances = [
            1.0 if at in chosen else chance_of_spread(cut, inside, queries, ratio) for at, cut in enumerate(cuts)
        ]
        if not chances or min(chances) > alpha / len(cuts):
            return found
        chosen.append(int(np.argmin(chances)))
        pooled = [_pooled(cuts[at], inside, queries) for at in chosen]
        shares = np.array([_left_out(regions, inside, queries, weights) for regions in pooled])
        if shares.max() > LEFT_OUT:
            at = chosen[int(np.argmax(shares > LEFT_OUT))]
            return RegionWeights(weights=own, uneven=(at,), left_out=_few(cuts[at], inside, queries))
        found = RegionWeights(weights=_raked(own, pooled, inside, weights), uneven=tuple(chosen))


def _n_queries(regions: np.ndarray, inside: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Queries of the part in each region."""
    pairs = np.unique(np.column_stack((regions[inside], queries[inside])), axis=0)
    return np.bincount(pairs[:, 0], minlength=int(regions.max()) + 1)


def _few(regions: np.ndarray, inside: np.ndarray, queries: np.ndarray) -> tuple[int, ...]:
    few = (_n_queries(regions, inside, queries) < FEWEST) & (np.bincount(regions) > 0)
    return tuple(int(each) for each in np.flatnonzero(few))


def _pooled(regions: np.ndarray, inside: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """The regions, those of few queries in the part as one."""
    few = _few(regions, inside, queries)
    return np.where(np.isin(regions, few), few[0], regions) if few else regions


def _left_out(regions: np.ndarray, inside: np.ndarray, queries: np.ndarray, weights: np.ndarray) -> float:
    few = np.isin(regions, _few(regions, inside, queries))
    return float(weights[few].sum() / weights.sum())


def _raked(own: np.ndarray, cuts: Sequence[np.ndarray], inside: np.ndarray, weights: np.ndarray) -> np.ndarray:
    raked = own.copy()
    for _ in range(N_ROUNDS):
        before = raked
        for regions in cuts:
            wanted = np.bincount(regions, weights=weights)
            has = np.bincount(regions[inside], weights=raked, minlength=len(wanted))
            raked = raked * (wanted / np.where(has > 0, has, 1))[regions[inside]]
        if len(cuts) == 1 or np.abs(raked / before - 1).max() < CLOSE:
            break
    return raked


def chance_of_spread(
    regions: np.ndarray, inside: np.ndarray, queries: np.ndarray, ratio: np.ndarray | None = None
) -> float:
    """Chance of so uneven a spread of pairs that count by `ratio`, if the part were drawn at random."""
    from scipy.special import chdtrc

    ratio = np.ones(int(inside.sum())) if ratio is None else ratio
    n_all, n = np.bincount(regions), int(inside.sum())
    expected = n_all[n_all > 0] * n / len(inside)
    has = np.bincount(regions[inside], weights=ratio / ratio.mean(), minlength=len(n_all))[n_all > 0]
    per_query = np.bincount(queries[inside])
    scatter = float(per_query @ per_query) / n * float(ratio @ ratio) * n / ratio.sum() ** 2 * (1 - n / len(inside))
    statistic = float(((has - expected) ** 2 / expected).sum()) / scatter
    return float(chdtrc(max(1, len(expected) - 1), statistic)) if len(expected) > 1 else 1.0
