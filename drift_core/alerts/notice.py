"""What a person is told of a week: that it alarms, that an alarm has ended, or how it stands. Values only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from drift_core.canary.assessment import Baseline, WeekAssessment, blamed_regions
from drift_core.canary.explanation import Explanation
from drift_core.canary.run import CanaryRun
from drift_core.canary.status import alarm_rows, newest_sentence
from drift_core.measured import Measured
from drift_core.wording import one_line, shortened, told_command

Kind = Literal["alarm", "recovered", "ended", "quiet", "gap"]
TITLES: dict[Kind, str] = {
    "alarm": "Alarm",
    "recovered": "Recovered",
    "ended": "The alarm has ended: weeks have another baseline now",
    "quiet": "No alarm",
    "gap": "No verdict",
}
N_REGIONS = 3
MOST_SIGNS = 400  # of a text of a user
MOST_WITH_COMMAND = 1_600  # of one that ends with a command; a field of Slack takes 2,000


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told of a week.

    Attributes
    ----------
    kind
        "recovered": the week before alarmed, and this one is back at the same baseline; "ended": the baseline is
        another one, such as a level that was accepted.
    sentence
        The verdict with its figure and since when.
    regions
        Those that alarm or drifted, the one that carries most first, each on one line, or that all fell alike.
    since
        Time of the first week of the alarm, also of one that has ended; None where there was none.
    lower_since
        Time of the first week of the lower level, where that is known.
    next_step
        Empty where there is none.
    link
        Address of the app; None where none was given.
    """

    kind: Kind
    run: CanaryRun
    baseline: Baseline | None
    sentence: str
    reasons: tuple[str, ...]
    regions: tuple[str, ...] = ()
    since: datetime | None = None
    lower_since: datetime | None = None
    next_step: str = ""
    link: str | None = None

    @property
    def title(self) -> str:
        """The verdict, in words of our own alone."""
        return TITLES[self.kind]

    @property
    def facts(self) -> dict[str, str]:
        """What else is told, by its name, each on one line."""
        run = self.run
        baseline = f", baseline {self.baseline.agreement.figure()}" if self.baseline else ""
        told = {
            "Agreement": f"{run.agreement}{baseline}" if isinstance(run.agreement, Measured) else "",
            "Where": "; ".join(self.regions),
            "Since": f"{self.since:%Y-%m-%d}" if self.since else "",
            "Next step": self.next_step,
            "Student": run.student_version or "",
            "Teacher": " ".join(filter(None, (run.teacher_model, run.teacher_revision))),
            "Week": f"{run.at:%Y-%m-%d}, {run.n_pairs:,} pairs",
        }
        return {name: _fitting(one_line(text)) for name, text in told.items() if text}


def _fitting(text: str) -> str:
    """A text as far as it fits; a command is told as a whole or not at all."""
    told, command = told_command(text)
    if command and len(text) <= MOST_WITH_COMMAND:
        return text
    return shortened(f"{told[:-1]}." if command else told, MOST_SIGNS)


def notice_of(
    weeks: Sequence[WeekAssessment],
    *,
    explanation: Explanation | None = None,
    is_weekly: bool = False,
    link: str | None = None,
) -> Notice | None:
    """Say what is to be told of the newest of a student's weeks; None where it neither alarms nor ends an alarm.

    Parameters
    ----------
    weeks
        The student's judged weeks in order, up to the one that is told.
    explanation
        Of the newest alarm.
    is_weekly
        Whether every week is told.
    link
        Address of the app.
    """
    week = weeks[-1]
    kind = _kind(weeks)
    if kind in ("quiet", "gap") and not is_weekly:
        return None
    is_about = kind == "alarm" and explanation is not None and explanation.week == week
    change = explanation.change if is_about and explanation is not None else None
    return Notice(
        kind=kind,
        run=week.run,
        baseline=week.baseline,
        sentence=shortened(one_line(newest_sentence(weeks, explanation)), 2 * MOST_SIGNS),
        reasons=week.reasons,
        regions=_regions(week, explanation if is_about else None),
        since=alarm_rows(weeks)[0][0].run.at if kind in ("alarm", "recovered", "ended") else None,
        lower_since=None if change is None else change.at,
        next_step=week.next_step,
        link=link,
    )


def _kind(weeks: Sequence[WeekAssessment]) -> Kind:
    week = weeks[-1]
    if week.status != "quiet":
        return week.status
    before = next((each for each in reversed(weeks[:-1]) if each.status != "gap"), None)
    if before is None or before.status != "alarm":
        return "quiet"
    return "recovered" if before.baseline == week.baseline else "ended"


def _regions(week: WeekAssessment, explanation: Explanation | None) -> tuple[str, ...]:
    if explanation is not None and explanation.fall.is_across and explanation.fall.lies_nowhere(week):
        fall = explanation.fall
        return (", ".join(filter(None, (f"across all {len(fall.regions)} regions", fall.lacking))),)
    own = explanation.own_new if explanation else blamed_regions(week.run) if week.status == "alarm" else ()
    told = {(each.partition, each.name): each.told for each in own}
    for place in explanation.places if explanation else ():
        told[place.partition, place.name] = f"{place.name} ({place.partition}): {place.told}"
    for each in week.regions:
        if each.is_alarm:
            told.setdefault(
                (each.partition, each.name), f"{each.name} ({each.partition}), {each.share:.0%} of the pairs"
            )
    return tuple(shortened(one_line(text), MOST_SIGNS // N_REGIONS) for text in list(told.values())[:N_REGIONS])
