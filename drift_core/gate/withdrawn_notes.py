"""What the gate says of records that somebody took back, so that none leaves unseen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from drift_core.canary.run import in_time
from drift_core.gate.context import Standing, on_day
from drift_core.wording import counted, one_line

if TYPE_CHECKING:
    from drift_core.canary.assessment import Baseline
    from drift_core.canary.run import CanaryRun
    from drift_core.canary.withdrawals import Withdrawal

N_NAMED = 3


def withdrawn_lately(standing: Standing) -> "tuple[Withdrawal, ...]":
    """Give the withdrawn records that bear on the week that decides, oldest first.

    These are later than the measured week before it, or were withdrawn later than that, or its baseline would be
    another if they counted. Records of other students than the card's are left aside, unless the card names none.
    """
    measured = [week.run.at for week in standing.up_to_now if week.status != "gap"]
    return tuple(
        each
        for each in _of_student(standing)
        if len(measured) < 2 or max(each.run.at, each.at) > measured[-2] or _baseline_with(standing, each) is not None
    )


def withdrawn_of_student(standing: Standing) -> "list[Withdrawal]":
    """Give the withdrawn records of the gate's student, those that name none too."""
    return [each for each in standing.withdrawn if each.run.student_version in (standing.student, None)]


def notes_on_withdrawn(standing: Standing, lately: "Sequence[Withdrawal]") -> tuple[str, ...]:
    """Say who took back what and why, the newest first, then those that the baseline hangs on; and what decides."""
    if not lately:
        return ()
    *before, last = lately
    moved = {each.run.key: _baseline_with(standing, each) for each in lately}
    newest_first = before[::-1]
    ordered = [last, *sorted(newest_first, key=lambda each: moved[each.run.key] is None)]
    told = [each.sentence + _moving(standing, moved[each.run.key]) for each in ordered]
    more = len(told) - N_NAMED
    rest = [f"{counted(more, 'more record was', 'more records were')} withdrawn before."] if more > 0 else []
    return (*told[:1], *_instead(standing, last), *told[1:N_NAMED], *rest)


def _of_student(standing: Standing) -> "list[Withdrawal]":
    named = standing.card.student.version if standing.card else None
    return [each for each in standing.withdrawn if named is None or each.run.student_version in (named, None)]


def _baseline_with(standing: Standing, withdrawal: "Withdrawal") -> "Baseline | None":
    """The baseline of the week that decides as it would be if the record counted; None where that is the same."""
    decides = standing.measured
    if decides is None or withdrawal.run.student_version != decides.run.student_version:
        return None
    runs = [week.run for week in standing.weeks]
    without, as_counted = (_baseline(standing, found, decides.run) for found in (runs, [*runs, withdrawal.run]))
    if without is None or as_counted is None:
        return None
    is_same = (without.z, without.z_error) == (as_counted.z, as_counted.z_error)
    return None if is_same and without.teacher_revision == as_counted.teacher_revision else as_counted


def _baseline(standing: Standing, runs: "Sequence[CanaryRun]", decides: "CanaryRun") -> "Baseline | None":
    from drift_core.canary.baselines import follow_baselines

    ordered = sorted(runs, key=in_time)
    found = follow_baselines(ordered, standing.decisions, rule=standing.settings.rule)
    return found[ordered.index(decides)]


def _moving(standing: Standing, moved: "Baseline | None") -> str:
    if moved is None:
        return ""
    runs = [week.run for week in standing.weeks]
    now = _baseline(standing, runs, standing.measured.run) if standing.measured else None
    told = f"; it is {now.agreement.estimate:.2f}" if now else ""
    return f" With it the baseline would be {moved.agreement.estimate:.2f}{told}."


def _instead(standing: Standing, last: "Withdrawal") -> tuple[str, ...]:
    newest = standing.newest
    if newest is None:
        return ("No record is left to decide by.",)
    if in_time(last.run) <= in_time(newest.run):
        return ()
    whose = newest.run.student_version
    other = "" if whose == last.run.student_version else f", of {_student(whose)},"
    return (f"It was the newest record; the gate decides by the one of {on_day(newest.run.at)}{other} instead.",)


def _student(version: str | None) -> str:
    return f"student {one_line(version)}" if version else "a student without a version"
