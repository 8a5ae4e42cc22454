"""Temporary copies of what comes in: a folder for them that outlives no process for long, and bounded copies of pipes.

What the copies hold is told in `formats`.
"""

import os
import select
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from drift_core.errors import InputError
from drift_core.tables.paths import BLOCK_BYTES

MAX_STREAM_BYTES = 2 << 30  # more comes as a file, which needs no copy (ours)
WAIT_FOR_WRITER_MS = 1_000
PREFIX, PREFIX_AT_FIRST = "drift-copies-", ".drift-copies-"  # versions before did not hold scored-pairs-*


@contextmanager
def copies_folder() -> Iterator[Path]:
    """Make a folder for copies and delete it at the end; those that killed processes left are deleted first."""
    _delete_left_over(Path(tempfile.gettempdir()))
    at_first = Path(tempfile.mkdtemp(prefix=PREFIX_AT_FIRST))
    held = _hold(at_first)
    # Only a folder that is held takes the name by which left ones are found.
    folder = at_first.rename(at_first.with_name(at_first.name.removeprefix(".")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if held is not None:
            os.close(held)


def _hold(folder: Path) -> int | None:
    """Lock a folder as long as this process lives; None where another holds it, or the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _delete_left_over(parent: Path) -> None:
    """Delete this user's folders of copies that no process holds."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # gone meanwhile, or another user's
            if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid != os.getuid():
                continue
            held = _hold(folder)
            if held is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(held)


def copy_stream(stream: Any, target: Path, label: str, *, first: bytes = b"") -> Path:
    """Copy a stream to a file, because the source is read more than once; raise where it does not end."""
    n_bytes = len(first)
    with target.open("wb") as out:
        out.write(first)
        while block := stream.read(BLOCK_BYTES):
            n_bytes += len(block)
            if n_bytes > MAX_STREAM_BYTES:
                raise InputError(
                    f"{label} gives more than {MAX_STREAM_BYTES:,} bytes, which is the limit for what is no file. "
                    "Save it as a file and name that."
                )
            out.write(block)
    return target


def copy_pipe(path: Path, target: Path, label: str) -> Path:
    """Copy what is written into a named pipe, or one of the shell's ``<(...)``; raise where nothing writes into it."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(handle, "rb", buffering=0) as pipe:
        watch = select.poll()
        watch.register(handle, select.POLLIN)
        first = b"" if watch.poll(WAIT_FOR_WRITER_MS) else pipe.read(1)  # None where a writer holds it open and waits
        if first == b"" and not watch.poll(0):
            raise InputError(f"{label} is a pipe into which nothing writes. Start the writer first, or save a file.")
        os.set_blocking(handle, True)
        return copy_stream(pipe, target, label, first=first or b"")
