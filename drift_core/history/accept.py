"""A level is accepted: the newest run's agreement becomes its student's baseline, with name and reason kept."""

from datetime import datetime

from drift_core.canary.baselines import gap_reason
from drift_core.canary.decision import Decision
from drift_core.canary.run import CanaryRun
from drift_core.canary.students import recorded_rule, students_of
from drift_core.canary.withdrawals import active_runs
from drift_core.errors import InputError, SettingError
from drift_core.history.history import History


def accept_level(
    history: History, *, by: str, reason: str, at: datetime, student_version: str | None = None
) -> CanaryRun:
    """Take the agreement of a student's newest run that counts as its new baseline, from that week on.

    Parameters
    ----------
    history
        Where the decision is kept.
    by, reason
        Who accepts it and why; neither may be empty.
    at
        When, with a time zone.
    student_version
        Whose newest run is meant, empty for runs without a version; needed where the history has several students.

    Returns
    -------
    CanaryRun
        The run whose level was accepted.

    Raises
    ------
    InputError
        When there is no run, or none of that student, or the newest is a gap.
    SettingError
        When name or reason is empty, or there are several students and none is named.
    """
    runs = _of_student(history, student_version)
    gap = gap_reason(runs[-1], recorded_rule(runs))
    if gap is not None:
        raise InputError(f"The newest run of {history.shown} is a gap and can be no baseline: {gap}")
    history.decide(Decision(kind="accept_level", at=at, by=by, reason=reason, run_key=runs[-1].key))
    return runs[-1]


def _of_student(history: History, version: str | None) -> tuple[CanaryRun, ...]:
    """The runs of one student, at least one."""
    runs = active_runs(history.runs(), history.decisions())
    if not runs:
        raise InputError(f"There is no run in {history.shown} that counts and could be accepted. Record a week first.")
    students = students_of(runs)
    named = ", ".join(each or "without a version" for each in students)
    if version is None and len(students) > 1:
        raise SettingError(
            f"{history.shown} has runs of several students: {named}. Say whose level is accepted by its version "
            "(--student-version)."
        )
    chosen = runs if version is None else tuple(run for run in runs if (run.student_version or "") == version)
    if not chosen:
        who = f"student {version}" if version else "a student without a version"
        raise InputError(f"There is no run of {who} in {history.shown}, only of {named}.")
    return chosen
