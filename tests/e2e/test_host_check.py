"""Real requests to a fresh server: who is let in, and that turning somebody away asks no other host for anything."""

import shlex
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from drift_core.regions.encoding import HASHING_ENCODER
from scripts.running_app import START_SECONDS, STREAMLIT, serve

PATHS = ("/", "/verdict", "/_stcore/health", "/_stcore/host-config", "/media/file.csv", "/static/js/none.js")
STREAM, UPLOAD = "/_stcore/stream", "/_stcore/upload_file/session/file"
REFUSED = b"This app answers only under its own names"
NAME = "drift.example.com"
COMMAND = ("drift_core", "app", "--browser", "--port", "{port}", "--allow-host", NAME.upper())
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: streamlit",
)


@contextmanager
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that nobody should call; it notes what it is asked for."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(1000))

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture(scope="module", params=[STREAMLIT, COMMAND], ids=["streamlit", "command"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Server"]:
    with proxy() as (address, asked):
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        environment = {each: address for name in names for each in (name, name.lower())} | {"NO_PROXY": "localhost"}
        folder = tmp_path_factory.mktemp("server")
        environment["BROWSER"] = f"{program(folder)} %s"
        with serve(folder, encoder=HASHING_ENCODER, command=request.param, environment=environment) as served:
            yield Server(served, is_named=request.param is COMMAND, seen=folder / "seen")
        assert asked == []


def program(folder: Path) -> Path:
    """What stands in for the browser; it notes the address that it is to open."""
    browser = folder / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {shlex.quote(str(folder / "seen"))}\n')
    browser.chmod(0o755)
    return browser


class Server:
    def __init__(self, address: str, *, is_named: bool, seen: Path) -> None:
        self.address, self.seen = address, seen
        self.port, self.is_named = int(urlsplit(address).port or 0), is_named
        self.names = [f"localhost:{self.port}", "localhost", f"127.0.0.1:{self.port}", f"[::1]:{self.port}"]
        self.others = ["evil.example", f"evil.example:{self.port}", "localhost.evil.example", ""]
        (self.names if is_named else self.others).append(NAME)

    def ask(self, path: str, host: str, origin: str | None = None, *, method: str = "GET") -> tuple[int, bytes]:
        """The status and the beginning of the answer."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
        lines += [f"Origin: {origin}"] if origin is not None else []
        lines += UPGRADE if path == STREAM else ("Connection: close", "Content-Length: 0")
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            answer = b""
            while part := connection.recv(10_000):
                answer += part
                if path == STREAM:
                    break
        return int(answer.split()[1]), answer


def test_its_own_names_reach_every_part_of_the_app(server: Server) -> None:
    for host in server.names:
        for origin in (None, f"http://{host}", f"https://{host}"):
            found = [server.ask(path, host, origin) for path in PATHS]
            assert [status for status, _ in found if status not in (200, 404)] == []
            assert REFUSED not in b"".join(answer for _, answer in found)
            assert server.ask(STREAM, host, origin)[0] == 101
            assert REFUSED not in server.ask(UPLOAD, host, origin, method="PUT")[1]


def test_other_names_reach_nothing(server: Server) -> None:
    for host in server.others:
        for origin in (None, f"http://{host}", f"http://localhost:{server.port}"):
            found = [
                *(server.ask(path, host, origin) for path in PATHS),
                server.ask(UPLOAD, host, origin, method="PUT"),
            ]
            assert {status for status, _ in found} == {403}
            assert all(REFUSED in answer for _, answer in found)
            assert server.ask(STREAM, host, origin)[0] == 403


def test_other_pages_reach_nothing(server: Server) -> None:
    others = ["http://evil.example", "null", "", f"http://localhost:{server.port + 1}", "http://127.0.0.2"]
    for host in server.names:
        for origin in others:
            assert server.ask(STREAM, host, origin)[0] == 403
            assert server.ask("/", host, origin)[0] == server.ask(UPLOAD, host, origin, method="PUT")[0] == 403


def test_the_command_opens_the_address_of_the_server_in_the_browser(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.is_named and not (server.seen.is_file() and server.seen.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert server.seen.is_file() == server.is_named  # Streamlit alone is told to open none
    assert not server.is_named or server.seen.read_text() == server.address
