"""How levels of residual error compare: over time, within a sample, on the same pairs, and against what is usual."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from drift_core.measured import Measured
from drift_core.measures.fisher import ZScale
from drift_core.measures.intervals import t_interval
from drift_core.measures.residual_levels import BOTH, STUDENT, TEACHER, TINY, Level
from drift_core.measures.residuals import Residuals
from drift_core.samples.score_kind import Measure

USUAL_BETWEEN = 0.15  # usual sd of the log error between topics of one product: agreement 0.90 beside 0.885 or 0.915
PRIOR_GROUPS = 3  # groups that this expectation counts for
SCALES_DIFFER = 2.5  # standard errors by which the two residuals' rises must differ before a moved scale is supposed


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """How much larger one level of error is than another, on the log scale; `p_value` is one-sided."""

    estimate: float
    standard_error: float
    degrees: float
    p_value: float
    n_pairs: int
    n_queries: int

    def measured(self, confidence: float) -> Measured:
        return t_interval(
            self.estimate,
            self.standard_error,
            degrees=self.degrees,
            confidence=confidence,
            n_pairs=self.n_pairs,
            n_queries=self.n_queries,
        )


def rise_of(after: Level, before: Level, *, side: int = BOTH, between: "Between | None" = None) -> Rise:
    """Compare the errors of `side` of two groups, or of one in two samples.

    `between` is the variance by which such groups differ anyway.
    """
    above, below = (
        [(after.standard_error[side] ** 2, after.degrees)],
        [(before.standard_error[side] ** 2, before.degrees)],
    )
    if between is not None:
        # of counts the expected one scatters so, and what is seen scatters around that
        (below if after.is_count else above).append((between.variance * (1 + 1 / between.n_groups), between.degrees))
    return _rise(after.log_mean[side] - before.log_mean[side], above, below, after)


def scales_differ(after: Level, before: Level) -> bool:
    """Whether the two residual errors rose so differently that one side's scale must have moved."""
    gains = after.log_mean - before.log_mean
    return bool(abs(gains[STUDENT] - gains[TEACHER]) > SCALES_DIFFER * np.hypot(after.gap_error, before.gap_error))


def paired_rise(after: Residuals, before: Residuals, queries: np.ndarray | None) -> Rise:
    """Compare the errors of the same pairs under two teachers."""
    codes = np.arange(len(after.of_student)) if queries is None else np.unique(queries, return_inverse=True)[1]
    both = [np.column_stack((errors.both(), errors.both().mean(axis=1))) for errors in (after, before)]
    means = [np.maximum(errors.mean(axis=0), TINY) for errors in both]
    parts = both[0] / means[0] - both[1] / means[1]
    parts = np.column_stack((parts, parts[:, STUDENT] - parts[:, TEACHER]))
    sums = np.stack([np.bincount(codes, weights=column) for column in parts.T], axis=1)
    n_queries = len(sums)
    variances = (sums**2).sum(axis=0) * n_queries / max(1, n_queries - 1) / len(codes) ** 2
    gains = np.log(means[0] / means[1])
    is_moved = abs(gains[STUDENT] - gains[TEACHER]) > SCALES_DIFFER * np.sqrt(variances[3])
    side = STUDENT if is_moved else BOTH  # only the teacher's scale can have moved between two teachers
    level = Level(
        log_mean=gains,
        standard_error=np.sqrt(variances[:3]),
        gap_error=0.0,
        degrees=max(1, n_queries - 1),
        n_pairs=len(codes),
        n_queries=n_queries,
    )
    half = [(variances[side] / 2, level.degrees / 2)]  # of the difference, for each of the two
    return _rise(gains[side], half, half, level)


def rise_beyond(after: Level, before: Level, usual: Level, usual_before: Level, *, side: int = BOTH) -> Rise:
    """Compare the rise of the errors of `side` in a group with the rise of the rest."""
    levels = (after, usual_before, before, usual)
    parts = [(level.standard_error[side] ** 2, level.degrees) for level in levels]
    estimate = sum(sign * level.log_mean[side] for sign, level in zip((1, 1, -1, -1), levels, strict=True))
    return _rise(estimate, parts[:2], parts[2:], after)


def chance_of_ratio(ratio: Any, over: Any, under: Any, *, is_count: bool) -> Any:
    """Chance of so large a ratio of two mean errors, each with two over its relative variance as degrees of freedom.

    Arrays of one shape, or numbers. Disagreements are counts, half a one more than was seen: that so many of both are
    in one group is a binomial tail, which is an F at twice the counts, exchanged [1]_; of what was seen itself about
    half is counted.

    .. [1] Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing samples from Poisson series.
       Biometrika 31.
    """
    from scipy.special import fdtrc

    if is_count:  # half a disagreement more in what it is compared with
        return fdtrc(under + 1, over, ratio * under / (under + 1))
    return fdtrc(over, under, ratio)


def _rise(estimate: float, above: list[tuple[float, float]], below: list[tuple[float, float]], after: Level) -> Rise:
    """The rise with its one-sided p-value, from variance and degrees of freedom of each level above and below the line.

    Mean squared errors scatter about as chi-squared values with twice the inverse of their relative variance as degrees
    of freedom [1]_, their ratio as F; the logarithm alone would take few queries for much less than they say. That the
    variances are estimated counts by Welch's degrees.

    .. [1] Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. Biometrics
       Bulletin 2.
    """
    from scipy.special import ndtri, stdtr

    parts = above + below
    total = max(sum(v for v, _ in parts), TINY**2)
    joint = min(total**2 / max(sum(v**2 / d for v, d in parts), TINY**4), 1e6)
    over, under = (float(2 / max(sum(v for v, _ in side), TINY)) for side in (above, below))
    chance = float(chance_of_ratio(float(np.exp(estimate)), over, under, is_count=after.is_count))
    return Rise(
        estimate=float(estimate),
        standard_error=float(np.sqrt(total)),
        degrees=float(joint),
        p_value=float(stdtr(joint, float(ndtri(chance)))),
        n_pairs=after.n_pairs,
        n_queries=after.n_queries,
    )


