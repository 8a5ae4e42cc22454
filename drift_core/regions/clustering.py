"""Clusters of like texts: Ward's tree, cut and refined, with the number of clusters chosen from the data.

Every text gets a cluster. What the clusters are called is in `naming`, the tree in `tree`.
"""

from dataclasses import dataclass

import numpy as np

from drift_core.regions.nearest import nearest_of_each
from drift_core.regions.threads import in_blocks
from drift_core.regions.tree import BLOCK, DIGITS, TextTree, grow_tree, nearest_centre, project

MOST_CLUSTERS = 20
MIN_TEXTS_A_CLUSTER = 10
DIMENSIONS = (
    32  # principal components that clusters are found in; the rest is mostly the wording of single texts (ours)
)
FIT_ON = 8_000  # texts that the components are found on
REFINING = 8  # rounds of k-means at most
N_GRAPH = 1_500  # texts in the graph of neighbours
N_NEIGHBORS = 15
NO_STRUCTURE = 0.3  # modularity below it is no sign of groups (Clauset, Newman and Moore, 2004)
NEARLY_BEST = 0.95  # share of the best modularity that is good enough (ours)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clustering:
    """Cluster of each text and how the number of clusters came about.

    Attributes
    ----------
    labels
        int64 of shape (n,), numbered by descending weight.
    centroids
        Unit vectors, float32 of shape (n_clusters, d); each text is in the cluster of its nearest one.
    n_clusters
        How many there are.
    reason
        A sentence on why so many.
    scores
        Modularity of each number of clusters that was tried.
    places
        The texts on the plane of the principal components that clusters were found in, float32 of shape (n, up to 32).
    """

    labels: np.ndarray
    centroids: np.ndarray
    n_clusters: int
    reason: str
    scores: tuple[tuple[int, float], ...]
    places: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    n_clusters: int
    reason: str = ""
    scores: tuple[tuple[int, float], ...] = ()


def cluster(
    vectors: np.ndarray,
    *,
    weights: np.ndarray,
    n_clusters: int | None = None,
    leaf: np.ndarray | None = None,
    seed: int = 0,
) -> Clustering:
    """Cut texts into clusters of like ones.

    Parameters
    ----------
    vectors
        float32 of shape (n, d), rows of unit length.
    weights
        Pairs per text, shape (n,). Clusters are numbered by them; where the clusters lie depends on the texts alone.
    n_clusters
        How many, or None to choose.
    leaf
        Small group of each text, where `gather` found them already.
    seed
        Seed of what is drawn when there are many texts; the order of the rows does not matter.

    Notes
    -----
    K-means in the first principal components, started from cuts of Ward's tree [1]_. The number is the fewest clusters
    whose modularity [2]_, on the graph of nearest neighbours, is within 5 % of the best: further cuts mostly part
    neighbours. With too little structure for that, all texts are one cluster.

    References
    ----------
    .. [1] Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. JASA 58.
    .. [2] Newman, M. E. J. (2006). Modularity and community structure in networks. PNAS 103.
    """
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    order = _order_by_content(vectors)
    places = _main_components(vectors, order, np.random.default_rng(seed))
    tree = grow_tree(places[order], leaf=None if leaf is None else leaf[order], seed=seed)
    chosen = _choose(tree, places[order], seed) if n_clusters is None else _Choice(n_clusters=n_clusters)
    first = np.empty(len(order), dtype=np.int64)
    first[order] = _cut(tree, chosen.n_clusters)[tree.leaf]
    centroids = _centroids(vectors, first)
    nearest = in_blocks(
        lambda block: np.argmax(np.round(vectors[block] @ centroids.T, DIGITS), axis=1), len(vectors), BLOCK
    )
    labels, kept = _number_by_weight(np.concatenate(nearest), weights)
    return Clustering(
        labels=labels,
        centroids=centroids[kept],
        n_clusters=len(kept),
        reason=chosen.reason or _reason_as_asked(len(kept), chosen.n_clusters),
        scores=chosen.scores,
        places=places,
    )


def _order_by_content(vectors: np.ndarray) -> np.ndarray:
    """Order of the rows by their bytes, of which the first eight tell apart nearly all that differ."""
    if vectors.shape[1] >= 2:
        first = np.ascontiguousarray(vectors[:, :2]).view(">u8").ravel().astype(np.uint64)
        order = np.argsort(first, kind="stable")
        alike = np.flatnonzero(first[order[1:]] == first[order[:-1]])
        if np.array_equal(vectors[order[alike]], vectors[order[alike + 1]]):
            return order
    return np.argsort(vectors.view(f"V{vectors.itemsize * vectors.shape[1]}").ravel(), kind="stable")


