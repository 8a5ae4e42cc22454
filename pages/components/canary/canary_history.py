"""Which history of canary runs a visitor has open, and what is read off it.

Each visitor has a copy of their own: kept for their browser, an example once something is written into it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from drift_core.agreement.rule import Rule
from drift_core.canary.alarm import assess
from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.decision import Decision
from drift_core.canary.events import Event, find_events
from drift_core.canary.explanation import Explanation, explain_alarm
from drift_core.canary.named_regions import followed_regions
from drift_core.canary.run import CanaryRun, in_time
from drift_core.canary.textbook_rule import TextbookAlarms, textbook_alarms
from drift_core.canary.withdrawals import Withdrawal
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.errors import DriftError, InputError
from drift_core.history import name_region as history_regions
from drift_core.history.accept import accept_level
from drift_core.history.csv_exchange import Imported, export_csv, import_csv
from drift_core.history.history import open_history
from drift_core.history.record_week import RecordedWeek, RecordSettings, record_week
from drift_core.history.withdraw import restore_run, withdraw_run, withdrawn_weeks
from drift_core.regions.named_region import NamedRegion
from drift_core.simulation import canary_year_samples
from pages.components.canary.history_copies import FILE_NAME, OpenHistory, copied, imported, made, named, shipped_year
from pages.components.samples import intake
from pages.components.session import cached, documents, session, visitor_store
from pages.components.session.documents import FoundDocument
from pages.components.session.investigation_record import KeptDocument

_HISTORY, _NOTES, _FAULT = "history", "history_notes", "history_fault"
_OF_RECORDS = ("withdrawn", "restored")  # withdrawn records have a mark of their own
EMPTY_NAME = "New history"


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryReading:
    """Everything that the page reads off a history; `key` tells the state of the file and the rule from any other.

    `is_shipped` says whether it is the shipped year with nothing written into it.
    """

    key: str
    weeks: tuple[WeekAssessment, ...]
    decisions: tuple[Decision, ...]
    events: tuple[Event, ...]
    explanation: Explanation | None
    strict: TextbookAlarms
    withdrawn: tuple[Withdrawal, ...] = ()
    is_shipped: bool = False

    @property
    def has_overlap(self) -> bool:
        """Whether the overlap of any measured week says something."""
        return any(week.run.has_overlap for week in self.weeks if week.status != "gap")

    @property
    def runs(self) -> tuple[CanaryRun, ...]:
        """Every recorded run in the order of time, withdrawn ones too."""
        runs = (*(each.run for each in self.withdrawn), *(week.run for week in self.weeks))
        return tuple(sorted(runs, key=in_time))


def current() -> OpenHistory | None:
    """The open history: the one that was open last, or the shipped one where the address names it; None without."""
    opened: OpenHistory | None = visitor_store.get(_HISTORY)
    if opened is not None and opened.is_copy and not opened.path.is_file():
        visitor_store.take(_HISTORY)  # it was deleted on another page
        opened = None
    return opened or _opened_by_itself()


def open_scenario() -> None:
    """Open a copy of the shipped year; fit as a callback."""
    year = cached.per_server("year", shipped_year)
    _open(lambda: copied(year, canary_year_samples.TITLE, is_shipped=True), is_shipped=True)
    session.change(history=canary_year_samples.NAME if visitor_store.get(_HISTORY) else "")


def begin() -> None:
    """Open an empty history; fit as a callback."""
    _open(lambda: made(EMPTY_NAME))


def close() -> None:
    """Let go of the open history; a copy that is not kept is gone then. Fit as a callback."""
    documents.close("history")
    visitor_store.take(_HISTORY)
    session.change(history="")


def open_path(text: str) -> None:
    """Open the history file at a path, where the path lies in an allowed folder; weeks are recorded in that file."""
    _open(lambda: _at(intake.allowed_path(text)))


def open_upload(name: str, content: bytes) -> None:
    """Open a copy of an uploaded history: SQLite, or CSV of past weeks."""

    def opened() -> OpenHistory:
        if Path(name).suffix.lower() == ".csv":
            return imported(named(name, content), name)
        copy = copied(content, name)
        open_history(copy.path, is_created=False).close()
        return copy

    _open(opened)


def reopen(found: FoundDocument) -> None:
    """Open a kept history as it was left; raise where it cannot be."""
    folder, kept = documents.read(found)
    path = intake.allowed_path(kept.path) if kept.path else folder / FILE_NAME
    opened = replace(_at(path), name=kept.name, is_copy=not kept.path)
    documents.opened(found)
    visitor_store.put(_HISTORY, opened)
    session.change(history=canary_year_samples.NAME if kept.is_shipped else "")


def import_weeks(name: str, content: bytes) -> Imported:
    """Record the weeks of a CSV file in the open history, all or none."""
    with open_history(for_writing().path) as history:
        return import_csv(named(name, content), history, recorded_at=datetime.now(UTC))


def record(diagnosis: Diagnosis, week: RecordSettings) -> RecordedWeek:
    """Record a week in the open history, and in a new one where none is open."""
    if current() is None:
        begin()
    return record_week(for_writing().path, lambda: diagnosis, settings=week, production_name=diagnosis.production.name)


def accept(*, by: str, reason: str, student_version: str) -> CanaryRun:
    """Take the agreement of a student's newest run as its new baseline."""
    with open_history(for_writing().path, is_created=False) as history:
        now = datetime.now(UTC)
        return accept_level(history, by=by, reason=reason, at=now, student_version=student_version)


