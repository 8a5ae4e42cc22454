"""Levels of residual error of groups of pairs, with standard errors that count queries.

How levels compare is in `level_ratios`.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from drift_core.measures.intervals import variance_components
from drift_core.measures.residuals import Residuals
from drift_core.measures.scores import Scores

PRIOR_QUERIES = 10  # weight of the whole sample's scatter beside a group's own
TINY = 1e-9
STUDENT, TEACHER, BOTH = 0, 1, 2  # whose residual error a level is of; both is their mean
# Sums over the queries of a group that its level follows from; E is the sum of a query's errors, n its pairs.
# Arrays of them have shape (N_SUMS, n): each is added up by itself, and so lies together in memory.
N_PAIRS, N_QUERIES, N_SQUARES, CROSS = 0, 1, 2, 3
E, E_TIMES_N, E_SQUARED = slice(4, 7), slice(7, 10), slice(10, 13)
N_SUMS = 13


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Level:
    """Mean residual error of one group, on the log scale.

    Attributes
    ----------
    log_mean, standard_error
        Of the student's residual error, the teacher's, and the mean of both, shape (3,).
    gap_error
        Standard error of the difference of the first two.
    degrees
        Degrees of freedom of the standard errors.
    n_pairs, n_queries
        Size of the group.
    is_count
        Whether errors are disagreements, of which the mean scatters as a count.
    effective_queries
        Queries of equal size that would weigh as these do (Kish, 1965); `n_queries` where that is not known.
    """

    log_mean: np.ndarray
    standard_error: np.ndarray
    gap_error: float
    degrees: float
    n_pairs: int
    n_queries: int
    is_count: bool = False
    effective_queries: float | None = None

    def is_testable(self, alpha: float) -> bool:
        """Whether a test over queries can reach this level: with one of two signs each, none is under 2^-queries [1]_.

        A query that outweighs the others leaves little more than its own sign, so the effective number counts.

        .. [1] Canay, I., Romano, J. and Shaikh, A. (2017). Randomization tests under an approximate symmetry
           assumption. Econometrica 85.
        """
        return self.effective_queries is None or 2.0 ** -math.ceil(self.effective_queries) <= alpha


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ErrorSample:
    """The residual errors of one sample, shape (n, 3), and the query of each pair, counted from 0, with their order.

    `scatter` is the relative variance of a mean over one pair for each error and for their gap, clustering included: a
    group that behaves like the whole has scatter / n. Where errors are disagreements of labels, which scatter as counts
    do, a group without any has not no error: `half` a disagreement is added to the sum of each, shape (3,).
    """

    errors: np.ndarray
    queries: np.ndarray
    by_query: np.ndarray
    scatter: np.ndarray = field(default_factory=lambda: np.zeros(4))
    half: np.ndarray = field(default_factory=lambda: np.zeros(3))

    @classmethod
    def of(cls, scores: Scores, residuals: Residuals) -> "ErrorSample":
        student, teacher = residuals.of_student, residuals.of_teacher
        errors = np.stack((student, teacher, (student + teacher) / 2)).T
        codes = np.arange(len(errors)) if scores.queries is None else np.unique(scores.queries, return_inverse=True)[1]
        plain = cls(errors=errors, queries=codes, by_query=np.argsort(codes, kind="stable"))
        sums = _total(plain._sums_by_query(np.ones(len(errors), dtype=bool)))
        scatter = _relative_variance(sums, plain.half) * len(errors)
        half = plain.half if scores.is_ranked else scatter[:3] / 2
        return replace(plain, scatter=scatter, half=half)

    def adjusted(self, factors: np.ndarray) -> "ErrorSample":
        """The sample with each pair's errors divided by its factor, shape (n,)."""
        return replace(self, errors=self.errors / factors[:, None])

    def level(self, chosen: np.ndarray) -> Level:
        """Level of the pairs at `chosen`, a boolean mask with at least one entry set.

        Notes
        -----
        The relative variance is the group's own, clustered by query, shrunk towards that of the whole sample [1]_,
        so that a group of a few queries is not judged by a scatter that it cannot show.

        References
        ----------
        .. [1] Smyth, G. K. (2004). Linear models and empirical Bayes methods. Statistical Applications in Genetics 3.
        """
        return self._level(_total(self._sums_by_query(chosen)))

    def levels(self, groups: np.ndarray, n_groups: int, chosen: np.ndarray) -> list[Level | None]:
        """Level of the chosen pairs of each group; None where there are none."""
        return self._levels_of(self._cells(groups, n_groups, chosen), n_groups)

    def levels_of_rests(self, groups: np.ndarray, n_groups: int, chosen: np.ndarray) -> list[Level | None]:
        """Level of the chosen pairs outside each group; None where there are none."""
        return self._levels_outside(self._cells(groups, n_groups, chosen), n_groups, chosen)

    def levels_and_rests(
        self, groups: np.ndarray, n_groups: int, chosen: np.ndarray, familiar: np.ndarray
    ) -> tuple[list[Level | None], list[Level | None]]:
        """`levels` of the chosen pairs and `levels_of_rests` of the familiar, which are the same ones as a rule."""
        cells = self._cells(groups, n_groups, chosen)
        others = cells if np.array_equal(chosen, familiar) else self._cells(groups, n_groups, familiar)
        return self._levels_of(cells, n_groups), self._levels_outside(others, n_groups, familiar)

    def components(self, side: int, chosen: np.ndarray) -> tuple[float, float]:
        """Variance of one pair's error, and covariance of two of one query, over the square of the mean."""
        errors = self.errors[chosen, side]
        return variance_components(errors / max(float(errors.mean()), TINY) - 1, self.queries[chosen])

    def _levels_of(self, found: tuple[np.ndarray, np.ndarray], n_groups: int) -> list[Level | None]:
        place, cells = found
        inside = _add_up(place[0], _sums(cells[0], cells[1:]), n_groups)
        return [self._level(sums) if sums[N_PAIRS] else None for sums in inside.T]

    def _levels_outside(
        self, found: tuple[np.ndarray, np.ndarray], n_groups: int, chosen: np.ndarray
    ) -> list[Level | None]:
        place, cells = found
        by_query = self._sums_by_query(chosen)
        counts, errors = by_query[N_PAIRS][place[1]], by_query[E][:, place[1]]  # of each cell's whole query
        change = _sums(counts - cells[0], errors - cells[1:]) - _sums(counts, errors)
        rests = _total(by_query)[:, None] + _add_up(place[0], change, n_groups)
        return [self._level(sums) if round(sums[N_PAIRS]) else None for sums in rests.T]

    def _sums_by_query(self, chosen: np.ndarray) -> np.ndarray:
        queries, n_queries = self.queries[chosen], int(self.queries.max(initial=-1)) + 1
        counts = np.bincount(queries, minlength=n_queries).astype(float)
        return _sums(counts, _add_up(queries, self.errors.T[:, chosen], n_queries))

    def _cells(self, groups: np.ndarray, n_groups: int, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Group and query of each cell of the chosen pairs, and its pairs and errors."""
        rows = self.by_query[chosen[self.by_query]]
        code = self.queries[rows] * n_groups + groups[rows]
        order = np.argsort(code, kind="stable")  # fast, as queries are in order
        rows, is_first = rows[order], np.diff(code[order], prepend=-1) > 0
        found, cell = code[order][is_first], np.cumsum(is_first) - 1
        counts = np.bincount(cell).astype(float)
        errors = _add_up(cell, self.errors.T[:, rows], len(found))
        return np.stack((found % n_groups, found // n_groups)), np.vstack((counts, errors))

    def _level(self, sums: np.ndarray) -> Level:
        n_pairs, n_queries = round(sums[N_PAIRS]), round(sums[N_QUERIES])
        own, usual, mean = _relative_variance(sums, self.half), self.scatter / n_pairs, _mean(sums, self.half)
        if is_count := bool(self.half.any()):
            usual = usual / np.append(mean, mean[BOTH])  # the variance of a count is as large as the count
        error = np.sqrt((own * (n_queries - 1) + usual * PRIOR_QUERIES) / (n_queries - 1 + PRIOR_QUERIES))
        return Level(
            log_mean=np.log(mean),
            standard_error=error[:3],
            gap_error=float(error[3]),
            degrees=n_queries - 1 + PRIOR_QUERIES,
            n_pairs=n_pairs,
            n_queries=n_queries,
            is_count=is_count,
            effective_queries=float(sums[N_PAIRS] ** 2 / sums[N_SQUARES]),
        )


def _sums(counts: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """What each query adds to the sums of its group, shape (N_SUMS, n_queries)."""
    sums = np.empty((N_SUMS, len(counts)))
    sums[N_PAIRS] = counts
    sums[N_QUERIES] = counts > 0.5
    sums[N_SQUARES] = counts**2
    sums[CROSS] = errors[STUDENT] * errors[TEACHER]
    sums[E] = errors
    sums[E_TIMES_N] = errors * counts
    sums[E_SQUARED] = errors**2
    return sums


def _total(sums: np.ndarray) -> np.ndarray:
    """Sums over all queries, shape (N_SUMS,), added one after another as those of groups are."""
    return np.asarray(np.cumsum(sums, axis=1)[:, -1])


def _add_up(groups: np.ndarray, values: np.ndarray, n_groups: int) -> np.ndarray:
    """Sum of each row of values within each group, shape (n_rows, n_groups)."""
    return np.stack([np.bincount(groups, weights=row, minlength=n_groups) for row in values])


def _mean(sums: np.ndarray, half: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum((sums[E] + half) / sums[N_PAIRS], TINY))


def _relative_variance(sums: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Variance of each mean error in units of its square, and of the gap of the first two, clustered by query."""
    mean = _mean(sums, half)
    squares = (sums[E_SQUARED] + 2 * half**2) / mean**2 - 2 * sums[E_TIMES_N] / mean + sums[N_SQUARES]
    parts = sums[E_SQUARED][:2] / mean[:2] ** 2
    gap = parts.sum() - 2 * sums[CROSS] / (mean[STUDENT] * mean[TEACHER])
    correction = sums[N_QUERIES] / max(1.0, sums[N_QUERIES] - 1)
    return np.maximum(np.append(squares, gap), 0.0) * correction / sums[N_PAIRS] ** 2
