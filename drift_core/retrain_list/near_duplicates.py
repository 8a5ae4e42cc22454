"""Near-duplicates: pairs whose query and doc embeddings are nearly the same as another pair's.

Which of them stands for the others is said by the order given; what is left out is decided in `sampling_frame`.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.errors import EncoderError
from drift_core.regions.cache import EmbeddingCache, embed
from drift_core.regions.embeddings import MOST_DOCS, QueryEmbeddings, embed_docs
from drift_core.regions.encoding import HASHING_ENCODER, Encoder, Progress, encoder_name, load_encoder
from drift_core.retrain_list.diagnosed_pairs import DiagnosedPairs
from drift_core.samples.pairs import ScoredPairs

# Query and doc must both be this near. In examples with all-MiniLM-L6-v2, queries that differ in case, punctuation or a
# filler word were at 0.988 to 0.993, with another name or number at 0.80 to 0.95; docs of two sentences with another
# month were at 0.993, so that it is the query that tells such pairs apart (ours).
NEAR_COSINE = 0.98
# Cosine of hashed words under which docs are not looked at closely. In three real cases and a simulated one the least
# of near docs was 0.67 in sentences of 6 words, and 0.80 where both had more than FEW_WORDS (ours).
WORDS_IN_COMMON, OF_FEW = 0.7, 0.5
FEW_WORDS = 12
# Scripts that put no spaces between words, of which each letter counts as one: Thai to Khmer, kana, Han.
_NO_SPACES = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")
N_AXES = 32  # of each text; more make the first look sharper and slower
PAIRS_A_BLOCK, OTHERS_A_BLOCK = 512, 16_384
ROUNDING = 1e-3  # of squared distances in float32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairVectors:
    """Unit vectors of the texts of both samples.

    Attributes
    ----------
    queries, docs
        Embeddings of the texts; zero for a doc that cannot be near another text.
    doc_cosine
        From which cosine on docs are near; of an array of shape (n_texts,), float32, the smaller of a pair's two holds.
    short_queries, short_docs
        The vectors on the axes along which they vary most, float32; their distances are never longer.
    """

    queries: QueryEmbeddings
    docs: QueryEmbeddings
    doc_cosine: float | np.ndarray
    short_queries: np.ndarray
    short_docs: np.ndarray

    @property
    def n_production(self) -> int:
        return len(self.queries.production)


def embed_pairs(
    diagnosis: Diagnosis | DiagnosedPairs,
    *,
    encoder: Encoder | None = None,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
) -> PairVectors | None:
    """Embed the docs as the diagnosis embedded the queries; None where a sample has no docs.

    Parameters
    ----------
    encoder
        By default the one that the diagnosis names; words are hashed where it is not on this machine or embeddings
        were supplied, and for more than 50,000 pairs.
    cache
        Where vectors are looked up and kept, or None.

    Notes
    -----
    Embedding docs takes long, so only those are embedded whose pair has a near query and most of its words in common
    with another pair, half of few: no near-duplicate is expected among the others.
    """
    heldout, production = diagnosis.heldout.as_read, diagnosis.production
    if heldout.doc is None or production.doc is None:
        return None
    words = embed_docs(heldout, production, encoder=load_encoder(HASHING_ENCODER))
    is_many = len(heldout) + len(production) > MOST_DOCS
    queries, has_vector = _queries_as_read(diagnosis.embeddings, heldout, cache)
    words = replace(words, heldout=words.heldout[has_vector])
    encoder = encoder or (None if is_many else _encoder_named(diagnosis.embeddings.encoder))
    if encoder is None or encoder.id == words.encoder:
        return pair_vectors(queries, words)
    plain = np.array([_without_marks(text) for text in words.texts], dtype=object)
    n_words = np.array([len(text.split()) for text in plain])
    least = np.where(n_words > FEW_WORDS, WORDS_IN_COMMON, OF_FEW).astype(np.float32)
    first = replace(words, vectors=embed(plain, encoder=load_encoder(HASHING_ENCODER)))
    alike = _alike_in_words(pair_vectors(queries, first, doc_cosine=least))
    asked = np.flatnonzero(alike)
    vectors = np.zeros((len(alike), encoder.dimension), dtype=np.float32)
    if len(asked):
        vectors[asked] = embed(words.texts[asked], encoder=encoder, cache=cache, progress=progress)
    return pair_vectors(queries, replace(words, vectors=vectors, encoder=encoder.id))


def _without_marks(text: str) -> str:
    """A text whose words can be counted: without accents, which models leave out too, and letters that are words."""
    letters = unicodedata.normalize("NFKD", text)
    return _NO_SPACES.sub(r" \1 ", "".join(each for each in letters if not unicodedata.combining(each)))


def _queries_as_read(
    known: QueryEmbeddings, heldout: ScoredPairs, cache: EmbeddingCache | None
) -> tuple[QueryEmbeddings, np.ndarray]:
    """The embeddings with the queries that were set aside, and which held-out pairs have one, bool.

    Under supplied embeddings a query that only held-out has, and that was set aside, has none.
    """
    if len(known.heldout) == len(heldout):
        return known, np.ones(len(heldout), dtype=bool)
    lacking = np.setdiff1d(heldout.query, known.texts)
    encoder = _encoder_named(known.encoder)
    if len(lacking) and encoder.id == known.encoder:
        vectors = np.concatenate([known.vectors, embed(lacking, encoder=encoder, cache=cache)])
        known = replace(known, texts=np.concatenate([known.texts, lacking]), vectors=vectors)
    places = pd.Index(known.texts).get_indexer(heldout.query).astype(np.int64)
    return replace(known, heldout=places[places >= 0]), places >= 0


def pair_vectors(
    queries: QueryEmbeddings, docs: QueryEmbeddings, *, doc_cosine: float | np.ndarray = NEAR_COSINE
) -> PairVectors:
    """Put the embeddings of queries and docs together."""
    return PairVectors(
        queries=queries,
        docs=docs,
        doc_cosine=doc_cosine,
        short_queries=queries.vectors @ _axes(queries.vectors),
        short_docs=docs.vectors @ _axes(docs.vectors),
    )


def _alike_in_words(vectors: PairVectors) -> np.ndarray:
    """Which doc texts belong to a pair that is alike another one; bool of shape (n_texts,)."""
    docs, n = vectors.docs, vectors.n_production
    found = np.zeros(len(docs.texts), dtype=bool)
    for side, codes in (("heldout", docs.heldout), ("production", docs.production)):
        for rows in _blocks(np.arange(n), PAIRS_A_BLOCK):
            for others in _blocks(np.arange(len(codes)), OTHERS_A_BLOCK):
                near = _are_near(vectors, rows, others, side=side)
                near &= docs.production[rows][:, None] != codes[others]
                found[docs.production[rows[near.any(axis=1)]]] = True
                found[codes[others[near.any(axis=0)]]] = True
    return found


def near_heldout(vectors: PairVectors) -> np.ndarray:
    """Mark the production pairs that nearly are a held-out pair; bool of shape (n_production,)."""
    n, others = vectors.n_production, np.arange(len(vectors.queries.heldout))
    blocks = [_near(vectors, rows, others, side="heldout") for rows in _blocks(np.arange(n), PAIRS_A_BLOCK)]
    return np.concatenate([np.zeros(0, dtype=bool), *blocks])


def near_earlier(vectors: PairVectors, order: np.ndarray) -> np.ndarray:
    """Mark the production pairs that nearly are one that comes earlier and is not marked itself.

    Parameters
    ----------
    order
        Positions of the pairs that count, the first of which stands for those near it.

    Notes
    -----
    The unmarked pairs are a set in which no two are near and to which each marked one is near. A first look at the
    short vectors leaves out only pairs that cannot be near, so that its axes do not change the result.
    """
    marked = np.zeros(vectors.n_production, dtype=bool)
    kept = np.zeros(0, dtype=np.int64)
    for block in _blocks(order, PAIRS_A_BLOCK):
        free = block[~_near(vectors, block, kept, side="production")]
        close = np.tril(_are_near(vectors, free, free, side="production"), k=-1)
        for i in np.flatnonzero(close.any(axis=1)):
            marked[free[i]] = bool((close[i] & ~marked[free]).any())
        marked[np.setdiff1d(block, free)] = True
        kept = np.concatenate([kept, free[~marked[free]]])
    return marked


def _near(vectors: PairVectors, rows: np.ndarray, others: np.ndarray, *, side: str) -> np.ndarray:
    """Whether each production pair is near any of the others of a sample."""
    found = np.zeros(len(rows), dtype=bool)
    for block in _blocks(others, OTHERS_A_BLOCK):
        left = np.flatnonzero(~found)
        found[left] = _are_near(vectors, rows[left], block, side=side).any(axis=1)
    return found


def _are_near(vectors: PairVectors, rows: np.ndarray, others: np.ndarray, *, side: str) -> np.ndarray:
    """Nearness of production pairs to others of a sample, bool of shape (n_rows, n_others)."""
    codes = [(each.production[rows], getattr(each, side)[others]) for each in (vectors.queries, vectors.docs)]
    may_be = _may_be_near(vectors.short_queries, *codes[0], NEAR_COSINE)
    some_rows, some_others = np.flatnonzero(may_be.any(axis=1)), np.flatnonzero(may_be.any(axis=0))
    near = may_be[np.ix_(some_rows, some_others)]
    both = ((vectors.queries.vectors, NEAR_COSINE), (vectors.docs.vectors, vectors.doc_cosine))
    for (ours, theirs), (unit, cosine) in zip(codes, both, strict=True):
        a, b = ours[some_rows], theirs[some_others]
        least = cosine if isinstance(cosine, float) else np.minimum(cosine[a][:, None], cosine[b])
        near &= (unit[a] @ unit[b].T >= least) | (a[:, None] == b)
    may_be[np.ix_(some_rows, some_others)] = near
    return may_be


def _may_be_near(short: np.ndarray, ours: np.ndarray, theirs: np.ndarray, cosine: float) -> np.ndarray:
    """Whether texts can be as near as this, from vectors whose distances are too short if anything."""
    a, b = short[ours], short[theirs]
    one_each = [np.ones((len(each), 1), dtype=np.float32) for each in (a, b)]
    half = [-(each**2).sum(axis=1, keepdims=True) / 2 for each in (a, b)]
    minus_half_squared = np.hstack([a, half[0], one_each[0]]) @ np.hstack([b, one_each[1], half[1]]).T
    return np.asarray(minus_half_squared >= cosine - 1 - ROUNDING)


def _axes(vectors: np.ndarray) -> np.ndarray:
    """Orthonormal directions along which vectors vary most; projected distances are never longer."""
    centred = vectors - vectors.mean(axis=0)
    return np.asarray(np.linalg.eigh(centred.T @ centred)[1][:, -N_AXES:], dtype=np.float32)


def _blocks(values: np.ndarray, size: int) -> list[np.ndarray]:
    return [values[start : start + size] for start in range(0, len(values), size)]


def _encoder_named(encoder_id: str) -> Encoder:
    """The encoder of that id; words are hashed where there is none, as with supplied embeddings."""
    try:
        return load_encoder(encoder_name(encoder_id) or HASHING_ENCODER)
    except EncoderError:
        return load_encoder(HASHING_ENCODER)
