"""What is new: parts of the tree of texts that production has and held-out lacks. Scores play no part here."""

from dataclasses import dataclass

import numpy as np

from drift_core.regions.clustering import cluster
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.tree import TextTree, grow_tree

MIN_GAIN = (
    3.0  # log-likelihood gain from which a part is a candidate; the tests on scores are corrected for their number
)
CLEAR_GAIN = 1.0  # gain above the log of the number of texts from which a part is new whatever its scores say
MOST_HELDOUT = 0.25  # a part is new when held-out's share of it is below this times production's share
MIN_TEXTS = 5  # distinct production texts in a new part


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NewParts:
    """Parts of the tree that are new, and clusters for everything.

    Attributes
    ----------
    part
        New part of each text, counted from 0; -1 for familiar texts. int64 of shape (n_texts,).
    gains
        Log-likelihood gain of each part.
    cluster
        Cluster of each text without regard to novelty, int64 of shape (n_texts,).
    n_clusters
        Number of those clusters.
    reason
        A sentence on how their number came about.
    """

    part: np.ndarray
    gains: tuple[float, ...]
    cluster: np.ndarray
    n_clusters: int
    reason: str


def find_new_parts(embeddings: QueryEmbeddings, *, n_clusters: int | None = None, seed: int = 0) -> NewParts:
    """Find the parts of production that held-out lacks, and cluster all texts.

    Notes
    -----
    A scan statistic [1]_ over the nodes of Ward's tree: the gain in log-likelihood when a node has a share of
    production texts of its own. The disjoint nodes of largest total gain are taken, by one pass from the leaves to
    the root, so a topic is neither cut in pieces nor merged with its neighbour unless that fits the counts better.
    Texts are counted, not pairs: docs of one query are no new evidence of novelty.

    References
    ----------
    .. [1] Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics, Theory and Methods 26.
    """
    tree = grow_tree(embeddings.vectors, seed=seed)
    n_texts = len(embeddings.texts)
    present = [np.bincount(codes, minlength=n_texts) > 0 for codes in (embeddings.heldout, embeddings.production)]
    counts = [np.bincount(tree.leaf, weights=side, minlength=tree.n_leaves) for side in present]
    gains = _gains(tree.sums(counts[0]), tree.sums(counts[1]))
    nodes = _best_nodes(tree, gains)
    part_of_leaf = np.full(tree.n_leaves, -1, dtype=np.int64)
    for place, node in enumerate(nodes):
        part_of_leaf[tree.leaves_below(node)] = place
    clusters = cluster(embeddings.vectors, weights=embeddings.weights, n_clusters=n_clusters, seed=seed)
    return NewParts(
        part=part_of_leaf[tree.leaf],
        gains=tuple(float(gains[node]) for node in nodes),
        cluster=clusters.labels,
        n_clusters=clusters.n_clusters,
        reason=clusters.reason,
    )


def _gains(heldout: np.ndarray, production: np.ndarray) -> np.ndarray:
    """Gain of each node; 0 for one that held-out knows. The last node is the root."""
    all_heldout, all_production = heldout[-1], production[-1]
    outside = all_heldout - heldout, all_production - production
    gain = _plogp(heldout, production) + _plogp(*outside) - _plogp(all_heldout, all_production)
    share_heldout = heldout / max(all_heldout, 1)
    is_new = share_heldout < MOST_HELDOUT * production / max(all_production, 1)
    return np.where(is_new & (production >= MIN_TEXTS), gain, 0.0)


def _plogp(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from scipy.special import xlogy

    total = np.maximum(a + b, 1e-12)
    return np.asarray(xlogy(a, a / total) + xlogy(b, b / total))


def _best_nodes(tree: TextTree, gains: np.ndarray) -> list[int]:
    """Disjoint nodes of largest total gain above MIN_GAIN each, largest first."""
    value = np.maximum(gains - MIN_GAIN, 0.0)
    taken = value > 0
    for step, (one, two) in enumerate(tree.merges):
        node, below = tree.n_leaves + step, value[one] + value[two]
        taken[node] = value[node] > 0 and value[node] >= below
        value[node] = max(value[node], below)
    found, waiting = [], [len(gains) - 1]
    while waiting:
        node = waiting.pop()
        if taken[node]:
            found.append(node)
        elif node >= tree.n_leaves:
            waiting.extend(tree.merges[node - tree.n_leaves].tolist())
    return sorted(found, key=lambda node: (-gains[node], node))
