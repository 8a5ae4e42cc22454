"""What is new: parts of the tree of texts that production has and held-out lacks. Scores play no part here."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from drift_core.measures.ranks import LONG
from drift_core.regions.candidates import (
    FIRST_GAIN,
    MIN_TEXTS,
    MOST_HELDOUT,
    Candidates,
    density_gains,
    far_from_heldout,
    find_candidates,
    gain_inside,
)
from drift_core.regions.clustering import cluster
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.mixture import Points, nearest_groups, refine_groups, splits_in_two
from drift_core.regions.tree import TextTree, gather, grow_tree

MIN_GAIN = 3.0  # gain that a refined part must keep; the tests on scores are corrected for the number of parts
CLEAR_GAIN = 1.0  # gain above the log of the number of texts from which a part is new whatever its scores say
TEXTS_A_FINE_GROUP = 30  # on average
MOST_FINE_GROUPS = 24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NewParts:
    """Parts of the traffic that are new, and clusters for everything.

    Attributes
    ----------
    part
        New part of each text, counted from 0; -1 for familiar texts. int64 of shape (n_texts,).
    piece
        Group of like texts inside its new part, counted from 0; 0 for familiar texts. int64 of shape (n_texts,).
    gains
        Log-likelihood gain of each part.
    cluster
        Cluster of each text without regard to novelty, int64 of shape (n_texts,).
    n_clusters
        Number of those clusters.
    reason
        A sentence on how their number came about.
    fine
        Small groups of like texts, for comparisons at the same mix, int64 of shape (n_texts,).
    candidates
        Sets of texts that may be new too, if their scores say so; none by default.
    sides
        Whether held-out, and production, has each text, bool of shape (n_texts,) each.
    """

    part: np.ndarray
    piece: np.ndarray
    gains: tuple[float, ...]
    cluster: np.ndarray
    n_clusters: int
    reason: str
    fine: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    candidates: Candidates | None = None
    sides: tuple[np.ndarray, np.ndarray] = field(default_factory=lambda: (np.zeros(0), np.zeros(0)))

    @property
    def leaf(self) -> np.ndarray:
        """Small group of each text in which candidates are counted."""
        return np.arange(len(self.part)) if self.candidates is None else self.candidates.leaf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DenseParts:
    """New parts by density alone; `complete` adds fine groups and candidates, which takes as long again.

    Attributes
    ----------
    far
        Gives the texts that are far from held-out, and those of them that are like each other.
    tree, points, start
        The tree of the texts; its leaves on the plane of the main components; the cluster of each.
    counts
        Held-out's and production's texts in each leaf.
    """

    parts: NewParts
    far: Callable[[], tuple[np.ndarray, np.ndarray]]
    tree: TextTree
    points: Points
    start: np.ndarray
    counts: list[np.ndarray]

    def complete(self) -> NewParts:
        leaves = [np.bincount(self.tree.leaf, weights=each - 0.5) > 0 for each in self.far()]
        candidates = find_candidates(self.tree, self.points, self.start, self.parts.n_clusters, self.counts, leaves)
        return replace(self.parts, fine=_fine_groups(self.tree, self.points)[self.tree.leaf], candidates=candidates)


def find_new_parts(embeddings: QueryEmbeddings, *, n_clusters: int | None = None, seed: int = 0) -> NewParts:
    """Find the parts of production that held-out lacks, and cluster all texts; see `find_dense_parts`."""
    return find_dense_parts(embeddings, n_clusters=n_clusters, seed=seed).complete()


def find_dense_parts(embeddings: QueryEmbeddings, *, n_clusters: int | None = None, seed: int = 0) -> DenseParts:
    """Find the parts of production that held-out lacks by density alone, and cluster all texts.

    Notes
    -----
    A scan statistic [1]_ over the nodes of Ward's tree: the gain in log-likelihood when a node has a share of
    production texts of its own. The disjoint nodes of largest total gain are taken, by one pass from the leaves to
    the root. A tree is greedy, so the nodes are then refined beside the clusters: every text goes where it fits best,
    and a part whose gain does not survive this is given up.
    Texts are counted, not pairs: docs of one query are no new evidence of novelty.

    References
    ----------
    .. [1] Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics, Theory and Methods 26.
    """
    n_texts = len(embeddings.texts)
    known, seen = (np.bincount(c, minlength=n_texts) > 0 for c in (embeddings.heldout, embeddings.production))
    far: Callable[[], tuple[np.ndarray, np.ndarray]] = partial(far_from_heldout, embeddings.vectors, known)
    if n_texts >= LONG:
        with_far = ThreadPoolExecutor(max_workers=1)
        far = with_far.submit(far).result
        with_far.shutdown(wait=False)
    leaf = gather(embeddings.vectors, seed=seed)
    tree = grow_tree(embeddings.vectors, leaf=leaf)
    clusters = cluster(embeddings.vectors, weights=embeddings.weights, n_clusters=n_clusters, leaf=leaf, seed=seed)
    counts = [np.bincount(tree.leaf, weights=side, minlength=tree.n_leaves) for side in (known, seen)]
    nodes = _best_nodes(tree, density_gains(tree.sums(counts[0]), tree.sums(counts[1])))
    texts = _texts(clusters.places, known, seen)
    points = texts.gathered(tree.leaf, tree.n_leaves)
    start = _most_common(tree.leaf, clusters.labels)
    groups, owner = _groups_of(tree, nodes, points, start, clusters.n_clusters)
    kept = _refined(points, groups, owner, counts, start, clusters.n_clusters)[tree.leaf]
    if tree.n_leaves < n_texts:
        kept = nearest_groups(texts, kept, clusters.n_clusters + len(owner))
    part, piece = _number_parts(kept, owner, clusters.n_clusters)
    parts = NewParts(
        part=part,
        piece=piece,
        gains=tuple(gain_inside(part == place, (known, seen)) for place in range(int(part.max(initial=-1)) + 1)),
        cluster=clusters.labels,
        n_clusters=clusters.n_clusters,
        reason=clusters.reason,
        sides=(known, seen),
    )
    return DenseParts(parts=parts, far=far, tree=tree, points=points, start=start, counts=counts)


def clear_gain(n_texts: int) -> float:
    """Gain from which a part is new whatever its scores say: it beats the number of texts that were searched."""
    return float(np.log(max(1, n_texts)) + CLEAR_GAIN)


def _texts(places: np.ndarray, known: np.ndarray, seen: np.ndarray) -> Points:
    """Texts as points on the plane of the main components."""
    places = places.astype(np.float64)
    ones = np.ones(len(places))
    return Points(places=places, weights=ones, heldout=(known & ~seen) * ones, production=seen * ones)


def _most_common(leaf: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Most common cluster of each leaf."""
    counts = np.zeros((int(leaf.max()) + 1, int(labels.max()) + 1))
    np.add.at(counts, (leaf, labels), 1)
    return counts.argmax(axis=1)


