"""A run that never reaches its endpoint says so, and changes nothing that is known of a pair."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from drift_core import rescore_list
from drift_core.errors import EndpointError
from drift_core.rescoring.result import rescored_files
from drift_core.rescoring.status import read_rescored
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import QUICK, list_of, rescoring


@pytest.fixture
def nowhere():
    """An address where nothing listens."""
    with endpoint.serve() as teacher:
        return teacher.url


def test_pairs_asked_in_vain_stay_as_they_were_and_the_address_is_not_the_teachers(tmp_path, nowhere):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"
    with endpoint.serve(faults=lambda call: endpoint.said("Well.") if call.number == 1 else None) as teacher:
        before = rescore_list(path, ledger, rescoring=rescoring(teacher.url))
    order = rescoring(nowhere, unparsed_again=True)

    with pytest.raises(EndpointError) as caught:
        rescore_list(path, ledger, rescoring=order)

    after = read_rescored(path, ledger, rescoring=order, fault=caught.value)
    record = json.loads(rescored_files(after)["rescored.json"])
    assert str(caught.value) == (
        f"The endpoint cannot be reached: {nowhere}. What was scored is kept. "
        "Run it again to go on; another endpoint (--endpoint) may go on too."
    )
    pd.testing.assert_frame_equal(after.pairs, before.pairs)
    assert (after.counts["unparsed"], after.counts["failed"]) == (1, 0)
    assert record["teacher"]["endpoint"] == teacher.url
    assert record["end"] == {"kind": "endpoint", "sentence": str(caught.value)}
    assert [(run["endpoint"], run["calls"], run["answers"]) for run in record["runs"]] == [
        (teacher.url, 3, 3),
        (nowhere, 0, 0),
    ]


@pytest.mark.parametrize("attempts", [1, 3])
def test_a_list_that_was_never_scored_stays_to_be_asked(tmp_path, nowhere, attempts):
    path, ledger = list_of(2, tmp_path), tmp_path / "ledger"
    order = rescoring(nowhere, pace=replace(QUICK, attempts=attempts))

    with pytest.raises(EndpointError, match=r"^The endpoint cannot be reached: \S+/v1\. Nothing is scored yet\. Run "):
        rescore_list(path, ledger, rescoring=order)

    found = read_rescored(path, ledger, rescoring=order)
    assert (found.counts["pending"], found.calls, found.endpoint) == (2, 0, None)


def test_a_pair_given_up_before_the_endpoint_came_up_has_failed_once_it_is_reached(tmp_path, monkeypatch):
    from drift_core.rescoring.client import Caller
    from drift_core.rescoring.reply import Trouble

    ask, texts = Caller.ask, []

    async def late(self, text):
        texts.append(text)
        if len(texts) == 1:
            return Trouble(kind="again", reason="No connection.", is_free=True, is_silence=True, was_sent=False)
        return await ask(self, text)

    monkeypatch.setattr(Caller, "ask", late)
    pace = replace(QUICK, attempts=1, concurrency=1)
    with endpoint.serve() as teacher:
        done = rescore_list(list_of(3, tmp_path), tmp_path / "ledger", rescoring=rescoring(teacher.url, pace=pace))

    assert done.pairs["state"].tolist() == ["failed", "scored", "scored"]
    assert (done.end.kind, done.endpoint) == ("complete", teacher.url)


def test_all_addresses_that_answered_are_the_teachers(tmp_path):
    path, ledger = list_of(4, tmp_path), tmp_path / "ledger"
    slow = replace(QUICK, concurrency=1)

    with (
        endpoint.serve(faults=lambda call: endpoint.failure(401, "No.") if call.number == 3 else None) as first,
        pytest.raises(EndpointError, match="What was scored is kept"),
    ):
        rescore_list(path, ledger, rescoring=rescoring(first.url, pace=slow))
    with endpoint.serve() as second:
        done = rescore_list(path, ledger, rescoring=rescoring(second.url))

    assert done.endpoint == f"{first.url}, {second.url}"
