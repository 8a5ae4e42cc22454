"""A history is opened: looked at, made or brought to this version, or refused with nothing changed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from drift_core.errors import InputError
from drift_core.history.database import (
    APPLICATION_ID,
    Place,
    check_file,
    find_place,
    leave_write_ahead,
    writes_ahead,
)
from drift_core.history.database_errors import translate_database_errors
from drift_core.history.migrations import STEPS, Step
from drift_core.history.queries import VERSION_REACHED
from drift_core.history.schema import check_version, prepare, read_version
from drift_core.tables.writing import check_place

FAILURE = "The history could not be opened"
UNWRITABLE = ("readonly database", "disk is full", "disk I/O error", "unable to open database file")


def open_place(place: str | Path, *, is_created: bool, steps: Sequence[Step] = STEPS) -> Place:
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
        elif found.path is not None and writes_ahead(found.path):
            leave_write_ahead(found.path)
        if version == len(steps):
            return found
        try:
            _prepare(found, steps)
        except _database_errors() as error:
            if version is None or found.path is None or not any(sign in str(error) for sign in UNWRITABLE):
                raise
            return replace(found, is_older=True)
    return found


def check_opening(place: str | Path) -> bool:
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
    with place.reading() as query:
        found, number = query("PRAGMA integrity_check(1)")[0][0], query(VERSION_REACHED)[0][0]
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


def _database_errors() -> type[Exception]:
    from sqlalchemy.exc import SQLAlchemyError

    return SQLAlchemyError
