"""Who is in a top: the chance of each pair to be among the K best, and the limits where none or all of them are.

The overlap curve over all K is in `overlap`; here is one K, pair by pair.
"""

from dataclasses import dataclass, replace

import numpy as np

from drift_core.measured import Measurement
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.measures.overlap import OverlapRange
from drift_core.measures.scores import Scores

MIN_QUERIES = 5  # fewer queries make no distribution


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TopKDifference:
    """Pairs on which the two tops differ at one K, the surest and most relevant first.

    Attributes
    ----------
    k
        Size of the top.
    missed, missed_chance
        Positions of pairs of the teacher's top that the student leaves out, and how sure that is, in (0, 1]. A chance
        below 1 comes from ties across the boundary.
    promoted, promoted_chance
        The same for pairs of the student's top that are not in the teacher's.
    n_expected
        Pairs that each list stands for before it is cut, their chances added up; the same for both.
    """

    k: int
    missed: np.ndarray
    missed_chance: np.ndarray
    promoted: np.ndarray
    promoted_chance: np.ndarray
    n_expected: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueryOverlap:
    """Overlap inside each query.

    Attributes
    ----------
    k
        Size of each query's top.
    overlaps
        Overlap of every query that has at least 2 K docs, shape (m,).
    mean
        Mean over those queries, with its interval.
    """

    k: int
    overlaps: np.ndarray
    mean: Measurement


def top_chance(values: np.ndarray, k: int, groups: np.ndarray | None = None) -> np.ndarray:
    """Give each pair's chance to be in the top K by `values`, within each group where there are groups.

    Equal values share what is left of the top, so no order among equals is made up.

    Parameters
    ----------
    values
        Finite scores, shape (n,).
    k
        Size of the top, 1 or more.
    groups
        Integer code of each pair's group, shape (n,), or None for one group.

    Examples
    --------
    >>> top_chance(np.array([3.0, 2.0, 2.0, 1.0]), 2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    if groups is None:
        return _chance_of_all(values, k)
    n = len(values)
    order = np.lexsort((-values, groups))
    group, ordered = groups[order], values[order]
    is_group_start = np.concatenate(([True], group[1:] != group[:-1]))
    is_tie_start = is_group_start | np.concatenate(([True], ordered[1:] != ordered[:-1]))
    tie_starts = np.flatnonzero(is_tie_start)
    group_start = np.maximum.accumulate(np.where(is_group_start, np.arange(n), 0))
    before = tie_starts - group_start[tie_starts]
    sizes = np.diff(np.append(tie_starts, n))
    chance = np.empty(n)
    chance[order] = np.repeat(np.clip((k - before) / sizes, 0.0, 1.0), sizes)
    return chance


def compare_top_k(student: np.ndarray, teacher: np.ndarray, k: int, *, at_most: int = 200) -> TopKDifference:
    """Find the pairs on which the student's top K and the teacher's top K differ.

    Parameters
    ----------
    student, teacher
        Finite scores, shape (n,).
    k
        Size of the top, 1 or more.
    at_most
        Length of each list.

    Notes
    -----
    With ties across a boundary, the chance of a pair takes the two orders among equals as independent.
    """
    by_teacher, by_student = top_chance(teacher, k), top_chance(student, k)
    missed = by_teacher * (1 - by_student)
    promoted = by_student * (1 - by_teacher)
    first_missed = _surest(missed, teacher, at_most)
    first_promoted = _surest(promoted, student, at_most)
    return TopKDifference(
        k=k,
        missed=first_missed,
        missed_chance=missed[first_missed],
        promoted=first_promoted,
        promoted_chance=promoted[first_promoted],
        n_expected=float(missed.sum()),
    )


def fitting_k(scores: Scores, k: int) -> int:
    """Cut K to half the docs of a usual query where fewer than 5 queries have 2 K docs; 0 where even 1 is too large."""
    if scores.queries is None:
        return 0
    n_docs = np.bincount(scores.queries)
    n_docs = n_docs[n_docs > 0]
    if np.count_nonzero(n_docs >= 2 * k) >= MIN_QUERIES:
        return k
    k = min(k, int(np.median(n_docs)) // 2)
    return k if np.count_nonzero(n_docs >= 2 * k) >= MIN_QUERIES else 0


def overlap_by_query(scores: Scores, k: int, *, confidence: float) -> QueryOverlap | None:
    """Measure the overlap inside each query that has at least 2 K docs, at the K that fits; None where none does.

    Parameters
    ----------
    scores
        Scores with the query of each pair.
    k
        Wanted size of each query's top.
    confidence
        Level of the interval of the mean, in (0, 1).
    """
    k = fitting_k(scores, k)
    if scores.queries is None or k == 0:
        return None
    tops = [top_chance(side, k, scores.queries) for side in (scores.student, scores.teacher)]
    both = np.bincount(scores.queries, weights=tops[0] * tops[1])
    overlaps = both[np.bincount(scores.queries) >= 2 * k] / k
    return QueryOverlap(k=k, overlaps=overlaps, mean=clustered_mean(overlaps, None, confidence=confidence))


def _chance_of_all(values: np.ndarray, k: int) -> np.ndarray:
    """As `top_chance` for one group, without sorting."""
    n = len(values)
    if k >= n:
        return np.ones(n)
    boundary = np.partition(values, n - k)[n - k]
    above, tied = values > boundary, values == boundary
    return above + tied * ((k - above.sum()) / tied.sum())


def _surest(chance: np.ndarray, score: np.ndarray, at_most: int) -> np.ndarray:
    differing = np.flatnonzero(chance > 0)
    order = np.lexsort((differing, -score[differing], -chance[differing]))
    return differing[order[:at_most]]


def open_at_ends(found: OverlapRange, scores: Scores, n_pairs: int) -> OverlapRange:
    """Widen limits to the exact ones of none and of all of the top, which resampling takes for certain.

    Notes
    -----
    Of a top in m queries none is promoted with chance (1 - overlap)^m; the limit is where that is half the error rate
    [1]_. Pairs of one query count once. More promoted have a higher limit, so it holds for each; all is its mirror.

    References
    ----------
    .. [1] Clopper, C. J. and Pearson, E. S. (1934). Biometrika 26, 404-413.
    """
    n = len(scores)
    order = np.argsort(-scores.teacher, kind="stable")
    queries = np.arange(n) if scores.queries is None else scores.queries[order]
    is_first = np.zeros(n, dtype=bool)
    is_first[np.unique(queries, return_index=True)[1]] = True
    at = np.clip(np.ceil(found.k * n / n_pairs).astype(int), 1, n)
    n_queries = np.minimum(np.cumsum(is_first)[at - 1], found.k)
    most = 1 - ((1 - found.confidence) / 2) ** (1 / n_queries)
    least = np.maximum(0, 2 - n_pairs / found.k)  # two tops of more than half of the pairs share some
    return replace(
        found, low=np.maximum(least, np.minimum(found.low, 1 - most)), high=np.maximum(found.high, most.clip(least))
    )
