"""A history as runs of MLflow: one experiment, a run a recorded week, none written twice; nothing is read back."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drift_core.canary.run import CanaryRun
from drift_core.canary.withdrawals import find_withdrawals
from drift_core.errors import InputError, SettingError
from drift_core.history.csv_columns import COLUMNS, WITHDRAWN, row_of, withdrawal_columns
from drift_core.history.history import History
from drift_core.installation import need_extra
from drift_core.wording import one_line

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "distillation-drift"
KEY = "distillation_drift.key"  # the tag by which a week is found again
NOT_SHOWN = ("record",)
LONGEST_TAG = 5_000  # characters that MLflow keeps of one
RUNS_AT_ONCE = 1_000
# Without these it reports to its maker, and tries a dead server for minutes.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
FORCED = ("MLFLOW_DISABLE_TELEMETRY",)  # whatever the user has set
_SERVER = re.compile(r"https?://([\w.-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?(/[\w./~%-]*)?")
_FOLDER = re.compile(r"(file:|[A-Za-z]:[/\\])?[^@:?&=#]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export did: weeks that were added, and weeks that were there."""

    n_new: int
    n_known: int
    experiment: str


def export_mlflow(history: History, place: str, *, experiment: str = EXPERIMENT) -> Exported:
    """Write each recorded week as a run of MLflow: figures as metrics, who was compared as tags.

    Parameters
    ----------
    place
        Address of a tracking server; MLflow takes a folder where MLFLOW_ALLOW_FILE_STORE is set. Credentials
        come from the environment, as MLflow reads them.
    experiment
        Its name; made where there is none.

    Raises
    ------
    InputError
        When MLflow cannot be reached or refuses, or the experiment was deleted there.
    SettingError
        When it is neither, or holds a user, a password or options.
    MissingExtraError
        When MLflow is not installed.

    Notes
    -----
    A week is known by the key of its run, so that a repeated export adds what is new alone; one that was broken off is
    completed, one that was deleted in MLflow stays deleted. Of a known week, only whether it is withdrawn is told anew.
    """
    _check_place(place)
    need_extra("mlflow", "An export to MLflow")
    with _own_environment(), _translate_errors(place):
        from mlflow import MlflowClient

        client = MlflowClient(tracking_uri=place)
        number = _experiment(client, experiment)
        known = _known(client, number)
        runs = sorted(history.runs(), key=lambda run: run.number)
        withdrawn = {each.run.key: withdrawal_columns(each) for each in find_withdrawals(runs, history.decisions())}
        n_new = sum(_write(client, number, run, known.get(run.key), withdrawn.get(run.key, {})) for run in runs)
    return Exported(n_new=n_new, n_known=len(runs) - n_new, experiment=experiment)


def _check_place(place: str) -> None:
    """Raise where it is neither a server's plain address nor a folder; what may be secret in it is not repeated."""
    if not (_SERVER.fullmatch(place) or _FOLDER.fullmatch(place)):
        raise SettingError(
            "--mlflow takes the address of a tracking server, such as https://mlflow.example.com, or a folder; what "
            "was given is neither, or holds a user, a password or options, and is not shown here. Credentials come "
            "from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN."
        )


def _experiment(client: "MlflowClient", name: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is None:
        return str(client.create_experiment(name))
    if found.lifecycle_stage != "active":
        raise InputError(f"The experiment {name!r} was deleted in MLflow. Restore it there, or name another.")
    return str(found.experiment_id)


def _known(client: "MlflowClient", number: str) -> dict[str, Any]:
    """The runs that were written before, also those deleted since, by the key of their week."""
    from mlflow.entities import ViewType

    found: dict[str, Any] = {}
    token = None
    while True:
        page = client.search_runs([number], run_view_type=ViewType.ALL, max_results=RUNS_AT_ONCE, page_token=token)
        found |= {run.data.tags[KEY]: run for run in page if KEY in run.data.tags}
        if not (token := page.token):
            return found


def _write(client: "MlflowClient", number: str, run: CanaryRun, known: Any, withdrawal: dict[str, Any]) -> bool:
    """Write a week where it is not there yet, whole; gives whether it was new."""
    from mlflow.entities import Metric, RunTag

    if known is not None and known.info.lifecycle_stage != "active":
        return False
    at, row = int(run.at.timestamp() * 1000), row_of(run)
    is_new = known is None or known.info.status != "FINISHED"
    if known is None:
        known = client.create_run(number, start_time=at, run_name=run.at.date().isoformat(), tags={KEY: run.key})
    if is_new:
        values = {name: row[name] for name in COLUMNS if name not in NOT_SHOWN and row[name] is not None}
        figures = {name: value for name, value in values.items() if isinstance(value, int | float)}
        told = {name: str(value) for name, value in values.items() if name not in figures and str(value)}
        told |= {"findings": ", ".join(run.findings), "summary": run.summary or ""}
        client.log_batch(
            known.info.run_id,
            metrics=[Metric(name, float(value), at, run.number) for name, value in figures.items()],
            tags=[RunTag(f"distillation_drift.{name}", text[:LONGEST_TAG]) for name, text in told.items() if text],
        )
        client.set_terminated(known.info.run_id, end_time=at)
    for name in WITHDRAWN:
        tag, text = f"distillation_drift.{name}", str(withdrawal.get(name) or "")[:LONGEST_TAG]
        if text and known.data.tags.get(tag) != text:
            client.set_tag(known.info.run_id, tag, text)
        if not text and tag in known.data.tags:
            client.delete_tag(known.info.run_id, tag)
    return is_new


@contextmanager
def _own_environment() -> Iterator[None]:
    """What MLflow reads when it is imported, or asks; as it was afterwards."""
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update({name: text for name, text in ENVIRONMENT.items() if name in FORCED or before[name] is None})
    try:
        yield
    finally:
        for name, text in before.items():
            os.environ.pop(name, None)
            os.environ.update({} if text is None else {name: text})


@contextmanager
def _translate_errors(place: str) -> Iterator[None]:
    """Turn what MLflow and its HTTP client say into one message."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, OSError) as error:
        said = one_line(str(error))[:200].rstrip(".")
        raise InputError(
            f"The export to MLflow at {place} was broken off: {said}. Weeks that were written stay; mend it and run "
            "again."
        ) from None
