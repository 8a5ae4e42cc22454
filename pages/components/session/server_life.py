"""The server from its start to its end: the browser, what visitors leave behind, how long it waits once it is ended.

Streamlit keeps a session for two minutes after its browser has gone, and lets go of it when the next one leaves: after
the last one it would stay for good. A server that is ended waits without limit for connections that do not close.
"""

import asyncio
import ctypes
import gc
import os
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import streamlit as st
from streamlit import runtime

LOOK_SECONDS = 30  # between two looks for sessions that are over; a quarter of what Streamlit keeps them for
CLOSE_SECONDS = 3  # for connections to close; `docker stop` kills ten seconds after it asked
END_SECONDS = 3  # for what still computes then, which loses no more than a kill does


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Open the browser once the server listens, unless it is headless; look after it until it ends."""
    is_served = limit_its_end()
    if not st.get_option("server.headless"):
        address = f"http://localhost:{st.get_option('server.port')}"
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)
    looking = asyncio.create_task(_look_after(runtime.get_instance()._session_mgr))
    try:
        yield
    finally:
        looking.cancel()
        if is_served:
            threading.Thread(target=_end_at_last, daemon=True, name="end").start()


def limit_its_end() -> bool:
    """Have the server of this process close every connection after a while; whether there is one."""
    import uvicorn

    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)  # it hears the signals that end it
    if not isinstance(server, uvicorn.Server):
        return False
    server.config.timeout_graceful_shutdown = CLOSE_SECONDS
    return True


def let_go_of_ended(manager: Any) -> bool:
    """Let go of sessions whose browser has not come back, with all that they hold; whether there were any."""
    stored = getattr(getattr(manager, "_session_storage", None), "_cache", None)
    if stored is None:
        return False  # another version keeps them otherwise
    with manager._storage_lock:
        n_ended = len(stored.expire())
    if n_ended:
        gc.unfreeze()  # also what the first visitors had open while the server warmed up
        gc.collect()
        gc.freeze()
        _give_back()
    return n_ended > 0


async def _look_after(manager: Any) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        let_go_of_ended(manager)


def _give_back() -> None:
    """Give free memory back to the system, where its C library does not by itself."""
    trim: Callable[[int], int] | None = None
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # not every C library has it
            trim = ctypes.CDLL(None).malloc_trim
    if trim is not None:
        trim(0)


def _end_at_last() -> None:
    time.sleep(END_SECONDS)
    os._exit(0)
