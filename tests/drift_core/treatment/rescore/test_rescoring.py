import sqlite3
import threading
import time
from dataclasses import replace

import pandas as pd
import pytest

from drift_core import Cap, EndpointError, InputError, SettingError, estimate_rescoring, rescore_list
from drift_core.treatment.rescore.lock import locked
from tests.drift_core.treatment.rescore import endpoint
from tests.drift_core.treatment.rescore.cases import FREE, PRICES, QUICK, list_of, rescoring


def by_number(query, doc):
    return int(doc.split()[1]) / 100


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


@pytest.mark.parametrize(
    "fault",
    [
        endpoint.too_many(),
        endpoint.too_many("0.05"),
        endpoint.failure(500),
        endpoint.failure(503),
        endpoint.half_a_body(),
        endpoint.dropped(),
        endpoint.Reply(body={"object": "nothing"}),
        endpoint.Reply(body={"error": {"message": "overloaded"}}),
        endpoint.Reply(seconds=5.0),
    ],
    ids=["429", "429 with Retry-After", "500", "503", "half a body", "dropped", "no choices", "error in 200", "late"],
)
def test_a_fault_that_passes_is_tried_again(tmp_path, fault):
    path = list_of(3, tmp_path)
    pace = replace(QUICK, timeout_seconds=0.5)

    with endpoint.serve(by_number, faults=lambda call: fault if call.number == 1 else None) as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url, pace=pace))

    assert done.is_complete
    assert done.calls == len(teacher.calls) == 4


def test_retry_after_is_honoured_by_all_calls(tmp_path):
    path = list_of(4, tmp_path)
    times = []

    def faults(call):
        times.append(time.monotonic())
        return endpoint.too_many("0.4") if call.number == 1 else None

    with endpoint.serve(faults=faults) as teacher:
        rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url, pace=replace(QUICK, concurrency=1)))

    assert times[1] - times[0] >= 0.4


def test_a_pair_that_never_succeeds_has_failed_with_its_reason_and_is_asked_again_by_the_next_run(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.failure(500) if call.doc == "doc 1" else None) as teacher:
        done = rescore_list(path, ledger, rescoring=rescoring(teacher.url))
        assert (done.counts["scored"], done.counts["failed"]) == (2, 1)
        assert done.end.sentence == "All pairs have been asked. 1 failed; the next run asks those again."
        assert teacher.asked["query 1 with {doc} in it", "doc 1"] == QUICK.attempts
        reason = sqlite3.connect(ledger).execute("SELECT reason FROM answer WHERE state = 'failed'").fetchone()[0]
        assert reason == "4 attempts, last: The endpoint answers 500: The server had an error"

        teacher.faults = lambda call: None
        assert rescore_list(path, ledger, rescoring=rescoring(teacher.url)).is_complete


@pytest.mark.parametrize("status", [400, 401, 403, 404, 307])
def test_a_refused_request_ends_the_run_at_once(tmp_path, status):
    path = list_of(40, tmp_path)

    with (
        endpoint.serve(faults=lambda call: endpoint.failure(status, "Not so."), seconds=0.02) as teacher,
        pytest.raises(EndpointError, match=rf"^The endpoint answers {status}: Not so\. What was scored is kept"),
    ):
        rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert len(teacher.calls) <= QUICK.concurrency


def test_refusals_are_a_state_whether_they_come_as_an_answer_or_as_an_error(tmp_path):
    faults = {"doc 0": endpoint.refusal("No."), "doc 1": endpoint.failure(400, "Filtered", code="content_filter")}
    path = list_of(3, tmp_path)

    with endpoint.serve(faults=lambda call: faults.get(call.doc)) as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert done.pairs["state"].tolist() == ["refused", "refused", "scored"]
    assert done.pairs["answer"].iloc[0] == "No."
    assert done.pairs["teacher_score"].isna().tolist() == [True, True, False]


def test_an_answer_without_a_score_is_kept_as_it_came_and_asked_again_only_when_wished(tmp_path):
    path, ledger = list_of(2, tmp_path), tmp_path / "ledger"
    odd = "<b>A fine \ud800 doc</b>"

    with endpoint.serve(faults=lambda call: endpoint.said(odd) if call.doc == "doc 0" else None) as teacher:
        done = rescore_list(path, ledger, rescoring=rescoring(teacher.url))
        assert done.pairs["state"].tolist() == ["unparsed", "scored"]
        assert done.pairs["answer"].iloc[0] == "<b>A fine ? doc</b>"

        assert rescore_list(path, ledger, rescoring=rescoring(teacher.url)).calls == 2
        teacher.faults = lambda call: None
        again = rescore_list(path, ledger, rescoring=rescoring(teacher.url, unparsed_again=True))
    assert again.is_complete
    assert again.calls == 3


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"model": "judge-large-2027-01"}, "judge-large-2027-01 (fp_1)"),
        ({"fingerprint": "fp_2"}, "judge-large-2026-11 (fp_2)"),
    ],
    ids=["model", "fingerprint"],
)
def test_the_first_answer_of_another_revision_ends_the_run_and_is_no_score(tmp_path, other, found):
    path, ledger = list_of(12, tmp_path), tmp_path / "ledger"
    other = endpoint.Reply(**other)

    with endpoint.serve(faults=lambda call: other if call.number == 5 else None) as teacher:
        order = rescoring(teacher.url, pace=replace(QUICK, concurrency=1))
        with pytest.raises(EndpointError) as caught:
            rescore_list(path, ledger, rescoring=order)
        assert f"answered as {found}; the teacher's revision of this list is judge-large-2026-11 (fp_1)." in str(
            caught.value
        )
        kept = sqlite3.connect(ledger).execute(
            "SELECT model || ' (' || fingerprint || ')', answer FROM call WHERE outcome = 'other revision'"
        )
        assert kept.fetchall() == [(found, '{"score": 0.5}')]
        assert len(teacher.calls) == 5

        done = rescore_list(path, ledger, rescoring=order)
    assert done.is_complete
    assert [each.model for each in done.answered] == [endpoint.MODEL]


