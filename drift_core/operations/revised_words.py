"""Words of docs, or of queries, that mark the pairs which a revised teacher scores otherwise."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd

from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition
from drift_core.regions.revision_effect import RevisedRegion, differences, find_revised_regions
from drift_core.samples.new_wording import words_of
from drift_core.samples.pairs import ScoredPairs

LEAST_SHARE, MOST_SHARE = 0.03, 0.5  # of the pairs scored by both revisions that hold a word which marks some
TIMES = 3.0  # as often as elsewhere, or as far, that pairs with the word must differ (ours)


def find_revised_words(
    pinned: tuple[Scores, Scores] | None,
    production: ScoredPairs,
    *,
    least_queries: int,
    alpha: float,
    confidence: float,
) -> tuple[RevisedRegion, ...]:
    """Find the word whose pairs differ most under the revision; none where no word tells.

    Parameters
    ----------
    pinned
        The production pairs under the pinned and under the current revision; None where too few are.
    production
        Production, with the pairs that `pinned` holds in its order.
    least_queries
        Queries that the pairs with the word and the others need.
    alpha
        Chance up to which a word is told, over all that were looked at [1]_.
    confidence
        Confidence level of the intervals.

    Notes
    -----
    A teacher that became lenient on one brand differs on few pairs of every topic, so no topic shows it. The word of
    the largest difference between its pairs and the others, in standard errors, is tested as `find_revised_regions`
    tests a region, at `alpha` over the number of words.

    References
    ----------
    .. [1] Dunn, O. J. (1961). Multiple comparisons among means. JASA 56.
    """
    if pinned is None or production.teacher_pinned is None:
        return ()
    differs = differences(pinned)[0]
    if not differs.any():
        return ()
    rows = np.isfinite(production.teacher_pinned)
    best, n_words = (0.0, "", "", np.zeros(0, dtype=bool)), 0
    for where, word, held in _words(production, rows):
        n_words += 1
        clear = _clearness(differs, held)
        if clear > best[0]:
            best = clear, where, word, held
    _, where, word, held = best
    if not word or differs[held].mean() < TIMES * differs[~held].mean():
        return ()
    labels = np.zeros(len(production), dtype=np.int64)
    labels[np.flatnonzero(rows)[held]] = 1
    cut = Partition(
        name=f"words of {where}",
        kind="doc" if where == "docs" else "query",
        regions=(f"other {where}", f"{where} with {word}"),
        terms=((), (word,)),
        heldout=np.zeros(0, dtype=np.int64),
        production=labels,
        reason=f"The word whose pairs differ most, of {n_words:,}.",
    )
    found = find_revised_regions(
        pinned, (cut,), rows, least_queries=least_queries, alpha=alpha / n_words, confidence=confidence
    )
    return tuple(each for each in found if each.index == 1)


def _words(sample: ScoredPairs, rows: np.ndarray) -> Iterator[tuple[str, str, np.ndarray]]:
    """Each word that enough pairs hold, of docs and of queries, with the pairs that hold it."""
    for where, texts in (("docs", sample.doc), ("queries", sample.query)):
        if texts is None:
            continue
        codes, distinct = pd.factorize(texts[rows])
        times, places = np.bincount(codes), defaultdict[str, list[int]](list)
        for place, text in enumerate(distinct):
            for word in words_of(text):
                places[word].append(place)
        for word in sorted(places):
            if LEAST_SHARE * len(codes) <= times[places[word]].sum() <= MOST_SHARE * len(codes):
                holds = np.zeros(len(distinct), dtype=bool)
                holds[places[word]] = True
                yield where, word, holds[codes]


def _clearness(differs: np.ndarray, held: np.ndarray) -> float:
    """How many standard errors pairs with a word differ more than the others."""
    sides = differs[held], differs[~held]
    scatter = sum(float(differs.var()) / len(side) for side in sides)
    return float((sides[0].mean() - sides[1].mean()) / np.sqrt(scatter)) if scatter > 0 else 0.0
