"""How the mean error of a sample scatters while nothing changes, as the sample at ship time shows it."""

from dataclasses import dataclass

import numpy as np

from drift_core.measures.error_level import Reference
from drift_core.measures.intervals import variance_components

TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorScatter:
    """How the mean error of a sample scatters when nothing has changed: its second and third cumulant."""

    variance: float
    third: float


def scatter_at(
    reference: Reference, query_sizes: np.ndarray, *, query_weights: np.ndarray | None = None
) -> ErrorScatter:
    """Say how the mean error scatters on a sample with these numbers of pairs a query, shape (n_queries,).

    `query_weights` are the weights of each query's pairs, shape (n_queries,), where the mean is weighted.

    Notes
    -----
    The variance adds what two pairs of one query share, as far as the reference shows it. The third cumulant is that
    of as many independent queries, each as skewed as the reference's queries, or as its pairs where its queries are
    larger. Weights are taken as constants of the design, equal within a query.
    """
    deviations = reference.errors - reference.errors.mean()
    sums = np.bincount(reference.queries, weights=deviations)
    sizes = np.bincount(reference.queries)
    variance, shared = variance_components(deviations, reference.queries)
    weights = np.ones(len(query_sizes)) if query_weights is None else query_weights
    squares = weights**2
    total = float(squares @ query_sizes) * variance + shared * float(squares @ (query_sizes * (query_sizes - 1)))
    total /= float(weights @ query_sizes) ** 2
    n_alike = squares.sum() ** 3 / (squares @ weights) ** 2  # queries of equal weight whose mean is as skewed
    shape = sums if query_sizes.mean() >= sizes.mean() else deviations
    skewness = float((shape**3).mean() / (shape**2).mean() ** 1.5)
    return ErrorScatter(variance=total, third=max(0.0, skewness) / np.sqrt(n_alike) * total**1.5)


def reference_degrees(reference: Reference) -> float:
    """Degrees of freedom of the reference's variance (Satterthwaite, 1946)."""
    sums = np.bincount(reference.queries, weights=reference.errors - reference.errors.mean())
    squares = sums**2
    return float(2 * len(squares) * squares.mean() ** 2 / max(squares.var(), TINY))
