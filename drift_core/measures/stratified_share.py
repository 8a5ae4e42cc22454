"""A share from a sample that was drawn by strata, with an interval that counts queries."""

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.intervals import proportion_interval
from drift_core.measures.proportion import LEAST_QUERIES
from drift_core.wording import counted


def stratified_share(
    values: np.ndarray,
    strata: np.ndarray,
    *,
    sizes: np.ndarray,
    totals: np.ndarray,
    queries: np.ndarray,
    n_queries: int,
    confidence: float = 0.95,
) -> Measurement:
    """Measure a share of the traffic from pairs that were drawn at random within strata.

    Parameters
    ----------
    values
        Truth values or shares in [0, 1], one a drawn pair, shape (n,).
    strata
        Stratum of each drawn pair, int64 from 0, shape (n,).
    sizes
        How many pairs of the traffic each drawn pair is, positive, shape (n,).
    totals
        Pairs of the traffic in each stratum, drawn or not, shape (n_strata,); those of strata without a drawn pair are
        left out of the share.
    queries
        Integer code of each drawn pair's query, shape (n,).
    n_queries
        Queries of all pairs in the strata, from which the strata's shares of the traffic are known.

    Notes
    -----
    The mean of each stratum weighted by its total. The variance is that of two phases [1]_: within strata, with
    deviations summed by query [2]_, and between them, for strata are themselves a sample of the traffic. No correction
    for a finite population is made, for the traffic goes on. Within a stratum pairs are never taken to scatter less
    than independent ones, one pair put in at the overall share (ours). The limits are Wilson's at the number of
    independent pairs with this error. Unbiased where pairs of one stratum are of one size; supposes that queries are
    independent.

    References
    ----------
    .. [1] Cochran, W. G. (1977). Sampling Techniques, 3rd ed., section 12.2 (Neyman, 1938).
    .. [2] Liang, K.-Y. and Zeger, S. L. (1986). Longitudinal data analysis using generalized linear models.

    Examples
    --------
    >>> queries, strata = np.arange(60), np.repeat([0, 1], 30)
    >>> drawn = {"sizes": np.ones(60), "totals": np.array([300, 100]), "queries": queries, "n_queries": 400}
    >>> print(stratified_share(queries % 3 == 0, strata, **drawn))
    33% (21% to 48%)
    """
    n = len(values)
    codes = np.unique(queries, return_inverse=True)[1]
    n_drawn = int(codes.max()) + 1 if n else 0
    if n_drawn < LEAST_QUERIES:
        reason = f"{counted(n_drawn, 'query', 'queries')}; at least {LEAST_QUERIES} are needed."
        return Unmeasured(reason=reason, n_pairs=n, n_queries=n_drawn)
    present, strata = np.unique(strata, return_inverse=True)
    held = np.bincount(strata, weights=sizes)
    weight = (totals[present] / totals[present].sum() / held)[strata] * sizes
    mean = float(np.clip(weight @ values, 0, 1))
    variance = _within(values, strata, sizes, weight, codes, mean) + _between(values, strata, weight, mean) / n_queries
    by_query = np.bincount(codes, weights=weight)
    effective = float(1 / (by_query @ by_query))
    error = float(np.sqrt(variance))
    degrees = max(1.0, n_drawn - len(present))
    low, high = proportion_interval(mean, error, n_queries=effective, degrees=degrees, confidence=confidence)
    return Measured(
        estimate=mean,
        low=low,
        high=high,
        confidence=confidence,
        standard_error=error,
        n_pairs=n,
        n_queries=n_drawn,
        is_share=True,
    )


def _within(
    values: np.ndarray, strata: np.ndarray, sizes: np.ndarray, weight: np.ndarray, codes: np.ndarray, mean: float
) -> float:
    """Variance within strata: by query, or as of independent pairs where that is more."""
    held, squares = np.bincount(strata, weights=sizes), np.bincount(strata, weights=sizes**2)
    share = np.bincount(strata, weights=sizes * values) / held
    in_both = np.unique(np.stack((strata, codes)), axis=1)[0]
    n_queries = np.bincount(in_both)
    is_alone = n_queries < LEAST_QUERIES
    centre = np.where(is_alone, mean, share)[strata]  # one query tells nothing of how its stratum scatters
    scale = np.sqrt(n_queries / np.maximum(1, n_queries - 1))[strata]
    by_query = np.bincount(codes, weights=weight * (values - centre) * scale)
    n_pairs = held**2 / squares
    near = (n_pairs * share + mean) / (n_pairs + 1)
    of_stratum = np.bincount(strata, weights=weight)
    return max(float(by_query @ by_query), float((of_stratum**2 * near * (1 - near) / n_pairs).sum()))


def _between(values: np.ndarray, strata: np.ndarray, weight: np.ndarray, mean: float) -> float:
    of_stratum = np.bincount(strata, weights=weight)
    share = np.bincount(strata, weights=weight * values) / of_stratum
    return float(of_stratum @ (share - mean) ** 2)
