"""One process at a time on one ledger; the lock goes with its process, however that ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drift_core.errors import InputError


@contextmanager
def locked(ledger: Path) -> Iterator[None]:
    """Hold the ledger for this run.

    Raises
    ------
    InputError
        When another run holds it, or its folder cannot be written to.
    """
    import fcntl

    beside = ledger.with_name(f"{ledger.name}.lock")
    try:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InputError(f"{beside} cannot be written: {error.strerror}. Choose another place.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise InputError(
            f"Another run is re-scoring with the ledger {ledger}. Wait until it has ended, or stop it."
        ) from error
    try:
        yield
    finally:
        os.close(handle)  # and the lock with it; the file stays, or two runs could lock two files of one name
