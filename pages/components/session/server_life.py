"""The server from its start to its end: the browser, what visitors leave behind, how long it waits once it is ended.

Streamlit keeps a session for two minutes after its browser has gone, and lets go of it when the next one leaves: after
the last one it would stay for good. A server that is ended waits without limit for connections that do not close.
"""

import asyncio
import ctypes
import gc
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from typing import Any

import streamlit as st
from streamlit import runtime

LOOK_SECONDS = 30  # between two looks for sessions that are over; a quarter of what Streamlit keeps them for
CLOSE_SECONDS = 3  # for connections to close; `docker stop` kills ten seconds after it asked
# Each visitor's run is a thread. By default eight arenas a processor each keep what was free in them when it ended; as
# Python runs one thread at a time, they hardly wait for one another in two.
ARENA_MAX, N_ARENAS = -8, 2  # the first is glibc's M_ARENA_MAX


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Open the browser once the server listens, unless it is headless; look after it until it ends."""
    limit_its_end()
    _in_c("mallopt", ARENA_MAX, N_ARENAS)
    if not st.get_option("server.headless"):
        address = f"http://localhost:{st.get_option('server.port')}"
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)
    looking = asyncio.create_task(_look_after(getattr(runtime.get_instance(), "_session_mgr", None)))
    try:
        yield
    finally:
        looking.cancel()


def limit_its_end() -> None:
    """Have the server of this process close every connection after a while; Streamlit sets it no limit."""
    import uvicorn

    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)  # it hears the signals that end it
    if isinstance(server, uvicorn.Server):
        server.config.timeout_graceful_shutdown = CLOSE_SECONDS


def let_go_of_ended(manager: Any, before: Collection[str] = ()) -> frozenset[str]:
    """Let go of sessions whose browser has not come back, with all that they hold; which still may.

    One of `before` that may not any more was let go of meanwhile, as another one left, and still takes its memory.
    """
    stored = getattr(getattr(manager, "_session_storage", None), "_cache", None)
    if stored is None:
        return frozenset()  # another version keeps them otherwise
    with manager._storage_lock:
        is_ended = bool(stored.expire())
        there = frozenset(stored)
    if is_ended or any(each not in there and not manager.is_active_session(each) for each in before):
        gc.unfreeze()  # also what the first visitors had open while the server warmed up
        gc.collect()
        gc.freeze()
        _in_c("malloc_trim", 0)
    return there


async def _look_after(manager: Any) -> None:
    may_come_back: frozenset[str] = frozenset()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        may_come_back = let_go_of_ended(manager, may_come_back)


def _in_c(function: str, *arguments: int) -> None:
    """Call what glibc has for its memory; another C library goes without."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            getattr(ctypes.CDLL(None), function)(*arguments)
