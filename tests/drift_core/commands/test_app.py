from itertools import pairwise

import pytest

from drift_core.commands.app import OWN_NAMES, host_name, streamlit_command
from drift_core.errors import SettingError
from tests.drift_core.command_line import run


@pytest.mark.parametrize(
    "text", ["drift.example.com", "Drift.Example.COM", "drift", "10.0.0.5", "xn--bcher-kva.example"]
)
def test_a_host_name_is_taken_in_small_letters(text):
    assert host_name(text) == text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "*.example.com",
        "https://drift.example.com",
        "drift.example.com:8443",
        "drift.example.com/app",
        "drift.example.com.",
        "drift.example.com\n",
        "drift example",
        "a@drift.example.com",
        "-drift.example.com",
        "drift..example.com",
        "bücher.example",
        "::1",
        "a" * 64,
        ".".join(["a" * 60] * 5),
    ],
)
def test_what_is_no_host_name_is_refused_with_one_message(text):
    with pytest.raises(SettingError, match=r"--allow-host must be a host name .* found"):
        host_name(text)


def test_the_command_says_what_is_wrong_with_a_name_and_starts_nothing():
    code, _, errors = run("app", "--no-browser", "--allow-host", "https://drift.example.com")

    assert code == 2
    assert errors.count("\n") == 1
    assert "found 'https://drift.example.com'" in errors


def test_the_server_listens_on_this_machine_alone_whatever_name_it_has():
    command = streamlit_command(8501, with_browser=False, names=[*OWN_NAMES, "drift.example.com"])

    assert command[command.index("--server.address") + 1] == "localhost"
    allowed = [word for before, word in pairwise(command) if before == "--server.allowedHosts"]
    assert allowed == ["localhost", "127.0.0.1", "::1", "drift.example.com"]
