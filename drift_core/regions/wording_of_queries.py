"""Words that production's queries share and held-out's lack: of a rewriter, a template, another language."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.naming import words_of
from drift_core.wording import in_a_row

MOST_READ = 2_000  # distinct queries of a side
FEWEST_QUERIES = 30  # distinct queries of each side, from which their words are compared (ours)
COMMON = 0.05  # share of production's queries from which a word may be of a template; a topic's word can be as common
NEARLY_ALL = 0.9  # of production's queries (ours)
N_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWording:
    """Nearly every production query holds words that no held-out query has.

    Attributes
    ----------
    share
        Of production's distinct queries that hold one of them, in 0..1.
    words
        These words, the most common first.
    is_around
        Whether nearly all hold words of held-out too: the new ones stand around the same topics, and name none.
    """

    share: float
    words: tuple[str, ...]
    is_around: bool

    @property
    def sentence(self) -> str:
        return (
            f"Every query looks unlike held-out's: {self.share:.0%} hold common words that no held-out query has "
            f"({in_a_row(self.words[:N_NAMED])}). Were they rewritten, translated, or put into another template?"
        )


def new_wording(embeddings: QueryEmbeddings) -> NewWording | None:
    """Find common words of production that held-out lacks; None where they are not in nearly every query."""
    heldout, production = (_held(embeddings.texts[np.unique(side)]) for side in _sides(embeddings))
    if min(len(heldout), len(production)) < FEWEST_QUERIES:
        return None
    before = set().union(*heldout)
    counts = pd.Series([word for held in production for word in held if word not in before], dtype=object)
    often = counts.value_counts()
    often = often[often >= COMMON * len(production)]
    words = {str(word) for word in often.index}
    share = float(np.mean([bool(held & words) for held in production]))
    if share < NEARLY_ALL:
        return None
    first = sorted(words, key=lambda word: (-often[word], word))
    is_around = float(np.mean([bool(held & before) for held in production])) >= NEARLY_ALL
    return NewWording(share=share, words=tuple(first), is_around=is_around)


def no_topics(embeddings: QueryEmbeddings) -> frozenset[str]:
    """Words that name no topic, as they stand around all of them alike."""
    found = new_wording(embeddings)
    return frozenset(found.words) if found is not None and found.is_around else frozenset()


def _sides(embeddings: QueryEmbeddings) -> tuple[np.ndarray, np.ndarray]:
    return embeddings.heldout, embeddings.production


def _held(texts: np.ndarray) -> list[set[str]]:
    """The words of each text, of so many that are drawn by their content."""
    lot = pd.util.hash_array(texts.astype(object), categorize=False)
    return [words_of(text) for text in texts[np.argsort(lot)[:MOST_READ]]]
