"""Every run over a ledger leaves its trace, also one that died or asked another address."""

import json
from dataclasses import replace

import pytest

from drift_core import Cap, rescore_list
from drift_core.errors import EndpointError
from drift_core.rescoring.ledger import open_ledger
from drift_core.rescoring.ledger_schema import BEGIN_CALL, NOT_SENT, SETTLE_CALL
from drift_core.rescoring.result import rescored_files
from drift_core.rescoring.run_log import UNTOLD, UNTOLD_LAST, End, begin_run, end_run, read_runs
from drift_core.rescoring.status import read_rescored
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import QUICK, list_of, rescoring

DONE = End(kind="complete", sentence="All pairs have been asked.")


@pytest.fixture
def ledger(tmp_path):
    with open_ledger(tmp_path / "ledger", is_created=True):
        return tmp_path / "ledger"


def call(ledger, *numbers, outcome="answer"):
    with open_ledger(ledger) as connection:
        for number in numbers:
            connection.execute(BEGIN_CALL, (number, f"pair {number}", f"2026-11-2{number}", 10))
            connection.execute(SETTLE_CALL, (0, outcome, None, 0.5, 1, 2, "m", None, None, number))


def test_calls_belong_to_the_run_that_made_them_and_those_without_connection_to_none(ledger):
    first = begin_run(ledger, endpoint="http://a", first_call=1)
    call(ledger, 1, 2)
    call(ledger, 3, outcome=NOT_SENT)
    end_run(ledger, first, DONE)
    begin_run(ledger, endpoint="http://b", first_call=4)
    begin_run(ledger, endpoint="http://c", first_call=4)
    call(ledger, 4)

    runs = read_runs(ledger)

    assert [(run.endpoint, run.calls, run.end, run.note) for run in runs] == [
        ("http://a", 2, DONE, ""),
        ("http://b", 0, None, UNTOLD),
        ("http://c", 1, None, UNTOLD_LAST),
    ]
    assert runs[0].began_utc <= str(runs[0].ended_utc) <= runs[1].began_utc
    assert runs[1].to_json()["end"] == {"kind": "unknown", "sentence": UNTOLD}


def test_a_run_that_the_endpoint_ended_and_its_repeat_elsewhere_are_both_in_the_record(tmp_path):
    path, ledger = list_of(6, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.failure(401, "No.") if call.number == 4 else None) as first:
        order = rescoring(first.url.replace("://", "://ada:wonder-land@"), pace=replace(QUICK, concurrency=1))
        with pytest.raises(EndpointError) as caught:
            rescore_list(path, ledger, rescoring=order)
        after = read_rescored(path, ledger, rescoring=order, fault=caught.value)
    with endpoint.serve() as second:
        done = rescore_list(path, ledger, rescoring=rescoring(second.url, cap=Cap(max_calls=20)))
        again = rescore_list(path, ledger, rescoring=rescoring(second.url, cap=Cap(max_calls=20)))

    record = json.loads(rescored_files(done)["rescored.json"])
    shown = first.url.replace("://", "://***@")
    assert [(run["endpoint"], run["calls"], run["end"]["kind"]) for run in record["runs"]] == [
        (shown, 4, "endpoint"),
        (second.url, 3, "complete"),
    ]
    assert record["runs"][0]["end"]["sentence"] == str(caught.value)
    assert sum(run["calls"] for run in record["runs"]) == record["calls"] == 7
    assert after.runs == done.runs[:1]
    assert again.runs == done.runs
    assert b"wonder-land" not in ledger.read_bytes()


def test_a_run_that_is_stopped_by_the_cap_says_so(tmp_path):
    path = list_of(6, tmp_path)

    with endpoint.serve() as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url, cap=Cap(max_calls=4)))

    assert [(run.calls, run.end) for run in done.runs] == [(4, done.end)]
    assert done.end.kind == "cap"
