"""The teacher's reliability from repeated scores, and the highest agreement that it leaves any student."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.agreement import MIN_PAIRS, MIN_QUERIES
from drift_core.measures.influence import influence_of
from drift_core.measures.intervals import clustered_error, fisher_interval, proportion_interval, t_quantile
from drift_core.measures.scores import Scores
from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import counted

MIN_REPEATED = 20  # pairs with a second score; as many as a sample needs
ONE_SCORE = "unknown: one teacher score a pair"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runs:
    """Scores of the same pairs by several runs of one teacher.

    Attributes
    ----------
    scores
        One column a run, the first one the score in use, shape (n, r), NaN where a run has no score.
    queries
        Integer code of each pair's query, shape (n,).
    is_ranked
        Whether the scores agree by their order, else by being the same label.
    """

    scores: np.ndarray
    queries: np.ndarray
    is_ranked: bool = True

    @property
    def is_repeated(self) -> np.ndarray:
        """Pairs with more than one score."""
        return np.asarray(np.isfinite(self.scores).sum(axis=1) > 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How well the teacher agrees with itself, and what that leaves a student.

    Attributes
    ----------
    one_run
        Rank correlation of one run with another.
    ceiling
        Highest agreement with a single run that any student could reach.
    n_runs
        Runs that were compared, the one in use included.
    """

    one_run: Measurement
    ceiling: Measurement
    n_runs: int


def runs_of(sample: ScoredPairs, scores: Scores) -> Runs | None:
    """Runs of the teacher in a sample, with the queries that its scores have; None where every pair has one score."""
    if sample.teacher_repeats is None:
        return None
    queries = np.arange(len(scores)) if scores.queries is None else scores.queries
    runs = np.column_stack((sample.teacher, sample.teacher_repeats))
    return Runs(scores=runs, queries=queries, is_ranked=scores.is_ranked)


def measure_reliability(runs: Runs | None, *, confidence: float = 0.95) -> Reliability:
    """Measure how well one run agrees with another, and the ceiling that follows.

    Parameters
    ----------
    runs
        Repeated scores; None is one score a pair.
    confidence
        Confidence level in (0, 1).

    Notes
    -----
    Reliability is Spearman's correlation of two runs, the mean over pairs of runs where there are more, each weighted
    by its pairs. Runs are taken to be exchangeable and their errors independent given the pair [1]_; a teacher that
    repeats the same mistake in every run looks more reliable than it is.

    A student is a function of the pair, so by the Cauchy-Schwarz inequality its correlation with the ranks of a run is
    at most the square root of the reliability [2]_: on mid-ranks as on scores, whatever the noise. That is an upper
    bound. A student that knows the noise-free score stays below it, simulated with 400,000 pairs and normal noise at
    reliabilities of 0.4 to 0.98, by at most 0.007 with continuous scores or 10 levels, 0.01 with 4 equally common
    levels, 0.04 with 4 uneven ones (60, 20, 15 and 5 %) and 0.08 with 2. For labels reliability is the share of equal
    ones, and its root a bound for the same reason: no label is given more often than the root of how often two runs
    are equal.

    The interval counts queries. Where only some pairs were scored again, the figure holds for traffic like theirs.

    References
    ----------
    .. [1] Spearman, C. (1904). The proof and measurement of association between two things. American Journal of
       Psychology 15.
    .. [2] Nunnally, J. and Bernstein, I. (1994). Psychometric Theory, 3rd edition, chapter 6.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> quality = rng.normal(size=400)
    >>> scores = np.column_stack([quality + 0.3 * rng.normal(size=400) for _ in range(2)])
    >>> found = measure_reliability(Runs(scores=scores, queries=np.arange(400)))
    >>> round(found.one_run.estimate, 2), round(found.ceiling.estimate, 2)
    (0.91, 0.96)
    """
    if runs is None:
        unknown = Unmeasured(reason=ONE_SCORE)
        return Reliability(one_run=unknown, ceiling=unknown, n_runs=1)
    n_runs = int(np.isfinite(runs.scores).any(axis=0).sum())
    one_run = _one_run(runs, confidence)
    return Reliability(one_run=one_run, ceiling=_root(one_run), n_runs=n_runs)


