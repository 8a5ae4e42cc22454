"""Heavy queries: one query, or a few, that hold far more of a sample than any other, and that the other sample lacks.

A bot, a test or a loop asks so; what the student does on it says nothing of the other queries. One that both samples
have, and on which the student does as well, is left where it is.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from drift_core.distributions.score_cut import figures_of
from drift_core.measured import Measured, Measurement
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from drift_core.samples.checks import MIN_PAIRS
from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import in_a_row, shortened

# All ours.
LEAST_SHARE = 0.10  # of the pairs, that a heavy query has
LEAST_DOCS = 30  # different docs, likewise
TIMES_USUAL = 10.0  # docs of the query that a pair of the others has on average, in either sample
TIMES_OTHER = 3.0  # share that it has of the other sample, where that one has hardly any of it
MOSTLY = 0.5  # of a region's pairs, that a query has where it is named as what leaves no test
LEAST_OTHERS = 20  # other queries in both samples, which say what is usual


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeavyQueries:
    """Pairs of heavy queries of one sample.

    Attributes
    ----------
    in_production
        Whether the sample is production, else held-out.
    rows
        Its pairs, bool of shape (n,).
    rows_elsewhere
        Pairs of these queries in the other sample, likewise.
    n_unscored
        Pairs of these queries without a teacher's score in this sample; None where it has a score for every pair.
    texts, counts
        Text of each query, and its pairs, the largest first.
    usual
        Docs that the query of a pair of the others has on average.
    all_pairs, others, inside
        Agreement of all pairs, of those of the other queries, and of the heavy ones, the latter over their pairs.
    share
        Of the pairs, at their weights.
    elsewhere
        Agreement inside them in the other sample.
    """

    in_production: bool
    rows: np.ndarray
    rows_elsewhere: np.ndarray
    n_unscored: int | None
    texts: tuple[str, ...]
    counts: tuple[int, ...]
    usual: float
    all_pairs: Measurement
    others: Measurement
    inside: Measurement
    share: float
    elsewhere: Measurement

    @property
    def sentence(self) -> str:
        """What they are, agreement with and without them, and what to do; the statement stands before a colon."""
        sample, other = ("production", "held-out") if self.in_production else ("held-out", "production")
        is_one = len(self.texts) == 1
        count = "One query has" if is_one else f"{len(self.texts)} queries have"
        each = in_a_row([f"{n:,} of {shortened(text)!r}" for n, text in zip(self.counts, self.texts, strict=True)])
        it, are, its = ("it", "it is", "its") if is_one else ("them", "they are", "their")
        scored = "" if self.n_unscored is None else "scored "
        gone = f" So are {self.n_unscored:,} without a teacher's score." if self.n_unscored else ""
        n = int(self.rows_elsewhere.sum())
        has = f"{other} has {n:,} of {it}" if n else f"{other} has none"
        also = f"{has}, agreeing at {self.elsewhere}" if n >= LEAST_DOCS else has
        step = (
            f"Find out whether {are} real traffic or a bot, a test, a loop. If real, treat {its} docs as a topic of "
            f"{its} own; if not, keep {it} out of the log."
            if self.in_production
            else f"Draw held-out over more queries, with fewer pairs of {it}."
        )
        return (
            f"{count} {self.share:.0%} of {sample}'s {scored}pairs: {each}, of {len(self.rows):,} in all, where "
            f"others have about {self.usual:.0f}; {also}. Agreement is {self.all_pairs} with {it}, "
            f"{self.others} without, and {self.inside} inside. {are.capitalize()} set aside{' in both' if n else ''}."
            f"{gone} {step}"
        )

    @property
    def figures(self) -> dict[str, float]:
        found = {"share": self.share, "n_queries": float(len(self.texts)), "usual_docs": self.usual}
        for name, each in (("with", self.all_pairs), ("without", self.others), ("inside", self.inside)):
            found |= figures_of(name, each)
        return found


def find_heavy_queries(
    pairs: tuple[ScoredPairs, Scores], others: tuple[ScoredPairs, Scores], *, in_production: bool
) -> HeavyQueries | None:
    """Find the queries of one sample that outweigh all others, where another shows nothing like it.

    Parameters
    ----------
    pairs, others
        The sample and the other one, with their scores, whose queries have common codes.
    in_production
        Whether the sample is production, else held-out.

    Notes
    -----
    A query is heavy by its docs: a pair that is asked often is one pair; without docs, by its rows. What is usual is
    the mean over the pairs of the other queries, so that many docs for every query, and a long tail of frequent ones,
    are usual.
    """
    (own, scores), (_, known) = pairs, others
    if scores.queries is None or known.queries is None:
        return None
    shares = _shares(scores)
    if shares.max() < LEAST_SHARE:
        return None
    (docs, usual, n_others), (_, usual_there, n_there) = (_docs_by_query(*each) for each in (pairs, others))
    is_large = (docs >= max(LEAST_DOCS, TIMES_USUAL * max(usual, usual_there))) & (shares >= LEAST_SHARE)
    codes = np.array([each for each in np.flatnonzero(is_large) if _is_apart(int(each), scores, known)], dtype=np.int64)
    codes = codes[np.argsort(-shares[codes], kind="stable")]
    rows, there = np.isin(scores.queries, codes), np.isin(known.queries, codes)
    left = scores.take(~rows)
    if not len(codes) or min(n_others, n_there) < LEAST_OTHERS:
        return None
    if not all(_can_be_measured(each) for each in (left, known.take(~there))):
        return None
    texts = set(own.query[rows])
    return HeavyQueries(
        in_production=in_production,
        rows=rows,
        n_unscored=None if own.unscored is None else sum(query in texts for query in own.unscored.query),
        rows_elsewhere=there,
        texts=tuple(min(own.query[scores.queries == code]) for code in codes),
        counts=tuple(int((scores.queries == code).sum()) for code in codes),
        usual=usual,
        all_pairs=agreement(scores),
        others=agreement(left),
        inside=_by_pairs(scores.take(rows)),
        share=float(shares[codes].sum()),
        elsewhere=_by_pairs(known.take(there)),
    )


def _can_be_measured(left: Scores) -> bool:
    return len(left) >= MIN_PAIRS and min(np.ptp(left.student), np.ptp(left.teacher)) > 0


def _is_apart(code: int, scores: Scores, known: Scores) -> bool:
    """Whether the other sample hardly has a query, or agreement inside it differs clearly."""
    share, there = (float(_shares(each)[code]) if code <= each.queries.max() else 0.0 for each in (scores, known))  # type: ignore[union-attr]
    if share > TIMES_OTHER * there:
        return True
    now, before = (_by_pairs(each.take(each.queries == code)) for each in (scores, known))  # type: ignore[arg-type]
    if not (isinstance(now, Measured) and isinstance(before, Measured)):
        return False
    return now.low > before.high or before.low > now.high


def _by_pairs(scores: Scores) -> Measurement:
    """Agreement inside a query, whose interval counts pairs."""
    return agreement(replace(scores, queries=None))


def _shares(scores: Scores) -> np.ndarray:
    weights = np.bincount(scores.queries, weights=scores.relative_weights)  # type: ignore[arg-type]
    return np.asarray(weights / weights.sum())


def untold_share(scores: Scores, *, alpha: float) -> float:
    """Share of the pairs that the largest query has, where it leaves no test over queries that so many allow; else 0.

    The effective number of queries [1]_ tells: see `residual_levels.Level.is_testable`.

    .. [1] Kish, L. (1965). Survey sampling. Section 8.2.
    """
    if scores.queries is None or not len(scores):
        return 0.0
    sizes = np.bincount(scores.queries)
    share = float(sizes.max() / sizes.sum())
    n_queries, effective = int((sizes > 0).sum()), float(sizes.sum() ** 2 / (sizes @ sizes))
    is_heavy = share > MOSTLY and 2.0**-n_queries <= alpha < 2.0 ** -math.ceil(effective)
    return share if is_heavy else 0.0


def _docs_by_query(sample: ScoredPairs, scores: Scores) -> tuple[np.ndarray, float, int]:
    """Different docs of each query, those that the query of a pair has on average, and the queries that are usual.

    Without docs each row counts: equal ones may be other docs. Queries of a large share do not count for what is usual.
    """
    import pandas as pd

    queries = scores.queries
    assert queries is not None
    codes = np.arange(len(sample)) if sample.doc is None else pd.factorize(sample.doc)[0].astype(np.int64)
    n_docs = int(codes.max()) + 1
    docs = np.bincount(np.unique(queries * n_docs + codes) // n_docs, minlength=int(queries.max()) + 1)
    others = docs[(docs > 0) & ((_shares(scores) < LEAST_SHARE) | (docs < LEAST_DOCS))]
    return docs, float(others @ others / max(others.sum(), 1)), len(others)
