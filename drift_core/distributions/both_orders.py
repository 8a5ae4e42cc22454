"""Whether pairwise verdicts hang on which of two answers is shown first, where rows come in both orders."""

from dataclasses import dataclass, replace

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.measures.proportion import LEAST_QUERIES, proportion
from drift_core.measures.scores import Scores
from drift_core.wording import counted

EVEN = 0.5  # share of wins of the answer shown first, without a bias
FIRST_WINS = np.array([1.0, 0.0, 0.5])  # of A, B and a tie
ADDED = np.array([1.0, 0.0, 0.5, 0.5])  # half a comparison of each outcome
STUDENT_LEANS = "student_leans"  # finding
OTHER_ORDER = np.array([1, 0, 2])  # the verdict that means the same when the answers change places


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeInBothOrders:
    """One judge: share of comparisons with the same answer preferred in both orders, and share of wins of the first.

    Attributes
    ----------
    consistent
        Of the comparisons; a tie in both orders is consistent.
    first
        Share of wins of the answer shown first over both orders, a tie counting half: 0.5 without a position bias,
        however good the answers are, because each is shown first once.
    """

    consistent: Measurement
    first: Measurement

    @property
    def leans(self) -> str:
        """Which place surely wins more often; empty where none does."""
        if not isinstance(self.first, Measured) or self.first.low <= EVEN <= self.first.high:
            return ""
        return "first" if self.first.estimate > EVEN else "second"

    def sentence(self, who: str) -> str:
        leans = f"leans to the answer shown {self.leans}" if self.leans else "leans to neither place"
        return f"the {who} is consistent in {self.consistent:.1%} and {leans}, the first wins {self.first:.1%}"

    def to_json(self) -> dict[str, object]:
        return {"consistent": self.consistent.to_json(), "first": self.first.to_json(), "leans": self.leans}


@dataclass(frozen=True, slots=True, kw_only=True)
class BothOrders:
    """Comparisons that come in both orders, by teacher and by student.

    Attributes
    ----------
    agreement, elsewhere
        Share of verdicts that are the same on comparisons in which the teacher is consistent, and on the others.
    """

    n_comparisons: int
    teacher: JudgeInBothOrders
    student: JudgeInBothOrders
    agreement: Measurement
    elsewhere: Measurement

    @property
    def sentence(self) -> str:
        told = "; ".join(side.sentence(who) for who, side in (("teacher", self.teacher), ("student", self.student)))
        there = counted(self.n_comparisons, "comparison is", "comparisons are")
        parts = {"is": self.agreement, "is not": self.elsewhere}
        agree = [f"{share:.1%} where it {does}" for does, share in parts.items() if isinstance(share, Measured)]
        than = f" The student gives the teacher's verdict in {', '.join(agree)}." if agree else ""
        return f"{there} there in both orders: {told}.{than}"

    def to_json(self) -> dict[str, object]:
        return {
            "n_comparisons": self.n_comparisons,
            "teacher": self.teacher.to_json(),
            "student": self.student.to_json(),
            "agreement": self.agreement.to_json(),
            "elsewhere": self.elsewhere.to_json(),
        }


