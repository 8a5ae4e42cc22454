"""The tree of texts: Ward's merges over all texts of both samples, or over many small groups of them.

Cutting it gives clusters of any size; what is new in it is `novelty`'s work.
"""

from dataclasses import dataclass

import numpy as np

from drift_core.regions.threads import in_blocks

MAX_LEAVES = 1500  # more texts than this are first gathered into small groups
N_GROUPS = 512
FIT_ON = 8_000  # texts that the groups are found on; the others join the nearest
ROUNDS = 6
DIMENSIONS = 64  # of the plane that groups are found in
DIGITS = 4  # of distances: the rest is what processors add up differently, and would decide between equal ones
SAME = np.float32(1e-6)  # by which the first of equally near centres is preferred, for the same reason
BLOCK = 1024  # rows whose distances to all centres stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextTree:
    """Merges of leaves, lowest first.

    Attributes
    ----------
    leaf
        Leaf of each text, int64 of shape (n_texts,).
    centres
        Centre of each leaf, shape (n_leaves, d).
    merges
        The two nodes that join in each step, int64 of shape (n_leaves - 1, 2); step i makes node n_leaves + i.
    """

    leaf: np.ndarray
    centres: np.ndarray
    merges: np.ndarray

    @property
    def n_leaves(self) -> int:
        return len(self.centres)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum a number per leaf over the leaves below each node, shape (2 n_leaves - 1,)."""
        total = values.astype(float).tolist()
        for one, two in self.merges.tolist():
            total.append(total[one] + total[two])
        return np.array(total)

    def leaves_below(self, node: int) -> np.ndarray:
        merges, n_leaves = self.merges, self.n_leaves
        found, waiting = [], [node]
        while waiting:
            node = waiting.pop()
            if node < n_leaves:
                found.append(node)
            else:
                waiting.extend(merges[node - n_leaves].tolist())
        return np.sort(np.array(found, dtype=np.int64))

    def cut(self, n_clusters: int) -> np.ndarray:
        """Cluster of each leaf when the last merges are undone until `n_clusters` remain, shape (n_leaves,)."""
        n_leaves = self.n_leaves
        kept = self.merges[: n_leaves - min(n_clusters, n_leaves)]
        above = np.arange(n_leaves + len(kept))
        above[kept] = above[n_leaves:, None]
        while not np.array_equal(higher := above[above], above):
            above = higher
        return np.unique(above[:n_leaves], return_inverse=True)[1].astype(np.int64)


def grow_tree(vectors: np.ndarray, *, leaf: np.ndarray | None = None, seed: int = 0) -> TextTree:
    """Grow the tree over rows of unit length; the same rows in the same order give the same tree.

    Parameters
    ----------
    vectors
        Texts, shape (n, d).
    leaf
        Small group of each text from `gather`, which are the leaves; found here by default.
    seed
        Seed of what is drawn to find them.

    Notes
    -----
    Ward's criterion [1]_ joins the two nodes whose union adds least to the squared distances from the centres.

    References
    ----------
    .. [1] Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. JASA 58.
    """
    from scipy.cluster.hierarchy import linkage

    vectors = np.asarray(vectors, dtype=np.float32)
    leaf = gather(vectors, seed=seed) if leaf is None else leaf
    n_leaves = int(leaf.max(initial=-1)) + 1
    if n_leaves == len(vectors):
        leaf, centres = np.arange(n_leaves), vectors
    else:
        centres = _means(vectors, leaf, n_leaves, vectors[:n_leaves])
    if len(centres) < 2:
        return TextTree(leaf=leaf, centres=centres, merges=np.empty((0, 2), dtype=np.int64))
    merges = linkage(_condensed_distances(centres), method="ward")[:, :2].astype(np.int64)
    return TextTree(leaf=leaf, centres=centres, merges=merges)


def _condensed_distances(centres: np.ndarray) -> np.ndarray:
    from scipy.spatial.distance import squareform

    lengths = np.einsum("ij,ij->i", centres, centres)
    products = centres @ centres.T
    products *= 2
    squares = np.subtract(lengths[:, None] + lengths[None], products, out=products)
    np.maximum(np.round(squares, DIGITS, out=squares), 0.0, out=squares)
    np.fill_diagonal(squares, 0.0)
    return np.asarray(squareform(np.sqrt(squares, out=squares), checks=False), dtype=np.float64)


def gather(vectors: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Put many texts into small groups, by Lloyd's rounds on a plane of fewer dimensions; few stay alone."""
    if len(vectors) <= MAX_LEAVES:
        return np.arange(len(vectors))
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.permutation(len(vectors))[:FIT_ON])
    sample = vectors[drawn]
    if vectors.shape[1] > DIMENSIONS:
        plane = np.linalg.eigh(sample.T @ sample)[1][:, -DIMENSIONS:].astype(np.float32)
        vectors, sample = project(vectors, plane), sample @ plane
    centres = sample[rng.permutation(len(sample))[:N_GROUPS]]
    for _ in range(ROUNDS):
        centres = _means(sample, nearest_centre(sample, centres), len(centres), centres)
    leaf = nearest_centre(vectors, centres)
    return np.unique(leaf, return_inverse=True)[1].astype(np.int64)


def nearest_centre(vectors: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Index of the nearest centre of each row, int64."""
    lengths = np.einsum("ij,ij->i", centres, centres) / 2 + SAME * np.arange(len(centres), dtype=np.float32)
    nearest = np.empty(len(vectors), dtype=np.int64)

    def find(block: slice) -> None:
        closeness = vectors[block] @ centres.T
        closeness -= lengths
        np.argmax(closeness, axis=1, out=nearest[block])

    in_blocks(find, len(vectors), BLOCK)
    return nearest


def project(vectors: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Coordinates of each row along some axes, float32 of shape (n, n_axes)."""
    places = np.empty((len(vectors), axes.shape[1]), dtype=np.float32)
    in_blocks(lambda block: np.matmul(vectors[block], axes, out=places[block]), len(vectors), BLOCK)
    return places


def _means(vectors: np.ndarray, labels: np.ndarray, n: int, empty: np.ndarray) -> np.ndarray:
    from scipy.sparse import csr_array

    member = csr_array(
        (np.ones(len(labels), dtype=np.float32), (labels, np.arange(len(labels)))), shape=(n, len(labels))
    )
    counts = np.bincount(labels, minlength=n)[:, None]
    return np.where(counts > 0, (member @ vectors) / np.maximum(counts, 1), empty).astype(np.float32)
