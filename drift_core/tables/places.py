"""Files in object storage: found by address, read by ranges where they are Parquet, else copied as pipes are.

Which file system an address is of, and what its faults mean, is in `place_systems`.
"""

import glob
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from drift_core.errors import InputError
from drift_core.installation import need_extra
from drift_core.tables.addresses import check_address
from drift_core.tables.folders import choose_parquet
from drift_core.tables.paths import BLOCK_BYTES
from drift_core.tables.place import File, Place
from drift_core.tables.temporary_copies import copies_folder

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo

    from drift_core.tables.place_systems import System

# Where files are copied that are read several times, and those that were.
_COPIES: ContextVar[tuple[Path, dict[tuple[str, int, object], Path]] | None] = ContextVar("copies", default=None)
DEEP = r"(?:(?!\.)[^/]+/)*"  # any number of folders


def files_at(address: str, folder: Path) -> list[tuple[File, str]]:
    """Find the files that an address, a folder's or a pattern names; what is no plain Parquet is copied to a folder.

    Raises
    ------
    InputError
        When there is none, it may not be read, or the place does not answer.
    MissingExtraError
        When the extra is not installed.
    """
    system, key = _system(address)
    return [_file(system, found, system.address_of(found.path), folder) for found in _found(system, key, address)]


def bytes_at(address: str, *, largest: int) -> bytes:
    """Read a file whole, or just beyond the largest size that it can have; raises as `files_at`."""
    system, key = _system(address)
    info = _one(system, key, address)
    reader = system.opened(key, address)
    return system.read(reader, 0, min(info.size, largest + 1), address)


@contextmanager
def copied(address: str) -> Iterator[Path]:
    """Give a copy of a file, or of the Parquet files of a folder, under its own name; messages name the address."""
    system, key = _system(address)
    with TemporaryDirectory() as folder:
        place = Path(folder) / (address.rstrip("/").rpartition("/")[2] or "place")
        found = _found(system, key, address)
        if [each.path for each in found] == [key]:
            _copy(system, found[0], address, place)
        else:
            place.mkdir()
            for number, each in enumerate(found):
                _copy(system, each, system.address_of(each.path), place / f"{number:06}-{each.base_name}")
        try:
            yield place
        except InputError as error:
            if str(place) in str(error):
                raise InputError(str(error).replace(str(place), address)) from None
            raise


def _system(address: str) -> "tuple[System, str]":
    check_address(address)
    need_extra("places", "A file at an address")
    from drift_core.tables.place_systems import system_of

    return system_of(address)


def _one(system: "System", key: str, address: str) -> "FileInfo":
    info = system.info(key, address)
    if info.size is None:
        raise InputError(f"There is no file {address}. Check the address.")
    return info


def _found(system: "System", key: str, address: str) -> "list[FileInfo]":
    from pyarrow.fs import FileType

    base = key.rstrip("/")
    info = None if key.endswith("/") else system.info(base, address)  # with a slash at its end it is a folder's
    if info is not None and info.type == FileType.File:
        return [info]
    if info is None or info.type == FileType.Directory:
        there = [each for each in system.listed(base, address, is_deep=True) if each.type == FileType.File]
        return choose_parquet([(each, each.path[len(base) + 1 :]) for each in there], address)
    if not glob.has_magic(key):
        raise InputError(f"There is no file {address}. Check the address.")
    found = [each for each in _matching(system, key, address) if each.type == FileType.File]
    if not found:
        raise InputError(f"No file matches {address}. Check the pattern.")
    return sorted(found, key=lambda each: each.path)


def _matching(system: "System", pattern: str, address: str) -> "list[FileInfo]":
    """Give what a pattern names, as `glob` does: a sign stands for no slash, ``**`` for any number of folders."""
    parts = pattern.split("/")
    first = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    if first == 0:
        raise InputError(f"{address} has a pattern where a bucket or a repository is named. Name one.")
    parts += ["*"] if parts[-1] == "**" else []
    base, pattern = "/".join(parts[:first]), "/".join(map(_part, parts[first:])).replace(f"{DEEP}/", DEEP)
    try:
        wanted = re.compile(pattern)
    except re.error as error:
        raise InputError(f"The pattern {address} cannot be read: {error.msg}. Check the pattern.") from None
    there = system.listed(base, address, is_deep=len(parts) > first + 1)
    return [each for each in there if wanted.fullmatch(each.path[len(base) + 1 :])]


def _part(part: str) -> str:
    """A part of a pattern as a regular expression; what is hidden is not matched by a sign."""
    if part == "**":
        return DEEP
    signs = re.findall(r"\*+|\?|\[[^/\]]+\]|.", part)
    return (r"(?!\.)" if part[:1] in ("*", "?", "[") else "") + "".join(map(_sign, signs))


def _sign(sign: str) -> str:
    if sign[0] == "[" and len(sign) > 1:
        inside = sign[1:-1].replace("\\", r"\\")
        negated = "^" * (inside[0] == "!")
        return f"[{negated}{inside.removeprefix('!').replace('^', chr(92) + '^')}]"
    return {"*": "[^/]*", "?": "[^/]"}.get(sign[0], re.escape(sign))


def _file(system: "System", info: "FileInfo", address: str, folder: Path) -> tuple[File, str]:
    reader = system.opened(info.path, address)
    if system.read(reader, 0, min(4, info.size), address) == b"PAR1":
        known = {"n_bytes": info.size, "changed": info.mtime}
        return Place(address=address, system=system, key=info.path, reader=reader, **known), address
    return _copied_once(system, info, address, folder, reader), address


@contextmanager
def each_copied_once() -> Iterator[None]:
    """Within it, also where a function has it as decorator, a file that is copied whole is fetched once."""
    if _COPIES.get() is not None:
        yield
        return
    with copies_folder() as folder:
        before = _COPIES.set((folder, {}))
        try:
            yield
        finally:
            _COPIES.reset(before)


def _copied_once(system: "System", info: "FileInfo", address: str, folder: Path, reader: Any) -> Path:
    folder, known = _COPIES.get() or (folder, {})
    was = (address, info.size, info.mtime)
    if was not in known:
        known[was] = _copy(system, info, address, folder / f"place {len(list(folder.iterdir()))}", reader=reader)
    return known[was]


def _copy(system: "System", info: "FileInfo", address: str, target: Path, *, reader: Any = None) -> Path:
    reader = reader or system.opened(info.path, address)
    with target.open("wb") as out:
        for begin in range(0, info.size, BLOCK_BYTES):
            out.write(system.read(reader, begin, min(BLOCK_BYTES, info.size - begin), address))
    now = system.info(info.path, address)
    if (now.size, now.mtime) != (info.size, info.mtime):
        raise InputError(f"{address} was changed while it was copied. Run again once nothing writes it.")
    return target
