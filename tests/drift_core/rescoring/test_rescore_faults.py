import time
from dataclasses import replace

import pytest

from drift_core import Cap, rescore_list
from drift_core.errors import EndpointError
from drift_core.rescoring.status import read_rescored
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import QUICK, by_number, list_of, rescoring


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
    pace = replace(QUICK, timeout_seconds=3.0) if fault.seconds else QUICK

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


@pytest.mark.parametrize("status", [401, 403, 404, 307])
def test_a_refused_request_ends_the_run_at_once(tmp_path, status):
    path = list_of(40, tmp_path)

    with (
        endpoint.serve(faults=lambda call: endpoint.failure(status, "Not so."), seconds=0.02) as teacher,
        pytest.raises(EndpointError, match=rf"^The endpoint answers {status}: Not so\. Asked at http:\S+/v1\. No"),
    ):
        rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url))

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


def test_a_request_that_is_rejected_for_every_pair_ends_the_run_and_marks_none(tmp_path):
    path, ledger = list_of(40, tmp_path), tmp_path / "ledger"
    pace = replace(QUICK, concurrency=30, timeout_seconds=60.0)

    with (
        endpoint.serve(faults=lambda call: endpoint.failure(400, "Not so."), seconds=0.02) as teacher,
        pytest.raises(EndpointError, match=r"rejected \d+ calls and answered none, last: .* 400: Not so"),
    ):
        rescore_list(path, ledger, rescoring=rescoring(teacher.url, pace=pace))

    assert len(teacher.calls) <= 20
    assert read_rescored(path, ledger, rescoring=rescoring(teacher.url)).counts["pending"] == 40


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_a_pair_whose_request_is_rejected_has_failed_and_is_not_asked_again_unless_that_is_wished(tmp_path, first):
    path, ledger = list_of(30, tmp_path), tmp_path / "ledger"
    odd = {"doc 0", "doc 1"} if first else {"doc 20", "doc 21"}

    with endpoint.serve(faults=lambda c: endpoint.failure(422, "Too odd.") if c.doc in odd else None) as teacher:
        order = rescoring(teacher.url)
        done = rescore_list(path, ledger, rescoring=order)
        assert (done.counts["scored"], done.counts["failed"], done.n_rejected, done.n_left) == (28, 2, 2, 0)
        assert rescore_list(path, ledger, rescoring=order).calls == 30
        teacher.faults = lambda call: None
        assert rescore_list(path, ledger, rescoring=replace(order, rejected_again=True)).is_complete

    assert len(teacher.calls) == 32


def test_many_pairs_in_a_row_that_are_too_long_have_failed_and_the_list_is_finished(tmp_path):
    path = list_of(50, tmp_path)
    long = endpoint.failure(400, "This model's maximum context length is 8192 tokens.")

    with endpoint.serve(faults=lambda c: long if int(c.doc.split()[1]) >= 20 else None) as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert (done.counts["scored"], done.counts["failed"], done.end.kind) == (20, 30, "complete")


def test_ten_rejections_in_a_row_for_another_reason_end_the_run_and_the_next_goes_on_behind_them(tmp_path):
    path, ledger = list_of(50, tmp_path), tmp_path / "ledger"

    def breaks(call):
        return endpoint.failure(400, f"Worker {call.number} is ill.") if int(call.doc.split()[1]) >= 20 else None

    with endpoint.serve(faults=breaks) as teacher:
        order = rescoring(teacher.url, pace=replace(QUICK, concurrency=1))
        with pytest.raises(EndpointError, match=r"call after call for one reason: .* Worker 30 is ill"):
            rescore_list(path, ledger, rescoring=order)
        assert len(teacher.calls) == 30
        teacher.faults = lambda call: None
        done = rescore_list(path, ledger, rescoring=order)

    assert (done.counts["scored"], done.counts["failed"], len(teacher.calls)) == (40, 10, 50)


def test_a_last_pair_that_is_rejected_has_failed_where_the_ledger_holds_scores(tmp_path):
    path, ledger = list_of(12, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda c: endpoint.failure(400, "Odd.") if c.doc == "doc 11" else None) as teacher:
        rescore_list(path, ledger, rescoring=rescoring(teacher.url, cap=Cap(max_calls=11)))
        done = rescore_list(path, ledger, rescoring=rescoring(teacher.url))

    assert (done.counts["scored"], done.counts["failed"], done.end.kind) == (11, 1, "complete")


