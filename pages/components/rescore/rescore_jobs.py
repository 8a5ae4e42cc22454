"""Re-scorings that run in threads of the server, each over its own folder in the user's data; knows no page.

A folder has an unguessable name, the token, and holds the list, the settings and the ledger, never a key. Who has the
token sees the run, also after the server was started again; nobody else does.
"""

import json
import re
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from drift_core.errors import DriftError, InputError
from drift_core.rescoring.ledger import open_ledger, read_counts
from drift_core.rescoring.lock import is_locked, locked
from drift_core.rescoring.progress import RescoreProgress
from drift_core.rescoring.rescore import rescore_list
from drift_core.rescoring.settings import RescoreSettings, Rescoring
from drift_core.rescoring.teacher import OFFICIAL_URL, shown_address
from drift_core.retrain_list.reader import RetrainList, read_list
from drift_core.tables.writing import replace_file

TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
SETTINGS_NAME, LEDGER_NAME = "settings.json", "rescore.sqlite"
_RUNNING: dict[str, "Job"] = {}
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSettings(RescoreSettings):
    """What a visitor entered. `url` is kept in a file only without user, password and the values of its query."""

    url: str = field(default=OFFICIAL_URL, repr=False)
    list_name: str = ""
    list_digest: str = ""
    n_pairs: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """One run as its thread leaves it; `fault` is why it ended before its time."""

    thread: threading.Thread | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    progress: RescoreProgress | None = None
    fault: str = ""
    end: str = ""

    @property
    def is_running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """Where a re-scoring stands, cheap to know."""

    n_pairs: int
    n_scored: int
    is_running: bool


def data_folder() -> Path:
    """Where re-scorings are kept: the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path("distillation-drift", appauthor=False) / "rescore"


def folder_of(token: str) -> Path | None:
    """The folder of a token, None where there is none; a text that is no token never becomes a path."""
    folder = data_folder() / token if TOKEN.fullmatch(token) else None
    return folder if folder is not None and (folder / SETTINGS_NAME).is_file() else None


def known_folder(token: str) -> Path:
    """The folder of a token that is there."""
    folder = folder_of(token)
    if folder is None:
        raise InputError("This re-scoring is not on this machine any more. Begin another.")
    return folder


def make(content: bytes, settings: JobSettings) -> str:
    """Keep a list that could be read, with its settings; gives the token."""
    token = secrets.token_urlsafe(24)
    folder = data_folder() / token
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise InputError(f"The folder {folder.parent} cannot be written to: {error.strerror}.") from error
    replace_file(_list_file(folder, settings), content)
    put_settings(token, settings)
    return token


def put_settings(token: str, settings: JobSettings) -> None:
    """Keep settings, unless the re-scoring is running."""
    document = asdict(settings) | {"url": shown_address(settings.url)}
    with _held(token) as folder:
        replace_file(folder / SETTINGS_NAME, json.dumps(document, indent=2).encode())


def settings_of(folder: Path) -> JobSettings:
    """What was kept."""
    try:
        return JobSettings(**json.loads((folder / SETTINGS_NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            "The settings of this re-scoring cannot be read any more. Delete it and begin anew."
        ) from error


def list_of(folder: Path) -> RetrainList:
    """The list, under the name that it came with."""
    kept = settings_of(folder)
    return read_list(_list_file(folder, kept), name=kept.list_name)


def content_of(folder: Path) -> bytes:
    """The list file as it came."""
    return _list_file(folder, settings_of(folder)).read_bytes()


def start(token: str, retrain_list: Callable[[], RetrainList], rescoring: Rescoring) -> None:
    """Ask in a thread, unless it runs already."""
    ledger = data_folder() / token / LEDGER_NAME
    with _LOCK:
        if job_of(token).is_running:
            return
        job = Job()
        job.thread = threading.Thread(
            target=_run, args=(job, retrain_list, ledger, rescoring), name="rescore-job", daemon=True
        )
        _RUNNING[token] = job
        job.thread.start()


def job_of(token: str) -> Job:
    """The run of this server, or one that has not begun."""
    return _RUNNING.get(token) or Job()


def runs_elsewhere(token: str) -> bool:
    """Whether another process, such as a second server, runs it."""
    return not job_of(token).is_running and is_locked(data_folder() / token / LEDGER_NAME)


def delete(token: str) -> None:
    """Forget a re-scoring with all its files, unless it is running."""
    known_folder(token)
    with _held(token) as folder:
        shutil.rmtree(folder, ignore_errors=True)
    _RUNNING.pop(token, None)


def status_of(token: str) -> JobStatus | None:
    """Where the re-scoring of a token stands, None where there is none."""
    folder = folder_of(token)
    if folder is None:
        return None
    job, n_pairs = job_of(token), settings_of(folder).n_pairs
    if job.is_running and job.progress is not None:
        return JobStatus(n_pairs=n_pairs, n_scored=job.progress.n_done, is_running=True)
    is_running = job.is_running or runs_elsewhere(token)
    n_scored = 0
    if (folder / LEDGER_NAME).is_file():
        with open_ledger(folder / LEDGER_NAME) as connection:
            n_scored = read_counts(connection).get("scored", 0)
    return JobStatus(n_pairs=n_pairs, n_scored=n_scored, is_running=is_running)


@contextmanager
def _held(token: str) -> Iterator[Path]:
    """Its folder, while nobody can run it, here or in another process; refused where somebody does."""
    with _LOCK:
        if job_of(token).is_running:
            raise InputError("This re-scoring is running. Stop it first.")
    folder = data_folder() / token
    with locked(folder / LEDGER_NAME):
        yield folder


def _list_file(folder: Path, settings: JobSettings) -> Path:
    """Never under the name of an upload, which is somebody else's text."""
    return folder / f"list.{settings.list_name.lower().rpartition('.')[2]}"


def _run(job: Job, retrain_list: Callable[[], RetrainList], ledger: Path, rescoring: Rescoring) -> None:
    def report(now: RescoreProgress) -> None:
        job.progress = now

    try:
        done = rescore_list(retrain_list(), ledger, rescoring=rescoring, report=report, stop=job.stop)
        job.end = done.end.sentence
    except DriftError as error:
        job.fault = str(error)
    except Exception as error:  # told on the page by its kind alone: its text may hold what nobody should see
        job.fault = f"The run ended with a fault of the program ({type(error).__name__}). What was scored is kept."
