"""Refining groups of texts: each text goes to the group that it fits best, with its own pull on the centre taken out.

How groups are found in the first place is in `tree` and `novelty`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drift_core.regions.threads import in_blocks

ROUNDS = 6
LEAST_WEIGHT = 2.0  # texts from which a group keeps its place
A_HALF = 0.5  # texts added to every count, so that no group has a share of 0 (Krichevsky and Trofimov, 1981)
TINY = 1e-9
BLOCK = 4096  # points at a time, which stay in the processor's cache


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: what every round needs is kept
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
        from scipy.sparse import csc_array

        member = csc_array((self.weights, leaf, np.arange(len(leaf) + 1)), shape=(n_leaves, len(leaf)))
        weights = np.bincount(leaf, weights=self.weights, minlength=n_leaves)
        centres = (member @ self.places) / np.maximum(weights, TINY)[:, None]

        def scatter(block: slice) -> float:
            apart = self.places[block] - centres[leaf[block]]
            return float(np.vdot(apart, apart))

        return Points(
            places=centres,
            weights=weights,
            heldout=np.bincount(leaf, weights=self.heldout, minlength=n_leaves),
            production=np.bincount(leaf, weights=self.production, minlength=n_leaves),
            scatter=sum(in_blocks(scatter, len(leaf), BLOCK)),
        )

    @cached_property
    def table(self) -> np.ndarray:
        """Coordinates times weight, then weight and texts of either sample, one row a point."""
        sizes = self.weights, self.heldout, self.production
        return np.column_stack([self.places * self.weights[:, None], *sizes])

    @cached_property
    def lengths(self) -> np.ndarray:
        """Squared distance of each point from the origin times its weight, shape (n,)."""
        return np.einsum("ij,ij->i", self.table[:, :-3], self.places)

    def sums(self, labels: np.ndarray, n_groups: int) -> np.ndarray:
        """Sum of each column of the table over each group, shape (n_groups, d + 3)."""
        table = self.table

        def add_up(block: slice) -> np.ndarray:
            member = np.zeros((len(table[block]), n_groups))
            member[np.arange(len(member)), labels[block]] = 1.0
            return np.asarray(member.T @ table[block])

        return np.sum(in_blocks(add_up, len(labels), BLOCK), axis=0)

    def centres(self, labels: np.ndarray, n_groups: int) -> tuple[np.ndarray, np.ndarray]:
        """Weight and centre of each group."""
        sums = self.sums(labels, n_groups)
        return sums[:, -3], sums[:, :-3] / np.maximum(sums[:, -3:-2], TINY)

    def variance(self, labels: np.ndarray, n_groups: int) -> float:
        """Variance of a text's coordinate within its group, the same for all groups and directions."""
        return self.variance_about(*self.centres(labels, n_groups))

    def variance_about(self, weight: np.ndarray, centres: np.ndarray) -> float:
        """The same from the groups' weights and centres."""
        apart = self.lengths.sum() - weight @ (centres**2).sum(axis=1)
        degrees = max(1.0, weight.sum() - np.count_nonzero(weight))
        return float((max(apart, 0.0) + self.scatter) / degrees / self.places.shape[1]) + TINY


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
    """Group that each point fits best, given the groups of all; one round of `refine_groups`.

    The fit is the log-likelihood, but for what is the same for all groups of a point: a row of the table times one
    column a group. Of its own group each point's fit is corrected.
    """
    sums = points.sums(labels, n_groups)
    weight, centres = sums[:, -3], sums[:, :-3] / np.maximum(sums[:, -3:-2], TINY)
    variance, n_dimensions = points.variance_about(weight, centres), points.places.shape[1]
    own_error = n_dimensions / 2 / np.maximum(weight, 1.0)  # a centre lies off by its own error
    shares = np.log((sums[:, -2:] + A_HALF) / (sums[:, -2:].sum(axis=0) + A_HALF))
    columns = np.column_stack([centres / variance, own_error - (centres**2).sum(axis=1) / (2 * variance), shares])
    moved = np.empty(len(labels), dtype=np.int64)
    all_rows, lengths = points.table, points.lengths

    def move(rows: slice) -> None:
        table, own = all_rows[rows], labels[rows]
        fit, at = table @ columns.T, np.arange(len(own))
        size, length = table[:, -3], lengths[rows] / (2 * variance)
        others = np.maximum(weight[own] - size, TINY)
        share = (table[:, -2:] * shares[own]).sum(axis=1)
        apart = length + size * own_error[own] + share - fit[at, own]
        own_fit = length - apart * (weight[own] / others) ** 2 + size * n_dimensions / 2 / others + share
        fit[at, own] = np.where(others < 1, -np.inf, own_fit)
        fit[:, weight < LEAST_WEIGHT] = -np.inf
        moved[rows] = fit.argmax(axis=1)

    in_blocks(move, len(labels), BLOCK)
    return moved


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
