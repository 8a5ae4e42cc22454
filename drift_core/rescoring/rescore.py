"""Re-scoring a retrain list with the current teacher: open the ledger, ask the rest, put the result together."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from drift_core.errors import EndpointError, InputError
from drift_core.installation import need_extra
from drift_core.rescoring.budget import Budget
from drift_core.rescoring.client import calling
from drift_core.rescoring.endpoint_faults import Faults
from drift_core.rescoring.first_calls import MOST_IN_VAIN, known_of
from drift_core.rescoring.ledger import PairAnswer, ledger_place, open_ledger, read_answers, read_spent
from drift_core.rescoring.ledger_settings import claim, with_asked_format
from drift_core.rescoring.ledger_writer import writing
from drift_core.rescoring.lock import locked
from drift_core.rescoring.outcomes import Task
from drift_core.rescoring.progress import Report
from drift_core.rescoring.result import RescoredList
from drift_core.rescoring.run_log import End, begin_run, end_run, read_runs
from drift_core.rescoring.settings import Rescoring
from drift_core.rescoring.status import call_cost, pending, result
from drift_core.rescoring.unscored import commonest_reason
from drift_core.rescoring.workers import Run
from drift_core.retrain_list.list_labels import list_to_rescore
from drift_core.retrain_list.reader import DIGEST, RetrainList
from drift_core.tables.paths import is_file, kind_of

T = TypeVar("T")
REPORT_SECONDS = 0.2
WAIT_SECONDS = 0.1


def rescore_list(
    source: str | Path | RetrainList,
    ledger: str | Path,
    *,
    rescoring: Rescoring,
    report: Report | None = None,
    stop: threading.Event | None = None,
) -> RescoredList:
    """Score the pairs of a retrain list with the teacher, as far as the cap allows.

    Every call is in the ledger before it goes out, every answer as it comes. A process that is killed loses at most the
    answers of the calls in flight, and the next run with the same ledger asks only for the rest: pairs without an
    answer, and those that failed by no fault of their own. Equal pairs are asked once.

    Until a first score has come, at most 20 calls go out in vain: the run ends when the first answers are all
    unreadable, or all requests are rejected, and says what mends it.

    Parameters
    ----------
    source
        The list: a Parquet, CSV or JSON lines file, or what `read_list` gave.
    ledger
        The SQLite file, made on first use; for one list, prompt, model, range of scores and revision.
    report
        Called from another thread a few times a second.
    stop
        Set it to end the run: calls in flight are finished and kept. An interrupt from the keyboard sets it.

    Returns
    -------
    RescoredList
        Its `end` says whether all was asked, the cap was near, or the run was stopped.

    Raises
    ------
    InputError
        When the list cannot be read, or the ledger is for another one or in use.
    EndpointError
        When the endpoint refuses every call, is not there, or answers as another revision. What was scored is kept;
        `read_rescored` gives it.

    Notes
    -----
    The cap holds as long as the endpoint charges no more tokens than the prompt has bytes and the answer may have;
    a call whose outcome is not known counts as the most that it can cost. The run stops at the first call that an
    endpoint charges more for.
    """
    need_extra("teacher", "Re-scoring")
    retrain_list = list_to_rescore(source, labels=rescoring.prompt.answer.labels)
    path = ledger_place(ledger)
    if kind_of(path.parent) != "folder":
        raise InputError(f"There is no folder {path.parent} for the ledger. Make it, or choose another place.")
    with locked(path):
        task = _task(retrain_list, path, rescoring)
        stop, number = stop or threading.Event(), None
        if task.pending:  # where nothing is left to ask there is no run
            number = begin_run(path, endpoint=rescoring.teacher.shown_url, first_call=task.spent.next_call)
        try:
            run = _run_in_thread(_ask(task, path, report, stop), stop)
        except EndpointError as error:
            end_run(path, number, End(kind="endpoint", sentence=str(error)))
            raise
        found = result(retrain_list, path, task.rescoring, run.next_reserve)
        end_run(path, number, found.end)
        return replace(found, runs=read_runs(path))


def reread_list(source: str | Path | RetrainList, ledger: str | Path, *, rescoring: Rescoring) -> RescoredList:
    """Read every kept answer of a ledger again, as if it had been read in this way from the start.

    The range, the regular expression and the JSON key may change; list, model, text of the prompt and temperature stay,
    and further runs go on to ask as before. An answer that gives no score in the new way has none any more; its text
    is kept, so that it can be read in the former way again. A reading that is interrupted has changed nothing.

    Parameters
    ----------
    source, ledger, rescoring
        As for `rescore_list`; the cap plays no part.

    Raises
    ------
    InputError
        When the list or the ledger cannot be read, is in use, or is for something else.
    """
    retrain_list = list_to_rescore(source, labels=rescoring.prompt.answer.labels)
    path = ledger_place(ledger)
    if not is_file(path):
        raise InputError(f"There is no ledger at {path}, so no answer to read again. Ask first, without --reread.")
    with locked(path):
        with open_ledger(path) as connection:
            claim(connection, retrain_list, rescoring, path, is_reread=True)
            rescoring = with_asked_format(connection, rescoring)
        return result(retrain_list, path, rescoring, None)


def _task(retrain_list: RetrainList, path: Path, rescoring: Rescoring) -> Task:
    with open_ledger(path, is_created=True) as connection:
        pin = claim(connection, retrain_list, rescoring, path)
        rescoring = with_asked_format(connection, rescoring)
        answers, spent = read_answers(connection), read_spent(connection, call_cost(retrain_list, rescoring))
        rows = pending(retrain_list, answers, rescoring)
        known = known_of(connection, rescoring, next_call=spent.next_call)
    if rows and len(known.unread) >= MOST_IN_VAIN:
        faults = Faults(address=rescoring.teacher.shown_url)
        raise faults.unreadable(commonest_reason(known.unread, rescoring.prompt))
    asked = (
        rows[: rescoring.n_tried] if rescoring.n_tried or known.is_passed else _in_order(retrain_list, rows, answers)
    )
    return Task(
        retrain_list=retrain_list,
        rescoring=rescoring,
        pin=pin,
        spent=spent,
        known=known,
        pending=asked,
        n_left=len(rows),
    )


def _in_order(retrain_list: RetrainList, rows: list[int], answers: Mapping[str, PairAnswer]) -> list[int]:
    """Pairs that nobody was asked about go first, the shortest of them at the head: what fails there fails anywhere."""
    digests = retrain_list.table[DIGEST].to_numpy()

    def place(row: int) -> tuple[bool, int]:
        return digests[row] in answers, len(retrain_list.queries[row]) + len(retrain_list.docs[row])

    first = sorted(rows, key=place)[:MOST_IN_VAIN]
    taken = set(first)
    return first + sorted((row for row in rows if row not in taken), key=lambda row: digests[row] in answers)


async def _ask(task: Task, path: Path, report: Report | None, stop: threading.Event) -> Run:
    rescoring, limit = task.rescoring, task.known.limit
    budget = Budget(rescoring.cap, spent=task.spent.picos, calls=task.spent.calls)
    teacher, timeout = rescoring.teacher, rescoring.pace.timeout_seconds
    faults = Faults(address=teacher.shown_url)
    async with (
        writing(path) as writer,
        calling(teacher, rescoring.prompt, timeout_seconds=timeout, limit=limit) as caller,
    ):
        run = Run(task, caller=caller, faults=faults, budget=budget, writer=writer, stop=stop)
        telling = asyncio.create_task(_tell(run, report))
        await run.work()
        telling.cancel()
    if report is not None:
        report(run.progress())
    if run.fault is not None:
        raise run.fault
    return run


async def _tell(run: Run, report: Report | None) -> None:
    while report is not None:
        report(run.progress())
        await asyncio.sleep(REPORT_SECONDS)


def _run_in_thread(work: Coroutine[None, None, T], stop: threading.Event) -> T:
    """Run in a thread of its own, as a notebook has a loop already; give the result or raise the error.

    An interrupt sets `stop`, a second one is raised.
    """
    results: list[T] = []
    faults: list[BaseException] = []
    ended = threading.Event()

    def run() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as error:  # raised below, in the caller's thread
            faults.append(error)
        finally:
            ended.set()

    threading.Thread(target=run, name="rescore", daemon=True).start()
    while not ended.is_set():
        try:
            ended.wait(WAIT_SECONDS)  # an interrupted `join` would call a thread ended that still runs
        except KeyboardInterrupt:
            if stop.is_set():
                raise
            stop.set()
    if faults:
        raise faults[0]
    return results[0]
