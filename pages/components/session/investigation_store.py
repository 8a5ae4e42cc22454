"""Investigations kept on this machine, so that a visitor finds their work again. Knows no page and no session.

Each has a folder in the user's data, under a digest of its visitor's token: uploaded files as they came, and one record
of where the files are, how they were read, the settings and what was chosen by hand. So has each document that is kept
beside them (`documents`); its kind stands in front of its token.
"""

import hashlib
import math
import os
import re
import secrets
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from drift_core.errors import InputError
from drift_core.tables.paths import reason_of
from drift_core.tables.writing import written_beside
from pages.components.session.investigation_record import Kept as Kept
from pages.components.session.investigation_record import KeptDocument, merged, read_record, written

VARIABLE = "DISTILLATION_DRIFT_RECENT"
MOST, DAYS = 10, 90  # of a visitor; since it was last open
MOST_BYTES, MOST_BYTES_OF_VISITOR = 2_000_000_000, 500_000_000  # of all visitors together; of one
_DAY_SECONDS = 24 * 60 * 60
TOKEN = re.compile(r"(?:(?P<kind>history|card|comparison|review)-)?[A-Za-z0-9_-]{22}")
RECORD = "investigation.json"
LOCK, LOCK_SECONDS = "recent.lock", 10.0  # beside the folder of them all; who holds it longer has died
_LOCK = threading.RLock()
_PRUNED: dict[Path, float] = {}  # when each root was cleared last by this process


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A kept investigation in a visitor's list; None where its record cannot be read, and why."""

    token: str
    opened_at: float
    kept: Kept | None
    failure: str = ""


def most() -> int:
    """How many investigations are kept for a visitor; 0 keeps none."""
    chosen = os.environ.get(VARIABLE, "").strip()
    return int(chosen) if chosen.isdecimal() else 0 if chosen else MOST


def root() -> Path:
    """Where investigations are kept: the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("distillation-drift", appauthor=False) / "recent"


def folder_of(visitor: str, token: str, *, kind: str = "") -> Path | None:
    """The folder of a visitor's investigation, or of a document of a kind; None where they have none of this token."""
    folder = _folder_of_visitor(visitor) / token
    return folder if kind_of(token) == kind and (folder / RECORD).is_file() else None


def kind_of(token: str) -> str | None:
    """The kind of document that a token is of, empty for an investigation; None for what is no token."""
    found = TOKEN.fullmatch(token)
    return found and (found["kind"] or "")


def make(visitor: str, kept: Kept | KeptDocument, contents: Mapping[str, bytes], *, kind: str = "") -> str:
    """Keep something new with the content of its files, and let go what is too old or too much."""
    token = f"{kind}-{secrets.token_urlsafe(16)}" if kind else secrets.token_urlsafe(16)
    folder = _folder_of_visitor(visitor) / token
    try:
        for each in (root(), folder.parent, folder):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
            each.chmod(0o700)
    except OSError as error:
        raise InputError(f"The folder {folder.parent} cannot be written to: {reason_of(error)}.") from error
    try:
        put_contents(visitor, token, contents)
        put(folder, kept)
    except InputError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return token


def put_contents(visitor: str, token: str, contents: Mapping[str, bytes]) -> None:
    """Keep the content of uploaded files, by what they are in the investigation; raise where it is too much."""
    folder = _folder_of_visitor(visitor) / token
    size = sum(map(len, contents.values())) + _size(folder, without=contents)
    most = min(MOST_BYTES, MOST_BYTES_OF_VISITOR)
    if size > most:
        raise InputError(f"Its files have {_megabytes(size)}, and at most {_megabytes(most)} are kept for a visitor.")
    for part, content in contents.items():
        _write(folder / part, content)
    touch(folder)
    prune(time.time())


def touch(folder: Path) -> None:
    """Count it as opened now, so that it is not let go for being opened long ago."""
    with suppress(OSError):
        os.utime(folder / RECORD)


def put(folder: Path, kept: Kept | KeptDocument) -> None:
    """Keep it as it is now."""
    _write(folder / RECORD, written(kept))


def put_changes(folder: Path, before: Kept, now: Kept) -> None:
    """Keep what one page has changed since it kept `before`; the rest stays as another page has left it."""
    with _alone():
        put(folder, merged(read(folder), before, now))


def read(folder: Path) -> Kept:
    """What was kept; raises where it was changed or damaged since, or another version has kept it."""
    try:
        return read_record((folder / RECORD).read_bytes())
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else error
        raise InputError(
            f"The kept investigation in {folder} cannot be read: {reason}. Delete it on the page Start, and bring its "
            "two files again."
        ) from error


