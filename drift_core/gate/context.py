"""What the gate looks at: the weeks, the card and the clock; and how spans and sentences are written."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from drift_core.judge_card.settings import GateSettings
from drift_core.wording import one_line

if TYPE_CHECKING:
    from drift_core.calibration.calibration_file import CalibrationRecord
    from drift_core.canary.assessment import WeekAssessment
    from drift_core.canary.decision import Decision
    from drift_core.canary.run import CanaryRun
    from drift_core.canary.withdrawals import Withdrawal
    from drift_core.comparison.comparison_json import ComparisonRecord
    from drift_core.judge_card.card import JudgeCard
    from drift_core.review.record import ReviewRecord

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
LONG_SPAN, DAYS_A_MONTH = 60, 30.44


@dataclass(frozen=True, slots=True, kw_only=True)
class GateContext:
    """The weeks of the gate's student, oldest first, the newest one, and the newest that could be measured.

    Attributes
    ----------
    weeks
        Weeks of the student that the card names; of the newest run's where it names none. Those dated after now too.
    n_recorded
        Weeks of all students.
    others
        Versions of the other students, in the order of their first week.
    comparison
        The student held against the one before; None where none is given.
    calibration
        The file of `calibrate`; None where none is given.
    review
        What `review result` found; None where none is given.
    withdrawn
        Records that do not count, of all students, oldest first; they are not among the weeks.
    decisions
        What people decided.
    clock
        The real time, which decisions are held against; `now` is the time that is decided for.
    n_unnamed_since
        Weeks that name no student, where the gate's has a name, dated after its newest.
    newer_of_another
        The newest week of another student up to now, where it is dated after all of the gate's.
    first_of
        By the digest of a sample, its first week of all that count, of whatever student.
    """

    weeks: "Sequence[WeekAssessment]"
    n_recorded: int
    others: tuple[str, ...]
    card: "JudgeCard | None"
    now: datetime
    settings: GateSettings
    comparison: "ComparisonRecord | None" = None
    calibration: "CalibrationRecord | None" = None
    review: "ReviewRecord | None" = None
    withdrawn: "Sequence[Withdrawal]" = ()
    decisions: "Sequence[Decision]" = ()
    clock: datetime
    n_unnamed_since: int = 0
    newer_of_another: "WeekAssessment | None" = None
    first_of: "Mapping[str, CanaryRun]" = field(default_factory=dict)

    @property
    def until(self) -> datetime:
        return self.now + self.settings.skew

    @property
    def up_to_now(self) -> "Sequence[WeekAssessment]":
        until = self.until
        return [week for week in self.weeks if week.run.at <= until]

    @property
    def newest(self) -> "WeekAssessment | None":
        """The newest week up to now; where all are dated after it, the newest of these."""
        return next(iter(reversed(self.up_to_now or self.weeks)), None)

    @property
    def measured(self) -> "WeekAssessment | None":
        """The newest week up to now that could be measured."""
        return next((week for week in reversed(self.up_to_now) if week.status != "gap"), None)

    def source_of(self, run: "CanaryRun") -> "CanaryRun":
        """The run that first had a run's sample: a sample recorded again is as old as then."""
        return self.first_of.get(run.production_digest or "", run)

    def data_at(self, run: "CanaryRun") -> datetime:
        """The time that a run's figures are as old as."""
        return min(run.data_at, self.source_of(run).data_at)

    @property
    def student(self) -> str | None:
        """Whose release is decided: the card's student, else that of the newest run; None where nobody says."""
        named = self.card.student.version if self.card else None
        return named if named is not None or self.newest is None else self.newest.run.student_version

    @property
    def withdrawn_of_student(self) -> "Sequence[Withdrawal]":
        """Withdrawn records of the student and those that name none."""
        return [each for each in self.withdrawn if each.run.student_version in (self.student, None)]

    @property
    def longest_age(self) -> timedelta:
        cadence = self.card.canary.cadence_days if self.card else self.settings.cadence_days
        return timedelta(days=cadence + self.settings.grace_days)


def runs_of_student(
    runs: "Sequence[CanaryRun]", card: "JudgeCard | None", withdrawn: "Sequence[CanaryRun]" = (), *, until: datetime
) -> "tuple[CanaryRun, ...]":
    """Give the runs of the student that a card names, else of the student of the newest run up to a time.

    Parameters
    ----------
    runs
        Runs that count, in the order of time.
    withdrawn
        Those that do not. Runs that name no student belong to the card's where no record names any, these included.
    until
        A run that is dated later says nothing of whose release is decided, unless there is no other.
    """
    named = card.student.version if card else None
    wanted = named
    if wanted is None and runs:
        wanted = next((run for run in reversed(runs) if run.at <= until), runs[-1]).student_version
    elif not any(run.student_version for run in (*runs, *withdrawn)):
        wanted = None
    return tuple(run for run in runs if run.student_version == wanted)


def weeks_of_student(
    weeks: "Sequence[WeekAssessment]",
    card: "JudgeCard | None",
    withdrawn: "Sequence[Withdrawal]" = (),
    *,
    until: datetime,
) -> "tuple[WeekAssessment, ...]":
    """Give the weeks whose runs `runs_of_student` gives."""
    own = runs_of_student([week.run for week in weeks], card, [each.run for each in withdrawn], until=until)
    keys = {run.key for run in own}
    return tuple(week for week in weeks if week.run.key in keys)


def as_sentence(text: str) -> str:
    """Put a text on one line and end it with a full stop."""
    line = one_line(text)
    return line if line.endswith((".", "?", "!")) else f"{line}."


def in_days(span: timedelta) -> str:
    """Write a span in days, rounded up so that what is over a limit looks like it: to a tenth, a long one to a day.

    A short one that is no whole days is written in hours: a tenth of a day is much of it.
    """
    if span < 2 * DAY and span % DAY:
        hours = math.ceil(span / HOUR)
        return f"{hours} {'hour' if hours == 1 else 'hours'}"
    days = math.ceil(span / DAY * 10) / 10
    if days >= LONG_SPAN:
        return f"{math.ceil(days):,} days (about {round(days / DAYS_A_MONTH)} months)"
    return f"{days:g} {'day' if days == 1 else 'days'}"


def on_day(at: datetime) -> str:
    return at.date().isoformat()
