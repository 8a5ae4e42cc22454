"""Top-K overlap of two students with one teacher on the same pairs, and the difference of the two.

A tie across the boundary of the top counts by its expected share, as in `overlap`.
"""

from dataclasses import dataclass

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.ranks import order_values
from drift_core.measures.scores import Scores
from drift_core.wording import counted

N_DRAWS = 300
REACH = 5  # rows down to this many times K can enter the resampled top K
CELLS = 4_000_000  # draws times rows that are worked on at once
PAIRS_PER_K = 2  # with fewer pairs than this many times K, the top is most of the sample


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapChange:
    """Overlap of both students at one K, and after minus before with its interval."""

    k: int
    before: float | None
    after: float | None
    change: Measurement


def overlap_change(
    scores: Scores, before: np.ndarray, *, k: int, confidence: float, rng: np.random.Generator
) -> OverlapChange:
    """Measure the change of overlap on the same pairs, as drawn: sampling weights do not enter it.

    Parameters
    ----------
    scores
        Teacher and the student after, with queries.
    before
        Scores by the student before, shape (n,).
    k
        Size of the top.
    rng
        Source of the draws.

    Notes
    -----
    Whole queries are resampled with replacement, the same ones for both students [1]_; the limits are the quantiles of
    the difference. At a small K the overlap takes few values and the level holds roughly only.

    References
    ----------
    .. [1] Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application, section 3.8.
    """
    n = len(scores)
    if n < PAIRS_PER_K * k or scores.no_top:
        few = f"{counted(n, 'pair', 'pairs')}; overlap at K = {k} needs at least {PAIRS_PER_K * k}."
        reason = scores.no_top or few
        none = Unmeasured(reason=reason, n_pairs=n, n_queries=scores.n_queries)
        return OverlapChange(k=k, before=None, after=None, change=none)
    sides = (scores.teacher, before, scores.student)
    one, two = (float(overlap[0]) for overlap in _overlaps(sides, np.ones((1, n)), k))
    rows, counts = _draws(sides, scores, k, rng)
    drawn = _overlaps([side[rows] for side in sides], counts, k)
    changes = drawn[1] - drawn[0]
    low, high = np.quantile(changes, [(1 - confidence) / 2, (1 + confidence) / 2])
    change = Measured(
        estimate=two - one,
        low=min(float(low), two - one),
        high=max(float(high), two - one),
        confidence=confidence,
        standard_error=float(changes.std()),
        n_pairs=n,
        n_queries=scores.n_queries,
    )
    return OverlapChange(k=k, before=one, after=two, change=change)


def _draws(
    sides: tuple[np.ndarray, ...], scores: Scores, k: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The rows near a top, and how often each is in a draw of whole queries, shape (draws, rows)."""
    n, depth = len(scores), REACH * k
    near = np.zeros(n, dtype=bool)
    for side in sides:
        near |= side >= np.partition(side, max(0, n - depth))[max(0, n - depth)]
    rows = np.flatnonzero(near)
    queries = np.arange(n) if scores.queries is None else scores.queries
    known, codes = np.unique(queries[rows], return_inverse=True)
    n_queries = scores.n_queries
    chances = np.append(np.full(len(known), 1 / n_queries), max(0.0, 1 - len(known) / n_queries))
    drawn = rng.multinomial(n_queries, chances / chances.sum(), size=N_DRAWS)[:, :-1]
    return rows, drawn[:, codes]


def _overlaps(sides: "tuple[np.ndarray, ...] | list[np.ndarray]", counts: np.ndarray, k: int) -> list[np.ndarray]:
    """Overlap of the first side's top K with each other side's, for every row of counts."""
    step = max(1, CELLS // counts.shape[1])
    found = []
    for start in range(0, len(counts), step):
        part = counts[start : start + step]
        teacher, *students = (_chances(side, part, k) for side in sides)
        found.append([(part * teacher * student).sum(axis=1) / k for student in students])
    return [np.concatenate(each) for each in zip(*found, strict=True)]


def _chances(values: np.ndarray, counts: np.ndarray, k: int) -> np.ndarray:
    """Chance of each pair to be in the top K of each draw, shape (draws, rows)."""
    ordering = order_values(-values)
    upto = np.cumsum(counts[:, ordering.order], axis=1)
    last = np.arange(len(values)) if ordering.starts is None else ordering.starts[1:] - 1
    ends = upto[:, last]
    begins = np.concatenate((np.zeros((len(counts), 1)), ends[:, :-1]), axis=1)
    chance = np.clip((k - begins) / np.maximum(ends - begins, 1), 0, 1)
    group = np.arange(len(values)) if ordering.group is None else ordering.group
    result = np.empty(chance.shape if ordering.group is None else counts.shape)
    result[:, ordering.order] = chance[:, group]
    return result
