from dataclasses import replace

import numpy as np
import pytest

from drift_core.canary.registry import NOTHING_KNOWN, place_texts, registry_of
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.partitions import Partition
from drift_core.regions.region_rule import decoded, encoded
from tests.drift_core.canary.runs_by_hand import region, week

TOPICS = ("ash", "birch", "cedar", "elm")
AXES = np.eye(len(TOPICS), 16, dtype=np.float32)


def drawn(heldout, production, *, seed=0, encoder="e"):
    """Texts of some topics by their number, as their own word and a number, near the axis of the topic."""
    rng = np.random.default_rng(seed)
    topics = np.array([*heldout, *production])
    vectors = AXES[topics] + 0.1 * rng.normal(size=(len(topics), 16)).astype(np.float32)
    return QueryEmbeddings(
        texts=np.array([f"{TOPICS[topic]} {seed}{place}" for place, topic in enumerate(topics)], dtype=object),
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        heldout=np.arange(len(heldout)),
        production=np.arange(len(heldout), len(topics)),
        encoder=encoder,
    )


def clusters_of(heldout, production):
    """The week's clusters are its topics, named as of that week alone."""
    present = sorted({*heldout, *production})
    place = {topic: number for number, topic in enumerate(present)}
    return Partition(
        name="query clusters",
        kind="query",
        regions=tuple(TOPICS[topic] for topic in present),
        terms=tuple((TOPICS[topic],) for topic in present),
        heldout=np.array([place[topic] for topic in heldout], dtype=np.int64),
        production=np.array([place[topic] for topic in production], dtype=np.int64),
        reason="",
    )


def recorded(number, embeddings, placed, **changes):
    """The run that a history keeps of placed texts."""
    figures = []
    for label, name in enumerate(placed.names):
        vectors = embeddings.vectors[placed.labels == label]
        if len(vectors):
            centre = vectors.sum(axis=0)
            kept = {"centroid": encoded(centre), "n_texts": len(vectors), "closeness": 0.93, "closeness_sd": 0.05}
            figures.append(region(name, partition="query clusters", **kept))
    values = {"regions": tuple(figures), "region_space": placed.space, "encoder": embeddings.encoder} | changes
    return week(number, **values)


HELDOUT, FIRST = [0] * 20 + [1] * 20, [0] * 10 + [1] * 10


@pytest.fixture
def first():
    """A first week of two regions."""
    embeddings = drawn(HELDOUT, FIRST)
    placed = place_texts(NOTHING_KNOWN, embeddings, clusters_of(HELDOUT, FIRST), new=[])
    return recorded(0, embeddings, placed)


def placed_later(runs, production, *, new=(), seed=1, active=None, **changes):
    embeddings = drawn(HELDOUT, production, seed=seed, **changes)
    known = registry_of(runs, embeddings, active=active)
    clusters = clusters_of(HELDOUT, production)
    index = [clusters.regions.index(TOPICS[topic]) for topic in new]
    return embeddings, place_texts(known, embeddings, clusters, new=index)


def named(placed, embeddings):
    """The names of production's regions, in order."""
    return [placed.names[label] if label >= 0 else None for label in placed.labels[embeddings.production]]


def test_a_centroid_is_kept_within_a_hundredth():
    centre = np.random.default_rng(1).normal(size=384)
    centre /= np.linalg.norm(centre)

    assert decoded(encoded(centre)) @ centre > 0.9999


def test_the_first_weeks_clusters_are_the_first_regions(first):
    assert [each.name for each in first.regions] == ["ash", "birch"]
    assert first.region_space == "e"


def test_a_later_weeks_texts_lie_in_the_regions_of_the_first(first):
    embeddings, placed = placed_later([first], [1] * 8 + [0] * 8)

    assert named(placed, embeddings) == ["birch"] * 8 + ["ash"] * 8
    assert placed.names == ("ash", "birch")


def test_texts_beyond_every_region_that_are_like_each_other_are_a_region_of_their_own(first):
    embeddings, placed = placed_later([first], [0] * 10 + [2] * 3)

    assert placed.names[:2] == ("ash", "birch")
    assert "cedar" in placed.names[2]
    assert named(placed, embeddings)[10:] == [placed.names[2]] * 3


