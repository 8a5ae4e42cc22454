"""One student's score for all docs of a query, as a cache or a join that goes by the query alone gives."""

import numpy as np

from drift_core.distributions.copied_scores import LEAST_QUERIES, LEAST_SHARE, NEVER_BY_CHANCE, PILE, SURELY
from drift_core.distributions.other_names import OtherName
from drift_core.measures.coarseness import equally_coarse
from drift_core.measures.score_units import few_values
from drift_core.measures.scores import Scores

ONE_SCORE = "one_student_score_a_query"  # finding


def one_score_a_query(heldout: Scores, production: Scores) -> tuple[OtherName, ...]:
    """Find queries whose docs the teacher tells apart and the student gives one score, far more often than on held-out.

    Notes
    -----
    Both samples are made equally coarse first. Held-out's rate is that of two docs of a query with the same score, as
    all docs have more rarely, and is taken higher by some standard errors. Queries count, each once. Of few
    values, and of one where many queries meet, as at the end of a scale, equal scores are no sign.
    """
    before, now, _ = equally_coarse(heldout, production)
    if not before.is_ranked or len(few_values(before.student)) or len(few_values(now.student)):
        return ()
    usual, found = _equal(before), _equal(now)
    if min(len(usual), len(found)) < LEAST_QUERIES:
        return ()
    one = found == 1
    mean = (usual.sum() + 1) / (len(usual) + 2)
    rate = min(1 - 1e-9, mean + SURELY * float(np.sqrt(mean * (1 - mean) / len(usual))))
    if one.mean() - usual.mean() < LEAST_SHARE or not _is_beyond(int(one.sum()), len(one), rate):
        return ()
    n = int(one.sum())
    return (
        OtherName(
            name=ONE_SCORE,
            clause=f"one student's score for all docs of {one.mean():.0%} of queries",
            told=f"In {n:,} of {len(one):,} production queries whose docs the teacher tells apart, the student gives "
            f"all docs one score ({one.mean():.0%}); two docs of a held-out query share it in {usual.mean():.0%}. "
            "A cache or a join went by the query alone.",
            look="Look at what keeps or joins the student's scores, score these pairs with the student again, and "
            "diagnose again. Retraining would not help.",
            figures={"n_queries": float(n), "share": float(one.mean())},
        ),
    )


def _is_beyond(n: int, n_queries: int, rate: float) -> bool:
    from scipy.special import bdtrc

    return n > 0 and bool(bdtrc(n - 1, n_queries, rate) < NEVER_BY_CHANCE)


def _equal(scores: Scores) -> np.ndarray:
    """Of each query whose docs the teacher tells apart, the share of two docs that have one student's score."""
    if scores.queries is None:
        return np.empty(0)
    sides = (scores.queries, scores.student, scores.teacher)
    query, value, teacher = (np.unique(each, return_inverse=True)[1] for each in sides)
    n = int(max(value.max(), teacher.max())) + 1
    cells, n_equal = np.unique(query * n + value, return_counts=True)
    n_docs, n_values = np.bincount(query), np.bincount(cells % n)  # queries that a score is given in
    is_pile = n_values > PILE * n_values.mean()
    in_piles = np.bincount(query, weights=is_pile[value]) > 0
    is_told = np.bincount(np.unique(query * n + teacher) // n) > 1
    equal = np.bincount(cells // n, weights=n_equal * (n_equal - 1)) / np.maximum(1, n_docs * (n_docs - 1))
    return np.asarray(equal[is_told & ~in_piles])
