import gzip
import sqlite3
import zlib
from dataclasses import replace

import pandas as pd
import pytest

from drift_core import rescore_list
from drift_core.errors import EndpointError
from drift_core.rescoring.reply_limit import COMPRESSED, DAMAGED, MOST_BYTES, TOO_LARGE
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import QUICK, by_number, list_of, rescoring


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


def raw_answers(ledger, digest):
    """Every text that came for a pair, in the order of its calls."""
    rows = sqlite3.connect(ledger).execute(
        "SELECT answer FROM call WHERE pair_digest = ? AND answer IS NOT NULL ORDER BY id", (digest,)
    )
    return [answer for (answer,) in rows]


@pytest.mark.parametrize(
    ("second", "third"),
    [
        (endpoint.said("Well, well."), "Well, well."),
        (endpoint.refusal("No."), "No."),
        (endpoint.failure(400, "Filtered", code="content_filter"), None),
        (endpoint.failure(500), None),
    ],
    ids=["unparsed", "refused", "refused by status", "failed"],
)
def test_a_try_that_gives_no_score_leaves_the_earlier_answer_and_every_text_is_kept(tmp_path, second, third):
    path, ledger = list_of(2, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.said("Well.") if call.doc == "doc 0" else None) as teacher:
        first = rescore_list(path, ledger, rescoring=rescoring(teacher.url))
        teacher.faults = lambda call: second
        again = rescore_list(path, ledger, rescoring=rescoring(teacher.url, unparsed_again=True))

    pd.testing.assert_frame_equal(again.pairs, first.pairs)
    assert again.calls > first.calls
    assert raw_answers(ledger, first.pairs["pair_digest"].iloc[0]) == ["Well.", *([third] if third else [])]


def test_a_score_takes_the_place_of_an_unparsed_answer_whose_text_stays_in_the_ledger(tmp_path):
    path, ledger = list_of(1, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.said("Well.") if call.number == 1 else None) as teacher:
        first = rescore_list(path, ledger, rescoring=rescoring(teacher.url))
        again = rescore_list(path, ledger, rescoring=rescoring(teacher.url, unparsed_again=True))

    assert first.pairs["state_reason"].tolist() == ["No JSON with a number as score was found."]
    assert again.is_complete
    assert again.pairs["state_reason"].isna().all()
    assert raw_answers(ledger, first.pairs["pair_digest"].iloc[0]) == ["Well."]


def test_a_pair_that_failed_takes_the_next_answer_whatever_it_is(tmp_path):
    path, ledger = list_of(1, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.failure(500)) as teacher:
        assert rescore_list(path, ledger, rescoring=rescoring(teacher.url)).counts["failed"] == 1
        teacher.faults = lambda call: endpoint.said("Well.")
        done = rescore_list(path, ledger, rescoring=rescoring(teacher.url))

    assert done.pairs[["state", "answer"]].to_numpy().tolist() == [["unparsed", "Well."]]


HUGE = "x" * (MOST_BYTES + 1)


def packed(coding, pack, **more):
    return endpoint.Reply(headers={"Content-Encoding": coding}, packed=pack, **more)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (endpoint.said(HUGE), TOO_LARGE),
        (packed("gzip", gzip.compress, text=HUGE), TOO_LARGE),
        (packed("gzip", bytes), DAMAGED),
        (packed("br", bytes), COMPRESSED),
        (packed("gzip, gzip", bytes), COMPRESSED),
    ],
    ids=["large", "large when unpacked", "damaged", "brotli", "twice compressed"],
)
def test_a_reply_that_is_not_read_is_asked_for_again_until_its_pair_has_failed(tmp_path, reply, reason):
    path = list_of(3, tmp_path)

    with endpoint.serve(by_number, faults=lambda call: reply if call.doc == "doc 1" else None) as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert done.pairs["state"].tolist() == ["scored", "failed", "scored"]
    assert done.pairs["state_reason"].iloc[1] == f"4 attempts, last: {reason}"
    assert (done.calls, done.n_unknown) == (6, 4)
    assert {call.headers["accept-encoding"] for call in teacher.calls} == {"identity"}


def test_an_endpoint_of_which_no_reply_can_be_read_ends_the_run(tmp_path):
    path = list_of(100, tmp_path)

    with (
        endpoint.serve(faults=lambda call: packed("br", bytes)) as teacher,
        pytest.raises(EndpointError, match="calls in a row, last: The reply is compressed in a way"),
    ):
        rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert len(teacher.calls) < QUICK.silent_calls + QUICK.concurrency


@pytest.mark.parametrize(
    "reply",
    [
        packed("gzip", gzip.compress),
        packed("x-gzip", gzip.compress),
        packed("deflate", zlib.compress),
        packed("identity, identity", bytes),
    ],
    ids=["gzip", "x-gzip", "deflate", "identity twice"],
)
def test_an_endpoint_that_always_compresses_is_read(tmp_path, reply):
    with endpoint.serve(faults=lambda call: replace(reply, text='{"score": 0.25}')) as teacher:
        done = rescore_list(list_of(3, tmp_path), tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert done.pairs["teacher_score"].tolist() == [0.25] * 3
    assert (done.calls, done.n_unknown) == (3, 0)


@pytest.mark.parametrize(
    ("pack", "coding"),
    [(bytes, "identity"), (gzip.compress, "gzip"), (bytes, "gzip"), (bytes, "br")],
    ids=["large", "large when unpacked", "damaged", "brotli"],
)
@pytest.mark.parametrize(("status", "n_calls"), [(413, 3), (429, 4), (500, 4)])
def test_an_error_whose_text_is_not_read_counts_by_its_status(tmp_path, status, n_calls, pack, coding):
    error = replace(endpoint.failure(status, HUGE), headers={"Content-Encoding": coding}, packed=pack)

    with endpoint.serve(faults=lambda call: error if (call.doc, call.attempt) == ("doc 1", 1) else None) as teacher:
        done = rescore_list(list_of(3, tmp_path), tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert done.pairs["state"].iloc[1] == ("failed" if status == 413 else "scored")
    assert (done.calls, done.n_unknown) == (n_calls, 0 if status == 429 else 1)


def test_a_large_reply_under_the_bound_is_read(tmp_path):
    answer = " " * (MOST_BYTES // 2) + '{"score": 0.25}'

    with endpoint.serve(faults=lambda call: endpoint.Reply(text=answer)) as teacher:
        done = rescore_list(list_of(1, tmp_path), tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert done.counts["unparsed"] == 1  # of a text of that length the beginning alone is read as an answer
