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
