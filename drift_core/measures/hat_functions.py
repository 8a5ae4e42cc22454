"""Knots of a map between two scores, and the weights of the knots for each place between them."""

import numpy as np

MOST_KNOTS = 8  # of a fit; a teacher with as few values has its mean at each
PAIRS_A_KNOT = 25
LONG = 10_000  # places of which the first tell mostly that they are many


def find_knots(place: np.ndarray) -> np.ndarray:
    """Quantiles of the places, one for so many pairs; every place where they are few."""
    n_knots = int(np.clip(len(place) // PAIRS_A_KNOT, 2, MOST_KNOTS))
    if len(np.unique(place[:LONG])) <= n_knots and len(levels := np.unique(place)) <= n_knots:
        return levels
    return np.unique(np.quantile(place, (np.arange(n_knots) + 0.5) / n_knots))


def between_knots(place: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Weights of the knots for each place, shape (n, n_knots); beyond the outer knots the line goes on."""
    rows = np.zeros((len(place), len(knots)))
    if len(knots) == 1:
        return rows + 1.0
    left = np.clip(np.searchsorted(knots, place, "right") - 1, 0, len(knots) - 2)
    share = (place - knots[left]) / (knots[left + 1] - knots[left])
    at = np.arange(len(place))
    rows[at, left], rows[at, left + 1] = 1 - share, share
    return rows
