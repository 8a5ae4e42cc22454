"""What the gate says of records that somebody took back, so that none leaves unseen."""

from typing import TYPE_CHECKING

from drift_core.samples.wording import counted
from drift_core.treatment.release.standing import Standing, on_day

if TYPE_CHECKING:
    from drift_core.treatment.canary.withdrawal import Withdrawal

N_NAMED = 3


def withdrawn_lately(standing: Standing) -> "tuple[Withdrawal, ...]":
    """Give the withdrawn records later than the measured week before the one that decides, oldest first.

    So a record stays named for as long as the week drawn in its place decides. Records of other students than the
    card's are left aside, unless the card names none.
    """
    named = standing.card.student.version if standing.card else None
    measured = [week.run.at for week in standing.weeks if week.status != "gap"]
    return tuple(
        each
        for each in standing.withdrawn
        if (named is None or each.run.student_version in (named, None))
        and (len(measured) < 2 or each.run.at > measured[-2])
    )


def notes_on_withdrawn(standing: Standing) -> tuple[str, ...]:
    """Say who took back what and why, the newest first, and what the gate decides by where the newest is gone."""
    lately = withdrawn_lately(standing)
    if not lately:
        return ()
    told = [each.sentence for each in reversed(lately)]
    more = len(told) - N_NAMED
    rest = [f"{counted(more, 'more record was', 'more records were')} withdrawn before."] if more > 0 else []
    return (*told[:1], *_instead(standing, lately[-1]), *told[1:N_NAMED], *rest)


def _instead(standing: Standing, last: "Withdrawal") -> tuple[str, ...]:
    newest = standing.newest
    if newest is None:
        return ("No record is left to decide by.",)
    if (last.run.at, last.run.recorded_at) <= (newest.run.at, newest.run.recorded_at):
        return ()
    return (f"It was the newest record; the gate decides by the one of {on_day(newest.run.at)} instead.",)
