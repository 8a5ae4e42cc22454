import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from drift_core.commands import app
from drift_core.commands.app import OWN_NAMES, host_name, streamlit_arguments
from drift_core.errors import SettingError
from drift_core.installation import COLUMNS_VARIABLE, FILES_VARIABLE, KIND_VARIABLE, SPLIT_VARIABLE
from pages.components.samples import intake
from scripts.running_app import wait_until_up
from tests.drift_core.command_line import run, write_samples


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


def test_the_app_is_started_on_two_samples(monkeypatch, tmp_path):
    monkeypatch.setenv(FILES_VARIABLE, "")  # as it was before is put back afterwards
    monkeypatch.setattr(app, "serve", lambda arguments: None)
    heldout, production = write_samples(tmp_path)

    code, _, errors = run("app", heldout, production, "--no-browser")

    assert (code, errors) == (0, "")
    assert os.environ[FILES_VARIABLE].split("\n") == [heldout, production]
    assert os.environ[KIND_VARIABLE] == ""


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--labels", "fail,pass"), "binary:fail,pass"),
        (("--kind", "probability"), "probability:"),
        (("--kind", "grades"), "The kind of score is one of numeric"),
        ((), ""),
    ],
)
def test_the_app_takes_the_kind_of_the_scores_that_it_opens(monkeypatch, tmp_path, asked, told):
    for name in (FILES_VARIABLE, KIND_VARIABLE):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(app, "serve", lambda arguments: None)

    code, _, errors = run("app", *write_samples(tmp_path), *asked, "--no-browser")

    assert told in (errors if code else os.environ[KIND_VARIABLE])
    if asked:
        code, _, errors = run("app", "--labels", "fail,pass", "--no-browser")
        assert (code, "Give the files too." in errors) == (2, True)


def test_the_app_takes_the_columns_of_the_files_that_it_opens(monkeypatch, tmp_path):
    for name in (FILES_VARIABLE, COLUMNS_VARIABLE):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(app, "serve", lambda arguments: None)
    asked = ("--column", "query=question", "--column", "production.doc=reply", "--no-browser")

    assert run("app", *write_samples(tmp_path), *asked)[0] == 0
    assert json.loads(os.environ[COLUMNS_VARIABLE]) == {
        "heldout": {"query": "question"},
        "production": {"query": "question", "doc": "reply"},
    }
    code, _, errors = run("app", *asked)
    assert (code, "Give the files too." in errors) == (2, True)


def test_the_app_is_started_on_one_file_that_is_split(monkeypatch, tmp_path):
    for name in (FILES_VARIABLE, SPLIT_VARIABLE):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(app, "serve", lambda arguments: None)
    path = tmp_path / "both.csv"
    path.write_text("query,teacher,student,batch\na,1,1,old\nb,2,2,new\n")

    code, _, errors = run("app", str(path), "--split", "batch=new", "--no-browser")

    assert (code, errors) == (0, "")
    assert (os.environ[FILES_VARIABLE], os.environ[SPLIT_VARIABLE]) == (str(path), "batch=new")
    code, _, errors = run("app", str(path), "--split", "batch=newer", "--no-browser")
    assert (code, "no row has 'newer' in column 'batch'" in errors) == (2, True)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["heldout.csv"], "The app opens two files, HELDOUT and PRODUCTION, or one with --split; found 1."),
        (["heldout.csv", "none.csv"], "none.csv"),
        (["heldout.csv", "note.csv"], "note.csv"),
        (["heldout.csv", "~nobody-of-this-name/b.csv"], "no home folder has this name"),
    ],
)
def test_what_the_app_cannot_open_is_one_message_and_nothing_is_started(monkeypatch, tmp_path, names, message):
    monkeypatch.setattr(app, "serve", lambda arguments: pytest.fail("it was started"))
    write_samples(tmp_path)
    (tmp_path / "note.csv").write_text("")

    code, _, errors = run("app", *(name if name[0] == "~" else str(tmp_path / name) for name in names), "--no-browser")

    assert code == 2
    assert errors.count("\n") == 1
    assert message in errors


def test_a_path_with_a_line_break_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(app, "serve", lambda arguments: pytest.fail("it was started"))
    heldout, production = write_samples(tmp_path)
    broken = Path(production).rename(tmp_path / "two\nlines.csv")

    code, _, errors = run("app", heldout, str(broken), "--no-browser")

    assert (code, "line break" in errors) == (2, True)


def test_ctrl_c_ends_the_server_as_wanted(tmp_path):
    log = tmp_path / "app.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "drift_core", "app", "--no-browser"], stdout=out, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + 60
        while not (found := re.search(r"http://localhost:\d+", log.read_text())) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert found
        wait_until_up(found.group(), server, log)

        server.send_signal(signal.SIGINT)

        assert server.wait(timeout=60) == 0
    finally:
        server.kill()
    assert log.read_text().split() == f"The app is at {found.group()}. Ctrl-C ends it.".split()


def test_the_server_listens_on_this_machine_alone_whatever_name_it_has():
    command = streamlit_arguments(8501, with_browser=False, names=[*OWN_NAMES, "drift.example.com"])

    assert command[command.index("--server.address") + 1] == "localhost"
    allowed = [word for before, word in pairwise(command) if before == "--server.allowedHosts"]
    assert allowed == ["localhost", "127.0.0.1", "::1", "drift.example.com"]


def test_a_machine_that_does_not_know_the_name_is_told_what_to_give(monkeypatch):
    def ask(*_):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(app, "serve", lambda arguments: pytest.fail("nothing is served"))
    monkeypatch.setattr(app.socket, "getaddrinfo", ask)

    code, _, error = run("app", "--no-browser")

    assert code == 2
    assert "The app cannot listen on localhost: Name or service not known." in error
    assert "--address 127.0.0.1" in error


def test_a_container_has_the_server_listen_where_it_is_told(monkeypatch):
    started = []
    monkeypatch.setattr(app, "serve", started.append)

    code, _, _ = run("app", "--no-browser", "--address", "172.17.0.2")

    [command] = started
    assert (code, command[command.index("--server.address") + 1]) == (0, "172.17.0.2")
    assert command[command.index("--browser.serverAddress") + 1] == "localhost"
    assert "*" not in command


def test_the_command_of_the_page_on_serving_fits_the_proxy_beside_it(monkeypatch):
    page = (Path(__file__).parents[3] / "docs" / "serving.md").read_text()
    [line] = re.findall(r"```sh\n(.+)\n```", page)
    name, *words = shlex.split(line)
    started = []
    monkeypatch.setattr(app, "serve", started.append)
    monkeypatch.setattr(app, "free_port", int)

    code, _, errors = run(*words)

    assert (name, code, errors) == ("distillation-drift", 0, "")
    [command] = started
    port, host = command[command.index("--server.port") + 1], command[-1]
    [proxy] = re.findall(r"```nginx\n(.+?)```", page, re.DOTALL)
    assert f"server_name {host};" in proxy
    root = proxy[proxy.index("location / {") :]
    assert f"proxy_pass http://127.0.0.1:{port};" in root
    assert "proxy_set_header Host $http_host;" in root
    assert intake.ROOTS_VARIABLE in page
