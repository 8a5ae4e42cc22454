import numpy as np
import pytest

from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.novelty import find_new_parts
from drift_core.regions.topics import is_clear, topic_partition


def clouds(n_new: int, seed: int = 0) -> QueryEmbeddings:
    """Three familiar topics of 100 held-out and 100 production texts each, and one that production alone has."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(4, 32))
    topic = np.concatenate([np.repeat([0, 1, 2], 200), np.full(n_new, 3)])
    vectors = centres[topic] + 0.5 * rng.normal(size=(len(topic), 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    place = np.arange(len(topic))
    is_heldout = (place % 2 == 0) & (topic < 3)
    texts = np.array([f"word{t} text {i}" for i, t in zip(place, topic, strict=True)], dtype=object)
    return QueryEmbeddings(
        texts=texts,
        vectors=vectors.astype(np.float32),
        heldout=place[is_heldout],
        production=place[~is_heldout],
        encoder="clouds",
    )


def between_two_halves(seed: int) -> tuple[QueryEmbeddings, np.ndarray]:
    """A new topic of two groups with a small familiar group between them, and the group of each text.

    Groups 0 and 1 are familiar, 2 and 3 new; of group 4 held-out has its share.
    """
    rng = np.random.default_rng(seed)
    centres = list(rng.normal(size=(3, 32)))
    step = rng.normal(size=32)
    step *= 2.4 / np.linalg.norm(step)
    centres += [centres[2] + 2 * step, centres[2] + step]
    n_heldout, n_production = np.array([(100, 100), (100, 100), (0, 60), (0, 60), (11, 25)]).T
    group = np.concatenate([np.repeat(np.arange(5), n_heldout), np.repeat(np.arange(5), n_production)])
    vectors = np.array(centres)[group] + 0.5 * rng.normal(size=(len(group), 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    place = np.arange(len(group))
    is_heldout = place < n_heldout.sum()
    embeddings = QueryEmbeddings(
        texts=np.array([f"group{g} text {i}" for i, g in zip(place, group, strict=True)], dtype=object),
        vectors=vectors.astype(np.float32),
        heldout=place[is_heldout],
        production=place[~is_heldout],
        encoder="clouds",
    )
    return embeddings, group


@pytest.mark.parametrize("seed", range(6))
def test_a_familiar_group_beside_a_new_topic_is_no_piece_of_it(seed) -> None:
    embeddings, group = between_two_halves(seed)

    is_new = find_new_parts(embeddings).part >= 0

    assert is_new[np.isin(group, (2, 3))].mean() > 0.95
    assert is_new[group == 4].mean() < 0.5


def test_a_topic_of_a_twentieth_of_production_is_one_part_neither_split_nor_swallowed() -> None:
    embeddings = clouds(n_new=16)

    parts = find_new_parts(embeddings)
    clear = np.flatnonzero(is_clear(parts))

    assert len(clear) == 1
    assert np.flatnonzero(parts.part == clear[0]).tolist() == list(range(600, 616))


def test_nothing_clear_is_new_when_both_samples_ask_alike() -> None:
    assert not is_clear(find_new_parts(clouds(n_new=0))).any()


def test_the_partition_gives_every_pair_a_region_and_new_parts_their_own() -> None:
    embeddings = clouds(n_new=40)
    parts = find_new_parts(embeddings)

    partition = topic_partition(embeddings, parts, kind="query", keep=is_clear(parts))

    new = np.bincount(partition.heldout, minlength=partition.n_regions) == 0
    assert new.sum() == 1
    assert np.bincount(partition.production)[new].tolist() == [40]
