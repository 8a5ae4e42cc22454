"""What is odd about a run beside those recorded before it: sentences; the run is kept all the same.

Runs that were withdrawn are no measure for others: only the clock is held against all that were recorded.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from drift_core.canary.decision import CLOCK_TOLERANCE, Decision
from drift_core.canary.run import CanaryRun
from drift_core.canary.withdrawals import Withdrawal, withdrawal_of
from drift_core.history.schema import tables

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

FUTURE_TOLERANCE = timedelta(days=1)  # a sample is named by the day of its time zone


def notes_on_time(connection: "Connection", run: CanaryRun, withdrawn: Collection[str]) -> tuple[str, ...]:
    """Compare the times of a run that was measured and written just now with those of the others."""
    notes = (_future(run), _clock(connection, run), _order(connection, run, withdrawn))
    return tuple(note for note in notes if note)


def notes_on_sample(connection: "Connection", run: CanaryRun, withdrawn: Collection[str]) -> tuple[str, ...]:
    """Compare the week and the sample of a run that was just written with those of the others."""
    found = (each(connection, run, withdrawn) for each in (_week, _sample, _heldout))
    return tuple(note for note in found if note)


def note_on_standing(run: CanaryRun, held: Withdrawal | None, elsewhere: Decision | None) -> tuple[str, ...]:
    """Say of a run that was recorded before that it does not count, or that it counts here alone."""
    if held is not None and elsewhere is None:
        return (f"{held.sentence} It stays withdrawn and does not count. To count it: {held.how_to_restore}",)
    if held is None and elsewhere is not None:
        told = withdrawal_of(run, elsewhere).sentence.rstrip(".")
        return (f"{told}, as the file says; in this history it counts, which stays.",)
    return ()


def _future(run: CanaryRun) -> str | None:
    if run.at <= run.recorded_at + FUTURE_TOLERANCE:
        return None
    return f"The run is dated {_day(run.at)}, after the day it was recorded on, {_day(run.recorded_at)}."


def _clock(connection: "Connection", run: CanaryRun) -> str | None:
    """Hold the clock of this record against that of the one recorded before it."""
    from sqlalchemy import select

    table = tables().run
    before = select(table.c.recorded_at_utc).where(table.c.run_key != run.key).order_by(table.c.number.desc()).limit(1)
    last = connection.execute(before).scalar_one_or_none()
    if last is None or run.recorded_at >= last.replace(tzinfo=UTC) - CLOCK_TOLERANCE:
        return None
    told = f"recorded at {_time(run.recorded_at)}, the run before it at {_time(last)}"
    return f"The clock went backwards: it was {told}. The order of recording decides, so no baseline moves."


def _order(connection: "Connection", run: CanaryRun, withdrawn: Collection[str]) -> str | None:
    newest = _newest_day(connection, run, withdrawn)
    if newest is None or run.at >= newest:
        return None
    return f"The run of {_day(run.at)} is older than this student's newest in the history, of {_day(newest)}."


def _week(connection: "Connection", run: CanaryRun, withdrawn: Collection[str]) -> str | None:
    monday = run.at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=run.at.weekday())
    at = tables().run.c.at_utc
    among = (_is_other(run, withdrawn), _may_be_of_student(run))
    days = _days(connection, *among, at >= _naive(monday), at < _naive(monday + timedelta(days=7)))
    year, week, _ = run.at.isocalendar()
    return f"Week {week} of {year} has another run, of {', '.join(days)}." if days else None


def _sample(connection: "Connection", run: CanaryRun, withdrawn: Collection[str]) -> str | None:
    """The same pairs under another day, or on the same day under other names, of which one may be a slip."""
    from sqlalchemy import select

    table = tables().run
    if run.production_digest is None:
        return None
    same = select(table.c.at_utc, table.c.teacher_revision, table.c.student_version).where(
        _is_other(run, withdrawn), table.c.production_digest == run.production_digest
    )
    told = [_recorded_as(run, *row) for row in connection.execute(same.order_by(table.c.at_utc))]
    if not told:
        return None
    return f"The same production sample was recorded for {', '.join(dict.fromkeys(told))} too. It counts once."


def _recorded_as(run: CanaryRun, at: datetime, revision: str, student: str | None) -> str:
    names = [f"teacher revision {revision}"] if revision != run.teacher_revision else []
    names += [f"student {student or 'unnamed'}"] if student != run.student_version else []
    return f"{_day(at)} with {' and '.join(names)}" if names else _day(at)


def _heldout(connection: "Connection", run: CanaryRun, withdrawn: Collection[str]) -> str | None:
    """Another held-out than this student shipped with: the baseline stays, and only agreement can be compared."""
    from sqlalchemy import select

    table = tables().run
    if run.heldout is None or run.heldout.digest is None:
        return None
    others = select(table.c.heldout_digest).where(
        _is_other(run, withdrawn),
        table.c.heldout_digest.is_not(None),
        _is_of_student(run),
    )
    first = connection.execute(others.order_by(table.c.number).limit(1)).scalar_one_or_none()
    if first is None or first == run.heldout.digest:
        return None
    return (
        "Held-out is another sample than this student's first run had. The baseline stays that of the first; this week "
        "is compared by agreement alone. Give the held-out of ship time, or a new student version."
    )


def _newest_day(connection: "Connection", run: CanaryRun, withdrawn: Collection[str]) -> datetime | None:
    from sqlalchemy import func, select

    among = (_is_other(run, withdrawn), _may_be_of_student(run))
    found = connection.execute(select(func.max(tables().run.c.at_utc)).where(*among)).scalar_one()
    return None if found is None else found.replace(tzinfo=UTC)


def _days(connection: "Connection", *conditions: "ColumnElement[bool]") -> list[str]:
    from sqlalchemy import select

    table = tables().run
    chosen = select(table.c.at_utc).where(*conditions).order_by(table.c.at_utc)
    return list(dict.fromkeys(_day(at) for at in connection.execute(chosen).scalars()))


def _is_other(run: CanaryRun, withdrawn: Collection[str]) -> "ColumnElement[bool]":
    """Another run that counts."""
    return tables().run.c.run_key.not_in([run.key, *withdrawn])


def _is_of_student(run: CanaryRun) -> "ColumnElement[bool]":
    version = tables().run.c.student_version
    return version.is_(None) if run.student_version is None else version == run.student_version


def _may_be_of_student(run: CanaryRun) -> "ColumnElement[bool]":
    """A run that names no student may be of any."""
    from sqlalchemy import or_, true

    return true() if run.student_version is None else or_(_is_of_student(run), tables().run.c.student_version.is_(None))


def _naive(time: datetime) -> datetime:
    return time.replace(tzinfo=None)


def _day(time: datetime) -> str:
    return time.date().isoformat()


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
