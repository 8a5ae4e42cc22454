"""Synthetic embeddings have the structure that a text encoder shows."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.simulation.simulate import PLANS, SCENARIOS, Truth, simulate
from tests.calibration.simulated_embeddings import simulate_embeddings


@pytest.fixture(scope="module")
def truth() -> Truth:
    return simulate(replace(SCENARIOS["query-drift"].plan, with_texts=False)).truth


def test_docs_of_one_query_share_its_unit_vector(truth: Truth) -> None:
    vectors = simulate_embeddings(truth, seed=1).production_query

    first = np.unique(truth.production.query, return_index=True)[1]
    np.testing.assert_array_equal(vectors, vectors[first][truth.production.query])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_clusters_find_topics_well_but_not_perfectly(truth: Truth) -> None:
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    vectors = simulate_embeddings(truth, seed=1).production_query
    found = KMeans(6, n_init=5, random_state=0).fit_predict(vectors)

    assert 0.85 < adjusted_rand_score(truth.production.topic, found) < 1


def test_docs_of_the_new_style_lie_elsewhere() -> None:
    truth = simulate(replace(PLANS["document"], with_texts=False)).truth

    docs = simulate_embeddings(truth, seed=1).production_doc

    is_new = truth.production.is_new_style
    direction = docs[is_new].mean(axis=0) - docs[~is_new].mean(axis=0)
    assert np.linalg.norm(direction) > 0.3


def test_a_near_topic_is_placed_beside_a_familiar_one(truth: Truth) -> None:
    def cosine(nearness: float) -> float:
        vectors = simulate_embeddings(truth, seed=1, nearness=nearness).production_query
        old, new = (vectors[truth.production.topic == topic].mean(axis=0) for topic in (0, 4))
        return float(old @ new / np.linalg.norm(old) / np.linalg.norm(new))

    assert cosine(0.9) > cosine(0.1) + 0.4
