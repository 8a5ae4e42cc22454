import os
import platform
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from drift_core.regions.clustering import cluster

DIMENSIONS = 48


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def draw_topics(sizes, *, seed=0, noise=1.0):
    """Unit vectors around a centre per topic, and the topic of each."""
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(len(sizes), DIMENSIONS)))
    topic = np.repeat(np.arange(len(sizes)), sizes)
    return unit(centres[topic] + noise * unit(rng.normal(size=(len(topic), DIMENSIONS)))), topic


def match(labels, topic, wanted):
    """F1 of the cluster that fits a topic best."""
    is_wanted = topic == wanted
    found = [labels == k for k in range(labels.max() + 1)]
    return max(2 * (is_wanted & each).sum() / (is_wanted.sum() + each.sum()) for each in found)


@pytest.mark.parametrize("n_topics", [3, 5, 6])
def test_as_many_clusters_as_topics_are_found(n_topics):
    vectors, topic = draw_topics([120] * n_topics, seed=n_topics)

    found = cluster(vectors, weights=np.ones(len(vectors)))

    assert found.n_clusters == n_topics
    assert adjusted_rand_score(topic, found.labels) > 0.95
    assert found.reason.startswith(f"{n_topics} clusters: the fewest")
    assert found.n_clusters in dict(found.scores)


def test_a_topic_of_a_tenth_of_the_texts_is_a_cluster_of_its_own():
    vectors, topic = draw_topics([300, 250, 200, 83])

    assert match(cluster(vectors, weights=np.ones(len(vectors))).labels, topic, 3) > 0.9


@pytest.mark.parametrize("sizes", [[150, 120, 90], [1500, 1200, 900]])
def test_the_order_of_rows_changes_nothing(sizes):
    vectors, _ = draw_topics(sizes)
    weights = np.arange(len(vectors), dtype=float)
    order = np.random.default_rng(1).permutation(len(vectors))

    one, two = cluster(vectors, weights=weights), cluster(vectors[order], weights=weights[order])

    np.testing.assert_array_equal(one.labels[order], two.labels)
    np.testing.assert_array_equal(one.centroids, two.centroids)
    assert one.reason == two.reason


def test_rows_that_agree_in_their_first_numbers_have_an_order_too():
    vectors, _ = draw_topics([60, 50, 40])
    vectors = np.hstack([np.zeros((len(vectors), 16), dtype=np.float32), vectors])
    order = np.random.default_rng(1).permutation(len(vectors))
    weights = np.ones(len(vectors))

    one, two = cluster(vectors, weights=weights), cluster(vectors[order], weights=weights)

    np.testing.assert_array_equal(one.labels[order], two.labels)


def test_the_heaviest_cluster_comes_first():
    vectors, topic = draw_topics([200, 100, 50])
    weights = np.where(topic == 2, 100.0, 1.0)

    found = cluster(vectors, weights=weights)

    totals = np.bincount(found.labels, weights=weights)
    assert list(totals) == sorted(totals, reverse=True)
    assert set(found.labels[topic == 2]) == {0}


def test_each_text_is_in_the_cluster_of_its_nearest_centroid():
    vectors, _ = draw_topics([120, 110, 100])

    found = cluster(vectors, weights=np.ones(len(vectors)))

    np.testing.assert_allclose(np.linalg.norm(found.centroids, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal((vectors @ found.centroids.T).argmax(axis=1), found.labels)


def test_texts_without_groups_are_one_cluster():
    vectors = unit(np.random.default_rng(0).normal(size=(400, DIMENSIONS)))

    found = cluster(vectors, weights=np.ones(400))

    assert found.n_clusters == 1
    assert "no groups" in found.reason


@pytest.mark.parametrize("n", [1, 2, 19])
def test_few_texts_are_one_cluster(n):
    found = cluster(draw_topics([n])[0], weights=np.ones(n))

    assert found.n_clusters == 1
    assert "too few" in found.reason
    assert found.labels.tolist() == [0] * n


def test_the_number_asked_for_is_made():
    vectors, _ = draw_topics([120, 110, 100])

    found = cluster(vectors, weights=np.ones(len(vectors)), n_clusters=7)

    assert found.n_clusters == len(np.unique(found.labels)) == 7
    assert found.reason == "7 clusters, as chosen."


def test_more_clusters_than_different_texts_are_said_to_be_impossible():
    vectors = np.repeat(draw_topics([3])[0], 10, axis=0)

    found = cluster(vectors, weights=np.ones(30), n_clusters=8)

    assert found.n_clusters == 3
    assert "8 were asked for" in found.reason


WORDS_AND_CLUSTERS = """
import numpy as np
from drift_core.regions.clustering import cluster
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
WORDS = ["cat", "dog", "rabbit", "vet", "food", "leash", "loan", "rate", "bank", "card", "fee", "credit"]
rng = np.random.default_rng(3)
texts = np.unique([" ".join(words) for words in rng.choice(WORDS, (900, 5))])
vectors = load_encoder(HASHING_ENCODER).encode(texts.tolist())
print(cluster(vectors, weights=np.ones(len(texts))).labels.tolist())
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the two ways to add up are of this processor's library")
def test_texts_that_are_equally_near_are_cut_alike_however_a_processor_adds_up():
    ways = ("Haswell", "Nehalem")

    cuts = {
        subprocess.run(
            [sys.executable, "-c", WORDS_AND_CLUSTERS],
            env={**os.environ, "OPENBLAS_CORETYPE": way},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for way in ways
    }

    assert len(cuts) == 1
