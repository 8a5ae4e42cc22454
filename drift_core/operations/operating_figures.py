"""What calls cost, how long they take and how often they fail, the students' beside the teacher's."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.call_costs import cost_ratio, mean_cost
from drift_core.measures.proportion import proportion
from drift_core.measures.scores import Scores
from drift_core.operations.quantile import quantile, quotient
from drift_core.samples.costs_and_latencies import COSTS, EVENTS, LATENCIES
from drift_core.samples.pairs import ScoredPairs

Who = Literal["student", "student_before", "teacher"]
WHO: tuple[Who, ...] = ("student", "student_before", "teacher")
WHO_WORDS = {"student": "the student", "student_before": "the student before", "teacher": "the teacher"}
CALLS = 1000
QUANTILES = {"P50 latency (ms)": 0.5, "P95 latency (ms)": 0.95, "P99 latency (ms)": 0.99}
COST = f"Cost per {CALLS:,} calls"
RATES = {"fallback": "Calls that fell back", "retries": "Calls that were retried", "timeout": "Calls that timed out"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingFigure:
    """One figure of one model.

    Attributes
    ----------
    figure, who
        What is measured, and of which model.
    value
        The figure with its interval; of a rate, a fraction.
    of_teacher, of_before
        The same as a share of the teacher's and of the student before; None where there is nothing to divide by.
    is_rate
        Whether it is a share of the calls.
    """

    figure: str
    who: Who
    value: Measurement
    of_teacher: Measurement | None = None
    of_before: Measurement | None = None
    is_rate: bool = False

    @property
    def text(self) -> str:
        """The value with its interval, a rate in percent; else all three with as many decimals as the value takes."""
        return format(self.value, ".1%" if self.is_rate else _three_digits(self.value))

    def to_json(self) -> dict[str, object]:
        return {
            "figure": self.figure,
            "of": self.who,
            "value": self.value.to_json(),
            "of_teacher": self.of_teacher and self.of_teacher.to_json(),
            "of_before": self.of_before and self.of_before.to_json(),
        }


def _three_digits(value: Measurement) -> str:
    """The format that gives a value three digits, and the ends of its interval as many decimals."""
    size = abs(value.estimate) if isinstance(value, Measured) else 0.0
    return f",.{max(0, 2 - math.floor(math.log10(size)))}f" if size else ",.2f"


def operating_figures(sample: ScoredPairs, *, confidence: float) -> tuple[OperatingFigure, ...]:
    """Tabulate cost, latency, fallbacks, retries and timeouts of every model that the sample has them of.

    Notes
    -----
    All intervals count queries, and with sampling weights all figures are those of the traffic. The mean cost has an
    interval that sums within queries, its ratio by the delta method on calls that have both costs; a quantile of
    latency that of `quantile`, a rate that of `proportion`. The share of another model's quantile lies between the
    ratios of opposite limits, each at half the error rate.
    """
    found = [_cost(sample, who, confidence) for who in WHO if COSTS[who] in sample.operations]
    for figure, level in QUANTILES.items():
        found += [
            _latency(sample, figure, level, who, confidence) for who in WHO if LATENCIES[who] in sample.operations
        ]
    for event, figure in RATES.items():
        columns = {who: EVENTS[event][who] for who in WHO if EVENTS[event][who] in sample.operations}
        found += [_rate(sample, figure, column, who, confidence) for who, column in columns.items()]
    return tuple(found)


def _cost(sample: ScoredPairs, who: Who, confidence: float) -> OperatingFigure:
    costs = sample.operations[COSTS[who]]
    value = mean_cost(costs * CALLS, sample, confidence=confidence)
    shares = {
        name: Unmeasured(reason="The teacher's cost is not known.")
        if COSTS[other] not in sample.operations
        else cost_ratio(costs, sample.operations[COSTS[other]], sample, confidence=confidence)
        for name, other in _compared_with(who, COSTS, sample)
    }
    return OperatingFigure(
        figure=COST, who=who, value=value, of_teacher=shares.get("of_teacher"), of_before=shares.get("of_before")
    )


def _compared_with(who: Who, columns: Mapping[str, str], sample: ScoredPairs) -> list[tuple[str, Who]]:
    """Whose share a figure is told as: of the teacher's, and of the student before where its figures are there."""
    found: list[tuple[str, Who]] = [] if who == "teacher" else [("of_teacher", "teacher")]
    is_before = who == "student" and columns["student_before"] in sample.operations
    return [*found, *([("of_before", "student_before")] if is_before else [])]  # type: ignore[list-item]


def _latency(sample: ScoredPairs, figure: str, level: float, who: Who, confidence: float) -> OperatingFigure:
    def measured(of: Who, at: float) -> Measurement:
        latencies = sample.operations[LATENCIES[of]]
        return quantile(latencies, level, weights=sample.weight, queries=sample.query_codes, confidence=at)

    each = (1 + confidence) / 2
    shares = {
        name: Unmeasured(reason="The teacher's latency is not known.")
        if LATENCIES[other] not in sample.operations
        else quotient(measured(who, each), measured(other, each), confidence)
        for name, other in _compared_with(who, LATENCIES, sample)
    }
    value, of_teacher, of_before = measured(who, confidence), shares.get("of_teacher"), shares.get("of_before")
    return OperatingFigure(figure=figure, who=who, value=value, of_teacher=of_teacher, of_before=of_before)


def _rate(sample: ScoredPairs, figure: str, column: str, who: Who, confidence: float) -> OperatingFigure:
    """The share of calls with the event; of retries, with at least one."""
    events = sample.operations[column]
    known = np.isfinite(events)
    calls = Scores(
        student=events[known],
        teacher=events[known],
        queries=sample.query_codes[known],
        weights=None if sample.weight is None else sample.weight[known],
    )
    value = proportion(events[known] > 0, calls, confidence=confidence)
    return OperatingFigure(figure=figure, who=who, value=value, is_rate=True)
