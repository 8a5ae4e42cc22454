import tomllib
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from drift_core.commands.app import OWN_NAMES
from pages.components.session.host_check import is_allowed

ROOT = Path(__file__).parents[2]


def headers(**fields):
    return Headers({name: value for name, value in fields.items() if value is not None})


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8501", "LOCALHOST:80", "127.0.0.1:8501", "[::1]:8501", "[::1]"]
)
def test_the_names_of_this_machine_are_let_in_from_no_page_and_from_their_own(host):
    assert is_allowed(headers(host=host))
    assert is_allowed(headers(host=host, origin=f"http://{host}"))
    assert is_allowed(headers(host=host, origin=f"https://{host}"))


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "evil.example:8501",
        "localhost.evil.example",
        "evil.example.localhost",
        "127.0.0.1.evil.example:8501",
        "127.0.0.2",
        "localhost:8501:1",
        "localhost:port",
        "user@localhost",
        "localhost/",
        "localhost?",
        "localhost\n",
        "::1",
        "[localhost]",
        "*",
        "2130706433",
    ],
)
def test_every_other_name_is_turned_away_also_from_a_page_of_that_name(host):
    assert not is_allowed(headers(host=host))
    assert not is_allowed(headers(host=host, origin=f"http://{host}"))
    assert not is_allowed(headers(host=host, origin="http://localhost"))


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://evil.example",
        "http://localhost:8501.evil.example",
        "http://evil.example/localhost:8501",
        "http://user@localhost:8501",
        "http://localhost:8502",
        "http://localhost",
        "http://127.0.0.1:8501",
        "ftp://localhost:8501",
        "file://",
        "localhost:8501",
    ],
)
def test_a_page_from_elsewhere_is_turned_away(origin):
    assert not is_allowed(headers(host="localhost:8501", origin=origin))


def test_a_request_that_names_two_hosts_or_two_origins_is_turned_away():
    host, own = (b"host", b"localhost"), (b"origin", b"http://localhost")

    assert is_allowed(Headers(raw=[host, own]))
    assert not is_allowed(Headers(raw=[host, host]))
    assert not is_allowed(Headers(raw=[host, (b"host", b"evil.example")]))
    assert not is_allowed(Headers(raw=[host, own, (b"origin", b"http://evil.example")]))


def test_the_configuration_and_the_command_give_the_same_names():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())

    assert config["server"]["allowedHosts"] == list(OWN_NAMES)
    assert config["server"]["address"] == "localhost"
