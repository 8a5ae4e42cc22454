"""What calls cost and how long they take, the students' beside the teacher's."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.diagnosis.rule import Rule
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.call_costs import cost_ratio, mean_cost
from drift_core.measures.intervals import t_quantile
from drift_core.samples.costs_and_latencies import COSTS, LATENCIES
from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import counted

Who = Literal["student", "student_before", "teacher"]
WHO: tuple[Who, ...] = ("student", "student_before", "teacher")
CALLS = 1000
TINY = 1e-9  # what rounding may take from a share
QUANTILES = {"P50 latency (ms)": 0.5, "P95 latency (ms)": 0.95}
COST = f"Cost per {CALLS:,} calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingFigure:
    """One figure of one model.

    Attributes
    ----------
    figure, who
        What is measured, and of which model.
    value
        The figure with its interval.
    of_teacher
        The same as a share of the teacher's; None for the teacher itself.
    """

    figure: str
    who: Who
    value: Measurement
    of_teacher: Measurement | None = None


def operating_figures(sample: ScoredPairs, *, rule: Rule) -> tuple[OperatingFigure, ...]:
    """Tabulate cost and latency of every model that the sample has figures of.

    Notes
    -----
    The mean cost has an interval that sums within queries, its ratio by the delta method on calls that have both costs.
    A quantile of latency has the limits of its order statistics [1]_, right for any distribution of independent calls.
    With sampling weights all figures are those of the traffic; the limits of a quantile are then weighted quantiles at
    the shares that the order statistics of the effective number of calls have [2]_. The share of the teacher's quantile
    lies between the ratios of opposite limits, each at half the error rate.

    References
    ----------
    .. [1] David, H. A. and Nagaraja, H. N. (2003). Order Statistics, section 7.1.
    .. [2] Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of
       positive counts estimated from survey data. Survey Methodology 24; inverted as by Woodruff (1952), JASA 47.
    """
    found = [_cost(sample, who, rule.confidence) for who in WHO if COSTS[who] in sample.operations]
    for figure, level in QUANTILES.items():
        found += [
            _latency(sample, figure, level, who, rule.confidence) for who in WHO if LATENCIES[who] in sample.operations
        ]
    return tuple(found)


def _cost(sample: ScoredPairs, who: Who, confidence: float) -> OperatingFigure:
    costs, of_teacher = sample.operations[COSTS[who]], sample.operations.get(COSTS["teacher"])
    share: Measurement = Unmeasured(reason="The teacher's cost is not known.")
    if of_teacher is not None:
        share = cost_ratio(costs, of_teacher, sample, confidence=confidence)
    value = mean_cost(costs * CALLS, sample, confidence=confidence)
    return OperatingFigure(figure=COST, who=who, value=value, of_teacher=None if who == "teacher" else share)


def _latency(sample: ScoredPairs, figure: str, level: float, who: Who, confidence: float) -> OperatingFigure:
    latency, of_teacher = sample.operations[LATENCIES[who]], sample.operations.get(LATENCIES["teacher"])
    share: Measurement = Unmeasured(reason="The teacher's latency is not known.")
    if of_teacher is not None:
        each = (1 + confidence) / 2
        own, theirs = (quantile(one, level, weights=sample.weight, confidence=each) for one in (latency, of_teacher))
        share = _quotient(own, theirs, confidence)
    value = quantile(latency, level, weights=sample.weight, confidence=confidence)
    return OperatingFigure(figure=figure, who=who, value=value, of_teacher=None if who == "teacher" else share)


def quantile(values: np.ndarray, level: float, *, weights: np.ndarray | None = None, confidence: float) -> Measurement:
    """Measure a quantile of independent calls, with limits that are two of the values themselves.

    Parameters
    ----------
    values
        Shape (n,); what is not finite is left out.
    level
        Share of the calls below the quantile, in (0, 1).
    weights
        Sampling weights, shape (n,).
    confidence
        Level of the limits.

    Examples
    --------
    >>> found = quantile(np.arange(1.0, 101), 0.5, confidence=0.95)
    >>> found.estimate, found.low, found.high
    (50.0, 40.0, 61.0)
    """
    from scipy.stats import binom

    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    heavy = np.ones(len(order)) if weights is None else weights[order]
    n, tail = len(order), (1 - confidence) / 2
    heavy = heavy / heavy.max() if n else heavy  # so that the squares of large weights stay finite
    effective = int(heavy.sum() ** 2 / (heavy @ heavy) + TINY) if n else 0
    first, last = int(binom.ppf(tail, effective, level)), int(binom.ppf(1 - tail, effective, level)) + 1
    if first < 1 or last > effective:
        calls = counted(n, "call", "calls") + (f" that count as {effective:,}" if effective < n else "")
        return Unmeasured(reason=f"{calls}; too few for P{100 * level:.0f} at this confidence.", n_pairs=n)
    below = np.cumsum(heavy) / heavy.sum()
    wanted = np.array([first / effective, level, last / effective]) - TINY
    low, estimate, high = values[order[np.searchsorted(below, wanted)]].tolist()
    return Measured(
        estimate=estimate,
        low=low,
        high=high,
        confidence=confidence,
        standard_error=(high - low) / (2 * t_quantile(confidence, effective - 1)),
        n_pairs=n,
        n_queries=n,
    )


def _quotient(one: Measurement, two: Measurement, confidence: float) -> Measurement:
    if isinstance(one, Unmeasured):
        return one
    if isinstance(two, Unmeasured):
        return two
    if two.low <= 0:
        return Unmeasured(reason="The teacher's latency reaches 0, so there is no share of it.", n_pairs=two.n_pairs)
    ratio = one.estimate / two.estimate
    return Measured(
        estimate=ratio,
        low=one.low / two.high,
        high=one.high / two.low,
        confidence=confidence,
        standard_error=(one.high / two.low - one.low / two.high) / (2 * t_quantile(confidence, one.n_pairs - 1)),
        n_pairs=min(one.n_pairs, two.n_pairs),
        n_queries=min(one.n_queries, two.n_queries),
    )
