"""Means with intervals that count queries."""

import numpy as np

from drift_core.measured import Measurement, Unmeasured
from drift_core.measures.intervals import t_interval
from drift_core.wording import counted


def clustered_mean(
    values: np.ndarray, queries: np.ndarray | None, *, weights: np.ndarray | None = None, confidence: float = 0.95
) -> Measurement:
    """Measure the mean of `values`, shape (n,), with an interval that sums deviations within a query.

    Assumes that queries are drawn independently; the t quantile has (queries - 1) degrees of freedom. With sampling
    weights, shape (n,), the mean is that of the traffic, and queries count as those of equal weight that would scatter
    as these do (Kish, 1965, section 8.2).
    """
    n = len(values)
    codes = np.arange(n) if queries is None else np.unique(queries, return_inverse=True)[1]
    n_queries = int(codes.max()) + 1 if n else 0
    if n_queries < 2:
        return Unmeasured(
            reason=f"{counted(n_queries, 'query', 'queries')}; at least 2 are needed.", n_pairs=n, n_queries=n_queries
        )
    relative = np.ones(n) if weights is None else weights / weights.mean()
    mean = float((values * relative).mean())
    sums = np.bincount(codes, weights=(values - mean) * relative)
    error = float(np.sqrt(sums @ sums * n_queries / (n_queries - 1))) / n
    degrees = _degrees(relative, codes, n_queries)
    return t_interval(mean, error, degrees=degrees, confidence=confidence, n_pairs=n, n_queries=n_queries)


def _degrees(relative: np.ndarray, codes: np.ndarray, n_queries: int) -> float:
    each = np.bincount(codes, weights=relative) / np.bincount(codes)
    return max(1.0, min(float(each.sum() ** 2 / (each @ each)), n_queries) - 1)
