from dataclasses import replace

import pytest

from drift_core import Cap, InputError, SettingError, rescore_list
from drift_core.errors import EndpointError
from drift_core.rescoring.trial import read_trial
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import PRICES, by_number, list_of, rescoring


def test_a_try_asks_so_many_pairs_shows_them_and_none_is_paid_twice(tmp_path):
    path, ledger = list_of(30, tmp_path), tmp_path / "ledger"
    odd = {"doc 1": endpoint.said("Well."), "doc 2": endpoint.failure(400, "Too odd.")}

    with endpoint.serve(by_number, faults=lambda call: odd.get(call.doc)) as teacher:
        order = rescoring(teacher.url, cap=Cap(max_spend=1, prices=PRICES))
        done = rescore_list(path, ledger, rescoring=replace(order, n_tried=5))
        tried = read_trial(path, ledger, rescoring=order)
        assert (len(teacher.calls), done.calls, done.counts["pending"]) == (5, 5, 25)
        rescore_list(path, ledger, rescoring=order)

    assert [pair.score for pair in tried] == [0.0, None, None, 0.03, 0.04]
    assert tried[0].prompt == teacher.prompt_of("doc 0")
    assert (tried[0].answer, tried[1].answer, tried[2].answer) == ('{"score": 0.0}', "Well.", None)
    assert tried[1].reason == "No JSON with a number as score was found."
    assert tried[2].reason == "The endpoint answers 400: Too odd"
    assert tried[0].cost == pytest.approx((20 * 2 + 5 * 8) / 1e6)
    assert (tried[0].tokens_in, tried[0].tokens_out, tried[0].calls) == (20, 5, 1)
    assert sum(pair.cost for pair in tried) == pytest.approx(done.spent)
    assert max(teacher.asked.values()) == 1


def test_a_try_counts_under_the_cap(tmp_path):
    path, ledger = list_of(30, tmp_path), tmp_path / "ledger"

    with endpoint.serve() as teacher:
        order = rescoring(teacher.url, cap=Cap(max_calls=7))
        rescore_list(path, ledger, rescoring=replace(order, n_tried=5))
        second = rescore_list(path, ledger, rescoring=replace(order, n_tried=5))

    assert (len(teacher.calls), second.end.kind) == (7, "cap")


def test_a_try_that_nobody_answers_tells_why_and_marks_no_pair(tmp_path):
    path, ledger = list_of(30, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.failure(400, "Not so.")) as teacher:
        order = replace(rescoring(teacher.url), n_tried=3)
        with pytest.raises(EndpointError, match="rejected 3 calls and answered none, last: The endpoint answers 400"):
            rescore_list(path, ledger, rescoring=order)
        teacher.faults = lambda call: None
        assert rescore_list(path, ledger, rescoring=rescoring(teacher.url)).is_complete

    assert teacher.asked["query 0 with {doc} in it", "doc 0"] == 2


def test_a_try_goes_where_a_whole_run_would_stop(tmp_path):
    path, ledger = list_of(40, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.said("Well.")) as teacher:
        order = rescoring(teacher.url)
        with pytest.raises(EndpointError, match="has no score"):
            rescore_list(path, ledger, rescoring=order)
        rescore_list(path, ledger, rescoring=replace(order, n_tried=2))
        teacher.faults = lambda call: None
        rescore_list(path, ledger, rescoring=replace(order, n_tried=1))
        done = rescore_list(path, ledger, rescoring=order)

    assert (done.counts["scored"], done.counts["unparsed"]) == (18, 22)


def test_a_try_of_no_pair_and_one_that_was_not_made_are_refused(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"

    with pytest.raises(SettingError, match="one pair or more; found 0"):
        rescoring("http://127.0.0.1:9/v1", n_tried=0)
    with pytest.raises(InputError, match="no ledger"):
        read_trial(path, ledger, rescoring=rescoring("http://127.0.0.1:9/v1"))
