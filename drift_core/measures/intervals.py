"""Limits of intervals from an estimate and its standard error: a correlation, a proportion, a difference of two."""

from collections.abc import Callable

import numpy as np

from drift_core.measured import Measured

ROUNDING = 1e-12  # by which the sum of weights may miss a proportion of 0 or 1
Limits = Callable[..., tuple[float, float]]


def t_quantile(confidence: float, degrees: float) -> float:
    """Two-sided quantile of Student's t at `degrees` degrees of freedom."""
    from scipy import special

    return float(special.stdtrit(degrees, 0.5 + confidence / 2))


def t_interval(
    estimate: float,
    error: float,
    *,
    degrees: float,
    confidence: float,
    n_pairs: int,
    n_queries: int,
    is_share: bool = False,
) -> Measured:
    """An estimate with limits as far on both sides as Student's t reaches at `degrees` degrees of freedom."""
    reach = t_quantile(confidence, degrees) * error
    return Measured(
        estimate=estimate,
        low=estimate - reach,
        high=estimate + reach,
        confidence=confidence,
        standard_error=error,
        n_pairs=n_pairs,
        n_queries=n_queries,
        is_share=is_share,
    )


def p_above_zero(measured: Measured) -> float:
    """One-sided p-value of an estimate with a standard error above 0, at (queries - 1) degrees of freedom."""
    from scipy import special

    return float(special.stdtr(max(1, measured.n_queries - 1), -measured.estimate / measured.standard_error))


def clustered_error(contributions: np.ndarray, n_queries: int) -> float:
    """Standard error from what each query contributes to it (Liang and Zeger, 1986)."""
    return float(np.sqrt(contributions @ contributions * n_queries / (n_queries - 1)))


def variance_components(deviations: np.ndarray, queries: np.ndarray) -> tuple[float, float]:
    """Variance of one pair, and covariance of two of one query, at least 0, from deviations of mean 0."""
    squares, sums, sizes = (
        float(deviations @ deviations),
        np.bincount(queries, weights=deviations),
        np.bincount(queries),
    )
    n_couples = float(sizes @ (sizes - 1))
    shared = max(0.0, float(sums @ sums) - squares) / n_couples if n_couples else 0.0
    return squares / max(1, len(deviations) - 1), shared


def adjusted_error(contributions: np.ndarray, leverages: np.ndarray, n_queries: int) -> float:
    """Standard error as `clustered_error`, for queries that carry unlike parts of what the estimate rests on.

    A query pulls the estimate towards itself by its share of leverage, so that its contribution is seen too small by
    the root of what the others hold (Bell and McCaffrey, 2002). Equal shares give `clustered_error`.
    """
    held_by_others = np.maximum(1 - leverages, 1 / n_queries)
    return float(np.sqrt((contributions**2 / held_by_others).sum()))


def satterthwaite_degrees(contributions: np.ndarray, n_queries: int) -> float:
    """Degrees of freedom of a standard error from its queries' contributions (Satterthwaite, 1946).

    As many as queries where contributions are normal; few where a few of them make up most of it, two for one alone.
    """
    squares = contributions**2
    total = float(squares.sum())
    variance = float(squares @ squares) - total**2 / n_queries
    return 2 * total**2 / variance if variance > 0 else np.inf


def fisher_interval(
    estimate: float, standard_error: float, *, n_queries: float, degrees: float, confidence: float
) -> tuple[float, float]:
    """Limits of a correlation, symmetric on Fisher's z scale.

    A perfect coefficient has no spread to estimate an error from. Then the limit away from it supposes that the
    largest share of queries that could have gone unseen at this confidence is ordered in reverse (Clopper-Pearson
    at zero of n), which takes twice that share from the coefficient.
    """
    if abs(estimate) >= 1 or standard_error == 0:
        unseen = 1 - ((1 - confidence) / 2) ** (1 / n_queries)
        return max(-1.0, estimate - 2 * unseen), min(1.0, estimate + 2 * unseen)
    reach = t_quantile(confidence, degrees) * standard_error / (1 - estimate**2)
    z = np.arctanh(estimate)
    return float(np.tanh(z - reach)), float(np.tanh(z + reach))


def proportion_interval(
    estimate: float, standard_error: float, *, n_queries: float, degrees: float, confidence: float
) -> tuple[float, float]:
    """Limits of a proportion by the score method of Wilson (1927) at the effective number of pairs.

    That is the number of independent pairs with this standard error (Korn and Graubard, 1998). Where all pairs are
    alike, the limit is that of Clopper and Pearson (1934) at zero of so many queries.
    """
    if standard_error == 0 or not ROUNDING < estimate < 1 - ROUNDING:
        unseen = 1 - ((1 - confidence) / 2) ** (1 / n_queries)
        return max(0.0, estimate - unseen), min(1.0, estimate + unseen)
    squared = t_quantile(confidence, degrees) ** 2
    variance = estimate * (1 - estimate)
    each = squared * standard_error**2 / variance  # over the effective number of pairs
    reach = np.sqrt(squared) * np.sqrt(standard_error**2 + each * standard_error**2 / (4 * variance))
    centre = estimate + each / 2
    return float((centre - reach) / (1 + each)), float((centre + reach) / (1 + each))


def difference_interval(
    first: Measured,
    second: Measured,
    correlation: float,
    confidence: float,
    *,
    n_queries: tuple[float, float],
    degrees: tuple[float, float],
    limits_of: Limits = fisher_interval,
) -> tuple[float, float]:
    """Limits of the correlation `first` minus the correlation `second`, whose errors correlate (Zou, 2007).

    `n_queries` of either, fewer where weights differ, and the `degrees` of freedom of either error. Of other estimates
    than correlations where `limits_of` gives theirs.
    """
    of_both = welch_degrees(first, second, degrees=degrees)
    limits = [
        limits_of(part.estimate, part.standard_error, n_queries=count, degrees=of_both, confidence=confidence)
        for part, count in zip((first, second), n_queries, strict=True)
    ]
    (first_low, first_high), (second_low, second_high) = limits
    down = _combine(first.estimate - first_low, second_high - second.estimate, correlation)
    up = _combine(first_high - first.estimate, second.estimate - second_low, correlation)
    difference = first.estimate - second.estimate
    return difference - down, difference + up


def welch_degrees(first: Measured, second: Measured, *, degrees: tuple[float, float] | None = None) -> float:
    """Degrees of freedom of a difference of two estimates (Welch, 1947); by default each has those of its queries."""
    of_first, of_second = degrees or (first.n_queries - 1, second.n_queries - 1)
    one, two = first.standard_error**2, second.standard_error**2
    spread = one**2 / of_first + two**2 / of_second
    return (one + two) ** 2 / spread if spread > 0 else of_first + of_second


def _combine(a: float, b: float, correlation: float) -> float:
    return float(np.sqrt(max(a * a + b * b - 2 * correlation * a * b, 0.0)))
