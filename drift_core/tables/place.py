"""A Parquet file in object storage, as an open file that DuckDB and Arrow read by ranges.

Finding it is in `places`.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from drift_core.errors import InputError

if TYPE_CHECKING:
    from drift_core.tables.place_systems import System

PROTOCOL = "drift-place"  # by which DuckDB finds what is registered with it, and no extension of its own


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """A Parquet file in object storage, read by ranges.

    Attributes
    ----------
    address
        The file's own, as messages call it.
    system, key
        The file system and the path within.
    reader
        The file, opened once; Arrow begins to fetch all of one in Google's when it is opened.
    n_bytes, changed
        Size, and when it was written, as found first.
    faults
        What went wrong below a library that says it in its own words.
    """

    address: str
    system: "System"
    key: str
    reader: Any
    n_bytes: int
    changed: object
    faults: list[InputError] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.address.rpartition("/")[2]

    def __str__(self) -> str:
        return self.address

    def resolve(self) -> "Place":
        return self

    def open(self) -> "RangeFile":
        """Open it anew; raises where it is gone or another than before."""
        try:
            found = self.system.info(self.key, self.address)
            if found.size is None:
                raise InputError(f"{self.address} was there and is gone. Nothing may delete it while it is read.")
            if (found.size, found.mtime) != (self.n_bytes, self.changed):
                raise InputError(f"{self.address} was changed while it was read. Run again when its writer is done.")
            return RangeFile(self)
        except InputError as error:
            self.faults.append(error)
            raise


class RangeFile:
    """What DuckDB and Arrow take for an open file; each thread has a position of its own in it.

    DuckDB seeks and reads in two steps, from several threads.
    """

    mode, closed = "rb", False

    def __init__(self, place: Place) -> None:
        self.size = place.n_bytes
        self._place = place
        self._at: dict[int, int] = {}

    def seek(self, offset: int, whence: int = 0) -> int:
        begin = {0: 0, 1: self.tell(), 2: self.size}[whence]
        self._at[threading.get_ident()] = begin + offset
        return begin + offset

    def tell(self) -> int:
        return self._at.get(threading.get_ident(), 0)

    def read(self, n_bytes: int = -1) -> bytes:
        begin = self.tell()
        end = self.size if n_bytes is None or n_bytes < 0 else min(begin + n_bytes, self.size)
        try:
            read = self._place.system.read(self._place.reader, begin, max(end - begin, 0), self._place.address)
        except InputError as error:
            self._place.faults.append(error)
            raise
        self.seek(begin + len(read))
        return read

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def flush(self) -> None:
        """Nothing is written."""

    def close(self) -> None:
        """The place stays open for others."""


File: TypeAlias = Path | Place


def register_places(connection: Any, files: Sequence[Place]) -> None:
    """Let a DuckDB connection read files in places, each by the text that `sql_path` gives."""
    from fsspec import AbstractFileSystem

    class Places(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
        protocol, cachable = PROTOCOL, False

        def open(self, path: str, mode: str = "rb", **_: Any) -> RangeFile:
            return self._place(path).open()

        def info(self, path: str, **_: Any) -> dict[str, Any]:
            return {"name": path, "size": self._place(path).n_bytes, "type": "file"}

        def glob(self, path: str, **_: Any) -> list[str]:
            return [path]

        def exists(self, path: str, **_: Any) -> bool:
            return True

        def isfile(self, path: str) -> bool:
            return True

        def modified(self, path: str) -> Any:
            return self._place(path).changed or datetime.fromtimestamp(0, UTC)

        def _place(self, path: str) -> Place:
            return known[path.rpartition("/")[2]]

    known = {_name(each): each for each in files}
    connection.register_filesystem(Places())


def sql_path(file: File) -> Path | str:
    """Give what a query names a file by."""
    return f"{PROTOCOL}://{_name(file)}" if isinstance(file, Place) else file


def _name(place: Place) -> str:
    return f"{id(place)}.parquet"


def arrow_path(file: File) -> "Path | RangeFile":
    """Give what Arrow opens a Parquet file by."""
    return file.open() if isinstance(file, Place) else file


def n_bytes_of(file: File) -> int:
    return file.n_bytes if isinstance(file, Place) else file.stat().st_size
