"""Sets of texts that production may have anew: how much denser it is there, and every set worth a look at its scores.

Which sets are new by density alone is `novelty`'s work; here they may overlap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.regions.mixture import Points, nearest_groups, refine_groups
from drift_core.regions.tree import TextTree

FIRST_GAIN = 1.5  # log-likelihood gain from which a set is looked at
MOST_HELDOUT = 0.25  # a set is new when held-out's share of it is below this times production's share
MIN_TEXTS = 5  # distinct production texts in a new set
MOST_OF_PRODUCTION = 0.6  # what is more than this of production is not a part of it
FAR, NEIGHBOUR = 0.02, 2  # share of held-out's texts that are far from its others, by the second nearest (ours)
LOOKED_AT = 1_000  # texts that others are measured from, drawn where there are more
FEWEST, MOST_PAIRS = 200, 20_000_000  # of them, and of pairs of texts, where there are very many
ALIKE = 0.9  # texts that two sets share, of all in either, from which they are one


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Sets of texts of which held-out has next to nothing; they may overlap.

    Attributes
    ----------
    leaf
        Leaf of each text, int64 of shape (n_texts,).
    members
        Leaves of each set, bool of shape (n_sets, n_leaves).
    gains
        Log-likelihood gain in density of each, shape (n_sets,), largest first.
    """

    leaf: np.ndarray
    members: np.ndarray
    gains: np.ndarray

    def texts(self, place: int) -> np.ndarray:
        """Whether each text is in a set, bool of shape (n_texts,)."""
        return np.asarray(self.members[place][self.leaf])


def density_gains(heldout: np.ndarray, production: np.ndarray) -> np.ndarray:
    """Log-likelihood gain of each set when its share of production's texts is its own [1]_; 0 where it is not new.

    Parameters
    ----------
    heldout, production
        Texts of each set on both sides, shape (n,); the last entry is everything.

    References
    ----------
    .. [1] Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics, Theory and Methods 26.
    """
    all_heldout, all_production = heldout[-1], production[-1]
    outside = all_heldout - heldout, all_production - production
    gain = _plogp(heldout, production) + _plogp(*outside) - _plogp(all_heldout, all_production)
    share_heldout = heldout / max(all_heldout, 1)
    is_new = share_heldout < MOST_HELDOUT * production / max(all_production, 1)
    return np.where(is_new & (production >= MIN_TEXTS), gain, 0.0)


def gain_inside(inside: np.ndarray, sides: Sequence[np.ndarray]) -> float:
    """Gain of the leaves or texts at `inside`, from held-out's and production's number in each."""
    return float(density_gains(*(np.array([side[inside].sum(), side.sum()], dtype=float) for side in sides))[0])


