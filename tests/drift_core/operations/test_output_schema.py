import json

import numpy as np
import pytest

from drift_core.errors import InputError
from drift_core.operations.output_schema import check_schema, learn_schema, parse_levels, parse_schema, read_schema

SCHEMA = {
    "type": "object",
    "required": ["score"],
    "properties": {"score": {"type": "number"}, "reasons": {"type": "array", "items": {"required": ["text"]}}},
}


def texts(*each):
    return np.array(each, dtype=object)


def levels(*each, schema=SCHEMA):
    return check_schema(schema).levels(texts(*each)).tolist()


def test_an_output_parses_has_the_fields_and_keeps_the_types():
    assert levels(
        '{"score": 4}', '{"score": 4.5, "more": 1}', '{"score": "4"}', '{"reason": "x"}', "[4]", "4 of 5", '{"score": 4'
    ) == [3, 3, 2, 1, 2, 0, 0]
    assert levels('{"score": 4, "reasons": [{"text": "a"}, {}]}') == [1]


def test_numbers_that_json_lacks_and_texts_beyond_its_depth_do_not_parse():
    assert parse_levels(texts('{"score": NaN}', "-Infinity", "[" * 100_000, "null", "```json\n{}\n```")).tolist() == [
        *(0, 0, 0, 1, 0)
    ]


def test_no_output_is_in_no_share():
    found = check_schema(SCHEMA).levels(texts(None, "  ", '{"score": 1}'))

    assert np.isnan(found).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"type": "objekt"}, "is no valid JSON Schema: at type, 'objekt' is not valid"),
        ([1], "expected an object, found list"),
        (
            {"$ref": "https://example.com/other.json"},
            "refers to 'https://example.com/other.json', which it does not hold",
        ),
    ],
)
def test_what_is_no_schema_is_one_message(document, message):
    with pytest.raises(InputError) as caught:
        check_schema(document)

    assert message in str(caught.value)


def test_a_reference_inside_the_schema_is_followed_and_none_beyond_it(monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("asked the network"))
    local = {"properties": {"score": {"$ref": "#/$defs/grade"}}, "$defs": {"grade": {"enum": [1, 2]}}}
    far = {"properties": {"score": {"$ref": "https://example.com/grade.json"}}}

    assert levels('{"score": 1}', '{"score": 3}', schema=local) == [3, 2]
    with pytest.raises(InputError, match="which it does not hold"):
        levels('{"score": 1}', schema=far)


def test_a_schema_that_goes_in_a_circle_is_kept_by_nothing_and_stops_nothing():
    assert levels('{"score": 1}', schema={"$ref": "#"}) == [1]


def test_a_file_is_read_or_said(tmp_path):
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "broken.json").write_text("{")

    assert read_schema(tmp_path / "schema.json").document == SCHEMA
    with pytest.raises(InputError, match=r"broken\.json is no JSON: .* Give a JSON Schema\."):
        read_schema(tmp_path / "broken.json")
    with pytest.raises(InputError, match="The schema"):
        read_schema(tmp_path / "nowhere.json")


def test_a_file_that_is_too_large_or_too_deep_is_one_message():
    with pytest.raises(InputError, match=r"big\.json has 1,000,001 bytes; a schema has at most 1,000,000"):
        parse_schema(b" " * 1_000_001, name="big.json")
    with pytest.raises(InputError, match=r"deep\.json"):
        parse_schema(b'{"not": ' * 100_000 + b"{}" + b"}" * 100_000, name="deep.json")


def test_what_nearly_all_of_the_teachers_objects_share_is_the_structure():
    outputs = ['{"score": 4, "reason": "a", "lang": "de"}'] * 150 + ['{"score": 3.5, "reason": null}'] * 49
    outputs += ['{"score": "four", "reason": "a"}']

    found = learn_schema(texts(*outputs, None, "not json"))

    assert found.is_learned
    assert found.document["required"] == ["reason", "score"]
    assert found.document["properties"] == {
        "lang": {"type": ["string"]},
        "reason": {"type": ["null", "string"]},
        "score": {"type": ["number"]},
    }
    assert found.levels(texts('{"score": true, "reason": "a"}', '{"score": 2, "reason": "a", "lang": 5}')).tolist() == [
        2,
        2,
    ]


@pytest.mark.parametrize("outputs", [["4", "5"], ["good", "bad"], [None, ""], [], ['{"a": 1}', "x", "y"]])
def test_outputs_that_are_no_objects_have_no_structure_to_learn(outputs):
    assert learn_schema(texts(*outputs)) is None
