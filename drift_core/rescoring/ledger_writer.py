"""A ledger written from an event loop: one thread, in order, all that waits in one transaction."""

import asyncio
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from drift_core.errors import InputError
from drift_core.rescoring.ledger import open_ledger

Statement = tuple[str, Sequence[object]]
_Item = tuple[Sequence[Statement], "asyncio.Future[None]"]
MOST_TOGETHER = 500
SYNC_SECONDS = 0.5  # to wait for the disk at every write would cost a tenth of the speed at short calls


class LedgerWriter:
    """Writes in the order given; a write outlives this process once its future is done, and so do all before it.

    A machine that loses power loses at most the writes of the last `SYNC_SECONDS`. Nothing is written after a write
    that failed. Made and used inside one running event loop.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._waiting: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._taken: list[_Item] = []
        self._is_synced = True
        self._thread = threading.Thread(target=self._run, name="rescore-ledger", daemon=True)
        self._thread.start()

    def write(self, *statements: Statement) -> "asyncio.Future[None]":
        """Write these statements, all or none."""
        done: asyncio.Future[None] = self._loop.create_future()
        self._waiting.put((statements, done))
        return done

    async def close(self) -> None:
        """Write what waits, then end.

        Raises
        ------
        InputError
            When something could not be written.
        """
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            with open_ledger(self._path) as connection:
                synced = time.monotonic()
                while (items := self._next()) is not None:
                    if items:
                        _write(connection, items)
                        self._tell(items, None)
                        self._is_synced = False
                    if not self._is_synced and time.monotonic() - synced >= SYNC_SECONDS:
                        _sync(self._path)
                        self._is_synced, synced = True, time.monotonic()
        except Exception as error:  # handed on to whoever waits
            self._failure = (
                error if isinstance(error, InputError) else InputError(f"The ledger cannot be written: {error}")
            )
            self._tell(self._taken, self._failure)
            self._refuse_the_rest()

    def _next(self) -> list[_Item] | None:
        """What waits, nothing when it is time to see to the disk; None at the end."""
        self._taken = []
        try:
            first = self._waiting.get(timeout=None if self._is_synced else SYNC_SECONDS)
        except queue.Empty:
            return []
        if first is None:
            return None
        self._taken = [first]
        while len(self._taken) < MOST_TOGETHER:
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                break
            if item is None:
                self._waiting.put(None)
                break
            self._taken.append(item)
        return self._taken

    def _refuse_the_rest(self) -> None:
        while (item := self._waiting.get()) is not None:
            self._tell([item], self._failure)

    def _tell(self, items: list[_Item], failure: Exception | None) -> None:
        with suppress(RuntimeError):  # the loop has ended and nobody waits
            self._loop.call_soon_threadsafe(_resolve, [done for _, done in items], failure)


def _write(connection: sqlite3.Connection, items: list[_Item]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statements, _ in items:
        for text, values in statements:
            connection.execute(text, values)
    connection.execute("COMMIT")


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


def _resolve(futures: "list[asyncio.Future[None]]", failure: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure)
            future.exception()  # a write that nobody waits for is told by `close`
