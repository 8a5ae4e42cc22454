"""Levels of error of groups of pairs and how they compare, with standard errors that count queries.

Three measures: the student's residual error, the teacher's, and the rank variance that agreement leaves unexplained.
"""

from dataclasses import dataclass

import numpy as np

from drift_core.measures.agreement import agreement_influence
from drift_core.measures.estimate import Measured
from drift_core.measures.ranks import mid_ranks
from drift_core.measures.residuals import Residuals
from drift_core.measures.scores import Scores

PRIOR_QUERIES = 10  # weight of the whole sample's scatter beside a group's own
USUAL_BETWEEN = 0.15  # usual sd of the log error between topics of one product: agreement 0.90 beside 0.885 or 0.915
PRIOR_GROUPS = 3  # groups that this expectation counts for
TINY = 1e-9
ENOUGH = 8_000  # pairs of a group that are measured; more would sharpen what is sharp already
AGREES = 1.0  # standard errors of a difference up to which two references are pooled
MOST = 0.999  # agreement is cut here before its logarithm is taken


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Level:
    """Mean error of one group, on the log scale.

    Attributes
    ----------
    log_mean, standard_error, degrees
        One entry for each of the three measures.
    n_pairs, n_queries
        Size of the group.
    """

    log_mean: np.ndarray
    standard_error: np.ndarray
    degrees: float
    n_pairs: int
    n_queries: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ErrorSample:
    """One sample with its residual errors, shape (n, 2), and the query of each pair.

    `scatter` is the variance of a mean over one pair in units of its square, clustering included: a group that behaves
    like the whole has the relative variance scatter / n. `lot` decides which pairs of a very large group are measured.
    """

    scores: Scores
    errors: np.ndarray
    queries: np.ndarray
    scatter: np.ndarray
    lot: np.ndarray

    @classmethod
    def of(cls, scores: Scores, residuals: Residuals) -> "ErrorSample":
        errors = residuals.both()
        queries = np.arange(len(errors)) if scores.queries is None else scores.queries
        mean, variance, _ = _moments(errors, _dense(queries))
        scatter = variance * len(errors) / np.maximum(mean, TINY) ** 2
        return cls(scores=scores, errors=errors, queries=queries, scatter=scatter, lot=_lot(scores))

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
        n_chosen = int(np.count_nonzero(chosen))
        if n_chosen > ENOUGH:
            chosen = chosen & (self.lot < ENOUGH / n_chosen)
        rows = np.flatnonzero(chosen)
        errors, queries = self.errors[rows], _dense(self.queries[rows])
        mean, variance, n_queries = _moments(errors, queries)
        mean = np.maximum(mean, TINY)
        unexplained, its_variance, explained = self._unexplained(rows, queries)
        own = np.append(variance / mean**2, its_variance)
        usual = np.append(self.scatter, self.scatter.mean() * 2 * explained) / len(errors)
        relative = (own * (n_queries - 1) + usual * PRIOR_QUERIES) / (n_queries - 1 + PRIOR_QUERIES)
        return Level(
            log_mean=np.append(np.log(mean), unexplained),
            standard_error=np.sqrt(relative),
            degrees=n_queries - 1 + PRIOR_QUERIES,
            n_pairs=len(errors),
            n_queries=n_queries,
        )

    def _unexplained(self, rows: np.ndarray, queries: np.ndarray) -> tuple[float, float, float]:
        """Log of one minus squared agreement, its variance, and the squared agreement."""
        student, teacher = self.scores.student[rows], self.scores.teacher[rows]
        if min(np.ptp(student), np.ptp(teacher)) == 0:
            return 0.0, 0.0, 0.0
        found = agreement_influence(student, teacher)
        parts = found.by_query(queries)
        rho = float(np.clip(found.estimate, -MOST, MOST))
        slope = 2 * rho / (1 - rho**2)
        return float(np.log(1 - rho**2)), float(slope**2 * (parts @ parts)), rho**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """How much larger one level is than another, on the log scale, by the measure that shows it least.

    `p_value` is one-sided, of "no larger by at least one measure": an intersection-union test over the measures [1]_.

    .. [1] Berger, R. L. (1982). Multiparameter hypothesis testing and acceptance sampling. Technometrics 24.
    """

    estimate: float
    standard_error: float
    degrees: float
    p_value: float
    n_pairs: int
    n_queries: int

    def measured(self, confidence: float) -> Measured:
        from drift_core.measures.intervals import t_quantile

        reach = t_quantile(confidence, self.degrees) * self.standard_error
        return Measured(
            estimate=self.estimate,
            low=self.estimate - reach,
            high=self.estimate + reach,
            confidence=confidence,
            standard_error=self.standard_error,
            n_pairs=self.n_pairs,
            n_queries=self.n_queries,
        )


