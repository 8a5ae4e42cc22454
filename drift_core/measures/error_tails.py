"""The longest errors of a sample, which a few pairs would decide: how far they count."""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from drift_core.measures.intervals import variance_components

MOST_KURTOSIS = 20.0  # of errors that are not cut; squares of normal errors have 15 (ours)
LEAST_CUT = 8.0  # no error is cut below so many usual ones, beyond which half a percent of normal errors lie (ours)
TINY = 1e-9
SQUARE = 0.5  # shape of the gamma distribution of a normal error's square


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorTails:
    """The longest error that counts in full, infinity where none is cut, and the correlation of two of one query."""

    most: float = np.inf
    alike: float = 0.0

    def cut(self, errors: np.ndarray, queries: np.ndarray | None) -> np.ndarray:
        """Errors, shape (n,), of which the longest are cut, and those of the queries that are as far off together.

        The mean of a query counts up to the quantile up to which a pair's error does, by the gamma distribution with
        its mean and variance (Wilson and Hilferty, 1931).
        """
        if np.isinf(self.most):
            return errors
        kept = np.minimum(errors, self.most)
        if queries is None:
            return kept
        sizes = np.maximum(np.bincount(queries), 1)
        means = np.bincount(queries, weights=kept) / sizes
        shapes = SQUARE * sizes / (1 + (sizes - 1) * self.alike)
        most = _gamma_at(_gamma_score(self.most, SQUARE), shapes)
        return kept * np.minimum(1, most / np.maximum(means, TINY))[queries]


def find_tails(errors: np.ndarray, queries: np.ndarray) -> ErrorTails:
    """Cut errors, shape (n,) with a mean of 1, as far as their tail is heavier than that of normal errors' squares.

    Notes
    -----
    Winsorised [1]_ until the kurtosis is one that the sample can tell: the mean of heavier tails scatters by pairs as
    rare that a sample at ship time does not show them, and a week then lies above its limit too often.

    References
    ----------
    .. [1] Tukey, J. W. (1962). The future of data analysis. Annals of Mathematical Statistics 33, section 14.
    """
    limits = np.unique(errors[errors > LEAST_CUT])
    place = bisect_right(limits, False, key=lambda most: _kurtosis(np.minimum(errors, most)) > MOST_KURTOSIS)
    if place == len(limits):
        return ErrorTails()
    most = float(limits[place - 1]) if place else LEAST_CUT
    kept = np.minimum(errors, most)
    variance, shared = variance_components(kept - kept.mean(), queries)
    return ErrorTails(most=most, alike=min(1.0, shared / max(variance, TINY)))


def _kurtosis(values: np.ndarray) -> float:
    squares = (values - values.mean()) ** 2
    return float((squares**2).mean() / max(squares.mean() ** 2, TINY))


def _gamma_score(value: float, shape: float) -> float:
    return float((np.cbrt(value) - 1 + 1 / (9 * shape)) * 3 * np.sqrt(shape))


def _gamma_at(score: float, shapes: np.ndarray) -> np.ndarray:
    return np.asarray((1 - 1 / (9 * shapes) + score / (3 * np.sqrt(shapes))) ** 3)
