"""How far a list is by its ledger: the pairs to ask, what that takes, and the list with what is known of each pair."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from drift_core.errors import EndpointError
from drift_core.rescoring.budget import PICOS
from drift_core.rescoring.cost_estimate import RescoreEstimate, cap_in_words, estimate_rows, most_cost
from drift_core.rescoring.ledger import STATES, CallCost, PairAnswer, open_ledger, read_answers, read_pin, read_spent
from drift_core.rescoring.ledger_settings import labels_read, with_asked_format
from drift_core.rescoring.result import Answered, RescoredList, rescored_pairs
from drift_core.rescoring.run_log import End, end_of, read_runs
from drift_core.rescoring.settings import Rescoring
from drift_core.retrain_list.list_labels import list_to_rescore
from drift_core.retrain_list.reader import DIGEST, RetrainList
from drift_core.tables.paths import is_file


def estimate_rescoring(
    source: str | Path | RetrainList, ledger: str | Path | None = None, *, rescoring: Rescoring
) -> RescoreEstimate:
    """Estimate what is left of a list; asks nobody and writes nothing.

    Raises
    ------
    InputError
        When the list or the ledger cannot be read.
    """
    retrain_list = list_to_rescore(source, labels=rescoring.prompt.answer.labels)
    answers, spent = {}, None
    if ledger is not None and is_file(ledger):
        with open_ledger(ledger) as connection:
            rescoring = with_asked_format(connection, rescoring)
            answers = read_answers(connection)
            spent = read_spent(connection, call_cost(retrain_list, rescoring))
    found = estimate_rows(
        retrain_list,
        pending(retrain_list, answers, rescoring)[: rescoring.n_tried],
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
    source: str | Path | RetrainList, ledger: str | Path, *, rescoring: Rescoring, fault: EndpointError | None = None
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
    retrain_list = list_to_rescore(source, labels=rescoring.prompt.answer.labels)
    found = result(retrain_list, Path(ledger), rescoring, None)
    return found if fault is None else replace(found, end=End(kind="endpoint", sentence=str(fault)))


def pending(retrain_list: RetrainList, answers: dict[str, PairAnswer], rescoring: Rescoring) -> list[int]:
    """Rows to ask: without an answer, failed, and unparsed or rejected ones where that is wished."""

    def is_kept(answer: PairAnswer) -> bool:
        if answer.state == "failed":
            return answer.is_rejected and not rescoring.rejected_again
        return answer.state != "unparsed" or not rescoring.unparsed_again

    digests = retrain_list.table[DIGEST].to_numpy()
    kept = {digest for digest, answer in answers.items() if is_kept(answer)}
    return [int(row) for row in retrain_list.first if digests[row] not in kept]


def call_cost(retrain_list: RetrainList, rescoring: Rescoring) -> CallCost:
    """What the calls of a ledger cost at today's prices."""
    prompt, prices = rescoring.prompt, rescoring.cap.prices
    rows = dict(zip(retrain_list.table[DIGEST].to_numpy()[retrain_list.first], retrain_list.first, strict=True))

    def worth(digest: str, tokens_in: int | None, tokens_out: int | None) -> int:
        if prices.are_free:
            return 0
        if tokens_in is not None and tokens_out is not None:
            return prices.cost(tokens_in, tokens_out)
        if (row := rows.get(digest)) is None:
            return 0
        return most_cost(prompt.text(str(retrain_list.queries[row]), str(retrain_list.docs[row])), prompt, prices)

    return worth


def result(retrain_list: RetrainList, path: Path, rescoring: Rescoring, next_reserve: int | None) -> RescoredList:
    """Put together what a ledger knows; `next_reserve` did not fit under the cap, if any."""
    with open_ledger(path) as connection:
        answers, pin = read_answers(connection), read_pin(connection)
        spent = read_spent(connection, call_cost(retrain_list, rescoring))
        form = replace(rescoring.prompt.answer, labels=labels_read(connection))
    asked = retrain_list.table[DIGEST].to_numpy()[retrain_list.first]
    states = [answers[digest].state if digest in answers else "pending" for digest in asked]
    n_rejected = sum(digest in answers and answers[digest].is_rejected for digest in asked)
    pairs = rescored_pairs(retrain_list, answers, form=form)
    by_answer = Counter(zip(pairs["answer_model"], pairs["answer_fingerprint"], strict=True))
    counts = Counter(pairs["state"])
    return RescoredList(
        pairs=pairs,
        counts=MappingProxyType({state: counts[state] for state in STATES}),
        list_digest=retrain_list.digest,
        list_name=retrain_list.name,
        teacher=rescoring.teacher,
        revision=pin.revision,
        answered=tuple(
            Answered(model=model, fingerprint=fingerprint, n_pairs=n)
            for (model, fingerprint), n in sorted(by_answer.items(), key=lambda item: (-item[1], str(item[0])))
            if model is not None
        ),
        prompt=rescoring.prompt,
        cap=rescoring.cap,
        calls=spent.calls,
        spent=spent.picos / PICOS,
        n_unknown=spent.n_unknown,
        end=end_of(list(states), n_rejected, next_reserve, spent, rescoring.cap),
        runs=read_runs(path),
        n_rejected=n_rejected,
    )
