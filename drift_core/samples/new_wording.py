"""Words that production's queries share and held-out's lack: of a rewriter, a template, another language."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.samples.stop_words import STOP_WORDS
from drift_core.wording import in_a_row

# Words of two letters and more, with inner apostrophes and hyphens; numbers alone are no name.
WORD = re.compile(r"\b[^\W\d_][\w'\-]*\w\b")
CHARACTERS_READ = 2000  # of a text; long ones repeat themselves

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
            f"Production's queries look unlike held-out's: {self.share:.0%} hold common words that no held-out query "
            f"has ({in_a_row(self.words[:N_NAMED])}). Were they rewritten, translated, or put into another template?"
        )


def words_of(text: object) -> set[str]:
    """Words of a text that can name a topic."""
    return set(WORD.findall(str(text)[:CHARACTERS_READ].lower())) - STOP_WORDS


def new_wording(heldout: np.ndarray, production: np.ndarray) -> NewWording | None:
    """Find common words of production's texts that held-out's lack; None where they are not in nearly every text."""
    old, new = (_held(pd.unique(texts)) for texts in (heldout, production))
    if min(len(old), len(new)) < FEWEST_QUERIES:
        return None
    before = set().union(*old)
    often = pd.Series([word for held in new for word in held - before], dtype=object).value_counts()
    often = often[often >= COMMON * len(new)]
    words = {str(word) for word in often.index}
    share = float(np.mean([bool(held & words) for held in new]))
    if share < NEARLY_ALL:
        return None
    first = sorted(words, key=lambda word: (-often[word], word))
    is_around = float(np.mean([bool(held & before) for held in new])) >= NEARLY_ALL
    return NewWording(share=share, words=tuple(first), is_around=is_around)


def no_topics(heldout: np.ndarray, production: np.ndarray) -> frozenset[str]:
    """Words that name no topic, as they stand around all of them alike."""
    found = new_wording(heldout, production)
    return frozenset(found.words) if found is not None and found.is_around else frozenset()


def _held(texts: np.ndarray) -> list[set[str]]:
    """The words of each text, of so many that are drawn by their content."""
    lot = pd.util.hash_array(texts.astype(object), categorize=False)
    return [words_of(text) for text in texts[np.argsort(lot)[:MOST_READ]]]
