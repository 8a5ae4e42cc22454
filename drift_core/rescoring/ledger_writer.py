"""A ledger written from an event loop: each write is a transaction, and twice a second one waits for the disk."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from drift_core.errors import InputError
from drift_core.rescoring.ledger import open_ledger

Statement = tuple[str, Sequence[object]]
SYNC_SECONDS = 0.5  # to wait for the disk at every write would cost a tenth of the speed at short calls


class LedgerWriter:
    """Writes in the order given; what was written outlives this process, and nothing follows a write that failed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._failure: InputError | None = None
        self.n_written = self.n_on_disk = 0
        self.is_told = False  # whoever writes knows that it failed

    def write(self, *statements: Statement) -> None:
        """Write these statements, all or none.

        Raises
        ------
        InputError
            When they, or others before, could not be written.
        """
        self.check()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for text, values in statements:
                self._connection.execute(text, values)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):  # the lock goes at once, so that others can write
                self._connection.execute("ROLLBACK")
            self.fail(error)
        self.check()
        self.n_written += 1

    def fail(self, error: Exception) -> None:
        """Write no more, because of this error."""
        self._failure = InputError(f"The ledger cannot be written: {error}")

    def check(self) -> None:
        """Raise where something could not be written."""
        if self._failure is not None:
            self.is_told = True
            raise self._failure


@asynccontextmanager
async def writing(ledger: Path) -> AsyncIterator[LedgerWriter]:
    """Open a ledger to write in it; a machine that loses power loses at most the last `SYNC_SECONDS`."""
    with open_ledger(ledger) as connection:
        writer = LedgerWriter(connection)
        syncing = asyncio.create_task(_keep_on_disk(writer, ledger))
        try:
            yield writer
            await _wait_for_disk(writer, ledger)
            if not writer.is_told:
                writer.check()
        finally:
            syncing.cancel()


async def _keep_on_disk(writer: LedgerWriter, ledger: Path) -> None:
    while True:
        await asyncio.sleep(SYNC_SECONDS)
        await _wait_for_disk(writer, ledger)


async def _wait_for_disk(writer: LedgerWriter, ledger: Path) -> None:
    n_written = writer.n_written
    if n_written > writer.n_on_disk:
        try:
            await asyncio.to_thread(_sync, ledger)
        except OSError as error:
            writer.fail(error)
        else:
            writer.n_on_disk = n_written


def _sync(ledger: Path) -> None:
    """Wait until what was written is on the disk."""
    try:
        log = os.open(ledger.with_name(f"{ledger.name}-wal"), os.O_RDWR)
    except FileNotFoundError:  # a file system without such a log: SQLite itself waits then
        return
    try:
        os.fsync(log)
    finally:
        os.close(log)
