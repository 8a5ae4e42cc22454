import numpy as np

from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.report.examples import typical_queries

EMBEDDINGS = QueryEmbeddings(
    texts=np.array(["apple", "apple pie", "car"], dtype=object),
    vectors=np.array([[1, 0], [0.5, 0.866], [0, 1]], dtype=np.float32),
    heldout=np.array([2]),
    production=np.array([0, 0, 0, 1, 2]),
    encoder="by hand",
)


def test_the_texts_nearest_the_middle_come_first_each_once():
    assert typical_queries(EMBEDDINGS, np.ones(5, dtype=bool)) == ("apple", "apple pie", "car")
    assert typical_queries(EMBEDDINGS, np.ones(5, dtype=bool), n=1) == ("apple",)


def test_nothing_chosen_has_no_example():
    assert typical_queries(EMBEDDINGS, np.zeros(5, dtype=bool)) == ()
