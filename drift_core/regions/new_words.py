"""New topics told by words: queries with content words that held-out lacks, as a region of a partition of their own.

Queries that share their phrases lie by phrase, whatever the topic; a new topic is then scattered over the clusters of
their embeddings, and only its words tell of it.
"""

from math import fsum

import numpy as np
import pandas as pd

from drift_core.regions.candidates import MOST_HELDOUT
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.partitions import NEW_WORDS, Partition
from drift_core.samples.held_words import HeldWords, words_of_docs
from drift_core.samples.new_wording import new_wording, words_of
from drift_core.samples.pairs import ScoredPairs

SHARED_BY = (2, 3, 4, 6, 9, 14)  # queries that must share a word before it names a topic, the best of these is taken
FEWEST_WORDS = 2  # a single one may be lacking by chance, however common
LEAST_SHARE = 0.03  # of production's queries beyond chance
N_SHUFFLES, CLEAR = 100, 5.0  # times the samples are shuffled, and standard deviations beyond what these show at most
MOST_BY_CHANCE = 0.25  # of the queries found (ours)
TIMES_MIRRORED = 2.0  # what held-out shows of words that production lacks, as by ever-new names and seasons (ours)
REPLACED = 0.5  # of a query's new words, how many known ones must be gone; else they were put beside them (ours)
LACKS = 0.05  # of production's share of such queries, above which held-out has the topic
TOLD = 0.7  # of the pairs with new words in new regions of the topics, from which these tell them (ours)
PASSES, WEIGHT_OF_ALL = 5, 1.0  # passes of the classifier, and queries that a word's share among all counts for
N_NAMED = 3
QUERIES_READ = 1_000  # distinct queries of a side that are read first


def new_words(
    heldout: ScoredPairs, production: ScoredPairs, *, queries: QueryEmbeddings, topics: Partition, least_queries: int
) -> tuple[Partition, ...]:
    """Cut both samples into queries of a topic whose words held-out lacks, and all others; none where there is none.

    Parameters
    ----------
    heldout, production
        The samples; words that held-out's docs have are known too.
    queries
        Their texts.
    topics
        Their clusters. What these show as new already is not told again: it would be tested twice.
    least_queries
        Distinct queries that a new topic needs.

    Notes
    -----
    Words that several production queries share and no held-out query has are counted against what chance gives: the
    same queries, shuffled over both samples, which is what Good and Turing's missing mass estimates and holds for small
    samples too [1]_. Ever-new names and seasons give held-out such words as well, so that must be clearly less. A word
    that stands beside the known ones instead of in their place is of a template or a rewriter and names no topic. The
    queries with these words then teach a naive Bayes classifier, which draws what they share into the topic on both
    sides: where held-out has it too, its words were only rare.

    References
    ----------
    .. [1] Good, I. J. (1953). The population frequencies of species and the estimation of population parameters.
       Biometrika 40.
    """
    texts, sides = queries.texts, (queries.heldout, queries.production)
    (before, after), drawn = _read(texts, sides)
    docs = [
        words
        for sample, side, codes in zip((heldout, production), sides, drawn, strict=True)
        for words in words_of_docs(sample, side, codes)
    ]
    words = HeldWords.of(texts[np.concatenate(drawn)], docs, len(drawn[0]))
    named = _named_words(words, least_queries)
    if named.sum() < FEWEST_WORDS or new_wording(*queries.texts_of_both) is not None:
        return ()
    inside = _like_those(words, words.is_new & (words.held(named) > 0), np.concatenate(drawn), texts)
    shares = [inside[side].mean() for side in (before, after)]
    if shares[0] > LACKS * shares[1] or inside[after].sum() < least_queries:
        return ()
    labels = inside.astype(np.int64)
    if _are_told(topics, labels[queries.production] == 1):
        return ()
    counts = np.where(named, words.counts(words.is_new), 0)
    terms = tuple(str(term) for term in words.terms[np.lexsort((words.terms, -counts))[:N_NAMED]])
    return (
        Partition(
            name=NEW_WORDS,
            kind="query",
            regions=("everything else", ", ".join(terms)),
            terms=((), terms),
            heldout=labels[queries.heldout],
            production=labels[queries.production],
            reason=f"Cut by words: {shares[1]:.0%} of production's queries are of a topic whose words held-out lacks.",
        ),
    )


