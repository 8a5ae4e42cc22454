"""Where a history is: a SQLite file or a PostgreSQL database; opened for reading or writing, shown without a password.

What is in it is in `schema` and `rows`.
"""

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from drift_core.database_url import read_database_url, unreadable
from drift_core.errors import InputError, SettingError
from drift_core.history.schema import prepare
from drift_core.installation import need_extra
from drift_core.tables.paths import kind_of, reason_of

POSTGRESQL = ("postgresql", "postgresql+psycopg", "postgres")
MEANT_AS_URL = re.compile(r"(postgres\w*(\+\w+)?)\s*[:/]+.*[@/]|[^/]*:[^/]*@", re.IGNORECASE)  # a password may be in it
BUSY_SECONDS = 60.0
CONNECT_SECONDS = 10
N_TRIES, BETWEEN_TRIES_SECONDS = 50, 0.02
# "drif" as a number: marks a SQLite file as a history in its header (PRAGMA application_id).
APPLICATION_ID = 0x64726966
SQLITE_HEAD = b"SQLite format 3\0"
WRITES_AHEAD = b"\2\2"  # bytes 18 and 19 of the header of a file with a write-ahead log
JOURNALS = ("-journal", "-wal")
UNLOCKED = "mode=ro&immutable=1"
REASONS = {
    "database or disk is full": "the disk is full. Make room, then do it again",
    "readonly database": "it is closed to writing. Open it, or name another place",
    "database is locked": "another process has held it for a minute. Do it again when that has ended",
    "unable to open database file": "the file cannot be opened. Check its folder and who may write there",
    "malformed": "the file is damaged. Restore it from a copy",
    "disk I/O error": "the disk failed to read or write. Check the disk, then do it again",
}


class DamagedRecordError(InputError):
    """A record that is not what was recorded; who opened the history says where it is."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a history is.

    Attributes
    ----------
    shown
        The place as it may be shown.
    path
        The file; None for a database.
    url
        The database; None for a file.
    secrets
        What must never be shown.
    is_older
        Whether the file is of an older version and could not be brought to this one.
    """

    shown: str
    path: Path | None = None
    url: URL | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    is_older: bool = False

    @cached_property
    def engine(self) -> Engine:
        """The way to it. Nothing is held open between uses: no connection goes stale, and one file is left."""
        if self.url is not None:
            options = {"connect_timeout": CONNECT_SECONDS, "application_name": "distillation-drift"}
            return create_engine(self.url, poolclass=NullPool, connect_args=options, hide_parameters=True)
        assert self.path is not None
        return _sqlite_engine(partial(_connect, self.path))

    @cached_property
    def _reader(self) -> Engine:
        return self.engine if self.path is None else _sqlite_engine(partial(_connect_to_read, self.path, self.is_older))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open for reading, which writes nothing; a file of an older version is read from a copy in memory."""
        with self._reader.connect() as connection:
            if self.is_older:
                prepare(connection, shown=self.shown)
            yield connection

    def without_secrets(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def find_place(place: str | Path) -> Place:
    """Tell a file path from a PostgreSQL URL; nothing is opened yet.

    Raises
    ------
    SettingError
        When a URL is of another kind or cannot be read.
    """
    if isinstance(place, str) and "://" in place:
        return _database(place)
    if isinstance(place, str) and MEANT_AS_URL.match(place.strip()):
        raise SettingError(unreadable("the history"))
    return Place(shown=str(place), path=Path(place))


@contextmanager
def translate_database_errors(place: Place, failure: str) -> Iterator[None]:
    """Turn what a database says into an `InputError` that names the place, without statements and passwords."""
    try:
        yield
    except DamagedRecordError as error:
        raise InputError(f"{place.shown}: {error}") from None
    except (sqlite3.Error, SQLAlchemyError, UnicodeDecodeError) as error:
        told = str(getattr(error, "orig", None) or error).strip()
        reason = next((meaning for sign, meaning in REASONS.items() if sign in told), None)
        if isinstance(error, UnicodeDecodeError):  # SQLite speaks of a name that is no text any more
            reason = REASONS["malformed"]
        first = place.without_secrets(told.splitlines()[0] if told else type(error).__name__)
        raise InputError(f"{failure} in {place.shown}: {reason or first.rstrip('.')}.") from None


def _connect(path: Path, mode: str = "mode=rw") -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    # What is committed is on the disk, and the journal that would take it back is gone from its folder.
    connection.execute("PRAGMA synchronous=EXTRA")
    return connection


def _sqlite_engine(connect: Callable[[], sqlite3.Connection]) -> Engine:
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def _connect_to_read(path: Path, is_copied: bool) -> sqlite3.Connection:
    """Open the file, which is there, or a copy of it in memory."""
    file = _connect_unlocked(path)
    if not is_copied:
        return file
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    with closing(file):
        file.backup(copy)
    return copy


def _connect_unlocked(path: Path) -> sqlite3.Connection:
    """Open without locks where nobody can write and no journal beside the file must be read."""
    is_alone = not any(_has_content(path.with_name(path.name + end)) for end in JOURNALS)
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return _connect(path, UNLOCKED if is_alone else "mode=ro")
    try:
        return _connect(path)
    except sqlite3.OperationalError:
        if not (is_alone and writes_ahead(path)):  # such a file needs room beside it, even to be read
            raise
        return _connect(path, UNLOCKED)


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _begin(connection: Connection) -> None:
    """Begin as a writer where one is announced: a reader that starts to write later may find itself too late."""
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def writes_ahead(path: Path) -> bool:
    """Whether an earlier version left the file so that what is committed may stand in a log beside it."""
    with path.open("rb") as file:
        return file.read(20)[18:] == WRITES_AHEAD


def leave_write_ahead(path: Path) -> None:
    """Put everything into the one file, now and from now on; one that stays in use or cannot be written is left.

    SQLite does not wait for the lock that this takes, so we do.
    """
    for _ in range(N_TRIES):
        try:
            with closing(_connect(path)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                return
            time.sleep(BETWEEN_TRIES_SECONDS)
        else:
            return


def check_file(path: Path) -> bool:
    """Whether there is a history in the file; False where there is no file, or an empty one.

    Raises
    ------
    InputError
        When the file is something else. It is looked at without SQLite, so it stays untouched.
    """
    kind = kind_of(path)
    if kind == "nothing":
        return False
    if kind in ("pipe", "device"):
        raise InputError(f"The history {path} cannot be read: it is a {kind}. Name a file.")
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except (OSError, ValueError) as error:
        raise InputError(f"The history {path} cannot be read: {reason_of(error)}. Name a file.") from None
    if not head:
        return False
    if not head.startswith(SQLITE_HEAD):
        raise InputError(f"{path} is no history: it is not a SQLite file. It was left as it is; name another file.")
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise InputError(
            f"{path} is no history: it is a SQLite file of something else. It was left as it is; name another file."
        )
    return True


def _database(place: str) -> Place:
    scheme = place.partition("://")[0]
    if scheme not in POSTGRESQL:
        raise SettingError(
            f"A history is a file or a PostgreSQL database. Expected a path or postgresql://USER@HOST/DATABASE, found "
            f"a URL that begins with {scheme}://."
        )
    found = read_database_url(place, whose="the history", scheme="postgresql")
    need_extra("postgres", "A history in a PostgreSQL database")
    return Place(shown=found.shown, url=found.url.set(drivername="postgresql+psycopg"), secrets=found.secrets)