def withdraw(key: str, *, by: str, reason: str) -> Withdrawal:
    """Take a recorded run back, so that it counts nowhere."""
    with open_history(for_writing().path, is_created=False) as history:
        return withdraw_run(history, key, by=by, reason=reason)


def restore(key: str, *, by: str, reason: str) -> CanaryRun:
    """Let a withdrawn run count again."""
    with open_history(for_writing().path, is_created=False) as history:
        return restore_run(history, key, by=by, reason=reason)


def followed() -> tuple[NamedRegion, ...]:
    """The named regions that the open history follows."""
    opened = current()
    if opened is None:
        return ()
    with open_history(opened.path, is_created=False) as history:
        return followed_regions(history.decisions())


def name_region(region: NamedRegion, *, by: str, reason: str) -> NamedRegion:
    """Have the open history follow a region in every week that is recorded from now on."""
    with open_history(for_writing().path, is_created=False) as history:
        return history_regions.name_region(history, region, by=by, reason=reason)


def rename_region(name: str, new: str, *, by: str, reason: str) -> NamedRegion:
    """Call a region that is followed otherwise."""
    with open_history(for_writing().path, is_created=False) as history:
        return history_regions.rename_region(history, name, new, by=by, reason=reason)


def forget_region(name: str, *, by: str, reason: str) -> NamedRegion:
    """Follow a region no longer."""
    with open_history(for_writing().path, is_created=False) as history:
        return history_regions.forget_region(history, name, by=by, reason=reason)


def export(opened: OpenHistory) -> bytes:
    """All weeks as CSV; asks nothing of the session, which a download does not have."""
    with open_history(opened.path, is_created=False) as history:
        return export_csv(history)


def reading(rule: Rule) -> CanaryReading | None:
    """Read and judge the open history; kept until the file or the rule changes. None where none is open."""
    opened = current()
    if opened is None:
        return None
    key, is_shipped = opened.state

    def read() -> CanaryReading:
        return _read(opened.path, rule, key=f"{key} {rule!r}", is_shipped=is_shipped)

    return cached.result_by_key("canary", key, (rule,), read, is_shipped=is_shipped)


def put_notes(notes: tuple[str, ...]) -> None:
    """Sentences to show after the next run."""
    visitor_store.put(_NOTES, notes)


def take_notes() -> tuple[str, ...]:
    return visitor_store.take(_NOTES) or ()


def take_fault() -> str:
    """Why a history could not be opened, said once."""
    return visitor_store.take(_FAULT) or ""


def for_writing() -> OpenHistory:
    """The open history where what is written into it stays; raise where none is open."""
    opened = current()
    if opened is None:
        raise InputError("No history is open. Open one, or begin a new one.")
    kept = _kept(opened, is_shipped=session.view().history == canary_year_samples.NAME)
    visitor_store.put(_HISTORY, kept)
    return kept


def _opened_by_itself() -> OpenHistory | None:
    """What was open last; where the address names the shipped year that one, and what was written into it."""
    found, is_named = documents.last("history"), session.view().history == canary_year_samples.NAME
    if found is not None and not (is_named and found.kept is not None and not found.kept.is_shipped):
        with _faults_kept():
            reopen(found)
    if visitor_store.get(_HISTORY) is None and is_named:
        open_scenario()
    opened: OpenHistory | None = visitor_store.get(_HISTORY)
    return opened


@contextmanager
def _faults_kept() -> Iterator[None]:
    """Keep what is wrong to be said on the page."""
    try:
        yield
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))


def _open(make: Callable[[], OpenHistory], *, is_shipped: bool = False) -> None:
    """Put a history in place of the open one; what is wrong is kept to be said and leaves the open one."""
    with _faults_kept():
        opened = make()
        documents.close("history")
        visitor_store.put(_HISTORY, opened if is_shipped else _kept(opened))
        session.change(history="")


def _at(path: Path) -> OpenHistory:
    open_history(path, is_created=False).close()
    return OpenHistory(path=path, name=path.name)


def _kept(opened: OpenHistory, *, is_shipped: bool = False) -> OpenHistory:
    """The same where it stays: a copy of this session moves to what is kept for the visitor."""
    if opened.folder is None and documents.touch("history"):
        return opened
    kept = KeptDocument(name=opened.name, path="" if opened.is_copy else str(opened.path), is_shipped=is_shipped)
    contents = {FILE_NAME: opened.path.read_bytes()} if opened.is_copy else {}
    folder = documents.keep("history", kept, contents)
    if folder is None or not opened.is_copy:
        return opened
    return replace(opened, path=folder / FILE_NAME, folder=None)


def _read(path: Path, rule: Rule, *, key: str, is_shipped: bool) -> CanaryReading:
    with open_history(path, is_created=False) as history:
        runs, decisions = history.runs(with_regions=True), history.decisions()
    weeks = assess(runs, decisions, rule=rule)
    return CanaryReading(
        key=key,
        weeks=weeks,
        decisions=decisions,
        events=tuple(each for each in find_events(runs, decisions) if each.kind not in _OF_RECORDS),
        explanation=explain_alarm(weeks, decisions, rule=rule),
        strict=textbook_alarms(weeks, rule),
        withdrawn=withdrawn_weeks(runs, decisions, rule=rule),
        is_shipped=is_shipped,
    )