def texts_like(texts: np.ndarray, chosen: np.ndarray, sides: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Texts whose words are those of some chosen ones, as a naive Bayes classifier tells it, bool of shape (n_texts,).

    `sides` holds the text of each pair of held-out and of production.
    """
    _, drawn = _read(texts, sides)
    codes = np.concatenate(drawn)
    if not chosen[codes].any():
        return chosen
    words = HeldWords.of(texts[codes], [set()] * len(codes), len(drawn[0]))
    return _like_those(words, chosen[codes], codes, texts)


def _read(texts: np.ndarray, sides: tuple[np.ndarray, np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Codes of the texts of each side, and of those that are read first."""
    found = [np.flatnonzero(np.bincount(side, minlength=len(texts))) for side in sides]
    return found, [_drawn(texts, side) for side in found]


def _are_told(topics: Partition, inside: np.ndarray) -> bool:
    """Whether most of some production pairs lie in regions that are new as a set of texts is."""
    before, after = (
        np.bincount(side, minlength=topics.n_regions) / len(side) for side in (topics.heldout, topics.production)
    )
    return bool((before < MOST_HELDOUT * after)[topics.production[inside]].mean() >= TOLD)


def _named_words(words: HeldWords, least_queries: int) -> np.ndarray:
    """Words that name a new topic, bool of shape (n_words,)."""
    nothing, sides = np.zeros(len(words.terms), dtype=bool), (words.is_new, ~words.is_new)
    n_queries = [np.count_nonzero(side) for side in sides]
    found = words.n_with_new(words.is_new, SHARED_BY)
    if min(n_queries) == 0 or found[0] < max(least_queries, LEAST_SHARE * n_queries[0]):
        return nothing
    rng, most = np.random.default_rng(0), np.zeros(len(SHARED_BY))
    shuffled: list[tuple[np.ndarray, np.ndarray]] = []
    while len(shuffled) < N_SHUFFLES and np.any(found > most):
        side = rng.permutation(words.is_new)
        shuffled.append((words.n_with_new(side, SHARED_BY), words.n_with_new(~side, SHARED_BY)))
        most = np.maximum(most, shuffled[-1][0])
    chance, mirror = np.array(shuffled).transpose(1, 0, 2)
    beyond = found - chance.mean(axis=0)
    is_clear = (found > most) & (beyond >= CLEAR * np.maximum(chance.std(axis=0), 1.0))
    is_clear &= (beyond >= LEAST_SHARE * n_queries[0]) & (found >= least_queries)
    is_clear &= chance.mean(axis=0) <= MOST_BY_CHANCE * found
    mirrored = words.n_with_new(~words.is_new, SHARED_BY) - mirror.mean(axis=0)
    is_clear &= beyond / n_queries[0] >= TIMES_MIRRORED * mirrored / n_queries[1]
    if not is_clear.any():
        return nothing
    least = SHARED_BY[int(np.argmax(np.where(is_clear, beyond, -np.inf)))]
    return _in_place_of_known(words, (words.counts(words.is_new) >= least) & ~words.known(~words.is_new))


def _in_place_of_known(words: HeldWords, chosen: np.ndarray) -> np.ndarray:
    """Of some new words, those whose queries hold fewer known words than others, by half as many as are new."""
    new, known = words.held(chosen), words.held(words.known(~words.is_new))
    usual = known[words.is_new & (new == 0)]
    if not len(usual):
        return chosen
    n = np.maximum(words.counts(words.is_new), 1)
    gone, put = (
        np.bincount(words.word, weights=(each * words.is_new)[words.query], minlength=len(n)) / n
        for each in (usual.mean() - known, new)
    )
    return chosen & (gone >= REPLACED * put)


def _like_those(words: HeldWords, inside: np.ndarray, codes: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Texts that a naive Bayes classifier puts beside some of the drawn queries, bool of shape (n_texts,).

    Of these, by their docs' words too; of the others, only the query is read.
    """
    query, word = words.told
    for _ in range(PASSES):
        each, bias = _log_odds(words, inside)
        inside = np.bincount(query, weights=each[word], minlength=len(inside)) + bias > 0
    odds, found = dict(zip(words.terms.tolist(), each.tolist(), strict=True)), np.zeros(len(texts), dtype=bool)
    for code in np.setdiff1d(np.arange(len(texts)), codes):
        found[code] = fsum(odds[word] for word in words_of(texts[code]) if word in odds) + bias > 0
    np.logical_or.at(found, codes, inside)
    return found


def _log_odds(words: HeldWords, inside: np.ndarray) -> tuple[np.ndarray, float]:
    """Log odds of being inside that each word gives, and that a query has before it is read."""
    query, word = words.told
    held = [np.bincount(word, weights=side[query], minlength=len(words.terms)) for side in (inside, ~inside)]
    share = (sum(held) + 1) / (len(inside) + 2)
    rates = [
        (each + WEIGHT_OF_ALL * share) / (np.count_nonzero(side) + WEIGHT_OF_ALL)
        for each, side in zip(held, (inside, ~inside), strict=True)
    ]
    counts = [np.count_nonzero(side) + 1 for side in (inside, ~inside)]
    return np.log(rates[0] / rates[1]), float(np.log(counts[0] / counts[1]))


def _drawn(texts: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Codes of so many texts that are read first, drawn by their content."""
    return codes[np.argsort(pd.util.hash_array(texts[codes], categorize=False))[:QUERIES_READ]]
