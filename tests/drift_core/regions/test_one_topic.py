import numpy as np

from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.one_topic import join_regions, regions_of_one_topic
from drift_core.regions.partitions import Partition

N = 40  # texts of each region
WORDS = ("loan rate", "parcel courier", "gift card", "gift voucher")


def world(apart: float, seed: int = 0) -> tuple[QueryEmbeddings, Partition]:
    """Four regions, the last two of one topic: their centres are `apart` beside the length of the topic's own."""
    rng = np.random.default_rng(seed)
    topics = rng.normal(size=(3, 30)) / np.sqrt(30)
    centres = np.stack([topics[0], topics[1], *(topics[2] + apart * rng.normal(size=(2, 30)) / np.sqrt(30))])
    region = np.repeat(np.arange(4), N)
    vectors = centres[region] + 0.5 * rng.normal(size=(len(region), 30)) / np.sqrt(30)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = np.array([f"{WORDS[each]} {place}" for place, each in enumerate(region)], dtype=object)
    known = np.flatnonzero(region < 2)
    embeddings = QueryEmbeddings(
        texts=texts,
        vectors=vectors.astype(np.float32),
        heldout=known,
        production=np.arange(len(texts)),
        encoder="given",
    )
    partition = Partition(
        name="query clusters",
        kind="query",
        regions=WORDS,
        terms=tuple((each,) for each in WORDS),
        heldout=region[known],
        production=region,
        reason="By hand.",
        chances=(None, None, 0.01, 0.2),
    )
    return embeddings, partition


def test_regions_of_one_topic_are_grouped_and_others_are_not() -> None:
    embeddings, partition = world(0.4)

    assert regions_of_one_topic(partition, embeddings, (2, 3)) == ((2, 3),)
    assert regions_of_one_topic(partition, embeddings, (0, 1, 2, 3)) == ((2, 3),)
    assert regions_of_one_topic(partition, embeddings, (0, 1)) == ()
    assert regions_of_one_topic(partition, embeddings, (3,)) == ()


def test_regions_as_far_apart_as_topics_stay_apart() -> None:
    assert regions_of_one_topic(world(4.0)[1], world(4.0)[0], (2, 3)) == ()


def test_joined_regions_are_one_row_with_one_name_and_the_smaller_chance() -> None:
    embeddings, partition = world(0.4)

    joined = join_regions(partition, embeddings, [(2, 3)])

    assert (joined.n_regions, joined.chances) == (3, (None, None, 0.01))
    assert "gift" in joined.regions[2]
    assert np.bincount(joined.production).tolist() == [N, N, 2 * N]
    assert joined.heldout.tolist() == partition.heldout.tolist()
    assert joined.reason.endswith("Of these, 1 is joined of several.")