def _groups_of(
    tree: TextTree, nodes: list[int], points: Points, start: np.ndarray, n_clusters: int
) -> tuple[np.ndarray, np.ndarray]:
    """Group of each leaf with the nodes cut out in pieces of their own; and the node of each piece.

    Clusters may be coarse, and then they hide how near each other the texts of one piece are; so the nodes are cut
    once to see that, and again.
    """
    groups, owner = start, np.zeros(0, dtype=np.int64)
    for _ in range(2):
        variance = points.variance(groups, n_clusters + len(owner))
        cut = [_pieces(tree, node, points, variance) for node in nodes]
        pieces = [(place, leaves) for place, found in enumerate(cut) for leaves in found]
        owner = np.array([place for place, _ in pieces], dtype=np.int64)
        groups = start.copy()
        for number, (_, leaves) in enumerate(pieces):
            groups[leaves] = n_clusters + number
    _join_leftovers(groups, start, points, variance)
    return groups, owner


def _join_leftovers(groups: np.ndarray, start: np.ndarray, points: Points, variance: float) -> None:
    """Let the rest of a cluster join the piece that took most of it, where they are no two groups.

    Otherwise both would stand for one topic and share its texts between them.
    """
    for cluster_label in np.unique(start[groups != start]):
        left, taken = groups == cluster_label, (start == cluster_label) & (groups != start)
        piece = np.bincount(groups[taken]).argmax()
        is_rest = 0 < points.weights[left].sum() < points.weights[taken].sum()
        if is_rest and not splits_in_two(points, np.flatnonzero(left), np.flatnonzero(groups == piece), variance):
            groups[left] = piece


