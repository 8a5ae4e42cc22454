"""Top-K overlap for every K at once, and the range it takes at the same size by chance of the draw.

A tie across the boundary of the top counts by its expected share, never by the order of the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drift_core.measures.ranks import Ordering, order_values
from drift_core.measures.scores import Scores

SMALL_K = 50  # every K up to here is in the grid; beyond it the grid is logarithmic
N_GRID = 160
N_DRAWS = 200
MIN_DRAWS = 60
DRAWN_PAIRS = 4_000_000  # above this many pairs over all draws fewer draws are made; large samples vary little


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverlapRange:
    """Quantiles of the overlap over resampled queries, at each K of a grid.

    Attributes
    ----------
    k
        Increasing sizes of the top, shape (m,).
    low, middle, high
        Lower limit, median and upper limit at each K, shape (m,).
    confidence
        Share of the draws between the limits.
    """

    k: np.ndarray
    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray
    confidence: float

    def at(self, k: int) -> tuple[float, float, float]:
        """Lower limit, median and upper limit at one K, interpolated between grid points."""
        low, middle, high = (float(np.interp(k, self.k, values)) for values in (self.low, self.middle, self.high))
        return low, middle, high


def overlap_curve(student: np.ndarray, teacher: np.ndarray) -> np.ndarray:
    """Compute the share of the teacher's top K that is in the student's top K, for K = 1 to n.

    Parameters
    ----------
    student, teacher
        Finite scores, shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (n,); entry K - 1 is the overlap at K, in 0..1.

    Notes
    -----
    An untied pair is in both tops from K = the larger of its two ranks on, so one cumulative count gives the whole
    curve. A pair tied with others is in the top with the probability that a random order among equals puts it there,
    independently for the two sides.

    Examples
    --------
    >>> overlap_curve(np.array([3.0, 2.0, 1.0]), np.array([3.0, 1.0, 2.0])).tolist()
    [1.0, 0.5, 1.0]
    """
    n = len(teacher)
    by_teacher = order_values(teacher)
    if not by_teacher.has_ties:
        by_student = order_values(student[by_teacher.order])
        if not by_student.has_ties:
            # Ranks count from the bottom here, so the lower of the two decides when a pair enters both tops.
            lower = np.minimum(by_student.order, np.arange(n))
            return np.cumsum(np.bincount(lower, minlength=n)[::-1]) / np.arange(1, n + 1)
    tops = [_Top.of(order_values(-side), np.ones(n)) for side in (teacher, student)]
    return _expected_both(tops[0], tops[1], np.ones(n), np.arange(1.0, n + 1)) / np.arange(1, n + 1)


def overlap_range(
    scores: Scores, *, n_pairs: int, confidence: float, rng: np.random.Generator, n_draws: int | None = None
) -> OverlapRange:
    """Resample whole queries to samples of about `n_pairs` and find the range of the overlap curve.

    Parameters
    ----------
    scores
        The sample that is resampled.
    n_pairs
        Size of each draw; the sample's own size gives the interval of its curve, another sample's size gives what
        would be normal there.
    confidence
        Share of the draws between the limits, in (0, 1).
    rng
        Source of the draws.

    Notes
    -----
    A bootstrap over queries, drawn with replacement [1]_; a query drawn twice is a tie and counts as one. Overlap at
    a fixed K depends on the size of the sample, which is why the size is an argument.

    References
    ----------
    .. [1] Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application, section 3.8.
    """
    n = len(scores)
    queries = np.arange(n) if scores.queries is None else np.unique(scores.queries, return_inverse=True)[1]
    n_queries = int(queries.max()) + 1
    n_drawn = max(2, round(n_queries * n_pairs / n))
    orders = [order_values(-side) for side in (scores.teacher, scores.student)]
    grid = k_grid(n_pairs)
    n_draws = n_draws or max(MIN_DRAWS, min(N_DRAWS, DRAWN_PAIRS // max(n, n_pairs)))
    curves = np.empty((n_draws, len(grid)))
    for draw in range(n_draws):
        weights = np.bincount(rng.integers(n_queries, size=n_drawn), minlength=n_queries)[queries].astype(float)
        scaled = grid * weights.sum() / n_pairs  # draws of whole queries differ in size; keep the same share
        tops = [_Top.of(order, weights) for order in orders]
        curves[draw] = _expected_both(tops[0], tops[1], weights, scaled) / scaled
    low, middle, high = np.quantile(curves, [(1 - confidence) / 2, 0.5, (1 + confidence) / 2], axis=0)
    return OverlapRange(k=grid, low=low, middle=middle, high=high, confidence=confidence)


def k_grid(n: int) -> np.ndarray:
    """Sizes of the top at which ranges are computed: every small K, then evenly on a log scale up to n."""
    small = np.arange(1, min(n, SMALL_K) + 1)
    large = np.geomspace(SMALL_K, n, N_GRID).round() if n > SMALL_K else []
    return np.unique(np.concatenate((small, large))).astype(np.int64)


def tie_at(teacher: np.ndarray, k: int) -> int:
    """Number of pairs tied at the boundary of the teacher's top K; 1 when the boundary cuts through no tie.

    Examples
    --------
    >>> tie_at(np.array([3.0, 2.0, 2.0, 1.0]), 2)
    2
    """
    ordered = -np.sort(-teacher)
    if k >= len(teacher) or ordered[k - 1] != ordered[k]:
        return 1
    return int(np.count_nonzero(teacher == ordered[k - 1]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Top:
    """For each pair the (weighted) positions between which it enters the top: a ramp from `start` to `end`."""

    start: np.ndarray
    end: np.ndarray

    @classmethod
    def of(cls, ordering: Ordering, weights: np.ndarray) -> "_Top":
        upto = np.cumsum(weights[ordering.order])
        if ordering.starts is None or ordering.group is None:
            ends, begins = upto, upto - weights[ordering.order]
        else:
            edges = np.concatenate(([0.0], upto[ordering.starts[1:] - 1]))
            begins, ends = edges[:-1][ordering.group], edges[1:][ordering.group]
        start, end = np.empty(len(upto)), np.empty(len(upto))
        start[ordering.order], end[ordering.order] = begins, ends
        return cls(start=start, end=end)


def _expected_both(one: _Top, two: _Top, weights: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Expected weight in both tops at each K: sums of products of two ramps, piecewise quadratic in K."""
    present = weights > 0
    starts = np.stack((one.start[present], two.start[present]))
    ends = np.stack((one.end[present], two.end[present]))
    weights = weights[present]
    opens, closes = starts.max(axis=0), ends.max(axis=0)
    both_until = np.clip(ends.min(axis=0), opens, None)
    slopes = 1 / (ends - starts)
    later = np.argmax(ends, axis=0)[None]
    later_start, later_slope = (np.take_along_axis(values, later, axis=0)[0] for values in (starts, slopes))
    product = weights * slopes[0] * slopes[1]
    opened, rising, closed = (_sums_on(positions, k) for positions in (opens, both_until, closes))
    total = closed(weights)
    for power, values in enumerate((product * starts[0] * starts[1], -product * starts.sum(axis=0), product)):
        total += k**power * (opened(values) - rising(values))
    for power, values in enumerate((-weights * later_slope * later_start, weights * later_slope)):
        total += k**power * (rising(values) - closed(values))
    return total


def _sums_on(positions: np.ndarray, k: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """A function from values to the sum of those whose position is at most K, at each K of an increasing grid."""
    whole = np.arange(int(positions.max(initial=0)) + 1)
    slots = np.searchsorted(k, whole, side="left")[positions.astype(np.int64)]  # positions are whole numbers

    def sums(values: np.ndarray) -> np.ndarray:
        return np.cumsum(np.bincount(slots, weights=values, minlength=len(k) + 1))[: len(k)]

    return sums
