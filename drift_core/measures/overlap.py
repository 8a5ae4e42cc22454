"""Top-K overlap for every K at once, and the range it takes at the same size by chance of the draw.

A tie across the boundary of the top counts by its expected share, never by the order of the rows.
"""

import math
from dataclasses import dataclass

import numpy as np

from drift_core.measures.ranks import Ordering, order_both, order_values
from drift_core.measures.scores import Scores

SMALL_K = 50  # every K up to here is in the grid and resampled; beyond it the grid is logarithmic
N_GRID = 40
N_DRAWS = 300
AT_ONCE = 200_000  # pairs of all draws that are looked at together, so that they stay in the processor's cache
REACH = 5  # rows down to this many times K can enter the resampled top K
WINDOW = 0.02  # share of the sample around the boundary of the top that stands for the boundary


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
    by_teacher, by_student = order_both(teacher, student)
    if by_teacher.has_ties or by_student.has_ties:
        one, two, counts = _distinct_pairs(by_teacher, by_student)
        return _expected_in_both(_Entry.of(one, counts, n), _Entry.of(two, counts, n), counts)[0] / np.arange(1, n + 1)
    # Ranks count from the bottom here, so the lower of the two decides when a pair enters both tops.
    rank = np.empty(n, dtype=np.int64)
    rank[by_teacher.order] = np.arange(n)
    lower = np.minimum(rank[by_student.order], np.arange(n))
    return np.cumsum(np.bincount(lower, minlength=n)[::-1]) / np.arange(1, n + 1)


