from dataclasses import replace

import pytest

from drift_core import Cap, SettingError, rescore_list
from drift_core.errors import EndpointError
from drift_core.rescoring.status import estimate_rescoring
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import FREE, PRICES, QUICK, list_of, rescoring


def test_the_cap_in_calls_is_never_passed_over_runs(tmp_path):
    path, ledger = list_of(20, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.failure(500) if call.number % 3 == 0 else None) as teacher:
        for cap in (5, 5, 12):
            done = rescore_list(path, ledger, rescoring=rescoring(teacher.url, cap=Cap(max_calls=cap)))
            assert done.calls == len(teacher.calls) == cap
            assert done.end.kind == "cap"
        left = 20 - sum(teacher.answered.values())
        assert done.end.sentence.startswith(f"Stopped at the cap; {left} pairs are left. They take {left} calls more")


def test_a_cap_below_the_calls_of_earlier_runs_tells_how_many_are_missing(tmp_path):
    path, ledger = list_of(20, tmp_path), tmp_path / "ledger"

    with endpoint.serve() as teacher:
        rescore_list(path, ledger, rescoring=rescoring(teacher.url, cap=Cap(max_calls=8)))
        order = rescoring(teacher.url, cap=Cap(max_calls=3))
        done = rescore_list(path, ledger, rescoring=order)

    missing = "17 calls more than the 3 allowed, as 8 are made already"
    assert done.end.sentence == f"Stopped at the cap; 12 pairs are left. They take {missing}, and retries."
    told = estimate_rescoring(path, ledger, rescoring=order).under_cap
    assert told == f"The cap does not hold them: they take {missing}."


@pytest.mark.parametrize(
    ("cap", "told"),
    [
        (Cap(max_calls=20), "The cap holds them, without retries."),
        (Cap(max_calls=19), "The cap does not hold them: they take 1 call more than the 19 allowed."),
        (Cap(max_spend=1.0, prices=PRICES), "The cap holds them, without retries."),
        (Cap(max_spend=0.02, prices=PRICES), "holds what they are expected to take, but not the most that they can"),
        (Cap(max_spend=0.001, prices=PRICES), "The cap does not hold them: they take about "),
    ],
)
def test_an_estimate_says_whether_the_cap_holds_the_run(tmp_path, cap, told):
    order = rescoring("http://127.0.0.1:9/v1", cap=cap)

    assert told in estimate_rescoring(list_of(20, tmp_path), rescoring=order).under_cap


def test_calls_that_found_no_connection_are_not_counted(tmp_path):
    path, ledger = list_of(20, tmp_path), tmp_path / "ledger"
    with endpoint.serve() as teacher:
        gone = teacher.url

    for _ in range(2):
        with pytest.raises(EndpointError, match="The endpoint cannot be reached"):
            rescore_list(path, ledger, rescoring=rescoring(gone, cap=Cap(max_calls=20)))
    with endpoint.serve() as teacher:
        done = rescore_list(path, ledger, rescoring=rescoring(teacher.url, cap=Cap(max_calls=20)))

    assert (done.is_complete, done.calls, done.n_unknown) == (True, 20, 0)


def test_the_cap_in_money_is_never_passed_even_when_answers_cost_all_they_can(tmp_path):
    path, ledger = list_of(20, tmp_path), tmp_path / "ledger"
    cap = Cap(max_spend=0.02, prices=PRICES)
    costly = endpoint.Reply(body=endpoint.completion('{"score": 0.5}', tokens=(500, 256)))

    with endpoint.serve(faults=lambda call: costly) as teacher:
        done = rescore_list(path, ledger, rescoring=rescoring(teacher.url, cap=cap))

    paid = len(teacher.calls) * (500 * 2 + 256 * 8) / 1e6
    assert done.end.kind == "cap"
    assert done.spent == pytest.approx(paid)
    assert 0.014 < paid <= 0.02
    assert "The rest takes about" in done.end.sentence


def test_what_cheap_answers_leave_of_their_reserve_is_spent_on_others(tmp_path):
    path = list_of(20, tmp_path)
    order = rescoring("http://127.0.0.1:9/v1", cap=Cap(max_spend=0.0065, prices=PRICES))
    assert estimate_rescoring(path, rescoring=order).most_cost > 0.05

    with endpoint.serve() as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url, cap=order.cap))

    assert done.is_complete
    assert done.spent == pytest.approx(20 * (20 * 2 + 5 * 8) / 1e6)


def test_calls_of_unknown_outcome_count_as_the_most_they_can_cost(tmp_path):
    path = list_of(1, tmp_path)
    cap = Cap(max_spend=1.0, prices=PRICES)

    with endpoint.serve(faults=lambda call: endpoint.dropped() if call.number == 1 else None) as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url, cap=cap))

    assert done.spent > 256 * 8 / 1e6 + (20 * 2 + 5 * 8) / 1e6
    assert (done.n_unknown, done.to_json()["n_calls_of_unknown_cost"]) == (1, 1)


def test_a_cap_in_money_counts_the_calls_that_were_made_before_prices_were_known(tmp_path):
    path, ledger = list_of(30, tmp_path), tmp_path / "ledger"
    cap = Cap(max_spend=0.006, prices=PRICES)
    lost = {3: endpoint.dropped(), 4: endpoint.too_many()}

    with endpoint.serve(faults=lambda call: lost.get(call.number)) as teacher:
        first = rescore_list(path, ledger, rescoring=rescoring(teacher.url, cap=Cap(max_calls=12)))
        assert (first.spent, len(teacher.calls)) == (0, 12)
        done = rescore_list(path, ledger, rescoring=rescoring(teacher.url, cap=cap))

    answered = sum(teacher.answered.values()) * (20 * 2 + 5 * 8) / 1e6
    assert answered + 256 * 8 / 1e6 < done.spent <= 0.006
    assert done.end.kind == "cap"
    with endpoint.serve() as teacher:
        dear = replace(PRICES, per_million_in=2000.0)
        assert rescore_list(path, ledger, rescoring=rescoring(teacher.url, cap=replace(cap, prices=dear))).spent > 0.4
    assert not teacher.calls


def test_a_prompt_that_was_filtered_counts_as_the_most_it_can_cost(tmp_path):
    order = {"cap": Cap(max_spend=1.0, prices=PRICES)}
    filtered = endpoint.failure(400, "Filtered", code="content_filter")

    with endpoint.serve(faults=lambda call: filtered) as teacher:
        done = rescore_list(list_of(1, tmp_path), tmp_path / "ledger", rescoring=rescoring(teacher.url, **order))

    assert done.counts["refused"] == 1
    assert done.spent > 256 * 8 / 1e6


def test_an_endpoint_that_charges_more_than_a_call_can_have_ends_the_run(tmp_path):
    path = list_of(20, tmp_path)
    huge = endpoint.Reply(body=endpoint.completion('{"score": 0.5}', tokens=(100_000, 9)))

    with (
        endpoint.serve(faults=lambda call: huge) as teacher,
        pytest.raises(EndpointError, match="100,000 and 9 tokens for a call"),
    ):
        rescore_list(path, tmp_path / "l", rescoring=rescoring(teacher.url, cap=Cap(max_spend=9, prices=PRICES)))

    assert len(teacher.calls) <= QUICK.concurrency


def test_a_cap_is_asked_for_and_one_in_money_needs_prices():
    with pytest.raises(SettingError, match="needs a cap"):
        Cap()
    with pytest.raises(SettingError, match="needs the endpoint's prices"):
        Cap(max_spend=3)
    assert FREE.max_spend is None