def measure_both_orders(scores: Scores, shown: np.ndarray | None, *, confidence: float = 0.95) -> BothOrders | None:
    """Measure what changing the places of two answers changes; None where no comparison comes in both orders.

    Parameters
    ----------
    scores
        Codes of A (the answer shown first), B and a tie, with their queries.
    shown
        As in `ScoredPairs`.

    Notes
    -----
    Consistency and bias as in [1]_. Intervals count queries, see `proportion`; that of the first's wins is by
    comparison, whose two verdicts are matched, with half a comparison of each outcome put in [2]_. Assumes that queries
    are drawn independently.

    References
    ----------
    .. [1] Zheng, L. et al. (2023). Judging LLM-as-a-judge with MT-Bench and Chatbot Arena. NeurIPS 36, section 3.3.
    .. [2] Agresti, A. and Min, Y. (2005). Simple improved confidence intervals for comparing matched proportions.
       Statistics in Medicine 24.

    Examples
    --------
    >>> verdicts = np.tile([0.0, 1.0, 0.0, 0.0], 10)  # the same answer in both orders, then the first in both
    >>> queries = np.repeat(np.arange(20), 2)
    >>> found = measure_both_orders(Scores(student=verdicts, teacher=verdicts, queries=queries), np.arange(40))
    >>> found.teacher.consistent.estimate, found.teacher.first.estimate, found.agreement.estimate
    (0.5, 0.75, 1.0)
    """
    if shown is None or not len(rows := _in_both(shown)):
        return None
    if scores.queries is None:  # the two rows of a comparison are never independent
        own = np.where(shown < 0, np.arange(len(shown)) + len(shown), shown // 2)
        scores = replace(scores, queries=np.unique(own, return_inverse=True)[1])
    sides = [
        _judge(getattr(scores, side).astype(np.int64), rows, scores, confidence) for side in ("teacher", "student")
    ]
    steady = _is_consistent(scores.teacher.astype(np.int64), rows)
    same = scores.teacher == scores.student

    def share(chosen: np.ndarray) -> Measurement:
        taken = rows[chosen].ravel()
        return proportion(same[taken], scores.take(taken), confidence=confidence)

    return BothOrders(
        n_comparisons=len(rows),
        teacher=sides[0],
        student=sides[1],
        agreement=share(steady),
        elsewhere=share(~steady),
    )


def came_to_lean(before: BothOrders, after: BothOrders) -> float | None:
    """How much less often the student gives one answer in both orders, where it surely came to lean and the teacher
    neither leans nor surely lost in steadiness; else None.
    """
    shares = after.student.first, before.student.first, after.teacher.consistent, before.teacher.consistent
    mine = before.student.consistent, after.student.consistent
    if not all(isinstance(each, Measured) for each in (*shares, *mine)):
        return None
    now, then, other_now, other = (each for each in shares if isinstance(each, Measured))
    was, fell_to = (each.estimate for each in mine if isinstance(each, Measured))
    is_more = now.low > then.high or now.high < then.low
    is_steady = other_now.high >= other.low and not after.teacher.leans
    return was - fell_to if after.student.leans and is_more and is_steady else None


def _in_both(shown: np.ndarray) -> np.ndarray:
    """Rows of each comparison in the one and the other order, shape (n, 2); those that lost one row are left out."""
    rows = np.flatnonzero(shown >= 0)
    rows = rows[np.argsort(shown[rows], kind="stable")]
    _, starts, sizes = np.unique(shown[rows] // 2, return_index=True, return_counts=True)
    starts = starts[sizes == 2]
    return np.column_stack((rows[starts], rows[starts + 1])) if len(starts) else np.empty((0, 2), dtype=np.int64)


def _is_consistent(verdicts: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.asarray(verdicts[rows[:, 0]] == OTHER_ORDER[verdicts[rows[:, 1]]])


def _judge(verdicts: np.ndarray, rows: np.ndarray, scores: Scores, confidence: float) -> JudgeInBothOrders:
    of_comparison = scores.take(rows[:, 0])
    return JudgeInBothOrders(
        consistent=proportion(_is_consistent(verdicts, rows), of_comparison, confidence=confidence),
        first=_share_of_first(FIRST_WINS[verdicts[rows]].mean(axis=1), of_comparison, confidence),
    )


def _share_of_first(wins: np.ndarray, scores: Scores, confidence: float) -> Measurement:
    """Mean of the wins of a comparison's first answers; its interval with `ADDED`, so that it always has a width."""
    weights = np.concatenate((scores.relative_weights, np.full(len(ADDED), 0.5)))
    queries = np.arange(len(scores)) if scores.queries is None else scores.queries
    others = queries.max() + 1 + np.arange(len(ADDED))
    found = clustered_mean(
        np.concatenate((wins, ADDED)), np.concatenate((queries, others)), weights=weights, confidence=confidence
    )
    if scores.n_queries < LEAST_QUERIES or isinstance(found, Unmeasured):
        return proportion(wins, scores, confidence=confidence)  # which says what is missing
    estimate = float((wins * scores.relative_weights).mean())
    return replace(
        found,
        estimate=estimate,
        low=max(0.0, min(found.low, estimate)),
        high=min(1.0, max(found.high, estimate)),
        n_pairs=len(scores),
        n_queries=scores.n_queries,
        is_share=True,
    )