def _main_components(vectors: np.ndarray, order: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Project onto the first principal components, found on texts drawn from their `order` by content."""
    from scipy.linalg import eigh

    n_dimensions = vectors.shape[1]
    if n_dimensions <= DIMENSIONS:
        return vectors
    drawn = np.sort(order[rng.permutation(len(vectors))[:FIT_ON]])
    mean = vectors[drawn].mean(axis=0)
    centred = vectors[drawn] - mean
    axes = eigh(centred.T @ centred, subset_by_index=[n_dimensions - DIMENSIONS, n_dimensions - 1])[1]
    places = project(vectors, axes)  # without a copy of all vectors, centred
    places -= mean @ axes
    return places


def _choose(tree: TextTree, points: np.ndarray, seed: int) -> _Choice:
    most = min(MOST_CLUSTERS, len(points) // MIN_TEXTS_A_CLUSTER)
    if most < 2:
        return _Choice(n_clusters=1, reason=f"One cluster: {len(points)} distinct texts are too few to cut.")
    shown = np.sort(np.random.default_rng(seed).permutation(len(points))[:N_GRAPH])
    links = _neighbour_links(points[shown])
    scores = {k: _modularity(*links, _cut(tree, k)[tree.leaf[shown]]) for k in range(2, most + 1)}
    best, tried = max(scores.values()), tuple(scores.items())
    if best < NO_STRUCTURE:
        reason = f"One cluster: the texts show no groups (modularity {best:.2f}, from {NO_STRUCTURE:g} on they do)."
        return _Choice(n_clusters=1, reason=reason, scores=tried)
    chosen = min(k for k, score in scores.items() if score >= NEARLY_BEST * best)
    reason = (
        f"{chosen} clusters: the fewest that keep like texts together nearly as well as any number up to {most} "
        f"(modularity {scores[chosen]:.2f}, best {best:.2f})."
    )
    return _Choice(n_clusters=chosen, reason=reason, scores=tried)


def _cut(tree: TextTree, n_clusters: int) -> np.ndarray:
    """Cluster of each leaf: the tree's cut, then rounds of k-means until none moves or a cluster would be lost."""
    labels = tree.cut(n_clusters)
    sizes = np.bincount(tree.leaf, minlength=tree.n_leaves).astype(np.float32)
    for _ in range(REFINING):
        member = np.zeros((tree.n_leaves, int(labels.max()) + 1), dtype=np.float32)
        member[np.arange(tree.n_leaves), labels] = sizes
        moved = nearest_centre(tree.centres, (member.T @ tree.centres) / member.sum(axis=0)[:, None])
        if np.array_equal(moved, labels) or np.count_nonzero(np.bincount(moved)) < member.shape[1]:
            break
        labels = moved
    return labels


def _neighbour_links(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of texts of which either is among the other's nearest by cosine, each once."""
    unit = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)
    similarity = np.round(unit @ unit.T, DIGITS)
    np.fill_diagonal(similarity, -np.inf)
    near = nearest_of_each(similarity, min(N_NEIGHBORS, len(points) - 1))
    near |= near.T
    one, two = np.divmod(np.flatnonzero(near), len(points))
    return one[one < two], two[one < two]


def _modularity(one: np.ndarray, two: np.ndarray, labels: np.ndarray) -> float:
    """Share of links inside clusters, less the share expected if links fell by chance."""
    labels_one, labels_two = labels[one], labels[two]
    ends = np.bincount(labels_one, minlength=len(labels)) + np.bincount(labels_two, minlength=len(labels))
    shares = ends[: int(labels.max()) + 1] / (2 * len(one))
    return float(np.mean(labels_one == labels_two)) - float(shares @ shares)


def _centroids(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean direction of each cluster, summed in double precision block by block."""
    from scipy.sparse import csr_array

    n_clusters = int(labels.max()) + 1

    def sums(block: slice) -> np.ndarray:
        place = labels[block], np.arange(len(vectors[block]))
        member = csr_array((np.ones(len(place[0])), place), shape=(n_clusters, len(place[0])))
        return np.asarray(member @ vectors[block], dtype=np.float64)

    means = sum(in_blocks(sums, len(labels), BLOCK))
    return np.asarray(means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def _number_by_weight(labels: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number clusters by descending weight, and give the old number of each."""
    totals = np.bincount(labels, weights=weights)
    kept = np.argsort(-totals, kind="stable")[: np.count_nonzero(np.bincount(labels))]
    number = np.zeros(len(totals), dtype=np.int64)
    number[kept] = np.arange(len(kept))
    return number[labels], kept


def _reason_as_asked(n_clusters: int, asked: int) -> str:
    if n_clusters < asked:
        return f"{n_clusters} clusters; {asked} were asked for, but there are no more that differ."
    return f"{n_clusters} {'cluster' if n_clusters == 1 else 'clusters'}, as chosen."
