"""Refining groups of texts: each text goes to the group that it fits best, with its own pull on the centre taken out.

How groups are found in the first place is in `tree` and `novelty`.
"""

from dataclasses import dataclass

import numpy as np

ROUNDS = 6
LEAST_WEIGHT = 2.0  # texts from which a group keeps its place
A_HALF = 0.5  # texts added to every count, so that no group has a share of 0 (Krichevsky and Trofimov, 1981)
TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Points to group, each standing for one text or for a few like ones.

    Attributes
    ----------
    places
        Coordinates, shape (n, d).
    weights
        Texts that each point stands for, shape (n,).
    heldout, production
        Of these, texts that are in held-out alone, and texts that are in production, shape (n,).
    scatter
        Sum of squared distances of the texts from their points; 0 when each is one text.
    """

    places: np.ndarray
    weights: np.ndarray
    heldout: np.ndarray
    production: np.ndarray
    scatter: float = 0.0

    def gathered(self, leaf: np.ndarray, n_leaves: int) -> "Points":
        """Points for groups of like texts; `leaf` is the group of each text, shape (n,)."""
        weights, centres = self.centres(leaf, n_leaves)
        return Points(
            places=centres,
            weights=weights,
            heldout=np.bincount(leaf, weights=self.heldout, minlength=n_leaves),
            production=np.bincount(leaf, weights=self.production, minlength=n_leaves),
            scatter=float(((self.places - centres[leaf]) ** 2).sum()),
        )

    def centres(self, labels: np.ndarray, n_groups: int) -> tuple[np.ndarray, np.ndarray]:
        """Weight and centre of each group."""
        from scipy.sparse import csc_array

        member = csc_array((self.weights, labels, np.arange(len(labels) + 1)), shape=(n_groups, len(labels)))
        weight = np.bincount(labels, weights=self.weights, minlength=n_groups)
        return weight, (member @ self.places) / np.maximum(weight, TINY)[:, None]

    def variance(self, labels: np.ndarray, n_groups: int) -> float:
        """Variance of a text's coordinate within its group, the same for all groups and directions."""
        weight, centres = self.centres(labels, n_groups)
        return self.variance_of(self.apart(labels, centres), weight)

    def variance_of(self, apart: np.ndarray, weight: np.ndarray) -> float:
        """The same from the squared distance of each point from its centre, and the groups' weights."""
        degrees = max(1.0, weight.sum() - np.count_nonzero(weight))
        return float((self.weights @ apart + self.scatter) / degrees / self.places.shape[1]) + TINY

    def apart(self, labels: np.ndarray, centres: np.ndarray) -> np.ndarray:
        """Squared distance of each point from the centre of its group, shape (n,)."""
        return np.asarray(((self.places - centres[labels]) ** 2).sum(axis=1))


def refine_groups(points: Points, labels: np.ndarray, n_groups: int, *, rounds: int = ROUNDS) -> np.ndarray:
    """Move points between groups until each is where it fits best; int64 of shape (n,).

    Parameters
    ----------
    points
        Points with the number of texts from each sample.
    labels
        Group of each point to start with, in [0, n_groups).
    rounds
        Most rounds; it ends when nothing moves.

    Notes
    -----
    The classification version of the EM algorithm [1]_ for Gaussian groups of one spherical variance, whose shares
    differ between the samples: a text that only held-out has seldom belongs to a group that is all production. The
    distance of a text to a centre that it helped to place is corrected for that, so that small groups do not hold
    texts merely because they contain them.

    References
    ----------
    .. [1] Celeux, G. and Govaert, G. (1992). A classification EM algorithm for clustering and two stochastic versions.
       Computational Statistics and Data Analysis 14.
    """
    for _ in range(rounds):
        moved = nearest_groups(points, labels, n_groups)
        if np.array_equal(moved, labels):
            break
        labels = moved
    return labels


def nearest_groups(points: Points, labels: np.ndarray, n_groups: int) -> np.ndarray:
    """Group that each point fits best, given the groups of all; one round of `refine_groups`."""
    weight, centres = points.centres(labels, n_groups)
    apart = points.apart(labels, centres)
    variance = points.variance_of(apart, weight)
    places, n_dimensions = points.places, points.places.shape[1]
    squares = (places**2).sum(axis=1)[:, None] - 2 * places @ centres.T + (centres**2).sum(axis=1)
    squares -= variance * n_dimensions / np.maximum(weight, 1.0)  # a centre lies off by its own error
    at = np.arange(len(labels))
    others = np.maximum(weight[labels] - points.weights, TINY)
    squares[at, labels] = apart * (weight[labels] / others) ** 2 - variance * n_dimensions / others
    fit = points.weights[:, None] * -squares / (2 * variance)
    for texts in (points.heldout, points.production):
        inside = np.bincount(labels, weights=texts, minlength=n_groups)
        fit += texts[:, None] * np.log((inside + A_HALF) / (texts.sum() + A_HALF))
    fit[:, weight < LEAST_WEIGHT] = -np.inf
    alone = others < 1
    fit[at[alone], labels[alone]] = -np.inf
    return np.asarray(fit.argmax(axis=1))


def splits_in_two(points: Points, one: np.ndarray, two: np.ndarray, variance: float) -> bool:
    """Whether two sets of points are better told apart than taken as one, by the Bayesian criterion [1]_.

    .. [1] Pelleg, D. and Moore, A. (2000). X-means. ICML, section 3.2.
    """
    weights = points.weights[one].sum(), points.weights[two].sum()
    total = sum(weights)
    centres = [np.average(points.places[side], axis=0, weights=points.weights[side]) for side in (one, two)]
    apart = float(((centres[0] - centres[1]) ** 2).sum())
    shares = np.array(weights) / total
    gain = weights[0] * weights[1] / total * apart / (2 * variance) + total * float(shares @ np.log(shares))
    return gain > points.places.shape[1] / 2 * float(np.log(total))
