"""A ledger written from an event loop: one thread, in order, all that waits in one transaction."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from drift_core.errors import InputError
from drift_core.treatment.rescore.ledger import open_ledger

Statement = tuple[str, Sequence[object]]
_Item = tuple[Sequence[Statement], "asyncio.Future[None]"]
MOST_TOGETHER = 500


class LedgerWriter:
    """Writes in the order given; a write is on the disk once its future is done, and so are all before it.

    Nothing is written after a write that failed. Made and used inside one running event loop.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._waiting: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._taken: list[_Item] = []
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
                while (items := self._next()) is not None:
                    _write(connection, items)
                    self._tell(items, None)
        except Exception as error:  # handed on to whoever waits
            self._failure = (
                error if isinstance(error, InputError) else InputError(f"The ledger cannot be written: {error}")
            )
            self._tell(self._taken, self._failure)
            self._refuse_the_rest()

    def _next(self) -> list[_Item] | None:
        """What waits, at least one; None at the end."""
        first = self._waiting.get()
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


def _resolve(futures: "list[asyncio.Future[None]]", failure: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure)
            future.exception()  # a write that nobody waits for is told by `close`
