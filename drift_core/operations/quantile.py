"""Quantiles of how long calls take, with limits that hold for any distribution."""

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.intervals import t_quantile
from drift_core.wording import counted

TINY = 1e-9  # what rounding may take from a share


def quantile(
    values: np.ndarray,
    level: float,
    *,
    weights: np.ndarray | None = None,
    queries: np.ndarray | None = None,
    confidence: float,
) -> Measurement:
    """Measure a quantile of calls, with limits that are two of the values themselves.

    Parameters
    ----------
    values
        Shape (n,); what is not finite is left out.
    level
        Share of the calls below the quantile, in (0, 1).
    weights
        Sampling weights, shape (n,).
    queries
        Integer code of each call's query, shape (n,); None where calls do not depend on each other.
    confidence
        Level of the limits.

    Notes
    -----
    The limits are order statistics, right for any distribution of independent calls [1]_. With weights or shared
    queries they are those of as many independent calls as would tell the share below the quantile as well [2]_.

    References
    ----------
    .. [1] David, H. A. and Nagaraja, H. N. (2003). Order Statistics, section 7.1.
    .. [2] Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of
       positive counts estimated from survey data. Survey Methodology 24; inverted as by Woodruff (1952), JASA 47.

    Examples
    --------
    >>> found = quantile(np.arange(1.0, 101), 0.5, confidence=0.95)
    >>> found.estimate, found.low, found.high
    (50.0, 40.0, 61.0)
    """
    from scipy.stats import binom

    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    n, tail = len(order), (1 - confidence) / 2
    heavy = np.ones(n) if weights is None else weights[order]
    heavy = heavy / heavy.max() if n else heavy  # so that the squares of large weights stay finite
    codes = np.arange(n) if queries is None else np.unique(queries[order], return_inverse=True)[1]
    effective = _effective(heavy, codes, level) if n else 0
    first, last = int(binom.ppf(tail, effective, level)), int(binom.ppf(1 - tail, effective, level)) + 1
    if first < 1 or last > effective:
        calls = counted(n, "call", "calls") + (f" that count as {effective:,}" if effective < n else "")
        return Unmeasured(reason=f"{calls}; too few for P{100 * level:.0f} at this confidence.", n_pairs=n)
    below = np.cumsum(heavy) / heavy.sum()
    wanted = np.array([first / effective, level, last / effective]) - TINY
    low, estimate, high = values[order[np.searchsorted(below, wanted)]].tolist()
    return Measured(
        estimate=estimate,
        low=low,
        high=high,
        confidence=confidence,
        standard_error=(high - low) / (2 * t_quantile(confidence, effective - 1)),
        n_pairs=n,
        n_queries=int(codes.max()) + 1,
    )


def _effective(heavy: np.ndarray, codes: np.ndarray, level: float) -> int:
    """Independent calls that would tell the share below a quantile as well as these, given in ascending order."""
    of_weights = float(heavy.sum() ** 2 / (heavy @ heavy))
    if codes.max() + 1 == len(codes):
        return int(of_weights + TINY)
    share = heavy / heavy.sum()
    is_below = np.cumsum(share) <= level + TINY
    mean = float(share[is_below].sum())
    sums = np.bincount(codes, weights=share * (is_below - mean))
    variance = float(sums @ sums)
    return int(min(of_weights, mean * (1 - mean) / variance if variance > 0 else of_weights) + TINY)


def quotient(one: Measurement, two: Measurement, confidence: float) -> Measurement:
    """Divide two quantiles, with the ratios of opposite limits; each has its limits at half the error rate."""
    if isinstance(one, Unmeasured):
        return one
    if isinstance(two, Unmeasured):
        return two
    if two.low <= 0:
        return Unmeasured(reason="The other latency reaches 0, so there is no share of it.", n_pairs=two.n_pairs)
    ratio = one.estimate / two.estimate
    n_queries = min(one.n_queries, two.n_queries)
    return Measured(
        estimate=ratio,
        low=one.low / two.high,
        high=one.high / two.low,
        confidence=confidence,
        standard_error=(one.high / two.low - one.low / two.high) / (2 * t_quantile(confidence, n_queries - 1)),
        n_pairs=min(one.n_pairs, two.n_pairs),
        n_queries=n_queries,
    )
