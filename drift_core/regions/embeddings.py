"""Embedded texts of two samples: each distinct text once, and which pair has which.

How vectors are made is in `encoding`, how they are kept in `cache`, how a user's own are read in `embeddings_reader`.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.regions.cache import EmbeddingCache, embed
from drift_core.regions.encoding import HASHING_ENCODER, Encoder, Progress, load_encoder
from drift_core.regions.nearest import nearest_of_each
from drift_core.samples.pairs import ScoredPairs

MOST_DOCS = 50_000  # beyond it docs are compared only when their embeddings are given

TELLING = 0.1  # share of the likeness of like docs that docs of like queries have, from which they tell of them (ours)
NEAREST, LOOKED_AT = 5, 1_500  # like texts of each, and texts that are looked at


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueryEmbeddings:
    """Vectors of the distinct texts in held-out and production together.

    Attributes
    ----------
    texts
        Distinct texts, sorted, object array of shape (m,).
    vectors
        float32 of shape (m, d), rows of unit length.
    heldout, production
        int64 positions in `texts`, one per pair of the sample.
    encoder
        Id of the encoder, or what else made the vectors.
    notes
        What did not go as usual, one sentence each.
    """

    texts: np.ndarray
    vectors: np.ndarray
    heldout: np.ndarray
    production: np.ndarray
    encoder: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.texts, self.vectors, self.heldout, self.production):
            array.flags.writeable = False

    def check_samples(self, heldout: ScoredPairs, production: ScoredPairs) -> None:
        """Raise an InputError unless these are embeddings of the two samples."""
        expected, found = (len(heldout), len(production)), (len(self.heldout), len(self.production))
        if expected != found:
            raise InputError(
                f"The embeddings belong to other samples: expected {expected[0]} held-out and {expected[1]} production "
                f"pairs, found {found[0]} and {found[1]}. Embed these two samples."
            )

    def take(self, heldout: np.ndarray, production: np.ndarray) -> "QueryEmbeddings":
        """The embeddings of some pairs of each sample, bool masks, and of no other texts."""
        sides = self.heldout[heldout], self.production[production]
        used, codes = np.unique(np.concatenate(sides), return_inverse=True)
        return replace(
            self,
            texts=self.texts[used],
            vectors=self.vectors[used],
            heldout=codes[: len(sides[0])].astype(np.int64),
            production=codes[len(sides[0]) :].astype(np.int64),
        )

    @property
    def texts_of_both(self) -> tuple[np.ndarray, np.ndarray]:
        """The texts of held-out and of production."""
        return self.texts[self.heldout], self.texts[self.production]

    @property
    def weights(self) -> np.ndarray:
        """Pairs per distinct text in both samples together, float64 of shape (m,)."""
        both = np.concatenate([self.heldout, self.production])
        return np.bincount(both, minlength=len(self.texts)).astype(np.float64)


def embed_queries(
    heldout: ScoredPairs,
    production: ScoredPairs,
    *,
    encoder: Encoder,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
) -> QueryEmbeddings:
    """Embed the queries of both samples, each distinct text once."""
    return embed_texts(heldout.query, production.query, encoder=encoder, cache=cache, progress=progress)


def embed_docs(
    heldout: ScoredPairs,
    production: ScoredPairs,
    *,
    encoder: Encoder,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
) -> QueryEmbeddings:
    """Embed the docs of both samples, each distinct text once."""
    if heldout.doc is None or production.doc is None:
        lacking = heldout.name if heldout.doc is None else production.name
        raise InputError(f"Doc clusters need a doc column in both samples; {lacking} has none.")
    return embed_texts(heldout.doc, production.doc, encoder=encoder, cache=cache, progress=progress)


def hash_docs(heldout: ScoredPairs, production: ScoredPairs) -> QueryEmbeddings | None:
    """Embeddings of the docs by their words; None without docs, and for very many."""
    if heldout.doc is None or production.doc is None or len(heldout) + len(production) > MOST_DOCS:
        return None
    return embed_docs(heldout, production, encoder=load_encoder(HASHING_ENCODER))


def embed_texts(
    heldout: np.ndarray,
    production: np.ndarray,
    *,
    encoder: Encoder,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
) -> QueryEmbeddings:
    """Embed one text per pair of both samples, each distinct text once.

    Parameters
    ----------
    heldout, production
        Texts, arrays of str, one per pair.
    encoder
        What makes the vectors; see `load_encoder`.
    cache
        Where vectors are looked up and kept, or None.
    progress
        Called as ``progress("embedding", done, total)`` with counts of distinct texts.
    """
    codes, texts = pd.factorize(np.concatenate([heldout, production]).astype(object), sort=True)
    return QueryEmbeddings(
        texts=np.asarray(texts, dtype=object),
        vectors=embed(texts, encoder=encoder, cache=cache, progress=progress),
        heldout=codes[: len(heldout)].astype(np.int64),
        production=codes[len(heldout) :].astype(np.int64),
        encoder=encoder.id,
        notes=cache.notes if cache else (),
    )


def with_docs(queries: QueryEmbeddings, docs: QueryEmbeddings) -> QueryEmbeddings:
    """The queries, each at the mean of its own vector and those of its docs, where one encoder made both.

    What a query asks for shows in its docs too, so that like queries lie closer together than by their words alone;
    docs that do not tell it, as answers in set phrases, would hide it, and then the queries stay where they are. Of
    each query as many docs count as are usual in the sample that has fewer, or the number itself would look like news.
    """
    from scipy.sparse import csr_array

    if queries.encoder != docs.encoder or queries.vectors.shape[1] != docs.vectors.shape[1]:
        return queries
    n_docs = len(docs.texts)
    sides = [
        np.unique(q * n_docs + d) for q, d in ((queries.heldout, docs.heldout), (queries.production, docs.production))
    ]
    most = max(1, min(round(len(side) / len(np.unique(side // n_docs))) for side in sides))
    pairs = np.unique(np.concatenate(sides))
    first = np.searchsorted(pairs // n_docs, pairs // n_docs)
    kept = pairs[np.arange(len(pairs)) - first < most]
    has_doc = csr_array(
        (np.ones(len(kept), dtype=np.float32), (kept // n_docs, kept % n_docs)), shape=(len(queries.texts), n_docs)
    )
    of_docs = has_doc @ docs.vectors
    if _told(queries.vectors, _unit(of_docs)) < TELLING:
        return queries
    return replace(queries, vectors=_unit(queries.vectors + of_docs))


def _told(queries: np.ndarray, docs: np.ndarray) -> float:
    """How much more alike than any two the docs of like queries are, as a share of how much more like docs are.

    Both of shape (n_texts, d), rows of unit length; about 0 where docs say nothing of their query.
    """
    drawn = np.random.default_rng(0).permutation(len(queries))[:LOOKED_AT]
    n = len(drawn)
    alike = [side[drawn] @ side[drawn].T for side in (queries, docs)]
    for each in alike:
        np.fill_diagonal(each, -np.inf)
    k = min(NEAREST, n - 1)
    near = [nearest_of_each(each, k) for each in alike]
    of_queries, of_docs = (alike[1][each].mean() for each in near)
    np.fill_diagonal(alike[1], 0.0)
    any_two = alike[1].sum() / (n * (n - 1))
    return float((of_queries - any_two) / max(of_docs - any_two, 1e-9))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
