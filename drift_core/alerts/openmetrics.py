"""The state of every student in a history as OpenMetrics text, which a Prometheus or its node_exporter reads.

Gauges alone and no times of samples, as node_exporter's textfile collector refuses any other type and any time.
"""

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.figures import RegionFigure
from drift_core.canary.status import alarm_rows
from drift_core.canary.students import students_of
from drift_core.measured import Measured, Measurement
from drift_core.version import VERSION
from drift_core.wording import one_line

if TYPE_CHECKING:
    from drift_core.diagnosis.diagnosis import Diagnosis

PREFIX = "distillation_drift"
UNNAMED = "without a version"
N_REGIONS = 50  # a student: those that alarm, then the largest
MOST_SIGNS = 100  # of a label's value
# Families in the order of writing: their unit and help. What is no ratio has no unit.
FAMILIES: Mapping[str, tuple[str, str]] = {
    "agreement": ("", "Agreement of student and teacher in the newest measured week."),
    "agreement_low": ("", "Low end of its interval."),
    "agreement_high": ("", "High end of its interval."),
    "agreement_baseline": ("", "Agreement that weeks are compared with."),
    "agreement_floor": ("", "Agreement under which a release is blocked."),
    "overlap_ratio": ("ratio", "Share of the teacher's top that the student has too."),
    "overlap_low_ratio": ("ratio", "Low end of its interval."),
    "overlap_high_ratio": ("ratio", "High end of its interval."),
    "alarm": ("", "1 where the newest measured week alarms, else 0."),
    "alarm_since_timestamp_seconds": ("seconds", "Unix time of the first week of the alarm that lasts."),
    "gap": ("", "1 where the newest week could not be judged, else 0."),
    "week_timestamp_seconds": ("seconds", "Unix time that the newest week stands for."),
    "pairs": ("", "Pairs of the newest week."),
    "queries": ("", "Queries of the newest week."),
    "output_entropy_bits": ("bits", "Entropy of the student's outputs."),
    "missing_teacher_scores_ratio": ("ratio", "Share of the pairs measured last that the teacher gave no score."),
    "cost_per_call": ("", "Mean cost of a call in the sample measured last, in the currency of its columns."),
    "region_agreement": ("", "Agreement in a region in the newest measured week."),
    "region_agreement_low": ("", "Low end of its interval."),
    "region_agreement_high": ("", "High end of its interval."),
    "region_share_ratio": ("ratio", "Share of the week's pairs in the region."),
    "region_alarm": ("", "1 where the region's weeks together alarm, else 0."),
    "build_info": ("", "1, with the version that wrote this."),
}


@dataclass(frozen=True, slots=True)
class _Sample:
    family: str
    labels: Mapping[str, str]
    value: float


def openmetrics(
    weeks: Sequence[WeekAssessment],
    *,
    floor_of: Callable[[WeekAssessment], float],
    measured: "tuple[str | None, Diagnosis] | None" = None,
) -> str:
    """Write the newest week of every student.

    Parameters
    ----------
    weeks
        All judged weeks in order, their runs with regions.
    floor_of
        Agreement under which a release of a week's student is blocked.
    measured
        The student version and the diagnosis of the sample measured now, for what a history does not keep.
    """
    samples = [_Sample("build_info", {"version": VERSION}, 1)]
    for version in students_of([week.run for week in weeks]):
        own = [week for week in weeks if week.run.student_version == version]
        samples += _of_student(own, floor_of)
    if measured is not None:
        samples += _of_sample(*measured)
    lines = [line for family in FAMILIES for line in _family(family, [one for one in samples if one.family == family])]
    return "\n".join([*lines, "# EOF", ""])