def _plogp(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from scipy.special import xlogy

    total = np.maximum(a + b, 1e-12)
    return np.asarray(xlogy(a, a / total) + xlogy(b, b / total))


def far_from_heldout(vectors: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Texts farther from held-out's others than nearly all of its own are, and those of them that are like each other.

    Which sample a text is from plays no part, and so their number may be compared. bool of shape (n_texts,) each.
    """
    is_far, is_alike = np.zeros((2, len(vectors)), dtype=bool)
    if known.sum() > NEIGHBOUR:
        to_known = _likeness(vectors, np.flatnonzero(known))
        is_far = to_known < np.quantile(to_known[known], FAR)
    if is_far.sum() > NEIGHBOUR:
        is_alike[is_far] = _likeness(vectors[is_far], np.arange(is_far.sum())) > to_known[is_far]
    return is_far, is_alike


def _likeness(vectors: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Likeness of each text to the NEIGHBOUR-th nearest of some, beside itself, shape (n_texts,)."""
    n_looked_at = min(LOOKED_AT, max(FEWEST, MOST_PAIRS // len(vectors)))
    among = np.random.default_rng(0).permutation(among)[:n_looked_at]
    is_among = np.isin(np.arange(len(vectors)), among)
    found = []
    for rows in np.array_split(np.arange(len(vectors)), len(vectors) // LOOKED_AT + 1):
        likeness, every = vectors[rows] @ vectors[among].T, np.arange(len(rows))
        nearest = []
        for _ in range(NEIGHBOUR + 1):  # a few passes take less than a partition
            best = likeness.argmax(axis=1)
            nearest.append(likeness[every, best])
            likeness[every, best] = -np.inf
        found.append(np.where(is_among[rows], nearest[NEIGHBOUR], nearest[NEIGHBOUR - 1]))
    return np.concatenate(found)


def find_candidates(
    tree: TextTree,
    points: Points,
    start: np.ndarray,
    n_clusters: int,
    counts: list[np.ndarray],
    far: list[np.ndarray],
) -> Candidates:
    """List the nodes of the tree and the clusters that may be new, each refined alone beside all clusters.

    Parameters
    ----------
    tree, points
        Of all texts; a point stands for a leaf.
    start, n_clusters
        Cluster of each leaf.
    counts
        Held-out's and production's texts in each leaf.
    far
        Leaves that are far from held-out, and those of them that are like each other.

    Notes
    -----
    A node is greedy's work; so its leaves and the others' go where they fit best, and the set is looked at again when
    each was told once without regard to the samples, which would bring production's texts together by itself.
    """
    found: dict[bytes, tuple[float, np.ndarray]] = {}
    blind = replace(points, heldout=np.zeros_like(points.weights), production=points.weights)
    for inside in _first_sets(tree, start, n_clusters, counts):
        groups = refine_groups(points, np.where(inside, n_clusters, start), n_clusters + 1, rounds=2)
        members = groups == n_clusters
        if not members.any() or counts[1][members].sum() > MOST_OF_PRODUCTION * counts[1].sum():
            continue
        if (gain := gain_inside(members, counts)) >= FIRST_GAIN:
            fair = nearest_groups(blind, groups, n_clusters + 1) == n_clusters
            gain = min(gain, gain_inside(fair, counts))
            if gain >= FIRST_GAIN:
                found[members.tobytes()] = gain, members
    for inside, members in _far_sets(far, start, counts):
        gain = gain_inside(inside, counts)
        if gain >= FIRST_GAIN and counts[1][inside].sum() <= MOST_OF_PRODUCTION * counts[1].sum():
            found.setdefault(members.tobytes(), (gain, members))
    ordered = sorted(found.values(), key=lambda each: -each[0])
    kept = _apart([members for _, members in ordered], points.weights)
    return Candidates(
        leaf=tree.leaf,
        members=np.array([ordered[place][1] for place in kept], dtype=bool).reshape(len(kept), tree.n_leaves),
        gains=np.array([ordered[place][0] for place in kept]),
    )


def _first_sets(tree: TextTree, start: np.ndarray, n_clusters: int, counts: list[np.ndarray]) -> list[np.ndarray]:
    sums = [tree.sums(side) for side in counts]
    nodes = np.flatnonzero(_worth_a_look(*sums))
    clusters = [np.append(np.bincount(start, weights=side, minlength=n_clusters), side.sum()) for side in counts]
    labels = np.flatnonzero(_worth_a_look(*clusters)[:-1])
    below = [np.isin(np.arange(tree.n_leaves), tree.leaves_below(int(node))) for node in nodes]
    return [*below, *(start == label for label in labels)]


def _far_sets(far: list[np.ndarray], start: np.ndarray, counts: list[np.ndarray]) -> Iterator[tuple[np.ndarray, ...]]:
    """What is far from held-out, everywhere and in each cluster: what is counted, and the set without stray texts.

    Where too few are like each other, held-out's that are like no other far text, and so of any topic, stay out.
    """
    is_far, is_alike = far
    for part in (start >= 0, *(start == label for label in np.unique(start))):
        alike, whole = is_alike & part, is_far & part
        is_enough = gain_inside(alike, counts) >= FIRST_GAIN
        yield (alike, alike) if is_enough else (whole, whole & ((counts[1] > 0) | is_alike))


def _worth_a_look(heldout: np.ndarray, production: np.ndarray) -> np.ndarray:
    is_part = production <= MOST_OF_PRODUCTION * production[-1]
    return np.asarray((density_gains(heldout, production) >= FIRST_GAIN) & is_part)


def _apart(sets: list[np.ndarray], weights: np.ndarray) -> list[int]:
    """Places of the sets that are no copy of one before them."""
    kept: list[int] = []
    for place, members in enumerate(sets):
        copies = (weights[members & sets[k]].sum() >= ALIKE * weights[members | sets[k]].sum() for k in kept)
        if not any(copies):
            kept.append(place)
    return kept