def test_the_name_of_the_limit_is_learned_once_and_kept_in_the_ledger(tmp_path):
    path, ledger = list_of(30, tmp_path), tmp_path / "ledger"
    refused = endpoint.failure(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")

    with endpoint.serve(faults=lambda call: refused if "max_tokens" in call.body else None, seconds=0.02) as teacher:
        order = rescoring(teacher.url, cap=Cap(max_calls=25), pace=replace(QUICK, concurrency=5))
        rescore_list(path, ledger, rescoring=order)
        n_refused = sum("max_tokens" in call.body for call in teacher.calls)
        done = rescore_list(path, ledger, rescoring=replace(order, cap=Cap(max_calls=99)))

    assert 1 <= n_refused <= 10  # those in flight, and as many that began while the first refusals were read
    assert sum("max_tokens" in call.body for call in teacher.calls) == n_refused
    assert done.is_complete
    assert len(teacher.calls) == 30 + n_refused


def test_first_answers_without_a_score_end_the_run_with_those_in_flight_counted(tmp_path):
    path, ledger = list_of(60, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.said("Well."), seconds=0.02) as teacher:
        order = rescoring(teacher.url, pace=replace(QUICK, concurrency=60))
        with pytest.raises(EndpointError, match="20 of 20 answers could not be read"):
            rescore_list(path, ledger, rescoring=order)
        with pytest.raises(EndpointError, match="20 of 20 answers"):  # and the same again asks nobody
            rescore_list(path, ledger, rescoring=order)

    assert len(teacher.calls) == 20


def test_a_score_at_first_pays_for_no_more_than_twenty_answers_in_a_row_without_one(tmp_path):
    path, ledger = list_of(60, tmp_path), tmp_path / "ledger"

    def odd(call):
        return endpoint.said("Well.") if int(call.doc.split()[1]) >= 20 else None

    with endpoint.serve(faults=odd) as teacher:
        order = rescoring(teacher.url)
        with pytest.raises(EndpointError, match="20 of 20 answers"):
            rescore_list(path, ledger, rescoring=order)
        n_calls = len(teacher.calls)
        with pytest.raises(EndpointError, match="20 of 20 answers"):
            rescore_list(path, ledger, rescoring=replace(order, unparsed_again=True))

    assert 40 <= n_calls <= 40 + 2 * QUICK.concurrency  # in each run each caller may be waiting for one more
    assert len(teacher.calls) == n_calls + 20


def test_asking_again_begins_with_the_pairs_that_nobody_was_asked_about(tmp_path):
    path, ledger = list_of(30, tmp_path), tmp_path / "ledger"

    def odd(call):
        return endpoint.said("n/a") if int(call.doc.split()[1]) < 20 else None

    with endpoint.serve(faults=odd) as teacher:
        order = rescoring(teacher.url, pace=replace(QUICK, concurrency=1))
        with pytest.raises(EndpointError, match="--try asks the next ones"):
            rescore_list(path, ledger, rescoring=order)
        with pytest.raises(EndpointError, match="20 of 20 answers"):
            rescore_list(path, ledger, rescoring=replace(order, unparsed_again=True))

    assert {call.doc for call in teacher.calls[20:30]} == {f"doc {n}" for n in range(20, 30)}
    assert read_rescored(path, ledger, rescoring=order).counts["scored"] == 10


@pytest.mark.parametrize("n_before", [0, 5], ids=["a fresh list", "a begun list"])
@pytest.mark.parametrize("name", ["temperature", "max_tokens"])
def test_an_error_that_quotes_its_pair_is_the_fault_of_that_pair(tmp_path, name, n_before):
    path, ledger = list_of(10, tmp_path), tmp_path / "ledger"
    quoted = endpoint.failure(400, f"Invalid message: unsupported text in 'what {name} is hot'.")
    odd = f"doc {n_before}"  # the first that is asked

    with endpoint.serve(faults=lambda call: quoted if call.doc == odd else None) as teacher:
        pace = replace(QUICK, concurrency=1, first_wait_seconds=0.4, longest_wait_seconds=0.4)
        order = rescoring(teacher.url, pace=pace)
        if n_before:
            rescore_list(path, ledger, rescoring=replace(order, cap=Cap(max_calls=n_before)))
        done = rescore_list(path, ledger, rescoring=order)

    assert (done.counts["scored"], done.counts["failed"], done.end.kind) == (9, 1, "complete")


def test_a_parameter_that_is_refused_in_words_ends_the_run_at_the_second_pair(tmp_path):
    path, ledger = list_of(10, tmp_path), tmp_path / "ledger"
    refused = endpoint.failure(400, "Unsupported value: 'temperature' does not support 0 with this model.")

    with endpoint.serve(faults=lambda call: refused) as teacher:
        order = rescoring(teacher.url, pace=replace(QUICK, concurrency=1))
        with pytest.raises(EndpointError, match="--temperature none"):
            rescore_list(path, ledger, rescoring=order)

    assert 2 <= len(teacher.calls) <= QUICK.attempts


def test_a_limit_that_is_refused_under_both_names_ends_the_run_with_what_the_endpoint_says(tmp_path):
    both = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."

    with endpoint.serve(faults=lambda call: endpoint.failure(400, both)) as teacher:
        order = rescoring(teacher.url, pace=replace(QUICK, concurrency=1))
        with pytest.raises(EndpointError, match=both):
            rescore_list(list_of(10, tmp_path), tmp_path / "ledger", rescoring=order)

    assert len(teacher.calls) <= 2 + QUICK.attempts
