"""Answers as a perfectly calibrated student of these scores would meet them, with what pairs of one query share."""

from collections.abc import Iterator

import numpy as np

MOST_DRAWN = 5_000  # pairs; of more, sums of answers are drawn as normal, with the same variances
CHUNK = 2_000_000  # answers drawn at a time
LEAST_VARIANCE = 1e-12


def shared_part(passed: np.ndarray, chance: np.ndarray, queries: np.ndarray | None) -> float:
    """Correlation in 0..1 of two answers of one query, beyond what their chances explain.

    The mean product of two standardised deviations of one query, as a one-way analysis of variance has it [1]_.

    References
    ----------
    .. [1] Donner, A. (1986). A review of inference procedures for the intraclass correlation coefficient in the one-way
       random effects model. International Statistical Review 54.
    """
    if queries is None:
        return 0.0
    spread = chance * (1 - chance)
    known = spread > LEAST_VARIANCE
    standard = (passed[known] - chance[known]) / np.sqrt(spread[known])
    codes = queries[known]
    n_couples = float((sizes := np.bincount(codes)) @ (sizes - 1)) if len(codes) else 0.0
    if not n_couples:
        return 0.0
    sums = np.bincount(codes, weights=standard)
    return float(np.clip((sums @ sums - standard @ standard) / n_couples, 0, 1))


def simulate_sums(
    chance: np.ndarray,
    share: np.ndarray,
    bins: np.ndarray,
    queries: np.ndarray | None,
    *,
    shared: float,
    n_draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw answers of these chances, and sum `share` times (answer - chance) within bins.

    Parameters
    ----------
    chance, share, bins, queries
        Of each pair: its chance to pass, its part of the weights, its bin from 0 and its query, shape (n,).
    shared
        Correlation of two answers of one query, as `shared_part` gives.

    Returns
    -------
    numpy.ndarray
        Shape (n_draws, n_bins).
    """
    n_bins = int(bins.max()) + 1
    if len(chance) > MOST_DRAWN:
        return _normal_sums(chance, share, bins, queries, shared=shared, n_draws=n_draws, rng=rng, n_bins=n_bins)
    parts = np.zeros((len(chance), n_bins))
    parts[np.arange(len(chance)), bins] = share
    drawn = _draws(chance, queries, shared=shared, n_draws=n_draws, rng=rng)
    return np.concatenate([(passed - chance) @ parts for passed in drawn])


def _draws(
    chance: np.ndarray, queries: np.ndarray | None, *, shared: float, n_draws: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Answers of shape (m, n): some pairs of a query meet one and the same luck, so that two correlate as wanted."""
    n, at_once = len(chance), max(1, CHUNK // len(chance))
    for begun in range(0, n_draws, at_once):
        m = min(at_once, n_draws - begun)
        luck = rng.random((m, n), dtype=np.float32)
        if shared > 0 and queries is not None:
            of_query = rng.random((m, int(queries.max()) + 1), dtype=np.float32)
            is_shared = rng.random((m, n), dtype=np.float32) < np.sqrt(shared)
            luck = np.where(is_shared, of_query[:, queries], luck)
        yield luck < chance


def _normal_sums(
    chance: np.ndarray,
    share: np.ndarray,
    bins: np.ndarray,
    queries: np.ndarray | None,
    *,
    shared: float,
    n_draws: int,
    rng: np.random.Generator,
    n_bins: int,
) -> np.ndarray:
    deviation = share * np.sqrt(chance * (1 - chance))
    covariance = (1 - shared) * np.diag(np.bincount(bins, weights=deviation**2, minlength=n_bins))
    if shared > 0 and queries is not None:
        covariance += shared * products_of_queries(deviation, bins, queries, n_bins=n_bins)
    else:
        covariance /= 1 - shared
    return normal_draws(covariance, n_draws=n_draws, rng=rng)


def products_of_queries(
    contributions: np.ndarray, bins: np.ndarray, queries: np.ndarray | None, *, n_bins: int
) -> np.ndarray:
    """Sum over queries of the outer product of what each contributes to each bin, shape (n_bins, n_bins)."""
    if queries is None:
        return np.diag(np.bincount(bins, weights=contributions**2, minlength=n_bins))
    codes = np.unique(queries, return_inverse=True)[1]
    sums = np.bincount(codes * n_bins + bins, weights=contributions, minlength=(int(codes.max()) + 1) * n_bins)
    by_query = sums.reshape(-1, n_bins)
    return np.asarray(by_query.T @ by_query)


def normal_draws(covariance: np.ndarray, *, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """Normal draws of mean 0, shape (n_draws, n); the covariance may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    return np.asarray(rng.standard_normal((n_draws, len(covariance))) @ root.T)