def _distinct_pairs(one: Ordering, two: Ordering) -> tuple[Ordering, Ordering, np.ndarray]:
    """Both orders over the distinct pairs of values, where they are few, and how many pairs have each, shape (1, m)."""
    n = len(one.order)
    n_one, n_two = (n if side.starts is None else len(side.starts) - 1 for side in (one, two))
    if one.group is None or two.group is None or n_one * n_two > n:
        return one, two, np.ones((1, n), dtype=np.int64)
    code = np.empty(n, dtype=np.int64)
    code[one.order] = one.group * n_two
    code[two.order] += two.group
    counts = np.bincount(code)
    held = np.flatnonzero(counts)
    return order_values(held // n_two), order_values(held % n_two), counts[None, held]


def overlap_range(scores: Scores, *, n_pairs: int, confidence: float, rng: np.random.Generator) -> OverlapRange:
    """Find the range of the overlap curve over samples of about `n_pairs` from where `scores` come from.

    Parameters
    ----------
    scores
        The sample that stands for its traffic.
    n_pairs
        Size of the samples; the sample's own size gives the interval of its curve, another sample's size gives what
        would be normal there.
    confidence
        Share of the samples between the limits, in (0, 1).
    rng
        Source of the draws.

    Notes
    -----
    Up to K = 50 whole queries are resampled with replacement [1]_; a query drawn twice is a tie and counts as one.
    Beyond that the limits are normal, with a standard error from the influence of each pair on the overlap at the
    same share K / n, summed within queries. Overlap at a fixed K depends on the size of the sample, which is why the
    size is an argument.

    References
    ----------
    .. [1] Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application, section 3.8.
    """
    n = len(scores)
    queries = np.arange(n) if scores.queries is None else np.unique(scores.queries, return_inverse=True)[1]
    n_drawn = max(2, round((int(queries.max()) + 1) * n_pairs / n))
    orders = order_both(scores.teacher, scores.student)
    grid = k_grid(n_pairs)
    small, large = grid[grid <= SMALL_K], grid[grid > SMALL_K]
    curves = _resampled(orders, queries, n_drawn, small, rng)
    limits = np.quantile(curves, [(1 - confidence) / 2, 0.5, (1 + confidence) / 2], axis=0)
    beyond = _normal_limits(orders, queries, large / n_pairs, n_drawn, confidence)
    low, middle, high = np.concatenate((limits, beyond), axis=1)
    return OverlapRange(k=grid, low=low, middle=middle, high=high, confidence=confidence)


def _resampled(
    orders: tuple[Ordering, Ordering], queries: np.ndarray, n_drawn: int, k: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Overlap at each small K in draws of whole queries, shape (draws, K); only the rows near the top take part."""
    n_queries = int(queries.max()) + 1
    depth = round(REACH * k[-1] * max(1.0, n_queries / n_drawn)) + 1
    tops = [_top_rows(order, depth) for order in orders]
    rows = np.unique(np.concatenate(tops))
    known, codes = np.unique(queries[rows], return_inverse=True)
    chances = np.append(np.full(len(known), 1 / n_queries), max(0.0, 1 - len(known) / n_queries))
    drawn = rng.multinomial(n_drawn, chances, size=N_DRAWS)[:, :-1]
    restricted = [_restrict(order, rows) for order in orders]
    curves = []
    for counts in np.array_split(drawn, math.ceil(N_DRAWS * len(rows) / AT_ONCE)):
        weights = counts[:, codes]
        one, two = (_Entry.of(order, weights, int(k[-1])) for order in restricted)
        both = _expected_in_both(one, two, weights)
        most = np.minimum(k, weights.sum(axis=1, keepdims=True))  # a draw may hold fewer rows near the top
        curves.append(np.take_along_axis(both, most - 1, axis=1) / k)
    return np.concatenate(curves)


def _top_rows(ordering: Ordering, depth: int) -> np.ndarray:
    """The `depth` highest rows and all that are equal to the last of them."""
    n = len(ordering.order)
    first = max(0, n - depth)
    if ordering.starts is not None and ordering.group is not None:
        first = int(ordering.starts[ordering.group[first]])
    return ordering.order[first:]


def _restrict(ordering: Ordering, rows: np.ndarray) -> Ordering:
    """The same order over some of the rows, renumbered by their place in `rows`."""
    place = np.full(len(ordering.order), -1)
    place[rows] = np.arange(len(rows))
    order = place[ordering.order]
    kept = order >= 0
    if ordering.group is None:
        return Ordering(order=order[kept], group=None, starts=None)
    group = np.unique(ordering.group[kept], return_inverse=True)[1]
    starts = np.append(np.flatnonzero(np.diff(group, prepend=-1)), len(group))
    return Ordering(order=order[kept], group=group, starts=starts)


def _normal_limits(
    orders: tuple[Ordering, Ordering], queries: np.ndarray, shares: np.ndarray, n_drawn: int, confidence: float
) -> np.ndarray:
    """Limits and middle of the overlap at each share of the sample, shape (3, shares), by the normal approximation."""
    from scipy import special

    n = len(queries)
    entries = [_Entry.of(order, np.ones((1, n), dtype=np.int64), n) for order in orders]
    downwards = [_Downwards.of(entry, order) for entry, order in zip(entries, orders, strict=True)]
    n_docs = np.bincount(queries)
    reach = special.ndtri(0.5 + confidence / 2)
    limits = np.empty((3, len(shares)))
    for column, share in enumerate(shares):
        k = share * n
        rows = [side.top(k) for side in downwards]
        one, two = (entry.chance(k, top) for entry, top in zip(entries, rows, strict=True))
        overlap = float(one[rows[0]] @ two[rows[0]]) / k
        edges = [float(other[side.near(k)].mean()) for side, other in zip(downwards, (two, one), strict=True)]
        # Outside both tops the influence is the same for all pairs, so only the tops are summed one by one.
        sums = (edges[0] + edges[1] - overlap) * share * n_docs
        sums += np.bincount(queries[rows[0]], weights=one[rows[0]] * (two[rows[0]] - edges[0]), minlength=len(sums))
        sums -= np.bincount(queries[rows[1]], weights=two[rows[1]] * edges[1], minlength=len(sums))
        error = np.sqrt(sums @ sums * len(sums) / n_drawn) / k
        limits[:, column] = np.clip(overlap + np.array([-reach, 0, reach]) * error, 0, 1)
    return limits


def k_grid(n: int) -> np.ndarray:
    """Sizes of the top at which ranges are computed: every small K, then evenly on a log scale up to n."""
    small = np.arange(1, min(n, SMALL_K) + 1)
    large = np.geomspace(SMALL_K, n, N_GRID).round() if n > SMALL_K else np.empty(0)
    return np.unique(np.concatenate((small, large))).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Entry:
    """When each pair enters the top of one side as K grows, draw by draw: out up to `start`, for sure in after `end`.

    Between the two it is in with the chance `share[K - 1]`, which depends on K alone because at each K only one group
    of equals lies across the boundary. The first two have shape (draws, pairs), the last (draws, largest K).
    """

    start: np.ndarray
    end: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, ordering: Ordering, weights: np.ndarray, most: int) -> "_Entry":
        """Entries where each draw holds each pair as often as its weight, for K = 1 to `most`."""
        n = len(ordering.order)
        last = np.arange(n) if ordering.starts is None else ordering.starts[1:] - 1
        group = np.arange(n) if ordering.group is None else ordering.group
        ends = np.cumsum(weights[:, ordering.order], axis=1)[:, last]
        sizes = np.diff(ends, prepend=0)
        above = ends[:, -1:] - ends  # the order ascends, so the top is what lies above
        start, end = np.empty_like(weights), np.empty_like(weights)
        start[:, ordering.order], end[:, ordering.order] = above[:, group], (above + sizes)[:, group]
        low = above + sizes
        ended = np.nonzero(low < most)
        passed = np.cumsum(_counted(low[ended], ended[0], low.shape[0], most), axis=1)  # groups from the top, before K
        across = np.maximum(len(last) - 1 - passed, 0)
        place = np.arange(1, most + 1) - np.take_along_axis(above, across, axis=1)
        return cls(start=start, end=end, share=place / np.maximum(np.take_along_axis(sizes, across, axis=1), 1))

    def chance(self, k: float, top: np.ndarray) -> np.ndarray:
        """Chance of each pair of the only draw to be in the top K, given the rows with any; K need not be whole."""
        chance = np.zeros(self.start.shape[1])
        start, end = self.start[0, top], self.end[0, top]
        chance[top] = np.minimum((k - start) / (end - start), 1)
        return chance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Downwards:
    """The rows of one side from the highest to the lowest, with when each enters the top."""

    rows: np.ndarray
    start: np.ndarray
    end: np.ndarray

    @classmethod
    def of(cls, entry: _Entry, ordering: Ordering) -> "_Downwards":
        rows = ordering.order[::-1]
        return cls(rows=rows, start=entry.start[0, rows].astype(float), end=entry.end[0, rows].astype(float))

    def top(self, k: float) -> np.ndarray:
        """Rows with any chance to be in the top K."""
        return self.rows[: np.searchsorted(self.start, k, "left")]

    def near(self, k: float) -> np.ndarray:
        """Rows at the boundary of the top K: those equal to it and those within a narrow window of ranks."""
        reach = max(5.0, WINDOW * len(self.rows))
        return self.rows[np.searchsorted(self.end, k - reach, "right") : np.searchsorted(self.start, k + reach, "left")]


def _expected_in_both(one: _Entry, two: _Entry, weights: np.ndarray) -> np.ndarray:
    """Expected weight of the pairs in both tops, of each draw at each K."""
    draws, most = one.share.shape
    inside = np.flatnonzero((np.maximum(one.start, two.start) < most) & (weights > 0))
    start, end, other_start, other_end = (at.ravel()[inside] for at in (one.start, one.end, two.start, two.end))
    draw = inside // weights.shape[1]
    weight = None if (weights == 1).all() else weights.ravel()[inside]

    def between(first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Weight of the pairs with first < K <= last."""
        some = first < last
        counted = None if weight is None else weight[some]
        opened, closed = (_counted(at[some], draw[some], draws, most, counted) for at in (first, last))
        return np.cumsum(opened - closed, axis=1)

    never = np.full(len(start), most)
    across = between(np.maximum(end, other_end), never) + one.share * between(np.maximum(start, other_end), end)
    across += two.share * between(np.maximum(other_start, end), other_end)
    return across + one.share * two.share * between(np.maximum(start, other_start), np.minimum(end, other_end))


def _counted(values: np.ndarray, draw: np.ndarray, draws: int, n: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Weight of each whole number below n in each draw, shape (draws, n)."""
    at = np.minimum(values, n) + draw * (n + 1)
    return np.bincount(at, weights=weights, minlength=draws * (n + 1)).reshape(draws, n + 1)[:, :n]
