"""Words that only one sample has: which pairs hold one of them, so that what is no longer asked can be left out.

Words of the query, of the doc, and the values of slice columns; how far two texts mean the same is not looked at.
"""

import re

import numpy as np

from drift_core.samples.pairs import ScoredPairs

# Ours.
BY_CHANCE = 1e-3  # that the other sample lacks a word, counted in its queries
HARDLY = 0.1  # of the share of pairs that hold a word, up to which it counts as absent

_WORD = re.compile(r"\w{2,}")


def holds_absent_word(sample: ScoredPairs, other: ScoredPairs, *, marked: np.ndarray) -> np.ndarray:
    """Tell which pairs of a sample hold a word that the other sample hardly has, and not by chance.

    Parameters
    ----------
    marked
        Pairs of the sample that the other one has none like, bool of shape (n,). A word that stands in these no more
        often than in others is no reason for that, and counts for none.

    Returns
    -------
    np.ndarray
        Bool of shape (n,).
    """
    kinds = [(sample.query, other.query)]
    if sample.doc is not None and other.doc is not None:
        kinds.append((sample.doc, other.doc))
    words = [(_words(own), _words(known)) for own, known in kinds]
    for name in sample.slices.keys() & other.slices.keys():
        words.append(([{value} for value in sample.slices[name]], [{value} for value in other.slices[name]]))
    return np.logical_or.reduce([_holds(own, marked, _shares(known), other.n_queries) for own, known in words])


def _holds(words: list[set[str]], marked: np.ndarray, known: dict[str, float], n_queries: int) -> np.ndarray:
    shares = _shares(words)
    in_marked = _shares([each for each, is_marked in zip(words, marked, strict=True) if is_marked])
    absent = {
        word
        for word, share in in_marked.items()
        if share > shares[word] and known.get(word, 0.0) <= HARDLY * shares[word]
        if (1 - shares[word]) ** n_queries <= BY_CHANCE
    }
    return np.array([not absent.isdisjoint(each) for each in words], dtype=bool)


def _words(texts: np.ndarray) -> list[set[str]]:
    return [set(_WORD.findall(text.lower())) for text in texts]


def _shares(words: list[set[str]]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for each in words:
        for word in each:
            counts[word] = counts.get(word, 0) + 1
    return {word: count / len(words) for word, count in counts.items()}
