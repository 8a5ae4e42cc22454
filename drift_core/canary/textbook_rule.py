"""The textbook's weekly rule with its fixed thresholds, and how often it fires on weeks that are quiet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from drift_core.agreement.rule import Rule
from drift_core.canary.assessment import WeekAssessment, each_sample_once
from drift_core.canary.sequential import WEEKS_A_YEAR
from drift_core.measured import Measured
from drift_core.wording import counted

LEAST_WEEKS = 8  # quiet ones behind a yearly rate (ours); 1 of 8 is 0.3 to 53 % at 95 %, fewer say less still


@dataclass(frozen=True, slots=True, kw_only=True)
class TextbookAlarms:
    """What the textbook's rule would have done on these weeks.

    Attributes
    ----------
    alarms
        Times of the weeks on which it fires.
    n_quiet_weeks
        Weeks without an alarm of ours.
    n_on_quiet
        Of these, the weeks on which it fires.
    per_year
        The same for 52 quiet weeks; None below `LEAST_WEEKS` of them.
    """

    alarms: tuple[datetime, ...]
    n_quiet_weeks: int
    n_on_quiet: int
    per_year: float | None

    @property
    def sentence(self) -> str:
        if not self.n_quiet_weeks:
            return "There is no quiet week yet to hold the textbook's rule against."
        times = counted(self.n_on_quiet, "time", "times")
        quiet = counted(self.n_quiet_weeks, "quiet week", "quiet weeks")
        rate = "" if self.per_year is None else f": {self.per_year:.0f} a year"
        return f"The textbook's rule would have fired {times} on your own {quiet}{rate}."


def textbook_alarms(weeks: Sequence[WeekAssessment], rule: Rule | None = None) -> TextbookAlarms:
    """Hold the weeks against the pattern's rule.

    It fires when agreement or overlap lies below its floor (0.85 and 0.80), or falls by more than 0.05 or 0.10 from one
    measured week to the next of one student under one revision of the teacher: from one revision to another, agreement
    is with another judge, which a bridge measures. Point estimates, as the pattern has it. A sample that is recorded
    again counts once.
    """
    rule = rule or Rule()
    measured = each_sample_once([week for week in weeks if week.status != "gap"])
    last: dict[str | None, WeekAssessment] = {}  # of each student
    fires = []
    for week in measured:
        before = last.get(week.run.student_version)
        is_alike = before is not None and before.run.teacher_revision == week.run.teacher_revision
        fires.append(textbook_fires(week, before if is_alike else None, rule))
        last[week.run.student_version] = week
    quiet = [fired for week, fired in zip(measured, fires, strict=True) if week.status == "quiet"]
    return TextbookAlarms(
        alarms=tuple(week.run.at for week, fired in zip(measured, fires, strict=True) if fired),
        n_quiet_weeks=len(quiet),
        n_on_quiet=sum(quiet),
        per_year=sum(quiet) / len(quiet) * WEEKS_A_YEAR if len(quiet) >= LEAST_WEEKS else None,
    )


def textbook_fires(week: WeekAssessment, before: WeekAssessment | None, rule: Rule) -> bool:
    """Whether the textbook's rule fires on a week that follows `before`."""
    run = week.run
    floors = [(run.overlap, rule.overlap_healthy)] if run.has_overlap else []
    if not run.is_answered:  # the textbook knows no area
        floors.append((run.agreement, rule.floor(run.measure)))
    if any(isinstance(each, Measured) and each.estimate < floor for each, floor in floors):
        return True
    if before is None:
        return False
    drops = [(before.run.agreement, run.agreement, rule.weekly_drop)]
    if run.has_overlap:
        drops.append((before.run.overlap, run.overlap, rule.weekly_overlap_drop))
    return any(
        isinstance(first, Measured) and isinstance(second, Measured) and first.estimate - second.estimate > drop
        for first, second, drop in drops
    )
