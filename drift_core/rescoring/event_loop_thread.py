"""A coroutine in a thread of its own, as a notebook has a loop already; the first interrupt stops it softly."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")
WAIT_SECONDS = 0.1


def run_in_thread(work: Coroutine[None, None, T], stop: threading.Event) -> T:
    """Run to the end and give the result or raise the error; an interrupt sets `stop`, a second one is raised."""
    results: list[T] = []
    faults: list[BaseException] = []
    ended = threading.Event()

    def run() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as error:  # raised below, in the caller's thread
            faults.append(error)
        finally:
            ended.set()

    threading.Thread(target=run, name="rescore", daemon=True).start()
    while not ended.is_set():
        try:
            ended.wait(WAIT_SECONDS)  # an interrupted `join` would call a thread ended that still runs
        except KeyboardInterrupt:
            if stop.is_set():
                raise
            stop.set()
    if faults:
        raise faults[0]
    return results[0]
