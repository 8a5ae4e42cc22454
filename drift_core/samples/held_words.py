"""Which words the queries of two samples hold, to count those that one side's share and the other's lack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.samples.new_wording import words_of
from drift_core.samples.pairs import ScoredPairs

N_DOCS, DOC_READ = 2, 300  # docs of a query, and characters of each, whose words are known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldWords:
    """Which words the drawn queries hold, held-out's first: one entry a word of a query; `told` of their docs too."""

    query: np.ndarray
    word: np.ndarray
    told: tuple[np.ndarray, np.ndarray]
    terms: np.ndarray
    is_new: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str], docs: Sequence[set[str]], n_heldout: int) -> "HeldWords":
        asked = [words_of(text) for text in texts]
        told = [own | of_docs for own, of_docs in zip(asked, docs, strict=True)]
        terms = sorted(set().union(*asked))
        place = {term: at for at, term in enumerate(terms)}
        query, word = _entries(asked, place)
        return cls(
            query=query,
            word=word,
            told=_entries(told, place),
            terms=np.array(terms, dtype=object),
            is_new=np.arange(len(asked)) >= n_heldout,
        )

    def counts(self, chosen: np.ndarray) -> np.ndarray:
        """How many of some queries hold each word."""
        return np.bincount(self.word, weights=chosen[self.query], minlength=len(self.terms))

    def known(self, side: np.ndarray) -> np.ndarray:
        """Words that a side has, in its queries or their docs."""
        query, word = self.told
        return np.bincount(word, weights=side[query], minlength=len(self.terms)) > 0

    def held(self, words: np.ndarray) -> np.ndarray:
        """How many of some words each query holds."""
        return np.bincount(self.query, weights=words[self.word], minlength=len(self.is_new))

    def n_with_new(self, is_new: np.ndarray, shared_by: Sequence[int]) -> np.ndarray:
        """How many queries of a side hold a word that the other lacks, by how many must share it."""
        shared = np.where(self.known(~is_new), 0, self.counts(is_new))
        most = np.zeros(len(is_new))
        np.maximum.at(most, self.query, shared[self.word])
        return np.array([np.count_nonzero(most[is_new] >= least) for least in shared_by])


def _entries(held: Sequence[set[str]], place: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Query and word of each entry, of the words that have a place."""
    words = [sorted(place[word] for word in words if word in place) for words in held]
    query = np.repeat(np.arange(len(held)), [len(each) for each in words])
    return query, np.array([word for each in words for word in each], dtype=np.int64)


def words_of_docs(sample: ScoredPairs, queries: np.ndarray, chosen: np.ndarray) -> list[set[str]]:
    """Words of the first lines of a few docs of each chosen query, drawn by their content."""
    if sample.doc is None:
        return [set() for _ in chosen]
    rows = np.flatnonzero(np.isin(queries, chosen))
    lot = pd.util.hash_array(sample.doc[rows].astype(object), categorize=False)
    rows = rows[np.lexsort((lot, queries[rows]))]
    starts = np.searchsorted(queries[rows], chosen)
    ends = np.searchsorted(queries[rows], chosen, "right")
    return [
        set().union(*(words_of(doc[:DOC_READ]) for doc in sample.doc[rows[start : min(end, start + N_DOCS)]]))
        for start, end in zip(starts, ends, strict=True)
    ]
