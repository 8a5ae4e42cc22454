"""One process at a time on one ledger; the lock goes with its process, however that ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from drift_core.errors import InputError

if TYPE_CHECKING:
    from filelock import FileLock

_WAIT_SECONDS = 0.5  # who looks whether the lock is held takes it for a moment


@contextmanager
def locked(ledger: Path) -> Iterator[None]:
    """Hold the ledger: nobody else asks with it, changes its settings or deletes it.

    Raises
    ------
    InputError
        When another run holds it, or its folder cannot be written to.
    """
    from filelock import Timeout

    lock = _lock_beside(ledger)
    try:
        lock.acquire(timeout=_WAIT_SECONDS)
    except Timeout as error:
        raise InputError(
            f"Another run is re-scoring with the ledger {ledger}. Wait until it has ended, or stop it."
        ) from error
    except OSError as error:
        raise _cannot_be_written(lock, error) from error
    try:
        yield
    finally:
        lock.release()  # the file stays, or two runs could lock two files of one name


def is_locked(ledger: Path) -> bool:
    """Whether a run, of this process or of another one, holds the ledger."""
    from filelock import Timeout

    lock = _lock_beside(ledger)
    if not Path(lock.lock_file).is_file():
        return False
    try:
        with lock.acquire(blocking=False):
            return False
    except Timeout:
        return True
    except OSError as error:
        raise _cannot_be_written(lock, error) from error


def _lock_beside(ledger: Path) -> "FileLock":
    from filelock import FileLock

    return FileLock(ledger.with_name(f"{ledger.name}.lock"), mode=0o600)


def _cannot_be_written(lock: "FileLock", error: OSError) -> InputError:
    return InputError(f"{lock.lock_file} cannot be written: {error.strerror}. Choose another place.")
