import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from drift_core.regions.tree import MAX_LEAVES, TextTree, grow_tree, nearest_centre

# Leaves 0 and 3 join to 4, then 1 and 4 to 5, then 2 and 5 to the root 6.
BY_HAND = TextTree(leaf=np.arange(4), centres=np.zeros((4, 2)), merges=np.array([[0, 3], [1, 4], [2, 5]]))


def unit(n: int, seed: int, *, apart: float = 4.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    vectors = apart * rng.standard_normal((6, 16))[np.arange(n) % 6] + rng.standard_normal((n, 16))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def test_sums_add_up_the_leaves_below_each_node() -> None:
    assert BY_HAND.sums(np.array([1, 10, 100, 1000])).tolist() == [1, 10, 100, 1000, 1001, 1011, 1111]


@pytest.mark.parametrize(("node", "leaves"), [(3, [3]), (4, [0, 3]), (5, [0, 1, 3]), (6, [0, 1, 2, 3])])
def test_leaves_below_a_node_are_in_order(node: int, leaves: list[int]) -> None:
    assert BY_HAND.leaves_below(node).tolist() == leaves


@pytest.mark.parametrize(
    ("n_clusters", "same"), [(1, {(0, 1, 2, 3)}), (2, {(0, 1, 3), (2,)}), (3, {(0, 3), (1,), (2,)})]
)
def test_cutting_undoes_the_last_merges(n_clusters: int, same: set[tuple[int, ...]]) -> None:
    labels = BY_HAND.cut(n_clusters)

    assert {tuple(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)} == same


def test_more_clusters_than_leaves_are_as_many_as_leaves() -> None:
    assert sorted(BY_HAND.cut(9).tolist()) == [0, 1, 2, 3]


def test_the_tree_of_few_texts_is_wards_by_scipy() -> None:
    vectors = unit(120, 0, apart=0.5)

    labels = grow_tree(vectors).cut(6)

    reference = fcluster(linkage(vectors, method="ward"), 6, criterion="maxclust")
    assert len(set(zip(labels.tolist(), reference.tolist(), strict=True))) == 6


def test_many_texts_are_gathered_into_leaves_that_keep_topics_apart() -> None:
    n = MAX_LEAVES + 300
    vectors = unit(n, 1)

    tree = grow_tree(vectors, seed=3)

    labels = tree.cut(6)[tree.leaf]
    assert tree.n_leaves < n
    assert len(set(zip(labels.tolist(), (np.arange(n) % 6).tolist(), strict=True))) == 6


def test_the_same_texts_give_the_same_tree() -> None:
    one, two = (grow_tree(unit(MAX_LEAVES + 50, 1), seed=3) for _ in range(2))

    assert (one.merges == two.merges).all()
    assert (one.leaf == two.leaf).all()


def test_a_single_text_is_a_tree_of_one_leaf() -> None:
    tree = grow_tree(unit(1, 0))

    assert (tree.n_leaves, len(tree.merges), tree.cut(3).tolist()) == (1, 0, [0])


def test_the_nearest_centre_is_nearest_by_distance() -> None:
    vectors, centres = unit(2500, 2), unit(20, 3) * np.linspace(0.2, 1.5, 20, dtype=np.float32)[:, None]

    distances = ((vectors[:, None] - centres[None]) ** 2).sum(axis=2)

    assert nearest_centre(vectors, centres).tolist() == distances.argmin(axis=1).tolist()
