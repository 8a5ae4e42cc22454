"""Re-scoring a retrain list with the current teacher: open the ledger, ask the rest, put the result together."""

import asyncio
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from drift_core.errors import EndpointError, InputError
from drift_core.samples.places import is_file, kind_of
from drift_core.treatment.rescore.calls import calling
from drift_core.treatment.rescore.ends import End, end_of
from drift_core.treatment.rescore.estimate import RescoreEstimate, cap_in_words, estimate_rows, most_cost
from drift_core.treatment.rescore.faults import Faults
from drift_core.treatment.rescore.ledger import (
    Identity,
    PairAnswer,
    Pin,
    Spent,
    Worth,
    claim,
    open_ledger,
    read_answers,
    read_pin,
    read_spent,
)
from drift_core.treatment.rescore.ledger_writer import LedgerWriter
from drift_core.treatment.rescore.listed import DIGEST, ListedPairs, read_list
from drift_core.treatment.rescore.lock import locked
from drift_core.treatment.rescore.own_thread import run_in_thread
from drift_core.treatment.rescore.pace import Pace
from drift_core.treatment.rescore.progress import Report
from drift_core.treatment.rescore.prompt import Prompt
from drift_core.treatment.rescore.rescored import RescoredList, rescored_pairs, summarise
from drift_core.treatment.rescore.run import Run, Task
from drift_core.treatment.rescore.runs import begin_run, end_run, read_runs
from drift_core.treatment.rescore.spending import Budget, Cap
from drift_core.treatment.rescore.teacher import Teacher

REPORT_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescoring:
    """How a list is re-scored.

    Attributes
    ----------
    teacher, prompt
        Who is asked, and what.
    cap
        What is never passed, over all runs of one ledger.
    pace
        Calls in flight, rate, retries.
    unparsed_again
        Ask pairs again whose answer gave no score.
    """

    teacher: Teacher
    cap: Cap
    prompt: Prompt = field(default_factory=Prompt)
    pace: Pace = field(default_factory=Pace)
    unparsed_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Known:
    """What a ledger says before a run."""

    pin: Pin
    answers: dict[str, PairAnswer]
    spent: Spent
    pending: list[int]


