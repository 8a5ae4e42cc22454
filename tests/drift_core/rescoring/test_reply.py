import json
from datetime import UTC, datetime

import pytest

from drift_core.rescoring.reply import Answer, Trouble, read_failure, read_reply, read_wait
from tests.drift_core.rescoring.endpoint import completion

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_an_answer_is_read_with_who_gave_it_and_what_it_took():
    reply = read_reply(json.dumps(completion("hello", tokens=(7, 3))))

    assert isinstance(reply, Answer)
    assert (reply.text, reply.model, reply.fingerprint) == ("hello", "judge-large-2026-11", "fp_1")
    assert (reply.tokens_in, reply.tokens_out, reply.is_refusal, reply.is_cut) == (7, 3, False, False)


@pytest.mark.parametrize(
    ("content", "text"),
    [(None, ""), ([{"type": "text", "text": "a"}, {"text": "b"}, 3], "ab"), (7, ""), ({"x": 1}, "")],
)
def test_the_text_may_come_in_parts_or_not_at_all(content, text):
    assert read_reply(json.dumps(completion(content))).text == text


def test_refusals_and_cuts_are_seen():
    assert read_reply(json.dumps(completion(None, refusal="No."))).text == "No."
    assert read_reply(json.dumps(completion("", finish="content_filter"))).is_refusal
    assert read_reply(json.dumps(completion("", finish="length"))).is_cut


@pytest.mark.parametrize(
    "usage", [None, 5, {}, {"prompt_tokens": "3", "completion_tokens": -1}, {"prompt_tokens": True}]
)
def test_usage_that_is_none_is_unknown(usage):
    reply = read_reply(json.dumps(completion("x") | {"usage": usage}))

    assert (reply.tokens_in, reply.tokens_out) == (None, None)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<html>",
        '{"choices": [',
        "[]",
        "3",
        '{"choices": []}',
        '{"choices": [3]}',
        '{"choices": [{"message": 1}]}',
        "[",
    ],
)
def test_what_is_no_answer_is_tried_again_and_may_have_cost(content):
    reply = read_reply(content)

    assert isinstance(reply, Trouble)
    assert (reply.kind, reply.is_free) == ("again", False)


@pytest.mark.parametrize(
    ("status", "code", "kind", "is_free"),
    [
        (429, None, "again", True),
        (500, None, "again", False),
        (502, None, "again", False),
        (408, None, "again", False),
        (400, None, "rejected", False),
        (401, None, "endpoint", True),
        (404, None, "endpoint", True),
        (422, None, "rejected", True),
        (429, "insufficient_quota", "endpoint", True),
        (400, "content_filter", "refused", False),
        (400, "context_length_exceeded", "rejected", False),
        (413, None, "rejected", False),
    ],
)
def test_a_status_says_whether_to_ask_again(status, code, kind, is_free):
    trouble = read_failure(status, {"message": "Words.", "code": code}, {})

    assert (trouble.kind, trouble.is_free) == (kind, is_free)
    assert trouble.reason == f"The endpoint answers {status}: Words"


@pytest.mark.parametrize("body", [None, "oops", {}, {"error": "oops"}, {"error": {"message": 3}}, [1]])
def test_any_body_of_an_error_can_be_told(body):
    assert read_failure(500, body, {}).reason.startswith("The endpoint answers 500")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "nan"}, None),
    ],
)
def test_the_wait_is_read_in_every_form(headers, seconds):
    assert read_wait(headers, NOW) == seconds


def test_tokens_that_stand_in_the_total_alone_are_the_answers():
    usage = {"prompt_tokens": 21, "completion_tokens": 0, "total_tokens": 81}

    reply = read_reply(json.dumps(completion("hello") | {"usage": usage}))

    assert (reply.tokens_in, reply.tokens_out) == (21, 60)
