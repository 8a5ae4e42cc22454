"""What is odd about a run beside those recorded before it: sentences; the run is kept all the same.

Runs that were withdrawn are no measure for others: only the clock is held against all that were recorded.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from drift_core.canary.decision import CLOCK_TOLERANCE, Decision
from drift_core.canary.run import CanaryRun
from drift_core.canary.withdrawals import SHOWN, Withdrawal, withdrawal_of
from drift_core.history.rows import KnownRun

FUTURE_TOLERANCE = timedelta(days=1)  # a sample is named by the day of its time zone


def note_on_age(run: CanaryRun) -> tuple[str, ...]:
    """Say where the sample is older than the week that it is recorded for."""
    if run.ends_at is None or run.data_at == run.at:
        return ()
    ends = f"The sample ends on {_day(run.ends_at)}, {run.days_late} days before the week that it is recorded for"
    return (f"{ends}, {_day(run.at)}. Its own day is given by --at.",)


def notes_on_time(run: CanaryRun, known: Sequence[KnownRun], withdrawn: Collection[str]) -> tuple[str, ...]:
    """Compare the times of a run that is measured and written just now with those of the others, as recorded."""
    notes = []
    if run.at > run.recorded_at + FUTURE_TOLERANCE:
        notes.append(f"The run is dated {_day(run.at)}, after the day it was recorded on, {_day(run.recorded_at)}.")
    if known and run.recorded_at < known[-1].recorded_at_utc - CLOCK_TOLERANCE:
        told = f"recorded at {_time(run.recorded_at)}, the run before it at {_time(known[-1].recorded_at_utc)}"
        notes.append(f"The clock went backwards: it was {told}. The order of recording decides, so no baseline moves.")
    newest = max((each.at_utc for each in _of_student(run, known, withdrawn)), default=run.at)
    if run.at < newest:
        notes.append(
            f"The run of {_day(run.at)} is older than this student's newest in the history, of {_day(newest)}."
        )
    return tuple(notes)


def notes_on_sample(run: CanaryRun, known: Sequence[KnownRun], withdrawn: Collection[str]) -> tuple[str, ...]:
    """Compare the week, the sample and held-out of a run that is new with those of the others."""
    notes = []
    year, week, _ = run.at.isocalendar()
    alike = sorted(each.at_utc for each in _of_student(run, known, withdrawn))
    days = dict.fromkeys(_day(at) for at in alike if at.isocalendar()[:2] == (year, week))
    if days:
        notes.append(f"Week {week} of {year} has another run, of {', '.join(days)}.")
    counted = [each for each in known if each.run_key not in withdrawn]
    # The same pairs under another day, or on the same day under other names, of which one may be a slip.
    digest = run.production_digest
    same = sorted((each for each in counted if digest == each.production_digest), key=lambda each: each.at_utc)
    if digest is not None and same:
        told = ", ".join(dict.fromkeys(_recorded_as(run, each) for each in same))
        notes.append(f"The same production sample was recorded for {told} too. It counts once.")
    own = (each.heldout_digest for each in counted if each.student_version == run.student_version)
    first = next((each for each in own if each is not None), None)
    if run.heldout is not None and None not in (run.heldout.digest, first) and run.heldout.digest != first:
        notes.append(
            "Held-out is another sample than this student's first run had. The baseline stays that of the first; this "
            "week is compared by agreement alone. Give the held-out of ship time, or a new student version."
        )
    return tuple(notes)


def note_on_withdrawal(run: CanaryRun, held: Withdrawal | None, elsewhere: Decision | None) -> tuple[str, ...]:
    """Say of a run that was recorded before that it does not count, or that it counts here alone."""
    if held is not None and elsewhere is None:
        return (f"{held.sentence} It stays withdrawn and does not count. To count it: {held.how_to_restore}",)
    if held is None and elsewhere is not None:
        told = withdrawal_of(run, elsewhere).sentence.rstrip(".")
        return (f"{told}, as the file says; in this history it counts, which stays.",)
    return ()


def note_on_difference(stored: CanaryRun, changed: str) -> tuple[str, ...]:
    """Say of a run that was recorded before that this one differs in what the key leaves out."""
    return (
        f"The run of {_day(stored.at)} (key {stored.key[:SHOWN]}) was recorded before with another {changed}, and that "
        "record stays. To count this one: withdraw that record, then record or merge this one again.",
    )


def _of_student(run: CanaryRun, known: Sequence[KnownRun], withdrawn: Collection[str]) -> list[KnownRun]:
    """Runs that count and may be of the same student: one that names none may be of any."""
    version = run.student_version
    alike = [each for each in known if version is None or each.student_version in (version, None)]
    return [each for each in alike if each.run_key not in withdrawn]


def _recorded_as(run: CanaryRun, each: KnownRun) -> str:
    names = [f"teacher revision {each.teacher_revision}"] if each.teacher_revision != run.teacher_revision else []
    names += [f"student {each.student_version or 'unnamed'}"] if each.student_version != run.student_version else []
    return f"{_day(each.at_utc)} with {' and '.join(names)}" if names else _day(each.at_utc)


def _day(time: datetime) -> str:
    return time.date().isoformat()


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
