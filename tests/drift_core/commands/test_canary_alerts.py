"""The command ``canary`` telling a webhook and a Prometheus, and telling nobody unless it is asked to."""

import socket

import pytest

from drift_core import open_history
from drift_core.alerts.settings import VARIABLE
from tests.drift_core.alerts.webhook_server import answering, closed
from tests.drift_core.command_line import FAST, run, write_samples

TOLD = ("--webhook", VARIABLE)


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def canary(samples, tmp_path):
    def record(*options):
        place = tmp_path / "history.db"
        return run(
            "canary", *samples, "--history", place, "--teacher-revision", "r", "--at", "2026-05-04", *FAST, *options
        )

    return record


def recorded(folder):
    with open_history(folder / "history.db", is_created=False) as history:
        return len(history.runs())


def test_a_webhook_that_fails_loses_no_record_and_changes_no_exit_code(canary, tmp_path, monkeypatch):
    target = tmp_path / "canary.prom"
    with answering((500, {}), (200, {})) as server:
        monkeypatch.setenv(VARIABLE, server.url)
        failed = canary(*TOLD, "--openmetrics", target, "--json", "-")
        kept = recorded(tmp_path)
        target.unlink()
        told = canary(*TOLD, "--webhook-link", "https://drift.example/", "--openmetrics", target)

    assert (failed[0], kept) == (0, 1)
    assert failed[1].startswith("{")
    assert failed[2].splitlines()[-1] == (
        f"The week is recorded, but the webhook in {VARIABLE} was not told: it answered 500. "
        "Run the same command again to tell it."
    )
    assert (told[0], recorded(tmp_path)) == (0, 1)
    assert told[1].startswith("Alarm. ")
    assert told[2].splitlines()[-1] == f"Told the webhook in {VARIABLE}."
    first, second = (body for _, _, body in server.sent)
    assert first["verdict"] == second["verdict"] == "alarm"
    assert second["link"] == "https://drift.example/canary"
    assert not [text for each in (*failed[1:], *told[1:]) for text in ("s3cret", "127.0.0.1") if text in each]
    metrics = target.read_text()
    assert 'distillation_drift_alarm{student="without a version"} 1.0\n' in metrics
    assert 'distillation_drift_missing_teacher_scores_ratio{student="without a version"} 0.0\n' in metrics
    assert not list(tmp_path.glob(".canary*"))


def test_a_webhook_that_is_down_is_one_line(canary, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, closed())

    code, _, said = canary(*TOLD)

    assert (code, recorded(tmp_path)) == (0, 1)
    assert sum("was not told" in line for line in said.splitlines()) == 1
    assert "Traceback" not in said
    assert "s3cret" not in said


def test_without_the_option_nobody_is_asked(canary, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: asked.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: asked.append(args) or [])
    monkeypatch.setenv(VARIABLE, closed())

    code, shown, said = canary("--openmetrics", tmp_path / "canary.prom")

    assert (code, shown.split(".")[0]) == (0, "Alarm")
    assert asked == []
    assert "webhook" not in said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--webhook", "HOOK_THAT_IS_NOT_SET"), "variable HOOK_THAT_IS_NOT_SET, which should hold"),
        (("--webhook", "https://hooks.slack.com/s3cret"), "expects the name of the environment variable"),
        (("--webhook-weekly",), "--webhook-weekly is about a webhook"),
        (("--webhook-format", "slack"), "--webhook-format is about a webhook"),
        ((*TOLD, "--webhook-format", "irc"), "must be one of slack, teams, json"),
        ((*TOLD, "--webhook-link", "javascript:alert(1)"), "must be an address such as"),
        ((*TOLD, "--webhook-link", "https://h/|x>"), "must be an address such as"),
        (("--openmetrics", "no/such/folder/x.prom"), "no/such/folder"),
    ],
)
def test_a_wrong_option_is_said_before_anything_is_measured(options, message, canary, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "https://hooks.slack.com/s3cret")

    code, shown, said = canary(*options)

    assert (code, shown) == (2, "")
    assert message in said
    assert "s3cret" not in said
    assert not (tmp_path / "history.db").exists()
