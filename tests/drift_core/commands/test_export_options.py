"""A diagnosis of exports: whose they are, and which of their scores are compared."""

import json

import pandas as pd
import pytest

from tests.drift_core.command_line import FAST, run
from tests.drift_core.exports.export_files import EXPORTS, STUDENT, TEACHER, pairs, scores_of, write
from tests.drift_core.retraining.cases import tiny_student

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


@pytest.mark.parametrize("command", ["plan", "canary"])
def test_other_commands_of_two_samples_take_them_too(command, files, tmp_path):
    needed = ("--history", tmp_path / "canary.db", "--teacher-revision", "t", *FAST) if command == "canary" else ()

    code, _, errors = run(command, *files, "--from", "langfuse", *SCORES, *needed)

    assert code == 0, errors


def test_without_them_the_names_are_asked_for(files):
    code, _, errors = run("diagnose", *files, *FAST)

    assert code == 2
    assert f"{TEACHER}, {STUDENT}" in " ".join(errors.split())


@pytest.mark.parametrize(("tool", "message"), [("langsmith", "no records of langsmith"), ("lang", "expects one of")])
def test_another_tool_is_told(files, tool, message):
    code, _, errors = run("diagnose", *files, "--from", tool, *SCORES, *FAST)

    assert code == 2
    assert message in " ".join(errors.split())


@pytest.mark.parametrize("tool", ["langfuse", "openinference", "langsmith", "promptfoo"])
def test_a_week_is_drawn_from_an_export_with_its_scores_named_for_the_canary(tool, tmp_path):
    given = pairs(60)
    out = tmp_path / "week.parquet"

    code, _, errors = run(
        *("sample", write(EXPORTS[tool](given), tmp_path / "log"), "--n", "60", "--embedder", "hashing"),
        *("--out", out, "--no-cache", *SCORES),
    )

    assert code == 0, errors
    week = pd.read_parquet(out)
    assert len(week) == 60
    assert sorted(week["teacher_score"].astype(float)) == pytest.approx(
        sorted(dict(scores_of(p))[TEACHER] for p in given)
    )
    assert sorted(week["student_score"].astype(float)) == pytest.approx(
        sorted(dict(scores_of(p))[STUDENT] for p in given)
    )
    assert set(week["query"]) == {pair["query"] for pair in given}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--teacher-score", "nobody"], "has no score 'nobody'"),
        (["--from", "ragas"], "no records of ragas"),
        (["--teacher-score", TEACHER, "--student-score", TEACHER], "teacher and student are both"),
    ],
)
def test_what_an_export_does_not_have_is_said_by_sample(files, tmp_path, words, message):
    code, _, errors = run("sample", files[0], "--n", "20", "--embedder", "hashing", "--out", tmp_path / "w.csv", *words)

    assert code == 2
    assert message in " ".join(errors.split())
    assert "about files" in run("sample", "--print-sql", "trino", "--table", "t", "--n", "9", *SCORES)[2]


def test_the_pairs_of_an_export_are_scored_by_a_student(files, tmp_path):
    out = tmp_path / "scored.parquet"

    code, _, errors = run(
        "score", files[0], "--student", tiny_student(tmp_path / "s"), "--out", out, "--no-cache", *SCORES[:2]
    )

    assert code == 0, errors
    scored = pd.read_parquet(out)
    assert len(scored) == 30
    assert scored["student_score"].notna().all()
    assert scored["teacher_score"].notna().all()
