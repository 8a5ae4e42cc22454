from math import log

import numpy as np
import pytest

from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.novelty import CLEAR_GAIN, NewParts
from drift_core.regions.topics import PIECE_TEXTS, is_clear, topic_partition


def texts_of(words: list[str]) -> QueryEmbeddings:
    """Each text once in production; the first half of them in held-out as well, in reverse."""
    n = len(words)
    return QueryEmbeddings(
        texts=np.array([f"{word} number{i}" for i, word in enumerate(words)], dtype=object),
        vectors=np.zeros((n, 2), dtype=np.float32),
        heldout=np.arange(n // 2)[::-1].copy(),
        production=np.arange(n),
        encoder="by hand",
    )


def parts_of(part: list[int], cluster: list[int], piece: list[int] | None = None) -> NewParts:
    return NewParts(
        part=np.array(part),
        piece=np.zeros(len(part), dtype=np.int64) if piece is None else np.array(piece),
        gains=(50.0,) * (max(part) + 1),
        cluster=np.array(cluster),
        n_clusters=max(cluster) + 1,
        fine=np.arange(len(part)) % 3,
        reason="Two clusters.",
    )


EMBEDDINGS = texts_of(["apple"] * 4 + ["bread"] * 4 + ["crane"] * 2 + ["delta"] * 2)
PARTS = parts_of(part=[-1] * 8 + [0, 0, 1, 1], cluster=[0] * 4 + [1] * 4 + [0, 1, 0, 1])


def groups(labels: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def test_new_parts_are_cut_out_of_the_clusters_and_the_rest_stays() -> None:
    partition = topic_partition(EMBEDDINGS, PARTS, kind="query")

    assert groups(partition.production) == {(0, 1, 2, 3), (4, 5, 6, 7), (8, 9), (10, 11)}
    assert partition.heldout.tolist() == partition.production[EMBEDDINGS.heldout].tolist()
    assert partition.reason == "Two clusters. 2 new parts are cut out as regions of their own."


def test_a_part_that_is_not_kept_stays_in_its_clusters() -> None:
    partition = topic_partition(EMBEDDINGS, PARTS, kind="query", keep=np.array([False, True]))

    assert groups(partition.production) == {(0, 1, 2, 3, 8), (4, 5, 6, 7, 9), (10, 11)}
    assert partition.reason == "Two clusters. 1 new part is cut out as regions of their own."


def test_nothing_kept_leaves_the_clusters_alone() -> None:
    partition = topic_partition(EMBEDDINGS, PARTS, kind="doc", keep=np.zeros(2, dtype=bool))

    assert groups(partition.production) == {(0, 1, 2, 3, 8, 10), (4, 5, 6, 7, 9, 11)}
    assert (partition.name, partition.kind, partition.reason) == ("doc clusters", "doc", "Two clusters.")


def test_regions_are_named_by_the_words_of_their_texts() -> None:
    partition = topic_partition(EMBEDDINGS, PARTS, kind="query")

    names = [partition.regions[partition.production[place]] for place in (0, 4, 8, 10)]
    assert [name.split(",")[0] for name in names] == ["apple", "bread", "crane", "delta"]


def test_unnamed_regions_end_with_one_a_part_in_order() -> None:
    partition = topic_partition(EMBEDDINGS, PARTS, kind="query", named=False)

    assert partition.production[8:].tolist() == [2, 2, 3, 3]
    assert partition.n_regions == 4


def test_fine_groups_follow_the_pairs() -> None:
    partition = topic_partition(EMBEDDINGS, PARTS, kind="query")

    assert partition.fine_production is not None
    assert partition.fine_heldout is not None
    assert partition.fine_production.tolist() == (np.arange(12) % 3).tolist()
    assert partition.fine_heldout.tolist() == (np.arange(6)[::-1] % 3).tolist()


@pytest.mark.parametrize(("n_second", "n_regions"), [(PIECE_TEXTS - 1, 2), (PIECE_TEXTS, 3)])
def test_a_part_of_two_kinds_is_two_regions_where_both_are_large_enough(n_second: int, n_regions: int) -> None:
    words = ["apple"] * 20 + ["bread"] * 60 + ["crane"] * n_second
    n_new = 60 + n_second
    parts = parts_of(part=[-1] * 20 + [0] * n_new, cluster=[0] * len(words), piece=[0] * 80 + [1] * n_second)

    named = topic_partition(texts_of(words), parts, kind="query")
    whole = topic_partition(texts_of(words), parts, kind="query", named=False)

    assert named.n_regions == n_regions
    assert whole.n_regions == 2


def test_a_piece_below_a_fifth_of_its_part_joins_the_largest() -> None:
    words = ["apple"] * 20 + ["bread"] * 161 + ["crane"] * 40
    parts = parts_of(part=[-1] * 20 + [0] * 201, cluster=[0] * 221, piece=[0] * 181 + [1] * 40)

    assert topic_partition(texts_of(words), parts, kind="query").n_regions == 2


def test_a_part_is_clear_when_its_gain_beats_the_number_of_texts_that_were_searched() -> None:
    limit = log(12) + CLEAR_GAIN
    gains = (limit - 1e-9, limit + 1e-9, 50.0)
    parts = NewParts(
        part=np.array([-1] * 9 + [0, 1, 2]),
        piece=np.zeros(12, dtype=np.int64),
        gains=gains,
        cluster=np.zeros(12, dtype=np.int64),
        n_clusters=1,
        fine=np.zeros(12, dtype=np.int64),
        reason="One cluster.",
    )

    assert is_clear(parts).tolist() == [False, True, True]


def test_no_parts_are_none_that_are_clear() -> None:
    assert is_clear(parts_of(part=[-1] * 4, cluster=[0] * 4)).shape == (0,)
