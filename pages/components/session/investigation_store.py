"""Investigations kept on this machine, so that a visitor finds their work again. Knows no page and no session.

Each has a folder in the user's data, under a digest of its visitor's token: uploaded files as they came, and one record
of where the files are, how they were read, the settings and what was chosen by hand.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from drift_core.errors import InputError
from drift_core.tables.paths import reason_of
from drift_core.tables.writing import written_beside

VARIABLE = "DISTILLATION_DRIFT_RECENT"
MOST, MOST_BYTES, DAYS = 10, 2_000_000_000, 90  # of a visitor; of all visitors together; since it was last open
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
RECORD = "investigation.json"
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """One sample: what it is called, where it is, how it was read, and by what it is known.

    Attributes
    ----------
    path
        Path or pattern on this machine, empty where the content is kept.
    key, n_pairs
        Of the sample that was read.
    """

    name: str
    path: str
    columns: Mapping[str, str]
    slices: tuple[str, ...] | None
    max_rows: int
    max_bytes: int
    seed: int
    key: str
    n_pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An investigation as it was left.

    Attributes
    ----------
    samples_key
        Tells both samples as they were read.
    settings
        As they stand in the address.
    chosen
        What was chosen by hand, by name: plain values, tuples and days.
    embeddings
        Own embeddings: id, name and path of the file, the path empty where its content is kept; empty without.
    rescoring
        Token of the re-scoring that is open beside it.
    """

    files: Mapping[str, KeptFile]
    samples_key: str
    scenario: str
    revisions: tuple[str, str]
    settings: Mapping[str, str]
    verdict: str = ""
    chosen: Mapping[str, Any] = field(default_factory=dict)
    embeddings: tuple[str, ...] = ()
    rescoring: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A kept investigation in a visitor's list; None where its record cannot be read."""

    token: str
    opened_at: float
    kept: Kept | None


def most() -> int:
    """How many investigations are kept for a visitor; 0 keeps none."""
    chosen = os.environ.get(VARIABLE, "").strip()
    return int(chosen) if chosen.isdecimal() else 0 if chosen else MOST


def root() -> Path:
    """Where investigations are kept: the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("distillation-drift", appauthor=False) / "recent"


def folder_of(visitor: str, token: str) -> Path | None:
    """The folder of a visitor's investigation, None where they have none of this token."""
    folder = _folder_of_visitor(visitor) / token if TOKEN.fullmatch(token) else None
    return folder if folder is not None and (folder / RECORD).is_file() else None


def make(visitor: str, kept: Kept, contents: Mapping[str, bytes]) -> str:
    """Keep a new investigation with the content of uploaded files, and let go what is too old or too much."""
    token = secrets.token_urlsafe(16)
    folder = _folder_of_visitor(visitor) / token
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise InputError(f"The folder {folder.parent} cannot be written to: {reason_of(error)}.") from error
    try:
        put_contents(visitor, token, contents)
        put(folder, kept)
    except InputError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    prune(time.time())
    return token


def put_contents(visitor: str, token: str, contents: Mapping[str, bytes]) -> None:
    """Keep the content of uploaded files, by what they are in the investigation."""
    for part, content in contents.items():
        _write(_folder_of_visitor(visitor) / token / part, content)


def put(folder: Path, kept: Kept) -> None:
    """Keep it as it is now."""
    document = json.dumps(asdict(kept), default=_day)
    _write(folder / RECORD, json.dumps({"sha256": _digest(document), "record": document}).encode())


def read(folder: Path) -> Kept:
    """What was kept; raises where it was changed or damaged since."""
    try:
        outer = json.loads((folder / RECORD).read_bytes())
        if outer["sha256"] != _digest(outer["record"]):
            raise ValueError
        found = json.loads(outer["record"], object_hook=_day_of)
        files = {side: KeptFile(**_tuples(each)) for side, each in found.pop("files").items()}
        return Kept(files=files, **_tuples(found))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"The kept investigation in {folder} cannot be read any more: it was changed or damaged. Delete it on the "
            "page Start, and bring its two files again."
        ) from error


def content(folder: Path, part: str) -> bytes:
    """An uploaded file as it came."""
    try:
        return (folder / part).read_bytes()
    except OSError as error:
        raise InputError(f"The copy {folder / part} cannot be read: {reason_of(error)}.") from error


def found(visitor: str) -> list[Found]:
    """A visitor's investigations, the last opened first."""
    prune(time.time())
    there = [folder for folder in _folders(_folder_of_visitor(visitor)) if TOKEN.fullmatch(folder.name)]
    return sorted(map(_found, there), key=lambda each: -each.opened_at)


def delete(visitor: str, token: str) -> None:
    """Forget an investigation with its copies."""
    if TOKEN.fullmatch(token):
        shutil.rmtree(_folder_of_visitor(visitor) / token, ignore_errors=True)


def prune(now: float) -> None:
    """Let go what was not opened for long, what a visitor has too many of, and the oldest where all are too large."""
    kept: list[Path] = []
    for visitor in _folders(root()):
        newest_first = sorted(_folders(visitor), key=_opened_at, reverse=True)
        kept += newest_first[: most()]
        _let_go(newest_first[most() :])
        with suppress(OSError):
            visitor.rmdir()  # where it is empty
    total, oldest = 0, now - DAYS * 24 * 60 * 60
    for folder in sorted(kept, key=_opened_at, reverse=True):
        total += _size(folder)
        if total > MOST_BYTES or _opened_at(folder) < oldest:
            _let_go([folder])


def _let_go(folders: Sequence[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _folder_of_visitor(visitor: str) -> Path:
    """Named by a digest, so that who lists the folder does not learn the token in the browser."""
    return root() / _digest(visitor)[:32]


def _folders(parent: Path) -> list[Path]:
    return [each for each in parent.iterdir() if each.is_dir()] if parent.is_dir() else []


def _found(folder: Path) -> Found:
    try:
        kept = read(folder)
    except InputError:
        kept = None
    return Found(token=folder.name, opened_at=_opened_at(folder), kept=kept)


def _opened_at(folder: Path) -> float:
    """When its record was written last, else when the folder was; 0 where another server has let it go meanwhile."""
    for place in (folder / RECORD, folder):
        with suppress(OSError):
            return place.stat().st_mtime
    return 0.0


def _size(folder: Path) -> int:
    total = 0
    with suppress(OSError):
        total = sum(file.stat().st_size for file in folder.iterdir())
    return total


def _write(path: Path, content: bytes) -> None:
    """For the owner's eyes alone."""
    with _LOCK, written_beside(path) as beside:
        beside.touch(mode=0o600)
        beside.write_bytes(content)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _day(value: object) -> dict[str, str]:
    if not isinstance(value, date):
        raise TypeError(f"A {type(value).__name__} cannot be kept.")
    return {"day": value.isoformat()}


def _day_of(found: dict[str, Any]) -> Any:
    return date.fromisoformat(found["day"]) if found.keys() == {"day"} else found


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tuples(each) for name, each in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