def rise_of(after: Level, before: Level, *, between: "Between | None" = None) -> Rise:
    """Compare two groups scored on one scale; `between` is the variance by which such groups differ anyway."""
    variances = [after.standard_error**2, before.standard_error**2]
    degrees = [after.degrees, before.degrees]
    if between is not None:
        variances.append(between.variance * (1 + 1 / between.n_groups))
        degrees.append(between.degrees)
    merged = [merge_residuals(values) for values in variances]
    if between is not None:
        merged[-1][0] = 0.0  # the residual errors only have to show that the fall is none of a narrow range
    return worst_rise(
        merge_residuals(after.log_mean - before.log_mean), merged, degrees, after.n_pairs, after.n_queries
    )


def pooled(one: Level, two: Level) -> Level:
    """Both levels as one where they agree by every measure, else the first alone."""
    variances = one.standard_error**2, two.standard_error**2
    if np.any(np.abs(one.log_mean - two.log_mean) > AGREES * np.sqrt(variances[0] + variances[1])):
        return one
    weights = 1 / np.maximum(variances[0], TINY), 1 / np.maximum(variances[1], TINY)
    return Level(
        log_mean=(weights[0] * one.log_mean + weights[1] * two.log_mean) / (weights[0] + weights[1]),
        standard_error=np.sqrt(1 / (weights[0] + weights[1])),
        degrees=one.degrees + two.degrees,
        n_pairs=one.n_pairs + two.n_pairs,
        n_queries=one.n_queries + two.n_queries,
    )


def merge_residuals(values: np.ndarray) -> np.ndarray:
    """One entry for both residual errors: on one scale neither can be mistaken for a moved scale."""
    return np.array([values[:2].mean(), values[2]])


def worst_rise(
    estimates: np.ndarray, variances: list[np.ndarray], degrees: list[float], n_pairs: int, n_queries: int
) -> Rise:
    """The rise with the largest p-value over the measures, at Welch's degrees of freedom."""
    from scipy.special import stdtr

    total = np.maximum(sum(variances), TINY**2)
    joint = total**2 / np.maximum(sum(v**2 / d for v, d in zip(variances, degrees, strict=True)), TINY**4)
    p_values = stdtr(np.minimum(joint, 1e6), -estimates / np.sqrt(total))
    worst = int(np.argmax(p_values))
    return Rise(
        estimate=float(estimates[worst]),
        standard_error=float(np.sqrt(total[worst])),
        degrees=float(min(joint[worst], 1e6)),
        p_value=float(p_values[worst]),
        n_pairs=n_pairs,
        n_queries=n_queries,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Between:
    """Variance of log levels between groups beyond what their own errors explain, shape (m,)."""

    variance: np.ndarray
    degrees: float
    n_groups: int


def between_groups(levels: list[Level]) -> Between:
    """Estimate the variance between groups by moments [1]_, shrunk towards a usual size where groups are few.

    .. [1] DerSimonian, R. and Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7.
    """
    n_groups = max(1, len(levels))
    found, known = 0.0, n_groups - 1
    if known:
        values = np.array([level.log_mean for level in levels])
        weights = 1 / np.maximum(np.array([level.standard_error for level in levels]) ** 2, TINY)
        total = weights.sum(axis=0)
        mean = (weights * values).sum(axis=0) / total
        excess = (weights * (values - mean) ** 2).sum(axis=0) - known
        found = np.maximum(excess / (total - (weights**2).sum(axis=0) / total), 0.0)
    variance = (known * found + PRIOR_GROUPS * USUAL_BETWEEN**2) / (known + PRIOR_GROUPS)
    return Between(variance=np.asarray(variance) * np.ones(3), degrees=known + PRIOR_GROUPS, n_groups=n_groups)


def _lot(scores: Scores) -> np.ndarray:
    """A number in [0, 1) for each pair, spread evenly over the scores and the same in any order of the rows."""
    golden, silver = (np.sqrt(5) - 1) / 2, np.sqrt(2) - 1
    return np.asarray((mid_ranks(scores.teacher) * golden + mid_ranks(scores.student) * silver) % 1)


def _dense(queries: np.ndarray) -> np.ndarray:
    """Codes from 0 up without gaps."""
    return np.unique(queries, return_inverse=True)[1]


def _moments(errors: np.ndarray, queries: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Mean, its variance clustered by query, and the number of queries, from codes without gaps."""
    columns = np.ascontiguousarray(errors.T)
    mean = columns.mean(axis=1)
    n_queries = int(queries.max()) + 1
    sums = np.stack([np.bincount(queries, weights=column) for column in columns - mean[:, None]])
    correction = n_queries / max(1, n_queries - 1)
    return mean, (sums**2).sum(axis=1) * correction / len(errors) ** 2, n_queries