def pooled(one: Level, two: Level) -> Level:
    """Both levels as one where they agree within a standard error, else the one of larger error."""
    variances = one.standard_error**2, two.standard_error**2
    if np.any(np.abs(one.log_mean - two.log_mean) > np.sqrt(variances[0] + variances[1])):
        return max(one, two, key=lambda level: level.log_mean[BOTH])
    weights = [1 / np.maximum(variance, TINY) for variance in variances]
    return Level(
        log_mean=(weights[0] * one.log_mean + weights[1] * two.log_mean) / (weights[0] + weights[1]),
        standard_error=np.sqrt(1 / (weights[0] + weights[1])),
        gap_error=min(one.gap_error, two.gap_error),
        degrees=one.degrees + two.degrees,
        n_pairs=one.n_pairs + two.n_pairs,
        n_queries=one.n_queries + two.n_queries,
        is_count=one.is_count,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Variance of log errors between groups beyond what their own errors explain."""

    variance: float
    degrees: float
    n_groups: int

    def beside(self, now: Level, before: Level, side: int) -> "Between":
        """The same where the usual error grew from `before`; what adds one error to all makes ratios smaller."""
        growth = float(np.exp(max(now.log_mean[side] - before.log_mean[side], 0.0)))
        return replace(self, variance=self.variance / growth**2)


def between_groups(values: np.ndarray, errors: np.ndarray) -> Between:
    """Estimate the variance between groups by moments [1]_, shrunk towards a usual size where groups are few.

    Parameters
    ----------
    values, errors
        Log error of each group and its standard error, shape (n_groups,).

    .. [1] DerSimonian, R. and Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7.
    """
    n_groups = max(1, len(values))
    found, known = 0.0, n_groups - 1
    if known:
        weights = 1 / np.maximum(errors**2, TINY)
        mean = (weights * values).sum() / weights.sum()
        excess = (weights * (values - mean) ** 2).sum() - known
        found = max(excess / (weights.sum() - (weights**2).sum() / weights.sum()), 0.0)
    variance = (known * found + PRIOR_GROUPS * USUAL_BETWEEN**2) / (known + PRIOR_GROUPS)
    return Between(variance=float(variance), degrees=known + PRIOR_GROUPS, n_groups=n_groups)


def between_levels(levels: list[Level]) -> Between:
    """Variance of the log error between groups; see `between_groups`."""
    return between_groups(
        np.array([level.log_mean[BOTH] for level in levels]), np.array([level.standard_error[BOTH] for level in levels])
    )


def usual_factors(levels: list[Level | None], whole: Level) -> np.ndarray:
    """How many times the whole sample's error each group shows, shrunk towards 1 by how little is known of it.

    .. [1] Efron, B. and Morris, C. (1975). Data analysis using Stein's estimator. JASA 70.
    """
    known = [level for level in levels if level]
    between = between_levels(known).variance
    factors = np.ones(len(levels))
    for place, level in enumerate(levels):
        if level:
            share = between / (between + level.standard_error[BOTH] ** 2)
            factors[place] = np.exp(share * (level.log_mean[BOTH] - whole.log_mean[BOTH]))
    return factors


def mixed_level(parts: list[tuple[float, Level]]) -> Level:
    """Level of several groups together, each with its share of the whole."""
    share = np.array([weight for weight, _ in parts])[:, None]
    means = share * np.exp([level.log_mean for _, level in parts])
    total = means.sum(axis=0)
    relative = means / total
    gap = relative[:, :2].mean(axis=1) * [level.gap_error for _, level in parts]
    return Level(
        log_mean=np.log(total),
        standard_error=np.sqrt(((relative * [level.standard_error for _, level in parts]) ** 2).sum(axis=0)),
        gap_error=float(np.sqrt(gap @ gap)),
        degrees=float(sum(level.n_queries for _, level in parts) - 1),
        n_pairs=sum(level.n_pairs for _, level in parts),
        n_queries=sum(level.n_queries for _, level in parts),
        is_count=parts[0][1].is_count,
    )


def rise_by_mix(before: list[tuple[float, Level]], after: list[tuple[float, Level]], *, side: int = BOTH) -> Rise:
    """Compare the errors of the same groups of one sample in two mixes, each a share and a level of every group."""
    mixed = mixed_level(after)
    means = np.array([np.exp(level.log_mean[side]) for _, level in before])
    parts = [means * [share for share, _ in mix] for mix in (before, after)]
    moved = parts[1] / parts[1].sum() - parts[0] / parts[0].sum()
    variance = float(((moved * [level.standard_error[side] for _, level in before]) ** 2).sum())
    half = [(variance / 2, mixed.degrees / 2)]
    return _rise(float(np.log(parts[1].sum() / parts[0].sum())), half, half, replace(mixed, is_count=False))


def loss_implied(agreement: float, rise: float, *, measure: Measure = "Spearman") -> float:
    """Loss of agreement that a rise of the log error comes to, where the range of scores stays as it is."""
    return agreement - ZScale(measure).after(agreement, float(np.exp(rise)))
