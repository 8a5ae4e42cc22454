"""Two threads that use one thing at the same time: the second comes in, where it may, before the first has left."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event, Thread

SECONDS = 0.2  # that the second has to come in, where nothing keeps it out


def leave_out_of_turn(block: Callable[[], AbstractContextManager[object]]) -> None:
    """Enter a block here and in another thread, which leaves it last."""
    inside, may_leave = Event(), Event()

    def second() -> None:
        with block():
            inside.set()
            may_leave.wait()

    thread = Thread(target=second)
    with block():
        thread.start()
        inside.wait(SECONDS)
    may_leave.set()
    thread.join()
