"""Ranks among ties: mid-ranks, the group of equal values that each entry belongs to, ties at the boundary of a top."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

LONG = 50_000  # entries from which a second thread saves more than it costs to start


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ordering:
    """The ascending order of one array and its groups of equal values.

    Attributes
    ----------
    order
        Indices that sort the array, shape (n,).
    group
        Group of equal values of each sorted entry, counted from 0, shape (n,); None when all values differ.
    starts
        First sorted position of each group, with n at the end; None when all values differ.
    """

    order: np.ndarray
    group: np.ndarray | None
    starts: np.ndarray | None

    @property
    def has_ties(self) -> bool:
        return self.group is not None


def order_values(values: np.ndarray) -> Ordering:
    """Sort `values` once and find which of them are equal."""
    return group_equals(values, np.argsort(values))


def group_equals(values: np.ndarray, order: np.ndarray) -> Ordering:
    """Find which values are equal, given indices that put all or some of them in ascending order."""
    ordered = values[order]
    differs = ordered[1:] != ordered[:-1]
    if differs.all():
        return Ordering(order=order, group=None, starts=None)
    starts = np.concatenate(([0], np.flatnonzero(differs) + 1, [len(order)]))
    group = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return Ordering(order=order, group=group, starts=starts)


def order_both(first: np.ndarray, second: np.ndarray) -> tuple[Ordering, Ordering]:
    """Order two arrays, long ones at the same time; NumPy lets other threads run while it sorts."""
    if len(first) < LONG:
        return order_values(first), order_values(second)
    with ThreadPoolExecutor(max_workers=1) as pool:
        other = pool.submit(order_values, second)
        return order_values(first), other.result()


def mid_ranks(values: np.ndarray) -> np.ndarray:
    """Rank `values` from 1 to n, equal values sharing the mean of their ranks.

    Examples
    --------
    >>> mid_ranks(np.array([10.0, 30.0, 10.0])).tolist()
    [1.5, 3.0, 1.5]
    """
    ordering = order_values(values)
    ranks = np.empty(len(values))
    ranks[ordering.order] = sorted_mid_ranks(ordering)
    return ranks


def sorted_mid_ranks(ordering: Ordering) -> np.ndarray:
    """Mid-ranks in the sorted order, shape (n,)."""
    if ordering.starts is None or ordering.group is None:
        return np.arange(1.0, len(ordering.order) + 1)
    middle = (ordering.starts[:-1] + ordering.starts[1:] + 1) / 2
    return middle[ordering.group]


def centred_ranks(ordering: Ordering, share: np.ndarray | None) -> np.ndarray:
    """Mid-ranks as fractions of the pairs, or of their weights, about a mean of zero; shape (n,)."""
    n = len(ordering.order)
    if share is not None:
        return 0.5 - mean_above(ordering, np.ones(n), share)
    ranks = np.empty(n)
    ranks[ordering.order] = (sorted_mid_ranks(ordering) - (n + 1) / 2) / n
    return ranks


def mean_above(ordering: Ordering, values: np.ndarray, share: np.ndarray | None) -> np.ndarray:
    """For each pair the mean over all pairs of value times [the pair lies above it], half for an equal one."""
    n = len(values)
    ordered = values[ordering.order] / n if share is None else (values * share)[ordering.order]
    upto = np.cumsum(ordered)
    if ordering.starts is None or ordering.group is None:
        above = upto[-1] - upto + ordered / 2
    else:
        ends = upto[ordering.starts[1:] - 1]
        begins = np.concatenate(([0.0], ends[:-1]))
        above = (upto[-1] - (begins + ends) / 2)[ordering.group]
    result = np.empty(n)
    result[ordering.order] = above
    return result


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


def untied_k(teacher: np.ndarray, k: int) -> int | None:
    """Size of the top nearest to K whose boundary cuts through no tie; None where all scores are equal.

    Examples
    --------
    >>> untied_k(np.array([1.0, 0.0, 1.0, 1.0, 0.0]), 1)
    3
    """
    ends = np.flatnonzero(np.diff(-np.sort(-teacher))) + 1
    return int(ends[np.argmin(np.abs(ends - k))]) if len(ends) else None


def share_below(reference: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Share of the reference that lies below each value, equal ones half."""
    ordered = np.sort(reference)
    both = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return np.asarray(both / (2 * len(ordered)))
