from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from drift_core.errors import InputError
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.picking import Pick, find_picked, nearest_pair, nearest_pairs, read_outline, read_place
from drift_core.regions.projection import MapLayout
from drift_core.samples.pairs import ScoredPairs

LAYOUT = MapLayout(
    heldout=np.array([[0, 0], [10, 10]], dtype=np.float32),
    production=np.array([[0, 10], [5, 5], [10, 0]], dtype=np.float32),
    method="umap",
    n_fitted=5,
    n_placed=0,
    reason="",
    seed=0,
)


def sample(queries, docs=None):
    n = len(queries)
    return ScoredPairs(
        name="s",
        query=np.array(queries, dtype=object),
        doc=None if docs is None else np.array(docs, dtype=object),
        teacher=np.arange(n, dtype=float),
        student=np.arange(n, dtype=float),
    )


HELDOUT, PRODUCTION = sample(["a", "b"]), sample(["My cat", "my dog", "tax"], ["vet bills", "VET visits", "forms"])


def test_a_lasso_picks_the_pairs_of_both_samples_that_lie_inside():
    picked = find_picked(Pick(outline=((-1, -1), (6, -1), (6, 6), (-1, 6))), LAYOUT, HELDOUT, PRODUCTION)
    assert picked.heldout.tolist() == [True, False]
    assert picked.production.tolist() == [False, True, False]


def test_outline_words_and_days_hold_together():
    times = np.array(["2026-03-01", "2026-03-02", "2026-03-03"], dtype="datetime64[us]")
    production = replace(PRODUCTION, timestamp=times)
    left = ((-1.0, -1.0), (6.0, -1.0), (6.0, 11.0), (-1.0, 11.0))

    def found(pick):
        return find_picked(pick, LAYOUT, HELDOUT, production).production.tolist()

    assert found(Pick(outline=left)) == [True, True, False]
    assert found(Pick(outline=left, words="dog")) == [False, True, False]
    assert found(Pick(days=(date(2026, 3, 2), date(2026, 3, 3)))) == [False, True, True]
    assert found(Pick(outline=left, days=(date(2026, 3, 2), date(2026, 3, 9)))) == [False, True, False]
    assert found(Pick(rows=(2, 0))) == [True, False, True]


NO_OUTLINES = [
    *(None, "abc", [[0, 0]], [[0, 0], [1, 1], [2]], [[0, 0]] * 501),
    *([[0, 0], [1, 1], last] for last in ([0, float("nan")], [True, 0], [10**400, 0])),
]


@pytest.mark.parametrize("corners", NO_OUTLINES)
def test_an_outline_that_is_none_is_refused(corners):
    with pytest.raises(InputError, match="3 to 500 corners"):
        read_outline(corners)


def test_an_outline_is_read_as_numbers():
    assert read_outline([[0, 0], [1, 2.5], [3, 3]]) == ((0.0, 0.0), (1.0, 2.5), (3.0, 3.0))
    for place in ([1, "2"], [1e308, 0], [float("inf"), 0]):
        with pytest.raises(InputError, match="Click again"):
            read_place(place)


def test_the_nearest_pairs_have_the_queries_most_alike():
    vectors = np.array([[1, 0], [0.96, 0.28], [0, 1]], dtype=np.float32)
    embeddings = QueryEmbeddings(
        texts=np.array(["a", "b", "c"], dtype=object),
        vectors=vectors,
        heldout=np.array([0]),
        production=np.array([2, 1, 0, 0]),
        encoder="test",
    )
    assert nearest_pairs(embeddings, 2, n=2).tolist() == [3, 1]


def test_words_are_found_in_query_and_doc_in_either_case():
    picked = find_picked(Pick(words="vet MY"), LAYOUT, HELDOUT, PRODUCTION)
    assert picked.production.tolist() == [True, True, False]
    assert not picked.heldout.any()


def test_a_click_finds_the_nearest_pair():
    assert nearest_pair(LAYOUT, 9.0, 1.0) == 2
