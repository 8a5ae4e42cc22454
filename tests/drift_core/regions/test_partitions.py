import numpy as np
import pytest

from drift_core.errors import InputError
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.partitions import MAX_SLICE_VALUES, REST, query_partition, slice_partitions
from drift_core.samples.pairs import ScoredPairs

TOPICS = ("parcel", "laptop", "recipe")


def pairs_of(queries, **slices):
    scores = np.arange(len(queries), dtype=float)
    columns = {name: np.array(values, dtype=object) for name, values in slices.items()}
    return ScoredPairs(
        name="sample", query=np.array(queries, dtype=object), teacher=scores, student=scores, slices=columns
    )


def embed_by_topic(heldout, production):
    """Vectors that part the queries by their first word."""
    texts, codes = np.unique(np.concatenate([heldout.query, production.query]).astype(str), return_inverse=True)
    rng = np.random.default_rng(0)
    vectors = np.eye(3, 24)[[TOPICS.index(text.split()[0]) for text in texts]] + 0.08 * rng.normal(
        size=(len(texts), 24)
    )
    return QueryEmbeddings(
        texts=texts.astype(object),
        vectors=(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32),
        heldout=codes[: len(heldout)],
        production=codes[len(heldout) :],
        encoder="by topic",
    )


def queries(first, last, topics=TOPICS):
    return [f"{topic} question{i}" for i in range(first, last) for topic in topics]


def test_query_clusters_part_topics_alike_in_both_samples():
    heldout, production = pairs_of(queries(0, 40, TOPICS[:2])), pairs_of(queries(20, 60))

    found = query_partition(heldout, production, embeddings=embed_by_topic(heldout, production), n_clusters=3)

    for pairs, labels in ((heldout, found.heldout), (production, found.production)):
        regions = [found.regions[label] for label in labels]
        assert all(query.split()[0] in region for query, region in zip(pairs.query, regions, strict=True))
    assert found.kind == "query"
    assert len(set(found.regions)) == found.n_regions == 3


def test_embeddings_of_other_samples_are_refused():
    heldout, production = pairs_of(queries(0, 40)), pairs_of(queries(0, 50))
    embeddings = embed_by_topic(heldout, production)

    with pytest.raises(InputError, match="expected 150 held-out and 120 production"):
        query_partition(production, heldout, embeddings=embeddings)


def test_each_slice_column_of_both_samples_is_a_partition():
    heldout = pairs_of(["a"] * 4, lang=["de", "en", "de", "en"], only_here=["x"] * 4)
    production = pairs_of(["a"] * 3, lang=["fr", "en", "de"])

    (found,) = slice_partitions(heldout, production)

    assert found.name == "lang"
    assert found.regions == ("de", "en", "fr")
    assert [found.regions[label] for label in found.heldout] == ["de", "en", "de", "en"]
    assert [found.regions[label] for label in found.production] == ["fr", "en", "de"]


def test_a_column_that_one_sample_lacks_is_refused_by_name():
    heldout, production = pairs_of(["a"], lang=["de"]), pairs_of(["a"], lang=["de"], site=["x"])

    with pytest.raises(InputError, match=r"'site' is not in both samples\. Columns in both: lang"):
        slice_partitions(heldout, production, ["site"])


def test_the_smallest_of_very_many_values_are_one_region():
    values = [f"v{i:03}" for i in range(80) for _ in range(80 - i)]
    pairs = pairs_of(["a"] * len(values), shop=values)

    (found,) = slice_partitions(pairs, pairs)

    assert found.n_regions == MAX_SLICE_VALUES + 1
    assert found.regions[-1] == REST
    assert {values[i] for i in np.flatnonzero(found.heldout == MAX_SLICE_VALUES)} == {f"v{i:03}" for i in range(50, 80)}
    assert "the rest is one region" in found.reason