def rescore_list(
    source: str | Path | ListedPairs,
    ledger: str | Path,
    *,
    rescoring: Rescoring,
    report: Report | None = None,
    stop: threading.Event | None = None,
) -> RescoredList:
    """Score the pairs of a retrain list with the teacher, as far as the cap allows.

    Every call is in the ledger before it goes out, every answer as it comes. A process that is killed loses at most the
    answers of the calls in flight, and the next run with the same ledger asks only for the rest: pairs without an
    answer, and those that failed. Equal pairs are asked once.

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
    listed = source if isinstance(source, ListedPairs) else read_list(source)
    kind_of(ledger)  # or its links go in a circle
    path = Path(ledger).resolve()  # so that two names of one ledger share its lock
    if kind_of(path.parent) != "folder":
        raise InputError(f"There is no folder {path.parent} for the ledger. Make it, or choose another place.")
    with locked(path):
        known = _claimed(listed, path, rescoring)
        stop = stop or threading.Event()
        number = _begun(path, rescoring, known)
        try:
            run = run_in_thread(_ask(listed, path, rescoring, known, report, stop), stop)
        except EndpointError as error:
            _ended(path, number, End(kind="endpoint", sentence=str(error)))
            raise
        found = _result(listed, path, rescoring, run.next_reserve)
        _ended(path, number, found.end)
        return replace(found, runs=read_runs(path))


def estimate_rescoring(
    source: str | Path | ListedPairs, ledger: str | Path | None = None, *, rescoring: Rescoring
) -> RescoreEstimate:
    """Estimate what is left of a list; asks nobody and writes nothing.

    Raises
    ------
    InputError
        When the list or the ledger cannot be read.
    """
    listed = source if isinstance(source, ListedPairs) else read_list(source)
    answers, spent = {}, None
    if ledger is not None and is_file(ledger):
        with open_ledger(ledger) as connection:
            answers = read_answers(connection)
            spent = read_spent(connection, _worth(listed, rescoring))
    found = estimate_rows(
        listed,
        _pending(listed, answers, rescoring),
        prompt=rescoring.prompt,
        prices=rescoring.cap.prices,
        pace=rescoring.pace,
        seconds_a_call=spent.seconds_a_call if spent else None,
    )
    if not found.n_pairs:
        return found
    calls, picos = (spent.calls, spent.picos) if spent else (0, 0)
    return replace(found, under_cap=cap_in_words(found, rescoring.cap, calls=calls, picos=picos))


def read_rescored(
    source: str | Path | ListedPairs, ledger: str | Path, *, rescoring: Rescoring, fault: EndpointError | None = None
) -> RescoredList:
    """Read off a ledger how far a list is, also while a run goes on or after one that the endpoint has ended.

    Parameters
    ----------
    source, ledger, rescoring
        As for `rescore_list`.
    fault
        What the last run ended with; it becomes the `end`.

    Raises
    ------
    InputError
        When the list or the ledger cannot be read.
    """
    listed = source if isinstance(source, ListedPairs) else read_list(source)
    found = _result(listed, Path(ledger), rescoring, None)
    return found if fault is None else replace(found, end=End(kind="endpoint", sentence=str(fault)))


def _claimed(listed: ListedPairs, path: Path, rescoring: Rescoring) -> _Known:
    answer = rescoring.prompt.answer
    identity = Identity(
        list_digest=listed.digest,
        prompt_digest=rescoring.prompt.digest,
        model=rescoring.teacher.model,
        score_range=f"{answer.low:g} to {answer.high:g}",
    )
    with open_ledger(path, is_created=True) as connection:
        pin = claim(connection, identity, rescoring.teacher.revision, path)
        answers, spent = read_answers(connection), read_spent(connection, _worth(listed, rescoring))
    return _Known(pin=pin, answers=answers, spent=spent, pending=_pending(listed, answers, rescoring))


def _begun(path: Path, rescoring: Rescoring, known: _Known) -> int | None:
    """Number of the run that begins; None where nothing is left to ask, which makes no run."""
    if not known.pending:
        return None
    return begin_run(path, endpoint=rescoring.teacher.shown_url, first_call=known.spent.next_call)


def _ended(path: Path, number: int | None, end: End) -> None:
    if number is not None:
        end_run(path, number, end)


def _pending(listed: ListedPairs, answers: dict[str, PairAnswer], rescoring: Rescoring) -> list[int]:
    """Rows to ask: without an answer, failed, and unparsed ones where that is wished."""
    again = {"failed", "unparsed"} if rescoring.unparsed_again else {"failed"}
    digests = listed.table[DIGEST].to_numpy()
    kept = {digest for digest, answer in answers.items() if answer.state not in again}
    return [int(row) for row in listed.first if digests[row] not in kept]


def _worth(listed: ListedPairs, rescoring: Rescoring) -> Worth:
    """What calls cost at today's prices."""
    prompt, prices = rescoring.prompt, rescoring.cap.prices
    rows = dict(zip(listed.table[DIGEST].to_numpy()[listed.first], listed.first, strict=True))

    def worth(digest: str, tokens_in: int | None, tokens_out: int | None) -> int:
        if prices.are_free:
            return 0
        if tokens_in is not None and tokens_out is not None:
            return prices.cost(tokens_in, tokens_out)
        if (row := rows.get(digest)) is None:
            return 0
        return most_cost(prompt.text(str(listed.queries[row]), str(listed.docs[row])), prompt, prices)

    return worth


async def _ask(
    listed: ListedPairs,
    path: Path,
    rescoring: Rescoring,
    known: _Known,
    report: Report | None,
    stop: threading.Event,
) -> Run:
    budget = Budget(rescoring.cap, spent=known.spent.picos, calls=known.spent.calls)
    task = Task(
        listed=listed,
        prompt=rescoring.prompt,
        pace=rescoring.pace,
        pending=known.pending,
        n_done=listed.n_pairs - len(known.pending),
        next_call=known.spent.next_call,
        has_scores=any(answer.state == "scored" for answer in known.answers.values()),
    )
    faults = Faults(address=rescoring.teacher.shown_url)
    teacher, timeout = rescoring.teacher, rescoring.pace.timeout_seconds
    writer = LedgerWriter(path)
    try:
        async with calling(teacher, rescoring.prompt, timeout_seconds=timeout) as caller:
            run = Run(task, caller=caller, faults=faults, budget=budget, writer=writer, pin=known.pin, stop=stop)
            telling = asyncio.create_task(_tell(run, report))
            await run.work()
            telling.cancel()
    finally:
        await writer.close()
    if report is not None:
        report(run.progress())
    if run.fault is not None:
        raise run.fault
    return run


async def _tell(run: Run, report: Report | None) -> None:
    while report is not None:
        report(run.progress())
        await asyncio.sleep(REPORT_SECONDS)


def _result(listed: ListedPairs, path: Path, rescoring: Rescoring, next_reserve: int | None) -> RescoredList:
    with open_ledger(path) as connection:
        answers, pin = read_answers(connection), read_pin(connection)
        spent = read_spent(connection, _worth(listed, rescoring))
    asked = listed.table[DIGEST].to_numpy()[listed.first]
    states = [answers[digest].state if digest in answers else "pending" for digest in asked]
    return summarise(
        rescored_pairs(listed, answers),
        listed,
        teacher=rescoring.teacher,
        prompt=rescoring.prompt,
        cap=rescoring.cap,
        pin=pin,
        spent=spent,
        end=end_of(list(states), next_reserve, spent, rescoring.cap),
        runs=read_runs(path),
    )
