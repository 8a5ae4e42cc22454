import numpy as np
import pytest

from drift_core.errors import InputError
from drift_core.regions.embeddings import embed_docs, embed_queries
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
