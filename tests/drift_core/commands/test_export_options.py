"""A diagnosis of exports: whose they are, and which of their scores are compared."""

import json

import pytest

from tests.drift_core.command_line import FAST, run
from tests.drift_core.exports.export_files import EXPORTS, STUDENT, TEACHER, pairs, write

SCORES = ("--teacher-score", TEACHER, "--student-score", STUDENT)


@pytest.fixture
def files(tmp_path):
    given = pairs(60)
    return [
        write(EXPORTS["langfuse"](part), tmp_path / name)
        for name, part in (("heldout", given[:30]), ("production", given[30:]))
    ]


def test_scores_are_chosen_by_their_names_in_the_export(files, tmp_path):
    target = tmp_path / "diagnosis.json"

    code, _, errors = run("diagnose", *files, "--from", "langfuse", *SCORES, *FAST, "--json", target)

    assert code in (0, 3), errors
    inputs = json.loads(target.read_text())["inputs"]
    assert [inputs[side]["n_pairs"] for side in ("heldout", "production")] == [30, 30]
    assert inputs["heldout"]["columns"] | {"teacher": TEACHER, "student": STUDENT} == inputs["heldout"]["columns"]
    assert "was read as an export, 30 observations" in inputs["heldout"]["problems"][0]


def test_without_them_the_names_are_asked_for(files):
    code, _, errors = run("diagnose", *files, *FAST)

    assert code == 2
    assert f"{TEACHER}, {STUDENT}" in " ".join(errors.split())


@pytest.mark.parametrize(("tool", "message"), [("langsmith", "no records of langsmith"), ("lang", "expects one of")])
def test_another_tool_is_told(files, tool, message):
    code, _, errors = run("diagnose", *files, "--from", tool, *SCORES, *FAST)

    assert code == 2
    assert message in " ".join(errors.split())
