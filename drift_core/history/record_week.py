"""A week is recorded: measured, or a gap where that cannot be; kept in the history and judged beside the others."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from drift_core.agreement.rule import Rule
from drift_core.canary.alarm import assess
from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.change_point import ChangePoint
from drift_core.canary.explanation import Explanation, explain_alarm
from drift_core.canary.measure import canary_run, name_of, unmeasured_run
from drift_core.canary.named_regions import followed_regions, is_chosen_in, with_newest_names
from drift_core.canary.registry import registry_of
from drift_core.canary.run import CanaryRun
from drift_core.canary.slice_measures import Place
from drift_core.canary.textbook_rule import TextbookAlarms, textbook_alarms
from drift_core.canary.withdrawals import active_runs
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.errors import SettingError, UnmeasurableError
from drift_core.history.history import History, check_can_open, open_history
from drift_core.history.recorder import RecordOutcome
from drift_core.regions.encoding import weights_of
from drift_core.regions.named_region import NamedRegion
from drift_core.regions.region_rule import why_not_found


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSettings:
    """What a user says about a week's sample.

    Attributes
    ----------
    at, recorded_at
        The time that the sample stands for, and now; both with a time zone.
    teacher_revision
        The revision that scored the sample.
    student_version, teacher_model
        Who was compared, where it is known.
    pinned_revision
        The revision that gave the pinned scores, where it is known; a bridge must start at the baseline's.
    rule
        Thresholds that the weeks are judged by.
    more
        Partition and name of regions that other measures are wanted of, as `JudgeCard.measured_slices` has them.
    """

    at: datetime
    recorded_at: datetime
    teacher_revision: str
    student_version: str | None = None
    teacher_model: str | None = None
    pinned_revision: str | None = None
    rule: Rule = field(default_factory=Rule)
    more: Collection[Place] = ()

    def __post_init__(self) -> None:
        names = {"teacher_revision": self.teacher_revision, "student_version": self.student_version}
        for name, text in names.items():
            if text is not None and not text.strip():
                who = "revision of the teacher" if name == "teacher_revision" else "version of the student"
                raise SettingError(
                    f"Recording a week needs the {who} (--{name.replace('_', '-')}); found an empty text."
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedWeek:
    """A week as it stands in the history.

    Attributes
    ----------
    recorded
        The stored run, whether it is new, and what is odd about it.
    week
        What the run means beside the student's other weeks; None where it was withdrawn, so that it does not count.
    strict
        What the textbook's rule would have done on all these weeks.
    change
        Where agreement changed, if this week alarms.
    weeks, explanation
        All judged weeks of the student, and what is known of the newest alarm up to this week.
    """

    recorded: RecordOutcome
    week: WeekAssessment | None
    strict: TextbookAlarms
    change: ChangePoint | None
    weeks: tuple[WeekAssessment, ...] = ()
    explanation: Explanation | None = None


def record_week(
    history: str | Path, measure: Callable[[], Diagnosis], *, settings: RecordSettings, production_name: str
) -> RecordedWeek:
    """Measure a week's sample, record it, and say whether it alarms.

    Parameters
    ----------
    history
        Path or URL; made where there is none, once the week is measured.
    measure
        Gives the diagnosis of the week's sample against held-out, such as by `diagnose_files`. Where it raises
        UnmeasurableError, the week is recorded as a gap.
    settings
        Who scored what when.
    production_name
        What the sample is called where it could not be measured.

    Raises
    ------
    InputError
        When the history cannot be opened or written to, or what `measure` raises.
    """
    is_there = check_can_open(history)
    made = _measured(measure, settings, production_name)
    missed: tuple[str, ...] = ()
    with open_history(history) as opened:
        if isinstance(made, Diagnosis):
            run, missed = _run_of(opened, made, settings)
        recorded = opened.record(made if isinstance(made, CanaryRun) else run)
        version = recorded.run.student_version
        own = [each for each in opened.runs(with_regions=True) if each.student_version == version]
        whole = next(each for each in own if each.key == recorded.run.key)
        weeks = assess(own, opened.decisions(), rule=settings.rule)
    notes = missed if recorded.is_new else ()
    if not is_there:
        notes = (f"There was no history at {opened.shown}; it was made.", *notes)
    recorded = replace(recorded, notes=(*notes, *recorded.notes))
    place = next((place for place, each in enumerate(weeks) if each.run.key == whole.key), None)
    found = None if place is None else explain_alarm(weeks[: place + 1], rule=settings.rule)
    week = None if place is None else weeks[place]
    return RecordedWeek(
        recorded=recorded,
        week=week,
        strict=textbook_alarms(weeks, settings.rule),
        change=found.change if found and found.week == week else None,
        weeks=tuple(weeks),
        explanation=found,
    )


def _measured(
    measure: Callable[[], Diagnosis], settings: RecordSettings, production_name: str
) -> Diagnosis | CanaryRun:
    """The diagnosis of a week, or the run of one that cannot be measured."""
    try:
        return measure()
    except UnmeasurableError as error:
        return unmeasured_run(
            str(error),
            n_pairs=error.n_pairs,
            rule=settings.rule,
            production_name=name_of(production_name),
            **_who(settings),
        )


def _run_of(history: History, made: Diagnosis, settings: RecordSettings) -> tuple[CanaryRun, tuple[str, ...]]:
    """The run of a week, its regions by the names that the history has for them; and which of those named it lacks."""
    runs, decisions = history.runs(with_regions=True), history.decisions()
    active = [run.key for run in active_runs(runs, decisions)]
    known = registry_of(with_newest_names(runs, decisions), made.embeddings, active=active)
    pinned = (settings.pinned_revision or "").strip() or None
    named, missed = _findable(followed_regions(decisions), runs, made)
    run = canary_run(made, pinned_revision=pinned, known=known, named=named, more=settings.more, **_who(settings))
    return run, missed


def _findable(
    followed: Sequence[NamedRegion], runs: Sequence[CanaryRun], made: Diagnosis
) -> tuple[tuple[NamedRegion, ...], tuple[str, ...]]:
    """The named regions that can be found in a week's samples, and a note on each of the others."""
    spaces = {weights_of(run.encoder): weights_of(run.region_space) for run in runs if run.encoder and run.region_space}
    sides = made.heldout, made.production, made.embeddings
    reasons = [
        why_not_found(each, *sides, spaces=spaces)
        or ("it was drawn in this sample, or in most of its rows" if is_chosen_in(each, made.production) else "")
        for each in followed
    ]
    notes = (
        f"The region {each.name} is not measured this week: {reason}."
        for each, reason in zip(followed, reasons, strict=True)
        if reason
    )
    return tuple(each for each, reason in zip(followed, reasons, strict=True) if not reason), tuple(notes)


def _who(settings: RecordSettings) -> dict[str, Any]:
    return {
        "at": settings.at,
        "recorded_at": settings.recorded_at,
        "teacher_revision": settings.teacher_revision.strip(),
        "student_version": settings.student_version and settings.student_version.strip(),
        "teacher_model": settings.teacher_model,
    }
