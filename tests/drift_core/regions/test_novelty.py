import numpy as np

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