def _family(family: str, samples: Sequence[_Sample]) -> list[str]:
    """Lines of one family; none where nothing was measured, which is no number."""
    told = [one for one in samples if math.isfinite(one.value)]
    if not told:
        return []
    unit, meaning = FAMILIES[family]
    name = f"{PREFIX}_{family}"
    head = [f"# TYPE {name} gauge", *([f"# UNIT {name} {unit}"] if unit else []), f"# HELP {name} {meaning}"]
    return [*head, *(f"{name}{_labels(one.labels)} {float(one.value)!r}" for one in told)]


def _of_student(weeks: Sequence[WeekAssessment], floor_of: Callable[[WeekAssessment], float]) -> Iterator[_Sample]:
    newest, who = weeks[-1], _who(weeks[-1].run.student_version)
    told = next((week for week in reversed(weeks) if week.status != "gap"), None)
    yield _Sample("gap", who, newest.status == "gap")
    yield _Sample("week_timestamp_seconds", who, newest.run.at.timestamp())
    yield _Sample("pairs", who, newest.run.n_pairs)
    yield _Sample("queries", who, newest.run.n_queries)
    if told is None:
        return
    run, is_alarm = told.run, told.status == "alarm"
    by_measure = {**who, "measure": run.measure}
    yield from _interval("agreement", by_measure, run.agreement)
    yield _Sample("agreement_floor", by_measure, floor_of(told))
    yield _Sample("alarm", who, is_alarm)
    if told.baseline is not None:
        yield _Sample("agreement_baseline", by_measure, told.baseline.agreement.estimate)
    if is_alarm:
        until = weeks[: weeks.index(told) + 1]
        yield _Sample("alarm_since_timestamp_seconds", who, alarm_rows(until)[0][0].run.at.timestamp())
    if run.has_overlap:
        yield from _interval("overlap", {**who, "k": str(run.k)}, run.overlap, unit="_ratio")
    if run.entropy is not None:
        yield from _interval("output_entropy", who, run.entropy.student, unit="_bits", ends=False)
    alarmed = {(each.partition, each.name) for each in told.regions if each.is_alarm}
    for region in sorted(run.regions, key=lambda each: (_key(each) not in alarmed, -each.share, _key(each)))[
        :N_REGIONS
    ]:
        where = {**who, "partition": _bounded(region.partition), "region": _bounded(region.name)}
        yield from _interval("region_agreement", where, region.agreement)
        yield _Sample("region_share_ratio", where, region.share)
        yield _Sample("region_alarm", where, _key(region) in alarmed)


def _of_sample(version: str | None, made: "Diagnosis") -> Iterator[_Sample]:
    n_scored, n_unscored = len(made.production), len(made.production.unscored or ())
    yield _Sample("missing_teacher_scores_ratio", _who(version), n_unscored / (n_scored + n_unscored))
    from drift_core.operations.operating_figures import CALLS, COST

    for each in made.operations.figures:
        if each.figure == COST and isinstance(each.value, Measured):
            yield _Sample("cost_per_call", {**_who(version), "model": each.who}, each.value.estimate / CALLS)


def _key(region: RegionFigure) -> tuple[str, str]:
    return region.partition, region.name


def _interval(
    family: str, labels: Mapping[str, str], measured: Measurement, *, unit: str = "", ends: bool = True
) -> Iterator[_Sample]:
    if not isinstance(measured, Measured):
        return
    yield _Sample(f"{family}{unit}", labels, measured.estimate)
    if ends:
        yield _Sample(f"{family}_low{unit}", labels, measured.low)
        yield _Sample(f"{family}_high{unit}", labels, measured.high)


def _who(version: str | None) -> dict[str, str]:
    return {"student": UNNAMED if version is None else _bounded(version)}


def _bounded(text: str) -> str:
    """A label's value of limited length; what is cut or changed is told apart by its digest."""
    flat = one_line(text)
    if flat == text and len(flat) <= MOST_SIGNS and flat:
        return flat
    return f"{flat[:MOST_SIGNS]}…{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _labels(labels: Mapping[str, str]) -> str:
    escaped = {
        name: value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for name, value in labels.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}"
