"""Distances of two distributions: over cells, and in the unit of the scores."""

import numpy as np


def jensen_shannon(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Jensen-Shannon distance of shares in the last axis: 0 for equal ones, 1 where no cell has both.

    Notes
    -----
    The square root of the divergence to base 2 [1]_, which is a metric [2]_.

    References
    ----------
    .. [1] Lin, J. (1991). Divergence measures based on the Shannon entropy. IEEE Transactions on Information Theory 37.
    .. [2] Endres, D. and Schindelin, J. (2003). A new metric for probability distributions. IEEE Transactions on
       Information Theory 49.
    """
    from scipy.special import rel_entr

    middle = (one + two) / 2
    divergence = (rel_entr(one, middle) + rel_entr(two, middle)).sum(axis=-1) / (2 * np.log(2))
    return np.asarray(np.sqrt(np.maximum(divergence, 0)))  # equal shares may round below 0


def wasserstein(one: tuple[np.ndarray, np.ndarray], two: tuple[np.ndarray, np.ndarray]) -> float:
    """Wasserstein's distance of two sets of scores, each with its weights: the mean way between them, in their unit.

    As `scipy.stats.wasserstein_distance`, whose import takes longer than the whole diagnosis of a small sample.
    """
    points = np.unique(np.concatenate((one[0], two[0])))
    here, there = (
        np.bincount(np.searchsorted(points, scores), weights=weights, minlength=len(points)) / weights.sum()
        for scores, weights in (one, two)
    )
    return float(areas_between(here, there, points))


def areas_between(one: np.ndarray, two: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Wasserstein's distance of shares of the same points, in the last axis: the area between both functions."""
    return np.asarray(np.abs(np.cumsum(one - two, axis=-1)[..., :-1]) @ np.diff(points))
