"""Histories of canary runs as a visitor opens them: a copy in a folder of the session, or the file at a path."""

import io
import secrets
import shutil
import sqlite3
import weakref
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from drift_core.history.csv_exchange import import_csv
from drift_core.history.history import open_history
from drift_core.simulation import canary_year_samples

FILE_NAME = "canary.db"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class OpenHistory:
    """Where the open history is.

    Attributes
    ----------
    folder
        Holds a visitor's own copy and goes with the session; None for one that stays.
    is_copy
        Whether it is a visitor's own copy, and no file that was opened by its path.
    key
        Tells it from others also when it has moved.
    as_shipped
        Stamp of a copy of the shipped year before anything is written into it; empty of any other.
    """

    path: Path
    name: str
    folder: Path | None = None
    is_copy: bool = False
    key: str = field(default_factory=lambda: secrets.token_hex(8))
    as_shipped: str = ""

    @property
    def state(self) -> tuple[str, bool]:
        """What changes with every write, also by another process; and whether it is the shipped year as it ships."""
        now = stamp(self.path)
        return (canary_year_samples.NAME, True) if now == self.as_shipped else (now, False)

    @property
    def where(self) -> str:
        """Where what is recorded goes, in words."""
        if self.folder is not None:
            return "a copy of your own, gone with this visit"
        return "a copy of your own, kept for this browser" if self.is_copy else "the file itself"


def stamp(path: Path) -> str:
    """Changes with every write, also by another process."""
    files = (path, path.with_name(f"{path.name}-wal"))
    seen = [file.stat() for file in files if file.exists()]
    return repr([str(path), *((each.st_mtime_ns, each.st_size) for each in seen)])


def _folder(name: str, content: bytes = b"", *, is_shipped: bool = False) -> OpenHistory:
    folder = Path(mkdtemp(prefix="distillation-drift-"))
    path = folder / FILE_NAME
    if content:
        path.write_bytes(content)
    as_shipped = stamp(path) if is_shipped else ""
    made = OpenHistory(path=path, name=name, folder=folder, is_copy=True, as_shipped=as_shipped)
    weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)
    return made


def made(name: str) -> OpenHistory:
    """An empty history."""
    empty = _folder(name)
    open_history(empty.path).close()
    return empty


def copied(content: bytes, name: str, *, is_shipped: bool = False) -> OpenHistory:
    """A copy of a history file's content, which may be that of the shipped year."""
    return _folder(name, content, is_shipped=is_shipped)


def shipped_year() -> bytes:
    """The shipped weeks as a history file; importing them takes longer than copying it."""
    from drift_core.simulation.canary_year import shipped_canary_files

    year = imported(shipped_canary_files().history, canary_year_samples.TITLE)
    with closing(sqlite3.connect(year.path)) as connection:
        return connection.serialize()


def imported(source: Path | io.BytesIO, name: str) -> OpenHistory:
    """A history of the weeks in a CSV file."""
    new = made(name)
    with open_history(new.path) as history:
        import_csv(source, history)
    return new


def named(name: str, content: bytes) -> io.BytesIO:
    """Content as a file of this name."""
    file = io.BytesIO(content)
    file.name = name
    return file
