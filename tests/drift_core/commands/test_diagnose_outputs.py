"""Outputs of teacher and student by the command: their columns, a schema, and what is written of them."""

import json

import pytest

from tests.drift_core.command_line import run
from tests.drift_core.comparison.two_students import frame

WHOLE, BROKEN = '{"score": 4}', '{"score": 4'


@pytest.fixture
def files(tmp_path):
    before = frame(120).assign(teacher_output=WHOLE, raw=WHOLE)
    after = frame(120).assign(teacher_output=WHOLE, raw=[WHOLE, BROKEN] * 60)
    after["query"] += " again"
    for name, table in (("heldout", before), ("production", after)):
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path / "heldout.csv", tmp_path / "production.csv"


def diagnose(files, *more):
    return run("diagnose", *files, "--embedder", "hashing", "--no-cache", "--column", "student_output=raw", *more)


def test_outputs_are_held_against_the_schema_in_words_and_in_the_json(files, tmp_path):
    (tmp_path / "schema.json").write_text(json.dumps({"required": ["reason"]}))

    _, shown, _ = diagnose(files, "--output-schema", tmp_path / "schema.json", "--json", tmp_path / "d.json")

    written = json.loads((tmp_path / "d.json").read_text())
    assert f"Outputs: {written['outputs']['sentence']}" in shown
    assert written["outputs"]["schema"] == {"required": ["reason"]}
    assert written["outputs"]["finding"] is None


def test_outputs_that_lost_their_structure_are_a_finding(files, tmp_path):
    _, shown, _ = diagnose(files, "--json", tmp_path / "d.json")

    written = json.loads((tmp_path / "d.json").read_text())
    assert "structure_lost" in written["findings"]
    assert f"Finding: {written['outputs']['finding']}" in shown


@pytest.mark.parametrize(
    ("content", "message"), [(None, "The schema"), ("{", "is no JSON"), ("[]", "is no JSON Schema")]
)
def test_a_schema_that_cannot_be_used_is_one_message_before_any_work(files, tmp_path, content, message):
    if content is not None:
        (tmp_path / "schema.json").write_text(content)

    code, shown, said = diagnose(files, "--output-schema", tmp_path / "schema.json")

    assert (code, shown) == (2, "")
    assert message in said
    assert len(said.splitlines()) == 1
