import time
from dataclasses import replace

import pytest

from drift_core import EndpointError, rescore_list
from tests.drift_core.treatment.rescore import endpoint
from tests.drift_core.treatment.rescore.cases import QUICK, by_number, list_of, rescoring


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
