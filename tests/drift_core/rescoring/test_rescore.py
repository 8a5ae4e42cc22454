import threading
import time
from dataclasses import replace

import pandas as pd
import pytest

from drift_core import Cap, rescore_list
from drift_core.errors import EndpointError
from drift_core.rescoring.run_log import End
from drift_core.rescoring.status import estimate_rescoring, read_rescored
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import PRICES, QUICK, by_number, list_of, rescoring


def test_every_pair_gets_its_own_score_and_keeps_the_one_it_had(tmp_path):
    path = list_of(30, tmp_path)

    with endpoint.serve(by_number) as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert done.is_complete
    assert done.end.kind == "complete"
    assert done.pairs["teacher_score"].tolist() == [i / 100 for i in range(30)]
    assert set(done.pairs["teacher_score_listed"]) == {0.1}
    assert set(done.pairs["answer_model"]) == {endpoint.MODEL}
    assert done.revision == endpoint.MODEL
    assert [(each.model, each.fingerprint) for each in done.answered] == [(endpoint.MODEL, endpoint.FINGERPRINT)]
    assert teacher.most_in_flight <= QUICK.concurrency


def test_a_list_that_was_filtered_or_sorted_gets_its_own_scores(tmp_path):
    path = list_of(30, tmp_path)
    pd.read_parquet(path).iloc[[29, 3, 0]].to_parquet(path)

    with endpoint.serve(by_number) as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert done.pairs["doc"].tolist() == ["doc 29", "doc 3", "doc 0"]
    assert done.pairs["teacher_score"].tolist() == [0.29, 0.03, 0.0]


def test_a_slice_with_the_name_of_a_new_column_is_kept(tmp_path):
    path, again = list_of(3, tmp_path, state=["TX", "CA", "NY"]), tmp_path / "again.parquet"

    with endpoint.serve() as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url))
        done.pairs.to_parquet(again)
        second = rescore_list(again, tmp_path / "ledger-2", rescoring=rescoring(teacher.url))

    assert done.pairs["state_listed"].tolist() == ["TX", "CA", "NY"]
    assert done.pairs["state"].tolist() == ["scored"] * 3
    assert second.pairs["state_listed"].tolist() == ["TX", "CA", "NY"]
    assert "answer_listed" not in second.pairs


def test_equal_pairs_are_asked_once(tmp_path):
    path = list_of(10, tmp_path, query="the same", doc="pair 1")

    with endpoint.serve() as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert len(teacher.calls) == done.calls == 1
    assert done.counts["scored"] == 10


def test_a_stop_finishes_the_calls_in_flight_and_keeps_them(tmp_path):
    path, ledger, stop = list_of(50, tmp_path), tmp_path / "ledger", threading.Event()

    with endpoint.serve(faults=lambda call: stop.set() if call.number == 8 else None, seconds=0.1) as teacher:
        done = rescore_list(path, ledger, rescoring=rescoring(teacher.url), stop=stop)

    assert done.end.kind == "asked"
    assert done.counts["scored"] == sum(teacher.answered.values()) == len(teacher.calls) < 20
    assert done.end.sentence == f"{50 - done.counts['scored']} pairs are still to be asked. Run it again to go on."


def test_progress_tells_what_is_done_spent_and_left(tmp_path):
    path, seen = list_of(40, tmp_path), []

    with endpoint.serve(seconds=0.05) as teacher:
        rescore_list(
            path,
            tmp_path / "ledger",
            rescoring=rescoring(teacher.url, cap=Cap(max_spend=1, prices=PRICES)),
            report=seen.append,
        )

    assert [each.n_done for each in seen] == sorted(each.n_done for each in seen)
    assert (seen[-1].n_done, seen[-1].calls, seen[-1].n_left) == (40, 40, 0)
    assert any(each.seconds_left and each.cost_left for each in seen)
    assert seen[-1].sentence == "40 of 40 pairs. 40 calls, 0.0032 spent."


def test_requests_per_minute_hold(tmp_path):
    path, pace = list_of(6, tmp_path), replace(QUICK, requests_per_minute=600)
    began = time.monotonic()

    with endpoint.serve() as teacher:
        rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url, pace=pace))

    assert time.monotonic() - began >= 0.5


def test_the_estimate_asks_nobody_and_knows_what_is_done(tmp_path):
    path, ledger = list_of(10, tmp_path), tmp_path / "ledger"

    with endpoint.serve() as teacher:
        order = rescoring(teacher.url, cap=Cap(max_calls=4, prices=PRICES))
        before = estimate_rescoring(path, ledger, rescoring=order)
        assert not ledger.exists()
        assert (before.n_pairs, before.is_timed, len(teacher.calls)) == (10, False, 0)
        rescore_list(path, ledger, rescoring=order)
        after = estimate_rescoring(path, ledger, rescoring=order)

    assert (after.n_pairs, after.is_timed) == (6, True)
    assert "6 pairs to ask" in after.sentence


def test_what_an_endpoint_left_behind_is_read_off_the_ledger_with_the_reason(tmp_path):
    path, ledger = list_of(8, tmp_path), tmp_path / "ledger"
    other = endpoint.Reply(model="judge-large-2027-01")

    with endpoint.serve(by_number, faults=lambda call: other if call.number == 5 else None) as teacher:
        order = rescoring(teacher.url, pace=replace(QUICK, concurrency=1))
        with pytest.raises(EndpointError) as caught:
            rescore_list(path, ledger, rescoring=order)

    found = read_rescored(path, ledger, rescoring=order, fault=caught.value)
    assert found.pairs["state"].tolist() == ["scored"] * 4 + ["pending"] * 4
    assert found.pairs["teacher_score"].tolist()[:4] == [0, 0.01, 0.02, 0.03]
    assert found.end == End(kind="endpoint", sentence=str(caught.value))
    assert read_rescored(path, ledger, rescoring=order).end.kind == "asked"