def share_of_ceiling(student: Scores, runs: Runs | None, *, confidence: float = 0.95) -> Measurement:
    """Measure agreement as a share of the ceiling.

    Parameters
    ----------
    student
        Student and teacher on the sample whose agreement is asked for.
    runs
        Repeated scores of the same or of another sample; the codes of the queries are common.

    Notes
    -----
    The interval is symmetric on the scale of the logarithm, by the delta method; the influences of agreement and of
    reliability are added within a query, so that pairs in both count with their covariance. The share may exceed 1:
    both are estimates.
    """
    found = measure_reliability(runs, confidence=confidence).ceiling
    if runs is None or isinstance(found, Unmeasured):
        return found
    reason = _why_no_agreement(student)
    if reason:
        return Unmeasured(reason=reason, n_pairs=len(student), n_queries=student.n_queries)
    reliability, of_runs = _mean_influence(runs)
    agreed = influence_of(student)
    if agreed.estimate <= 0:
        return Unmeasured(
            reason="Student and teacher do not agree at all.", n_pairs=len(student), n_queries=student.n_queries
        )
    codes = np.arange(len(student)) if student.queries is None else student.queries
    of_student = agreed.by_query(codes)
    parts = np.zeros(max(len(of_student), len(of_runs)))
    parts[: len(of_student)] += of_student / agreed.estimate
    parts[: len(of_runs)] -= of_runs / (2 * reliability)
    n_queries = min(student.n_queries, found.n_queries)
    error = clustered_error(parts, n_queries)
    reach = t_quantile(confidence, n_queries - 1) * error
    share = agreed.estimate / np.sqrt(reliability)
    return Measured(
        estimate=float(share),
        low=float(share * np.exp(-reach)),
        high=float(share * np.exp(reach)),
        confidence=confidence,
        standard_error=float(share * error),
        n_pairs=len(student),
        n_queries=n_queries,
    )


def _why_no_agreement(scores: Scores) -> str | None:
    if len(scores) < MIN_PAIRS or scores.n_queries < MIN_QUERIES:
        size = f"{counted(len(scores), 'pair', 'pairs')} of {counted(scores.n_queries, 'query', 'queries')}"
        return f"{size}: too few to measure agreement."
    if scores.is_ranked and any(side.min() == side.max() for side in (scores.student, scores.teacher)):
        return "All scores of one side are equal, so they rank nothing."
    return None


def _one_run(runs: Runs, confidence: float) -> Measurement:
    repeated = runs.is_repeated
    n_pairs, n_queries = int(repeated.sum()), len(np.unique(runs.queries[repeated]))
    if n_pairs < MIN_REPEATED or n_queries < MIN_QUERIES:
        size = f"{counted(n_pairs, 'pair', 'pairs')} of {counted(n_queries, 'query', 'queries')}"
        verb = "has" if n_pairs == 1 else "have"
        reason = f"unknown: {size} {verb} a second teacher score; {MIN_REPEATED} pairs "
        return Unmeasured(reason=f"{reason}of {MIN_QUERIES} queries are needed", n_pairs=n_pairs, n_queries=n_queries)
    estimate, parts = _mean_influence(runs)
    if not len(parts):
        return Unmeasured(
            reason="unknown: the repeated teacher scores are all equal", n_pairs=n_pairs, n_queries=n_queries
        )
    error = clustered_error(parts, n_queries)
    limits_of = fisher_interval if runs.is_ranked else proportion_interval
    low, high = limits_of(estimate, error, n_queries=n_queries, degrees=n_queries - 1, confidence=confidence)
    return Measured(
        estimate=estimate,
        low=low,
        high=high,
        confidence=confidence,
        standard_error=error,
        n_pairs=n_pairs,
        n_queries=n_queries,
        is_share=not runs.is_ranked,
    )


def _mean_influence(runs: Runs) -> tuple[float, np.ndarray]:
    """Mean correlation over pairs of runs, and what each query contributes to its error; empty if there is none."""
    known = np.isfinite(runs.scores)
    found, weights = [], []
    for i, j in combinations(range(runs.scores.shape[1]), 2):
        both = known[:, i] & known[:, j]
        pair = Scores(student=runs.scores[both, i], teacher=runs.scores[both, j], is_ranked=runs.is_ranked)
        if len(pair) < MIN_PAIRS or (runs.is_ranked and 0 in (np.ptp(pair.student), np.ptp(pair.teacher))):
            continue
        influence = influence_of(pair)
        parts = np.zeros(int(runs.queries.max()) + 1)
        of_these = influence.by_query(runs.queries[both])
        parts[: len(of_these)] = of_these
        found.append((influence.estimate, parts))
        weights.append(len(pair))
    if not found:
        return 0.0, np.empty(0)
    share = np.array(weights) / sum(weights)
    return (
        float(share @ [estimate for estimate, _ in found]),
        np.sum([w * parts for w, (_, parts) in zip(share, found, strict=True)], axis=0),
    )


def _root(reliability: Measurement) -> Measurement:
    """Square root of a reliability with its limits; a lower limit under 0 becomes 0."""
    if isinstance(reliability, Unmeasured):
        return reliability
    if reliability.estimate <= 0:
        return Unmeasured(
            reason="unknown: the teacher's runs do not agree with each other",
            n_pairs=reliability.n_pairs,
            n_queries=reliability.n_queries,
        )
    root = float(np.sqrt(reliability.estimate))
    return replace(
        reliability,
        estimate=root,
        low=float(np.sqrt(max(reliability.low, 0.0))),
        high=float(np.sqrt(reliability.high)),
        standard_error=reliability.standard_error / (2 * root),
    )
