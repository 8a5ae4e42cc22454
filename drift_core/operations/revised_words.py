"""Words, signs or a length of docs, or of queries, that mark the pairs which a revised teacher scores otherwise."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition
from drift_core.regions.revision_effect import RevisedRegion, differences, find_revised_regions
from drift_core.regions.text_properties import CODE
from drift_core.samples.new_wording import words_of
from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import in_a_row

LEAST_SHARE, MOST_SHARE = 0.03, 0.5  # of the pairs scored by both revisions that hold a word which marks some
LENGTHS = np.arange(
    0.05, MOST_SHARE + 0.01, 0.05
)  # shares of the pairs, shortest or longest, that are looked at (ours)
TIMES = 3.0  # as often as elsewhere, or as far, that pairs with the word must differ (ours)
N_NAMED = 3
SIGNS = {"code": re.compile(CODE), "digits": re.compile(r"\d"), "letters beyond a to z": re.compile(r"[^\W\d_a-zA-Z]")}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Mark:
    """A word, sign or length, the texts that hold it, and the text of each pair."""

    where: str
    name: str
    texts: np.ndarray
    codes: np.ndarray
    is_length: bool = False

    @property
    def held(self) -> np.ndarray:
        """Whether each pair holds it, bool."""
        holds = np.zeros(int(self.codes.max()) + 1, dtype=bool)
        holds[self.texts] = True
        return holds[self.codes]


def find_revised_words(
    pinned: tuple[Scores, Scores] | None,
    production: ScoredPairs,
    *,
    beside: np.ndarray | None = None,
    least_queries: int,
    alpha: float,
    confidence: float,
) -> tuple[tuple[RevisedRegion, ...], np.ndarray]:
    """Find the words whose pairs differ most under the revision, as one region, with these pairs; none where none tell.

    Parameters
    ----------
    pinned
        The production pairs under the pinned and under the current revision; None where too few are.
    production
        Production, with the pairs that `pinned` holds in its order.
    beside
        Pairs of the regions that differ more, bool of shape (n_production,); words are told where they tell more.
    least_queries
        Queries that the pairs with the word and the others need.
    alpha
        Chance up to which a word is told, over all that were looked at [1]_.
    confidence
        Confidence level of the intervals.

    Notes
    -----
    A teacher that became lenient on one brand, or read long docs anew, differs on few pairs of every topic, so no topic
    shows it. The word, sign such as code, or length of the largest difference between its pairs and the others, in
    standard errors, is tested as `find_revised_regions` tests a region, at `alpha` over the number of them. Its pairs
    are set aside, and the next is looked for, until what is left tells no more.

    References
    ----------
    .. [1] Dunn, O. J. (1961). Multiple comparisons among means. JASA 56.
    """
    inside = np.zeros(len(production), dtype=bool)
    if pinned is None or production.teacher_pinned is None:
        return (), inside
    differs = differences(pinned)[0]
    if not differs.any():
        return (), inside
    rows = np.isfinite(production.teacher_pinned)
    places = np.flatnonzero(rows)
    marks = [*_marks(production, rows)]
    n_words = len(marks)
    tests = partial(
        find_revised_regions, least_queries=least_queries, alpha=alpha / max(1, n_words), confidence=confidence
    )
    left, chosen = np.ones(len(differs), dtype=bool), list[_Mark]()
    while best := _best(marks, differs, left):
        held = best.held & left
        within = np.zeros(len(production), dtype=bool)
        within[places[held]] = True
        asked = np.zeros(len(production), dtype=bool)
        asked[places[left]] = True
        is_more = differs[held].mean() >= TIMES * differs[left & ~held].mean()
        both = pinned[0].take(left), pinned[1].take(left)
        if not (is_more and tests(both, (_cut([best], within, n_words),), asked)):
            break
        chosen.append(best)
        left &= ~held
        inside |= within
        if best.is_length:  # another length would be a part of it, or its border
            break
        marks = [each for each in marks if each.where == best.where]
    told = inside[rows]
    if not chosen or (beside is not None and _clearness(differs, told) <= _clearness(differs, beside[rows])):
        return (), np.zeros(len(production), dtype=bool)
    found = tests(pinned, (_cut(chosen, inside, n_words),), rows)
    return tuple(each for each in found if each.index == 1), inside


def _cut(chosen: list[_Mark], inside: np.ndarray, n_words: int) -> Partition:
    where, terms = chosen[0].where, tuple(each.name for each in chosen)
    named = [*terms[:N_NAMED], *(["others"] if len(terms) > N_NAMED else [])]
    return Partition(
        name=f"words of {where}",
        kind="doc" if where == "docs" else "query",
        regions=(f"other {where}", f"{where} with {in_a_row(named).replace(' and ', ' or ')}"),
        terms=((), terms),
        heldout=np.zeros(0, dtype=np.int64),
        production=inside.astype(np.int64),
        reason=f"The words whose pairs differ most, of {n_words:,}.",
    )


def _marks(sample: ScoredPairs, rows: np.ndarray) -> Iterator[_Mark]:
    """Each word, sign or length that enough pairs hold, of docs and of queries."""
    for where, texts in (("docs", sample.doc), ("queries", sample.query)):
        if texts is None:
            continue
        codes, distinct = pd.factorize(texts[rows])
        times, places = np.bincount(codes), defaultdict[str, list[int]](list)
        for place, text in enumerate(distinct):
            for word in words_of(text):
                places[word].append(place)
        signs = {name: [i for i, text in enumerate(distinct) if sign.search(str(text))] for name, sign in SIGNS.items()}
        for name, held in (*signs.items(), *sorted(places.items())):
            if LEAST_SHARE * len(codes) <= times[held].sum() <= MOST_SHARE * len(codes):
                yield _Mark(where=where, name=name, texts=np.array(held), codes=codes)
        sizes = np.array([len(str(text)) for text in distinct])
        for word, reach in (("fewer", -sizes), ("more", sizes)):
            for limit in np.unique(np.quantile(reach[codes], 1 - LENGTHS, method="higher")).tolist():
                longest = np.flatnonzero(reach >= limit)
                if LEAST_SHARE * len(codes) <= times[longest].sum() <= MOST_SHARE * len(codes):
                    name = f"{abs(limit):,} characters or {word}"
                    yield _Mark(where=where, name=name, texts=longest, codes=codes, is_length=True)


def _best(marks: list[_Mark], differs: np.ndarray, left: np.ndarray) -> _Mark | None:
    """The word whose pairs, of those left, differ most beyond the others, in standard errors."""
    best, clearest, sums = None, 0.0, dict[str, tuple[np.ndarray, np.ndarray]]()
    total, n = float(differs[left].sum()), int(left.sum())
    for mark in marks:
        if mark.where not in sums:
            sums[mark.where] = np.bincount(mark.codes, weights=differs * left), np.bincount(mark.codes, weights=left)
        of_it, n_it = (float(each[mark.texts].sum()) for each in sums[mark.where])
        if 0 < n_it < n:
            clear = (of_it / n_it - (total - of_it) / (n - n_it)) / np.sqrt(1 / n_it + 1 / (n - n_it))
            best, clearest = (mark, clear) if clear > clearest else (best, clearest)
    return best


def _clearness(differs: np.ndarray, held: np.ndarray) -> float:
    """How much more some pairs differ than the others, in standard errors but for what all share."""
    if held.all() or not held.any():
        return 0.0
    sides = differs[held], differs[~held]
    return float((sides[0].mean() - sides[1].mean()) / np.sqrt(sum(1 / len(side) for side in sides)))
