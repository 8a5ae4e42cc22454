"""A history written to MLflow where that is installed, and what is said where the address holds a secret."""

import os
import sys
from importlib.util import find_spec

import pytest

from drift_core import installation
from drift_core.errors import InputError, SettingError
from drift_core.history.csv_exchange import import_csv
from drift_core.history.history import open_history
from drift_core.history.mlflow_export import KEY, export_mlflow
from tests.drift_core.command_line import run

YEAR = installation.app_folder() / "sample_data" / "canary" / "history.csv"
needs_mlflow = pytest.mark.skipif(find_spec("mlflow") is None, reason="MLflow is an extra that is not installed")


@pytest.fixture
def history(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    place = tmp_path / "h.db"
    import_csv(YEAR, place)
    return place


def runs_of(place, name="distillation-drift"):
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=str(place))
    return client.search_runs([client.get_experiment_by_name(name).experiment_id])


@needs_mlflow
def test_each_week_is_a_run_and_none_is_written_twice(history, tmp_path):
    place = tmp_path / "mlruns"
    before = history.read_bytes()
    with open_history(history) as kept:
        weeks = {run.key: run for run in kept.runs()}
        first, again = (export_mlflow(kept, str(place)) for _ in range(2))

    assert (first.n_new, first.n_known, again.n_new, again.n_known) == (len(weeks), 0, 0, len(weeks))
    written = {each.data.tags[KEY]: each for each in runs_of(place)}
    assert written.keys() == weeks.keys()
    for key, week in weeks.items():
        assert written[key].data.metrics["agreement"] == week.agreement.estimate
        assert written[key].data.metrics["n_pairs"] == week.n_pairs
        assert written[key].data.tags["distillation_drift.teacher_revision"] == week.teacher_revision
        assert written[key].info.status == "FINISHED"
    assert history.read_bytes() == before


@needs_mlflow
def test_a_broken_off_week_is_completed_a_deleted_one_stays_deleted_and_a_withdrawal_is_told(history, tmp_path):
    from mlflow import MlflowClient

    place = tmp_path / "mlruns"
    assert run("history", "export", "--history", history, "--mlflow", place, "--experiment", "ours")[0] == 0
    client = MlflowClient(tracking_uri=str(place))
    *_, broken, deleted = runs_of(place, "ours")
    client.update_run(broken.info.run_id, status="RUNNING")
    client.delete_run(deleted.info.run_id)
    run("history", "withdraw", "2026-05-31", "--history", history, "--by", "Ada", "--reason", "checked")

    code, shown, said = run("history", "export", "--history", history, "--mlflow", place, "--experiment", "ours")

    assert code == 0, said
    assert "Wrote 1 week to the experiment ours" in shown
    left = runs_of(place, "ours")
    assert deleted.info.run_id not in {each.info.run_id for each in left}
    assert [e.info.run_name for e in left if "distillation_drift.withdrawn_by" in e.data.tags] == ["2026-05-31"]


def test_the_environment_is_as_it_was_afterwards(history, tmp_path, monkeypatch):
    stand_in = tmp_path / "site" / "mlflow"
    stand_in.mkdir(parents=True)
    (stand_in / "exceptions.py").write_text("class MlflowException(Exception): ...\n")
    (stand_in / "__init__.py").write_text("import os\ndef MlflowClient(**_): raise OSError(dict(os.environ))\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    for name in [each for each in sys.modules if each.partition(".")[0] == "mlflow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "7")
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    before = dict(os.environ)

    with open_history(history) as kept, pytest.raises(InputError) as raised:
        export_mlflow(kept, str(tmp_path / "mlruns"))

    [during] = raised.value.__context__.args
    assert (during["MLFLOW_DISABLE_TELEMETRY"], during["MLFLOW_HTTP_REQUEST_MAX_RETRIES"]) == ("true", "2")
    assert during["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "7"
    assert dict(os.environ) == before
    for name in [each for each in sys.modules if each.partition(".")[0] == "mlflow"]:
        del sys.modules[name]


@needs_mlflow
def test_a_server_that_is_not_there_is_one_message(history, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with open_history(history) as kept, pytest.raises(InputError, match="broken off"):
        export_mlflow(kept, "http://127.0.0.1:9")


@pytest.mark.parametrize(
    "place",
    [
        "https://me:hush-4711@host/x",
        "http://host:5000/?token=hush-4711",
        "me:hush-4711@host:5000",
        "http:/me:hush-4711@host",
        "http:\\\\me:hush-4711@host",
        "postgresql:///base?user=me&password=hush-4711",
        "sqlite:///hush-4711.db",
        "http://[::1hush-4711",
        "",
    ],
)
def test_what_is_no_plain_address_of_a_server_and_no_folder_is_refused_and_not_shown(history, place):
    with open_history(history) as kept, pytest.raises(SettingError, match="MLFLOW_TRACKING_TOKEN") as raised:
        export_mlflow(kept, place)

    assert "hush" not in str(raised.value)


def test_an_export_to_nothing_is_refused(history):
    assert run("history", "export", "--history", history)[2].startswith("Error: There is nothing to write to.")
