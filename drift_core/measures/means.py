"""Means with intervals that count queries, and the error that is left after the best monotone fit."""

import numpy as np

from drift_core.measures.estimate import Measured, Measurement, Unmeasured
from drift_core.measures.intervals import t_quantile
from drift_core.measures.ranks import mid_ranks, order_values


def clustered_mean(values: np.ndarray, queries: np.ndarray | None, *, confidence: float = 0.95) -> Measurement:
    """Measure the mean of `values`, shape (n,), with an interval that sums deviations within a query.

    Assumes that queries are drawn independently; the t quantile has (queries - 1) degrees of freedom.
    """
    n = len(values)
    codes = np.arange(n) if queries is None else np.unique(queries, return_inverse=True)[1]
    n_queries = int(codes.max()) + 1 if n else 0
    if n_queries < 2:
        return Unmeasured(reason=f"{n_queries} queries; at least 2 are needed.", n_pairs=n, n_queries=n_queries)
    mean = float(values.mean())
    sums = np.bincount(codes, weights=values - mean)
    error = float(np.sqrt(sums @ sums * n_queries / (n_queries - 1))) / n
    reach = t_quantile(confidence, n_queries - 1) * error
    return Measured(
        estimate=mean,
        low=mean - reach,
        high=mean + reach,
        confidence=confidence,
        standard_error=error,
        n_pairs=n,
        n_queries=n_queries,
    )


def residual_errors(student: np.ndarray, teacher: np.ndarray) -> np.ndarray:
    """Squared distance of the student's rank from its best monotone fit on the teacher's score, shape (n,).

    In units of the variance of a uniform rank: 0 is perfect agreement, 1 is none. Unlike a rank correlation it does
    not grow when the teacher's scores span a narrow range, because the fit belongs to the whole sample.
    """
    from scipy.optimize import isotonic_regression

    n = len(student)
    ranks = mid_ranks(student) / n
    ordering = order_values(teacher)
    groups = np.arange(n) if ordering.group is None else ordering.group
    sizes = np.bincount(groups)
    means = np.bincount(groups, weights=ranks[ordering.order]) / sizes
    fitted = isotonic_regression(means, weights=sizes).x[groups]
    errors = np.empty(n)
    errors[ordering.order] = 12 * (ranks[ordering.order] - fitted) ** 2
    return errors