def test_two_texts_beyond_every_region_are_in_none(first):
    embeddings, placed = placed_later([first], [0] * 10 + [2] * 2)

    assert placed.names == ("ash", "birch")
    assert named(placed, embeddings)[10:] == [None, None]


def test_two_topics_that_the_week_has_in_one_new_cluster_are_two_regions(first):
    embeddings = drawn(HELDOUT, [0] * 10 + [2] * 6 + [3] * 6, seed=1)
    clusters = clusters_of(HELDOUT, [0] * 10 + [2] * 12)

    placed = place_texts(registry_of([first], embeddings), embeddings, clusters, new=[2])

    assert len(placed.names) == 4
    assert len(set(named(placed, embeddings)[10:16])) == len(set(named(placed, embeddings)[16:])) == 1


def test_a_region_that_was_away_comes_back_by_its_name(first):
    born = recorded(1, *placed_later([first], [0] * 10 + [2] * 6, new=[2]))
    away = recorded(2, *placed_later([first, born], [0] * 10, seed=2))

    embeddings, placed = placed_later([first, born, away], [0] * 10 + [2] * 6, new=[2], seed=3)

    assert named(placed, embeddings)[10:] == [born.regions[-1].name] * 6
    assert placed.names == ("ash", "birch", born.regions[-1].name)


def test_a_new_region_never_gets_the_name_of_another(first):
    taken = week(1, regions=(region("cedar, 2", partition="query clusters"), region("cedar", partition="surface")))
    embeddings = drawn(HELDOUT, [0] * 10 + [2] * 6, seed=1)
    plain = np.array([str(text).split()[0] for text in embeddings.texts], dtype=object)
    embeddings = QueryEmbeddings(
        texts=plain,
        vectors=embeddings.vectors,
        heldout=embeddings.heldout,
        production=embeddings.production,
        encoder="e",
    )

    placed = place_texts(
        registry_of([first, taken], embeddings), embeddings, clusters_of(HELDOUT, [0] * 10 + [2] * 6), new=[2]
    )

    assert placed.names[2] == "cedar, 3"


def test_another_encoder_is_another_space_and_its_regions_get_other_names(first):
    embeddings = drawn(HELDOUT, FIRST, seed=1, encoder="f")
    turned = QueryEmbeddings(
        texts=embeddings.texts,
        vectors=np.roll(embeddings.vectors, 8, axis=1),
        heldout=embeddings.heldout,
        production=embeddings.production,
        encoder="f",
    )

    placed = place_texts(registry_of([first], turned), turned, clusters_of(HELDOUT, FIRST), new=[])

    assert placed.names == ("ash, 2", "birch, 2")
    assert placed.space == "f"


def test_the_regions_of_an_encoder_go_on_when_another_library_runs_its_weights(first):
    before = replace(first, encoder="m@0123456789ab:float32", region_space="m@0123456789ab:float32")
    embeddings = drawn(HELDOUT, FIRST, seed=1, encoder="m@0123456789ab:onnx")
    far = replace(embeddings, vectors=np.roll(embeddings.vectors, 8, axis=1))

    assert registry_of([before], far).names == ("ash", "birch")
    assert registry_of([before], replace(far, encoder="m@ba9876543210:onnx")).names == ()


def test_another_file_of_the_same_vectors_is_the_same_space(first):
    embeddings, placed = placed_later([first], FIRST, encoder="week-2.npy@12ab")

    assert named(placed, embeddings) == ["ash"] * 10 + ["birch"] * 10
    assert placed.space == "e"


def test_a_withdrawn_run_moves_no_centroid_but_its_regions_keep_their_names(first):
    wrong = recorded(1, *placed_later([first], [0] * 10 + [2] * 6, new=[2]))
    moved = region(
        "ash", partition="query clusters", centroid=encoded(AXES[3]), n_texts=900, closeness=0.9, closeness_sd=0.05
    )
    wrong = week(1, regions=(moved, *wrong.regions[2:]), region_space="e", encoder="e")

    embeddings, placed = placed_later([first, wrong], [0] * 10 + [2] * 6, new=[2], seed=3, active=[first.key])

    assert named(placed, embeddings) == ["ash"] * 10 + [wrong.regions[1].name] * 6
