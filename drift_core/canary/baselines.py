"""Which agreement each week is compared with: held-out at ship time, moved by bridges and by what people accepted."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from drift_core.agreement.rule import Rule
from drift_core.canary.assessment import Baseline, WeekAssessment
from drift_core.canary.decision import Decision
from drift_core.canary.figures import Bridge, ErrorFigure
from drift_core.canary.run import CanaryRun
from drift_core.measured import Measured, Unmeasured
from drift_core.samples.score_kind import Measure

NORMAL_95 = 1.959964


def gap_reason(run: CanaryRun, rule: Rule) -> str | None:
    """Why a week cannot be judged, or None: too small a sample, or nothing to measure."""
    if not isinstance(run.agreement, Measured):
        return f"Agreement could not be measured: {run.agreement.reason}"
    if run.n_pairs < rule.canary_min_pairs:
        return f"{run.n_pairs} pairs, fewer than the {rule.canary_min_pairs} that a week needs. Draw a larger sample."
    if run.n_queries < rule.canary_min_queries:
        return (
            f"{run.n_queries} queries, fewer than the {rule.canary_min_queries} that a week needs. "
            "Draw more queries with fewer docs each."
        )
    return None


_Measured = tuple[str | None, Measure]


def _measured(run: CanaryRun) -> _Measured:
    """What has baselines of its own: a version of the student, by one measure of agreement."""
    return run.student_version, run.measure


def follow_baselines(
    runs: Sequence[CanaryRun], decisions: Sequence[Decision], *, rule: Rule
) -> tuple[Baseline | None, ...]:
    """Give each run the baseline that it is compared with, runs in order of time (`in_time`).

    Notes
    -----
    A new version of the student starts with its own held-out, and so does one that answers with labels from now on. A
    revision of the teacher moves the baseline only in a run that has a bridge, the same pairs scored by both revisions;
    until then weeks are compared with the old one. A bridge whose earlier revision is known and is not the baseline's
    moves nothing; see `bridge_refusal`. A revision that comes back has its own baseline again. A gap neither bridges
    nor is accepted.
    """
    accepted = {each.run_key for each in decisions if each.kind == "accept_level"}
    current: dict[_Measured, Baseline | None] = {}
    known: dict[tuple[_Measured, str], Baseline] = {}
    found = []
    for run in runs:
        version = _measured(run)
        if version not in current:
            current[version] = _at_ship([each for each in runs if _measured(each) == version], rule)
        baseline = known.get((version, run.teacher_revision), current[version])
        if gap_reason(run, rule) is None and isinstance(run.agreement, Measured):
            is_other = baseline is not None and run.teacher_revision != baseline.teacher_revision
            if baseline is not None and run.bridge is not None and is_other and bridge_refusal(run, baseline) is None:
                baseline = _bridged(baseline, run, run.bridge)
            if run.key in accepted:
                baseline = _level_of(run, run.agreement, "accepted")
        if baseline is not None:
            known[version, baseline.teacher_revision] = baseline
        current[version] = baseline
        found.append(baseline)
    return tuple(found)


def first_baseline(weeks: Sequence[WeekAssessment], run: CanaryRun) -> Baseline | None:
    """The baseline that a run's student began with, by the run's measure, in weeks in order of time."""
    own = (week for week in weeks if _measured(week.run) == _measured(run))
    return next((week.baseline for week in own if week.baseline is not None), None)


def bridge_refusal(run: CanaryRun, baseline: Baseline | None) -> str | None:
    """Why a run with pinned scores left its baseline where it was, or None.

    They are of another revision, or stand for no traffic.
    """
    if run.bridge is None or baseline is None or run.teacher_revision == baseline.teacher_revision:
        return None
    if isinstance(run.bridge.loss, Unmeasured):
        return f"This week is no bridge. {run.bridge.loss.reason} Score pairs drawn at random with both revisions."
    if run.bridge.pinned_revision in (None, baseline.teacher_revision):
        return None
    return (
        f"The pinned scores are of revision {run.bridge.pinned_revision}, and the baseline is of "
        f"{baseline.teacher_revision}: this week is no bridge. Score its pairs with {baseline.teacher_revision} too."
    )


def z_error_of(run: CanaryRun, measured: Measured) -> float:
    """Standard error of a run's agreement on its scale."""
    if run.null_error is not None:
        return run.null_error
    return max(run.scale.sampling_error(measured.estimate, run.n_pairs), run.scale.error(measured))


