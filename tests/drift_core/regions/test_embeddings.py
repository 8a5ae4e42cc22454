from dataclasses import replace

import numpy as np
import pytest

from drift_core.errors import InputError
from drift_core.regions.embeddings import QueryEmbeddings, embed_docs, embed_queries, with_docs
from drift_core.regions.encoding import HashingEncoder
from drift_core.samples.pairs import ScoredPairs

ENCODER = HashingEncoder(dimension=32)


def sample(*queries: str) -> ScoredPairs:
    scores = np.arange(len(queries)) / len(queries)
    return ScoredPairs(name="s", query=np.array(queries, dtype=object), teacher=scores, student=scores.copy())


def test_both_samples_share_one_sorted_list_of_texts() -> None:
    embeddings = embed_queries(sample("tax", "parcel", "tax"), sample("chess", "parcel"), encoder=ENCODER)

    assert embeddings.texts.tolist() == ["chess", "parcel", "tax"]
    assert embeddings.heldout.tolist() == [2, 1, 2]
    assert embeddings.production.tolist() == [0, 1]
    assert embeddings.weights.tolist() == [1, 2, 2]
    np.testing.assert_array_equal(embeddings.vectors, ENCODER.encode(["chess", "parcel", "tax"]))


def test_arrays_cannot_be_changed() -> None:
    embeddings = embed_queries(sample("tax", "parcel"), sample("chess"), encoder=ENCODER)

    with pytest.raises(ValueError, match="read-only"):
        embeddings.vectors[0, 0] = 1.0


def test_docs_need_a_doc_column() -> None:
    with pytest.raises(InputError, match="doc column"):
        embed_docs(sample("tax"), sample("chess"), encoder=ENCODER)


def test_embeddings_of_other_samples_are_refused() -> None:
    heldout, production = sample("tax", "parcel"), sample("chess")
    embeddings = embed_queries(heldout, production, encoder=ENCODER)

    with pytest.raises(InputError, match="expected 1 held-out and 2 production"):
        embeddings.check_samples(production, heldout)


def vectors(heldout: list[int], production: list[int], *rows: list[float], encoder: str = "one") -> QueryEmbeddings:
    return QueryEmbeddings(
        texts=np.array([f"text {i}" for i in range(len(rows))], dtype=object),
        vectors=np.array(rows, dtype=np.float32),
        heldout=np.array(heldout),
        production=np.array(production),
        encoder=encoder,
    )


def by_topic(told: bool) -> tuple[QueryEmbeddings, QueryEmbeddings]:
    """Thirty queries of three topics, one doc each on both sides: about the topic, or one of four set phrases."""
    rng = np.random.default_rng(1)
    topic, numbers = np.arange(30) % 3, np.arange(30)
    near = [
        rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in np.eye(8)[topic] + rng.normal(0, 0.1, (2, 30, 8))
    ]
    docs, of = (near[1], numbers) if told else (np.eye(8)[4:], numbers % 4)
    queries = vectors(numbers.tolist(), numbers.tolist(), *near[0].tolist())
    return queries, vectors(of.tolist(), of.tolist(), *docs.tolist())


def test_a_query_is_seen_at_the_mean_of_its_own_place_and_its_docs() -> None:
    queries, docs = by_topic(told=True)

    seen = with_docs(queries, docs)
    expected = queries.vectors + docs.vectors

    np.testing.assert_allclose(seen.vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6)
    assert seen.texts.tolist() == queries.texts.tolist()


def test_docs_in_set_phrases_do_not_hide_what_is_asked() -> None:
    queries, docs = by_topic(told=False)

    assert with_docs(queries, docs) is queries


def test_of_a_query_as_many_docs_count_as_the_other_sample_has() -> None:
    queries, docs = by_topic(told=True)
    more = np.append(docs.heldout, (docs.heldout + 3) % 30)
    twice = replace(queries, heldout=np.append(queries.heldout, queries.heldout)), replace(docs, heldout=more)

    seen = with_docs(*twice)  # production has one doc a query, so the first of each query counts
    first = docs.vectors[np.minimum(more[:30], more[30:])]
    expected = queries.vectors + first

    np.testing.assert_allclose(seen.vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6)


def test_docs_by_another_encoder_leave_the_queries_where_they_are() -> None:
    queries = vectors([0], [1], [1, 0], [0, 1])

    assert with_docs(queries, vectors([0], [1], [0, 1], [1, 0], encoder="two")) is queries


def test_the_order_of_the_pairs_leaves_no_trace_in_where_queries_lie() -> None:
    rng = np.random.default_rng(0)
    queries, docs = by_topic(told=True)
    asked = rng.integers(30, size=40)
    pairs = asked, (asked + 3 * rng.integers(2, size=40)) % 30
    order = rng.permutation(20)
    places = [
        replace(each, heldout=side[:20], production=side[20:])
        for each, side in zip((queries, docs), pairs, strict=True)
    ]
    turned = [replace(each, heldout=each.heldout[order]) for each in places]

    assert with_docs(*places) is not places[0]
    np.testing.assert_array_equal(with_docs(*places).vectors, with_docs(*turned).vectors)
