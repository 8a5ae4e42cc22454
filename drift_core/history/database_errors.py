"""What a database says, told to a reader in words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from drift_core.errors import InputError
from drift_core.history.database import Place
from drift_core.history.queries import DamagedRecordError

REASONS = {
    "database or disk is full": "the disk is full. Make room, then do it again",
    "readonly database": "it is closed to writing. Open it, or name another place",
    "database is locked": "another process has held it for a minute. Do it again when that has ended",
    "unable to open database file": "the file cannot be opened. Check its folder and who may write there",
    "malformed": "the file is damaged. Restore it from a copy",
    "disk I/O error": "the disk failed to read or write. Check the disk, then do it again",
}


@contextmanager
def translate_database_errors(place: Place, failure: str) -> Iterator[None]:
    """Turn what a database says into an `InputError` that names the place, without statements and passwords."""
    try:
        yield
    except DamagedRecordError as error:
        raise InputError(f"{place.shown}: {error}") from None
    except _database_errors() as error:
        told = str(getattr(error, "orig", None) or error).strip()
        reason = next((meaning for sign, meaning in REASONS.items() if sign in told), None)
        if isinstance(error, UnicodeDecodeError):  # SQLite speaks of a name that is no text any more
            reason = REASONS["malformed"]
        first = place.without_secrets(told.splitlines()[0] if told else type(error).__name__)
        raise InputError(f"{failure} in {place.shown}: {reason or first.rstrip('.')}.") from None


def _database_errors() -> tuple[type[Exception], ...]:
    """What can come from a database; SQLAlchemy is loaded only where something went wrong."""
    from sqlalchemy.exc import SQLAlchemyError

    return (sqlite3.Error, SQLAlchemyError, UnicodeDecodeError)
