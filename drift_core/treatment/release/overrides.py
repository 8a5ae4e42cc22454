"""Which overrides hold: of the newest run, until the next is recorded or overdue, none dated after the clock."""

from typing import TYPE_CHECKING

from drift_core.samples.wording import one_line
from drift_core.treatment.canary.decision import CLOCK_TOLERANCE
from drift_core.treatment.release.standing import Standing, on_day
from drift_core.treatment.release.withdrawn import withdrawn_of_student

if TYPE_CHECKING:
    from drift_core.treatment.canary.decision import Decision

NEVER_OVERRIDDEN = ("stale",)  # a release without a canary is what an override must end in, not begin with


def overrides_in_force(standing: Standing) -> "tuple[Decision, ...]":
    """Give the overrides that hold, oldest first."""
    last = last_number(standing)
    held = [
        each for each in _of_newest(standing) if not _is_to_come(each, standing) and last <= _number(each, standing)
    ]
    return tuple(sorted(held, key=lambda each: each.at))


def last_number(standing: Standing) -> int:
    """Number of the last run that the student had, withdrawn ones too; 0 without any."""
    runs = (*(week.run for week in standing.weeks), *(each.run for each in withdrawn_of_student(standing)))
    return max((run.number for run in runs), default=0)


def notes_on_overrides(standing: Standing) -> tuple[str, ...]:
    """Name those that are dated after this moment, which do not count."""
    told = (each for each in _of_newest(standing) if _is_to_come(each, standing))
    return tuple(
        f"The override of {one_line(each.by)} is dated {on_day(each.at)}, after the clock, and does not count."
        for each in told
    )


def _of_newest(standing: Standing) -> "list[Decision]":
    key = standing.newest.run.key if standing.newest else None
    return [
        each
        for each in standing.decisions
        if each.kind == "override" and each.run_key == key and standing.now <= each.at + standing.longest_age
    ]


def _is_to_come(override: "Decision", standing: Standing) -> bool:
    return override.at > standing.clock + CLOCK_TOLERANCE


def _number(override: "Decision", standing: Standing) -> int:
    """Up to which run it holds; where that was not said, up to the one that it is about."""
    if override.last_number is not None:
        return override.last_number
    return standing.newest.run.number if standing.newest else 0
