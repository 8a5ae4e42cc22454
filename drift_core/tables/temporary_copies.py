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
LOCK_NAME = "lock"
PREFIX, PREFIX_AT_FIRST = "drift-held-", ".drift-held-"  # versions before held drift-copies-* in another way


@contextmanager
def copies_folder() -> Iterator[Path]:
    """Make a folder for copies and delete it at the end; those that killed processes left are deleted first."""
    from filelock import FileLock

    _delete_left_over(Path(tempfile.gettempdir()))
    at_first = Path(tempfile.mkdtemp(prefix=PREFIX_AT_FIRST))
    with FileLock(at_first / LOCK_NAME):
        # Only a folder that is held takes the name by which left ones are found.
        folder = at_first.rename(at_first.with_name(at_first.name.removeprefix(".")))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _delete_left_over(parent: Path) -> None:
    """Delete this user's folders of copies that no process holds."""
    from filelock import FileLock, Timeout

    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError, Timeout):  # gone meanwhile, another user's, or held
            if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid != os.getuid():
                continue
            with FileLock(folder / LOCK_NAME, blocking=False):
                shutil.rmtree(folder, ignore_errors=True)


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
