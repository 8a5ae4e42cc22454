"""What the gate looks at: the weeks, the card and the clock; and how spans and sentences are written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from drift_core.samples.wording import one_line
from drift_core.treatment.release.settings import GateSettings

if TYPE_CHECKING:
    from drift_core.treatment.canary.assessment import WeekAssessment
    from drift_core.treatment.canary.decision import Decision
    from drift_core.treatment.canary.withdrawal import Withdrawal
    from drift_core.treatment.comparison.record import ComparisonRecord
    from drift_core.treatment.release.judge_card import JudgeCard

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The weeks of the card's student, oldest first, the newest one, and the newest that could be measured.

    Attributes
    ----------
    weeks
        Weeks of the student that the card names; of the newest run's where it names none.
    n_recorded
        Weeks of all students.
    others
        Versions of the other students, in the order of their first week.
    comparison
        The student held against the one before; None where none is given.
    withdrawn
        Records that do not count, of all students, oldest first; they are not among the weeks.
    decisions
        What people decided.
    """

    weeks: "Sequence[WeekAssessment]"
    n_recorded: int
    others: tuple[str, ...]
    card: "JudgeCard | None"
    now: datetime
    settings: GateSettings
    comparison: "ComparisonRecord | None" = None
    withdrawn: "Sequence[Withdrawal]" = ()
    decisions: "Sequence[Decision]" = ()

    @property
    def newest(self) -> "WeekAssessment | None":
        return self.weeks[-1] if self.weeks else None

    @property
    def measured(self) -> "WeekAssessment | None":
        return next((week for week in reversed(self.weeks) if week.status != "gap"), None)

    @property
    def fresh(self) -> "WeekAssessment | None":
        """The newest measured week that is not dated after now."""
        until = self.now + self.settings.skew
        return next((week for week in reversed(self.weeks) if week.status != "gap" and week.run.at <= until), None)

    @property
    def longest_age(self) -> timedelta:
        cadence = self.card.canary.cadence_days if self.card else self.settings.cadence_days
        return timedelta(days=cadence + self.settings.grace_days)


def weeks_of_student(
    weeks: "Sequence[WeekAssessment]", card: "JudgeCard | None", withdrawn: "Sequence[Withdrawal]" = ()
) -> "tuple[WeekAssessment, ...]":
    """Give the weeks of the student that a card names, else of the student of the newest run.

    Weeks that name no student belong to the card's where no record names it, a withdrawn one included.
    """
    named = card.student.version if card else None
    wanted = named if named is not None else weeks[-1].run.student_version if weeks else None
    own = tuple(week for week in weeks if week.run.student_version == wanted)
    if own or any(each.run.student_version == wanted for each in withdrawn):
        return own
    return tuple(week for week in weeks if week.run.student_version is None)


def as_sentence(text: str) -> str:
    """Put a text on one line and end it with a full stop."""
    line = one_line(text)
    return line if line.endswith((".", "?", "!")) else f"{line}."


def in_days(span: timedelta) -> str:
    """Write a span in days, rounded up to a tenth, so that what is over a limit looks like it."""
    days = math.ceil(span / DAY * 10) / 10
    return f"{days:g} {'day' if days == 1 else 'days'}"


def on_day(at: datetime) -> str:
    return at.date().isoformat()
