"""Texts are found where libraries of models write them."""

import json

import pytest

from drift_core.exports.values import text_of


def lc(name, text, **more):
    id_of_class = ["langchain", "schema", "messages", f"{name}Message"]
    return {"lc": 1, "type": "constructor", "id": id_of_class, "kwargs": {"content": text, **more}}


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        (
            {"messages": [[lc("System", "be kind"), lc("Human", "q")]]},
            {"generations": [[{"text": "d", "message": {}}]]},
        ),
        (
            {"messages": [lc("Human", "q", type="human")], "model": "m"},
            {"generations": [[{"text": "", "message": lc("AI", "d")}]], "run": None},
        ),
        ({"messages": [{"type": "human", "content": "q"}]}, {"messages": [{"type": "ai", "content": "d"}]}),
        (
            {"messages": [{"role": "user", "content": "q"}]},
            {"id": "x", "choices": [{"index": 0, "message": {"role": "assistant", "content": "d"}}], "model": "m"},
        ),
    ],
)
def test_what_models_were_asked_and_answered_is_read_as_their_libraries_write_it(inputs, outputs):
    assert (text_of(inputs, "query"), text_of(json.dumps(outputs), "doc")) == ("q", "d")


def test_several_answers_and_parts_that_are_no_message_stay_json():
    for value in ({"choices": [{"text": "a"}, {"text": "b"}], "n": 2}, [{"type": "image", "content": "x"}]):
        assert json.loads(text_of(value, "doc")) == value


def test_a_field_that_is_named_like_the_role_comes_before_a_models_answer_which_is_a_docs_alone():
    asked = {"query": "what is x", "generations": [{"text": "x is y"}]}
    assert (text_of(asked, "query"), text_of(asked, "doc")) == ("what is x", "x is y")
    assert text_of({"query": "q", "doc": "d", "choices": [{"text": "other"}]}, "doc") == "d"
    assert json.loads(text_of({"choices": [{"text": "a"}], "model": "m"}, "query"))["model"] == "m"


@pytest.mark.parametrize("answer", [lc("AI", "d", type="AIMessageChunk"), {"type": "AIMessageChunk", "content": "d"}])
def test_a_message_that_was_streamed_is_a_message(answer):
    asked = lc("Human", "q") | {"id": ["langchain", "HumanMessageChunk"]}
    assert [text_of([asked, answer], side) for side in ("query", "doc")] == ["q", "d"]


def test_calls_of_functions_are_no_text():
    call = {"type": "function_call", "name": "look", "arguments": "{}"}
    turns = [{"role": "user", "content": "q"}, call, {"role": "assistant", "content": [{"text": "d"}]}]
    assert [text_of(turns, side) for side in ("query", "doc")] == ["q", "d"]
    assert [text_of(turns[:2], side) for side in ("query", "doc")] == ["q", None]
    silent = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    assert text_of({"choices": [{"index": 0, "message": silent}], "model": "m"}, "doc") is None
    assert text_of([silent], "doc") is None
