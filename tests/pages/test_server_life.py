"""The server lets go of what visitors leave behind, and ends when it is told to, whoever still holds a connection."""

import contextlib
import gc
import signal
import socket
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import streamlit
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo

from pages.components.session import server_life
from scripts.running_app import ROOT, STREAMLIT, _free_port, wait_until_up

UPGRADE = (
    "GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: streamlit\r\n\r\n"
)
HALF = "PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\nbeginning"
LARGEST = max((Path(streamlit.__file__).parent / "static").rglob("*.js"), key=lambda file: file.stat().st_size)
UNREAD = f"GET /static/js/{LARGEST.name} HTTP/1.1\r\nHost: {{host}}\r\n\r\n"  # larger than what lies between


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server of the app, and its address."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    port, log = _free_port(), tmp_path / "server.log"
    words = [sys.executable, "-m", *(word.format(port=port) for word in STREAMLIT)]
    with log.open("wb") as out:
        process = subprocess.Popen(words, cwd=ROOT, stdout=out, stderr=out)
    try:
        wait_until_up(f"http://localhost:{port}", process, log)
        yield process, f"http://localhost:{port}"
    finally:
        process.kill()


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_while_connections_are_held_open(server, asked):
    process, address = server
    host = urlsplit(address).netloc
    with contextlib.ExitStack() as stack:
        for request, answer in ((HALF, ""), (UPGRADE, "HTTP/1.1 101"), (UNREAD, "HTTP/1.1 200")):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("localhost", urlsplit(address).port))
            connection.sendall(request.format(host=host).encode())
            assert connection.recv(len(answer)).decode() == answer

        process.send_signal(asked)

        process.wait(timeout=60)


class Session:
    """As Streamlit's, it refers to itself."""

    id = "gone"

    def __init__(self):
        self.itself = self


def manager_of(storage, active=()):
    return SimpleNamespace(
        _session_storage=storage, _storage_lock=threading.Lock(), is_active_session=lambda each: each in active
    )


def left_in(storage):
    """A session that was there when garbage was set aside, and has ended."""
    session = Session()
    storage.save(SessionInfo(client=None, session=session, script_run_count=1))
    gc.freeze()
    return weakref.ref(session)


def test_a_session_that_is_over_is_let_go_of_also_one_that_was_there_when_garbage_was_set_aside():
    storage = MemorySessionStorage(ttl_seconds=-1)
    left = left_in(storage)

    assert not server_life.let_go_of_ended(manager_of(storage))

    assert left() is None


def test_a_session_is_let_go_of_too_where_the_storage_forgot_it_as_another_one_left():
    storage = MemorySessionStorage()
    left = left_in(storage)
    may_come_back = server_life.let_go_of_ended(manager_of(storage))
    storage.delete(Session.id)

    assert not server_life.let_go_of_ended(manager_of(storage), may_come_back)

    assert left() is None


def test_a_session_that_may_come_back_stays_as_does_one_that_came_back():
    storage = MemorySessionStorage()
    left = left_in(storage)

    assert server_life.let_go_of_ended(manager_of(storage)) == {Session.id}

    assert storage.get(Session.id).session is left()
    storage.delete(Session.id)
    server_life.let_go_of_ended(manager_of(storage, {Session.id}), {Session.id})
    assert left() is not None  # as nothing was collected
    gc.unfreeze()