def content(folder: Path, part: str) -> bytes:
    """An uploaded file as it came."""
    try:
        return (folder / part).read_bytes()
    except OSError as error:
        raise InputError(f"The copy {folder / part} cannot be read: {reason_of(error)}.") from error


def found(visitor: str) -> list[Found]:
    """A visitor's investigations, the last opened first."""
    prune_daily(time.time())
    return [_found(folder) for folder in folders(visitor)]


def folders(visitor: str, *, kind: str = "") -> list[Path]:
    """Folders of a visitor's investigations, or of their documents of a kind, the last opened first."""
    there = [folder for folder in _folders(_folder_of_visitor(visitor)) if kind_of(folder.name) == kind]
    return sorted(there, key=opened_at, reverse=True)


def delete(visitor: str, token: str) -> None:
    """Forget an investigation with its copies."""
    if TOKEN.fullmatch(token):
        shutil.rmtree(_folder_of_visitor(visitor) / token, ignore_errors=True)


def prune_daily(now: float) -> None:
    """Let go what is to go, at the first use in a process and then once a day."""
    if now - _PRUNED.get(root(), -math.inf) > _DAY_SECONDS:
        prune(now)


def prune(now: float) -> None:
    """Let go what was not opened for long, and the oldest of what a visitor, or all together, have too much of."""
    with _alone():
        _prune(now)


def _prune(now: float) -> None:
    _PRUNED[root()] = now
    kept: list[Path] = []
    for visitor in (root(), *_folders(root())):
        with suppress(OSError):
            visitor.chmod(0o700)  # earlier versions left it open
    for visitor in _folders(root()):
        there = _folders(visitor)
        recent = [folder for folder in there if now - opened_at(folder) <= DAYS * _DAY_SECONDS]
        of_visitor = _so_many_of_each_kind(_fitting(recent, MOST_BYTES_OF_VISITOR))
        _let_go([folder for folder in there if folder not in of_visitor])
        kept += of_visitor
        with suppress(OSError):
            visitor.rmdir()  # where it is empty
    fitting = _fitting(kept, MOST_BYTES)
    _let_go([folder for folder in kept if folder not in fitting])


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time, also of two servers over one folder; where that cannot be locked, of this server."""
    from filelock import FileLock, Timeout

    with _LOCK, ExitStack() as stack:
        with suppress(OSError, NotImplementedError, Timeout):
            stack.enter_context(FileLock(root().with_name(LOCK), timeout=LOCK_SECONDS, mode=0o600))
        yield


def _fitting(folders: Sequence[Path], most_bytes: int) -> list[Path]:
    """The last opened first, as far as they fit together; one that does not fit takes no place."""
    total, fitting = 0, []
    for folder in sorted(folders, key=opened_at, reverse=True):
        size = _size(folder)
        if total + size <= most_bytes:
            total += size
            fitting.append(folder)
    return fitting


def _so_many_of_each_kind(folders: Sequence[Path]) -> list[Path]:
    by_kind: dict[str | None, list[Path]] = defaultdict(list)
    for folder in folders:
        by_kind[kind_of(folder.name)].append(folder)
    return [folder for those in by_kind.values() for folder in those[: most()]]


def _let_go(folders: Sequence[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _folder_of_visitor(visitor: str) -> Path:
    """Named by a digest, so that who lists the folder does not learn the token in the browser."""
    return root() / _digest(visitor)[:32]


def _folders(parent: Path) -> list[Path]:
    """Empty where there is none, or another server has let it go meanwhile."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return [each for each in parent.iterdir() if each.is_dir()]
    return []


def _found(folder: Path) -> Found:
    try:
        kept, failure = read(folder), ""
    except InputError as error:
        kept, failure = None, str(error)
    return Found(token=folder.name, opened_at=opened_at(folder), kept=kept, failure=failure)


def opened_at(folder: Path) -> float:
    """When its record was written last, else when the folder was; 0 where another server has let it go meanwhile."""
    for place in (folder / RECORD, folder):
        with suppress(OSError):
            return place.stat().st_mtime
    return 0.0


def _size(folder: Path, without: Collection[str] = ()) -> int:
    total = 0
    with suppress(OSError):
        total = sum(file.stat().st_size for file in folder.iterdir() if file.name not in without)
    return total


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1_000_000:,.0f} MB"


def _write(path: Path, content: bytes) -> None:
    """For the owner's eyes alone."""
    with _LOCK, written_beside(path) as beside:
        beside.touch(mode=0o600)
        beside.write_bytes(content)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
