"""The history of a canary: every run once, and what people decided, in a SQLite file or a PostgreSQL database.

What a run tells beside the earlier ones is in `canary.alarm`; files for exchange are in `csv_exchange`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from drift_core.canary.decision import Decision
from drift_core.canary.run import CanaryRun
from drift_core.errors import InputError
from drift_core.history.database import (
    APPLICATION_ID,
    Place,
    check_file,
    find_place,
    leave_write_ahead,
    translate_database_errors,
    writes_ahead,
)
from drift_core.history.decision_checks import checked
from drift_core.history.migrations import STEPS, Step
from drift_core.history.recorder import RecordOutcome, record_now, record_other, record_past
from drift_core.history.rows import insert_decision, read_decisions, read_run_of, read_runs
from drift_core.history.schema import VERSION_REACHED, check_version, prepare, read_version
from drift_core.tables.writing import check_place

FAILURE = "The history could not be opened"
UNWRITABLE = ("readonly database", "disk is full", "disk I/O error", "unable to open database file")


class History:
    """Runs and decisions in one place; safe with several processes, and when one is killed.

    Made by `open_history`. `close` gives the connections back; a context manager does it by itself.
    """

    def __init__(self, place: Place) -> None:
        self._place = place

    @property
    def shown(self) -> str:
        """The place, without a password."""
        return self._place.shown

    def __repr__(self) -> str:
        return f"History({self.shown!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        if "engine" in vars(self._place):
            self._place.engine.dispose()

    def record(self, run: CanaryRun) -> RecordOutcome:
        """Write a run; when this returns, it is on the disk.

        Raises
        ------
        InputError
            When it cannot be written; then nothing of it is.

        Notes
        -----
        The same run (the same `key`) twice is one record: the first stays. One that was withdrawn stays withdrawn;
        a note says by whom, why, and how to restore it. A run that differs from a withdrawn one in teacher model, K,
        rule or pinned revision, which the key leaves out, is a record of its own and counts in its place.
        """
        with self._writing("The run could not be recorded") as connection:
            return record_now(connection, run)

    def record_all(
        self, runs: Sequence[CanaryRun], *, withdrawn: Mapping[str, Decision] | None = None
    ) -> tuple[RecordOutcome, ...]:
        """Write several runs, all or none of them; that they are of the past is no matter for a note.

        Parameters
        ----------
        withdrawn
            By the key of a run, the decision by which it does not count elsewhere. It is kept with a run that is new;
            a run that is here already counts or not as was decided here, and a note says where that differs.
        """
        with self._writing("The runs could not be recorded") as connection:
            return record_past(connection, runs, withdrawn or {})

    def merge(self, other: "History") -> tuple[RecordOutcome, ...]:
        """Add the runs and decisions of another history that this one lacks, all or none.

        Gives the runs that are new, and those that the other recorded otherwise, with a note.

        Raises
        ------
        SettingError
            When both gave one name to different regions.

        Notes
        -----
        New runs come after those that are here, in the order in which the other recorded them; the other stays as it
        is. Whether a run counts is what was decided last in either. Where the two records of a run differ in what the
        key leaves out, the one here stays, or the one that counts where the other was withdrawn. An override of the
        other holds where its student has no run here that the other lacks.
        """
        runs, decisions = sorted(other.runs(with_regions=True), key=lambda run: run.number), other.decisions()
        with self._writing("The histories could not be merged") as connection:
            return record_other(connection, runs, decisions)

    def runs(self, *, with_regions: bool | int = False) -> tuple[CanaryRun, ...]:
        """Read all runs in the order of the time that they stand for, then of their recording.

        Withdrawn ones are among them; `active_runs` gives those that count.

        Parameters
        ----------
        with_regions
            Whether to read the figures of regions too, or of how many of the runs that were recorded last; without,
            `regions` is empty, and no region alarms.
        """
        with self._reading("The runs could not be read") as connection:
            return read_runs(connection, with_regions=with_regions)

    def run(self, key: str) -> CanaryRun | None:
        """Read one run with its regions; None when there is none of this key."""
        with self._reading("The run could not be read") as connection:
            return read_run_of(connection, key)

    def decide(self, decision: Decision) -> None:
        """Keep a decision; the same one twice is kept once.

        Raises
        ------
        SettingError
            When nobody is named, no reason is given, or the run is not in this history; when a run is to be withdrawn
            that is withdrawn already, or one to be restored that counts.
        InputError
            When it cannot be written.
        """
        with self._writing("The decision could not be kept") as connection:
            insert_decision(connection, checked(connection, decision, shown=self.shown))

    def decisions(self) -> tuple[Decision, ...]:
        """Read all decisions in the order of time."""
        with self._reading("The decisions could not be read") as connection:
            return read_decisions(connection)

    @contextmanager
    def _reading(self, failure: str) -> Iterator[Connection]:
        with translate_database_errors(self._place, failure), self._place.reading() as connection:
            yield connection

    @contextmanager
    def _writing(self, failure: str) -> Iterator[Connection]:
        with translate_database_errors(self._place, failure), self._place.engine.connect() as connection:
            connection.execution_options(is_writing=True)
            with connection.begin():
                # Another process may have brought the tables to a newer version since they were looked at.
                prepare(connection, shown=self.shown)
                yield connection


def open_history(place: str | Path, *, is_created: bool = True, is_read_only: bool = False) -> History:
    """Open the history at a place, and make it where there is none.

    Parameters
    ----------
    place
        Path of a SQLite file, or ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``.
    is_created
        Whether to make a history where there is none.
    is_read_only
        Whether the place stays as it is: none is made, and one of an older version is read from a copy in memory.

    Raises
    ------
    InputError
        When there is none and none is to be made, when the file is something else or cannot be opened, when the
        database does not answer, or when a newer version of the package wrote it. Nothing is changed then.
    SettingError
        When the URL is of another kind or cannot be read.

    Notes
    -----
    A history of an older version is brought to this one, in one transaction.
    """
    return History(open_place(place, is_created=is_created and not is_read_only, is_read_only=is_read_only))


def open_place(
    place: str | Path, *, is_created: bool, is_read_only: bool = False, steps: Sequence[Step] = STEPS
) -> Place:
    """Look at a place and make or move its tables as far as needed.

    Raises
    ------
    InputError
        As `open_history`.
    """
    found = find_place(place)
    with translate_database_errors(found, FAILURE):
        version = _version(found)
        check_version(version, shown=found.shown, steps=steps)
        if version is None:
            _check_new(found, is_created=is_created)
        elif is_read_only:
            return found if version == len(steps) else _older(found)
        elif found.path is not None and writes_ahead(found.path):
            leave_write_ahead(found.path)
        if version == len(steps):
            return found
        try:
            _prepare(found, steps)
        except SQLAlchemyError as error:
            if version is None or found.path is None or not any(sign in str(error) for sign in UNWRITABLE):
                raise
            return replace(found, is_older=True)
    return found


def _older(found: Place) -> Place:
    if found.path is None:
        raise InputError(
            f"The history in {found.shown} is of an older version. `distillation-drift history list --history PLACE` "
            "brings it to this one."
        )
    return replace(found, is_older=True)


def check_can_open(place: str | Path) -> bool:
    """Check that a history can be opened or made at a place, and make nothing; False where there is none yet.

    Raises
    ------
    InputError
        As `open_history`.
    """
    found = find_place(place)
    with translate_database_errors(found, FAILURE):
        version = _version(found)
        check_version(version, shown=found.shown, steps=STEPS)
        if version is None and found.path is not None:
            check_place(found.path)
    return version is not None


def _version(place: Place) -> int | None:
    if place.path is None:
        with place.engine.connect() as connection:
            return read_version(connection)
    if not check_file(place.path):
        return None
    with place.reading() as connection:
        found, number = (
            connection.execute(text(each)).scalar() for each in ("PRAGMA integrity_check(1)", VERSION_REACHED)
        )
    if found != "ok" or not isinstance(number, int):
        raise InputError(f"{FAILURE}: the file {place.shown} is damaged. Restore it from a copy.")
    return number


def _check_new(place: Place, *, is_created: bool) -> None:
    if not is_created:
        raise InputError(
            f"There is no history at {place.shown}. Record a week with: distillation-drift canary HELDOUT PRODUCTION "
            "--history PLACE"
        )
    if place.path is not None:
        check_place(place.path)
        place.path.touch()


def _prepare(place: Place, steps: Sequence[Step]) -> None:
    with place.engine.connect().execution_options(is_writing=True) as connection, connection.begin():
        if place.path is not None:
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        prepare(connection, shown=place.shown, steps=steps)