@pytest.mark.parametrize("revision", [endpoint.MODEL, endpoint.FINGERPRINT])
def test_the_pin_is_the_model_or_the_fingerprint(tmp_path, revision):
    with endpoint.serve() as teacher:
        done = rescore_list(
            list_of(3, tmp_path), tmp_path / "ledger", rescoring=rescoring(teacher.url, revision=revision)
        )

    assert done.revision == revision


def test_a_wrong_pin_can_be_mended_while_nothing_is_scored_and_not_afterwards(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"

    with endpoint.serve() as teacher:
        with pytest.raises(EndpointError, match="revision of this list is judge-old"):
            rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision="judge-old"))
        assert rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision=endpoint.MODEL)).is_complete
        with pytest.raises(InputError, match="Two revisions are never mixed"):
            rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision="judge-old"))


def test_pairs_that_failed_set_no_revision(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.failure(500)) as teacher:
        assert rescore_list(path, ledger, rescoring=rescoring(teacher.url)).counts["failed"] == 3
        teacher.faults = lambda call: None
        with pytest.raises(EndpointError, match="revision of this list is judge-new"):
            rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision="judge-new"))


def test_a_ledger_is_for_one_list_prompt_model_and_range(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"
    other = list_of(4, tmp_path, name="other.parquet")

    with endpoint.serve() as teacher:
        rescore_list(path, ledger, rescoring=rescoring(teacher.url))
        for source, order, word in (
            (other, rescoring(teacher.url), "list"),
            (path, rescoring(teacher.url, model="another"), "model"),
            (path, rescoring(teacher.url, high=3.0), "prompt"),
        ):
            with pytest.raises(InputError, match=f"is for another {word}"):
                rescore_list(source, ledger, rescoring=order)


def test_two_runs_on_one_ledger_are_refused_with_one_message(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"

    with endpoint.serve() as teacher, locked(ledger), pytest.raises(InputError, match="Another run is re-scoring"):
        rescore_list(path, ledger, rescoring=rescoring(teacher.url))

    assert not teacher.calls


def test_two_names_of_one_ledger_share_its_lock(tmp_path):
    path, ledger, other = list_of(3, tmp_path), tmp_path / "ledger", tmp_path / "other"
    other.symlink_to(ledger)

    with endpoint.serve() as teacher, locked(ledger), pytest.raises(InputError, match="Another run is re-scoring"):
        rescore_list(path, other, rescoring=rescoring(teacher.url))

    assert not teacher.calls


def test_the_cap_in_calls_is_never_passed_over_runs(tmp_path):
    path, ledger = list_of(20, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.failure(500) if call.number % 3 == 0 else None) as teacher:
        for cap in (5, 5, 12):
            done = rescore_list(path, ledger, rescoring=rescoring(teacher.url, cap=Cap(max_calls=cap)))
            assert done.calls == len(teacher.calls) == cap
            assert done.end.kind == "cap"
        left = 20 - sum(teacher.answered.values())
        assert done.end.sentence.startswith(f"Stopped at the cap; {left} pairs are left. They take {left} calls more")


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


def test_an_endpoint_that_is_not_there_or_dies_ends_the_run_and_the_next_goes_on(tmp_path):
    path, ledger = list_of(200, tmp_path), tmp_path / "ledger"

    def dies(call):
        if call.number == 20:
            teacher.stop()

    with (
        endpoint.serve(faults=dies) as teacher,
        pytest.raises(EndpointError, match="failed 22 calls in a row, last: The endpoint cannot be reached"),
    ):
        rescore_list(path, ledger, rescoring=rescoring(teacher.url))
    with endpoint.serve() as again:
        done = rescore_list(path, ledger, rescoring=rescoring(again.url))

    assert done.is_complete
    assert sum(teacher.answered.values()) + sum(again.answered.values()) <= 200 + QUICK.concurrency


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


def test_a_cap_is_asked_for_and_one_in_money_needs_prices():
    with pytest.raises(SettingError, match="needs a cap"):
        Cap()
    with pytest.raises(SettingError, match="needs the endpoint's prices"):
        Cap(max_spend=3)
    assert FREE.max_spend is None


def test_a_file_that_is_no_ledger_is_left_alone(tmp_path):
    other = tmp_path / "ledger"
    other.write_text("Dear all,\n" * 100)

    with endpoint.serve() as teacher, pytest.raises(InputError, match="cannot be used: file is not a database"):
        rescore_list(list_of(3, tmp_path), other, rescoring=rescoring(teacher.url))

    assert other.read_text().startswith("Dear all")