def _at_ship(runs: Sequence[CanaryRun], rule: Rule) -> Baseline | None:
    """Take it from what was recorded first: a week that is added later moves no baseline, whatever its dates."""
    recorded = sorted(runs, key=lambda each: each.number)
    first = recorded[0]
    for run in recorded:
        if run.heldout is not None and isinstance(run.heldout.agreement, Measured):
            return Baseline(
                source="heldout",
                since=first.at,
                student_version=run.student_version,
                teacher_revision=first.teacher_revision,
                agreement=run.heldout.agreement,
                z=run.scale.z(run.heldout.agreement, run.heldout.z_error),
                z_error=run.heldout.z_error,
                error=run.heldout.error,
                heldout_digest=run.heldout.digest,
                scale=run.scale,
            )
    measured = next((run for run in recorded if gap_reason(run, rule) is None), None)
    if measured is None or not isinstance(measured.agreement, Measured):
        return None
    return _level_of(measured, measured.agreement, "first_week")


def _level_of(run: CanaryRun, agreement: Measured, source: str) -> Baseline:
    error = z_error_of(run, agreement)
    return Baseline(
        source=source,  # type: ignore[arg-type]  # one of the two literals above
        since=run.at,
        student_version=run.student_version,
        teacher_revision=run.teacher_revision,
        agreement=agreement,
        z=run.scale.z(agreement, error),
        z_error=error,
        error=run.error,
        heldout_digest=run.heldout.digest if run.heldout else None,
        scale=run.scale,
    )


def _bridged(baseline: Baseline, run: CanaryRun, bridge: Bridge) -> Baseline:
    """Move the baseline by what the revision costs on the same pairs; its error grows by that of the bridge."""
    z, z_error = baseline.z - bridge.z_shift, math.hypot(baseline.z_error, bridge.z_error)
    estimate, low, high = (run.scale.agreement(z + side * NORMAL_95 * z_error) for side in (0, -1, 1))
    moved = replace(baseline.agreement, estimate=estimate, low=low, high=high)
    moved = replace(moved, standard_error=z_error / run.scale.error(replace(moved, standard_error=1.0)))
    return Baseline(
        source="bridge",
        since=run.at,
        student_version=run.student_version,
        teacher_revision=run.teacher_revision,
        agreement=moved,
        z=z,
        z_error=z_error,
        error=_bridged_error(baseline, run, bridge),
        heldout_digest=baseline.heldout_digest,
        scale=run.scale,
    )


def _bridged_error(baseline: Baseline, run: CanaryRun, bridge: Bridge) -> ErrorFigure | None:
    error = baseline.error
    if error is None or bridge.error_shift is None or bridge.error_variance is None:
        return None
    if run.heldout is None or run.heldout.digest != baseline.heldout_digest:
        return None
    return replace(error, level=error.level + bridge.error_shift, variance=error.variance + bridge.error_variance)


def is_baseline_itself(week: WeekAssessment) -> bool:
    """Whether the week's baseline was taken from the week itself."""
    baseline = week.baseline
    return baseline is not None and baseline.source in ("first_week", "accepted") and baseline.since == week.run.at


def baseline_to_json(baseline: Baseline) -> Mapping[str, object]:
    """A baseline as plain values for JSON."""
    return {
        **baseline.agreement.to_json(),
        "source": baseline.source,
        "since": baseline.since.isoformat(),
        "student_version": baseline.student_version,
        "teacher_revision": baseline.teacher_revision,
    }