def _pieces(tree: TextTree, node: int, points: Points, variance: float) -> list[np.ndarray]:
    """Leaves below a node, apart where its branches are groups of their own."""
    found, waiting = [], [node]
    while waiting:
        node = waiting.pop()
        if node >= tree.n_leaves:
            branches = tree.merges[node - tree.n_leaves].tolist()
            one, two = (tree.leaves_below(branch) for branch in branches)
            enough = min(points.weights[one].sum(), points.weights[two].sum()) >= MIN_TEXTS
            if enough and splits_in_two(points, one, two, variance):
                waiting.extend(branches)
                continue
        found.append(tree.leaves_below(node))
    return found


def _refined(
    points: Points,
    groups: np.ndarray,
    owner: np.ndarray,
    counts: list[np.ndarray],
    start: np.ndarray,
    n_clusters: int,
) -> np.ndarray:
    """Groups after refining, without the parts that turn out to be chance.

    A part must stay new when its texts are told once without regard to the samples; which of them a text is from
    would bring production's texts together by itself. So must each of its pieces: a familiar one would give the part
    held-out texts of another topic to be compared with.
    """
    owner_of = np.concatenate([np.full(n_clusters, -1, dtype=np.int64), owner])
    blind = replace(points, heldout=np.zeros_like(points.weights), production=points.weights)
    while True:
        groups = refine_groups(points, groups, len(owner_of))
        part, fair = owner_of[groups], nearest_groups(blind, groups, len(owner_of))
        weak = [p for p in np.unique(part[part >= 0]) if gain_inside(owner_of[fair] == p, counts) < MIN_GAIN]
        familiar = _are_familiar(counts, fair, len(owner_of))[groups]
        given_up = np.isin(part, weak) | (familiar & (part >= 0))
        if not given_up.any():
            return groups
        groups = np.where(given_up, start, groups)


def _are_familiar(counts: list[np.ndarray], groups: np.ndarray, n_groups: int) -> np.ndarray:
    """Whether held-out more likely has its full share of each group than the largest that a new one may have."""
    heldout, production = (np.bincount(groups, weights=side, minlength=n_groups) for side in counts)
    sizes = [max(float(side.sum()), 1.0) for side in counts]
    full, least = (share * sizes[0] / (share * sizes[0] + sizes[1]) for share in (1.0, MOST_HELDOUT))
    return np.asarray(heldout * np.log(full / least) + production * np.log((1 - full) / (1 - least)) > 0)


def _fine_groups(tree: TextTree, points: Points) -> np.ndarray:
    """Small group of each leaf."""
    n_groups = int(np.clip(points.weights.sum() // TEXTS_A_FINE_GROUP, 1, MOST_FINE_GROUPS))
    return refine_groups(points, tree.cut(n_groups), n_groups)


def _number_parts(groups: np.ndarray, owner: np.ndarray, n_clusters: int) -> tuple[np.ndarray, np.ndarray]:
    """Part and piece of each text, both counted from 0 without gaps."""
    part, piece = np.full(len(groups), -1, dtype=np.int64), np.zeros(len(groups), dtype=np.int64)
    new = groups >= n_clusters
    if new.any():
        of_group = owner[groups[new] - n_clusters]
        part[new] = np.unique(of_group, return_inverse=True)[1]
        first = np.array([np.flatnonzero(owner == place)[0] for place in of_group])
        piece[new] = groups[new] - n_clusters - first
    return part, piece


def _best_nodes(tree: TextTree, gains: np.ndarray) -> list[int]:
    """Disjoint nodes of largest total gain above FIRST_GAIN each, largest first."""
    value, n_leaves, merges = np.maximum(gains - FIRST_GAIN, 0.0).tolist(), tree.n_leaves, tree.merges.tolist()
    taken = [each > 0 for each in value]
    for node, (one, two) in enumerate(merges, start=n_leaves):
        below = value[one] + value[two]
        taken[node] = value[node] > 0 and value[node] >= below
        value[node] = max(value[node], below)
    found, waiting = [], [len(gains) - 1]
    while waiting:
        node = waiting.pop()
        if taken[node]:
            found.append(node)
        elif node >= n_leaves:
            waiting.extend(merges[node - n_leaves])
    return sorted(found, key=lambda node: (-gains[node], node))
