"""Further runs of the teacher are found in columns and in pairs that come several times."""

import numpy as np
import pandas as pd
import pytest

from drift_core.samples.reading import read_pairs
from drift_core.tables.columns import assign_columns, recognise_columns
from drift_core.tables.repeats import REPEAT_ROLES, repeat_columns

N = 40


def frame(**columns: object) -> pd.DataFrame:
    plain = {
        "query": [f"query {i // 2}" for i in range(N)],
        "doc": [f"doc {i}" for i in range(N)],
        "teacher_score": [i / N for i in range(N)],
        "student": [i * i / N for i in range(N)],
    }
    return pd.DataFrame(plain | columns)


def again(rows: int, **columns: object) -> pd.DataFrame:
    """The plain frame with its first rows once more at the end, some of their values changed."""
    return pd.concat([frame(), frame()[:rows].assign(**columns)], ignore_index=True)


@pytest.mark.parametrize(
    "name",
    [
        "teacher_score_2",
        "teacher_score_repeat",
        "teacher_score_r1",
        "Teacher Score Run 3",
        "teacherScoreRerun",
        "teacher_score_repeat_2",
        "teacher_repeat",
        "teacher-score.rep2",
        "teacher_score2",
    ],
)
def test_a_column_of_a_further_run_is_recognised(name: str) -> None:
    assert repeat_columns(["doc", name], "teacher_score") == (name,)


@pytest.mark.parametrize(
    "name",
    [
        "teacher_score_pinned",
        "teacher_score_v2",
        "teacher_score_2024",
        "student_score_2",
        "teacher_score_old",
        "score_2",
    ],
)
def test_another_revision_or_scorer_is_no_further_run(name: str) -> None:
    assert repeat_columns([name], "teacher_score") == ()


def test_numbered_runs_alone_are_a_teacher_and_its_repeats() -> None:
    found = recognise_columns(["query", "student", "teacher_score_1", "teacher_score_2", "teacher_score_3"])

    assert found["teacher"] == "teacher_score_1"
    assert [found[role] for role in REPEAT_ROLES[:2]] == ["teacher_score_2", "teacher_score_3"]


def test_what_was_taken_as_a_run_is_said_and_a_choice_ends_it() -> None:
    names = ["query", "student", "judge", "judge_2"]

    assigned, (problem,) = assign_columns(names, None, "day.csv")
    unused, silent = assign_columns(names, {REPEAT_ROLES[0]: ""}, "day.csv")

    assert assigned[REPEAT_ROLES[0]] == "judge_2"
    assert problem.name == "repeated_scores"
    assert "judge_2" in problem.message
    assert REPEAT_ROLES[0] not in unused
    assert silent == ()


def test_columns_of_further_runs_are_read_with_gaps() -> None:
    second = [None, "bad"] + [0.5] * (N - 2)

    found = read_pairs(frame(teacher_score_2=second, teacher_score_3=1.0))

    assert found.teacher_repeats is not None
    assert found.teacher_repeats.shape == (N, 2)
    assert np.isnan(found.teacher_repeats).sum() == 2
    assert found.columns["teacher_repeat_2"] == "teacher_score_3"
    assert not found.teacher_repeats.flags.writeable


def test_repeats_are_part_of_the_digest_and_their_absence_changes_none() -> None:
    once, twice = read_pairs(frame()), read_pairs(frame(teacher_score_2=0.5))

    assert once.teacher_repeats is None
    assert once.digest != twice.digest
    assert read_pairs(frame(teacher_score_2=0.5).sample(frac=1, random_state=1)).digest == twice.digest


def test_rows_that_differ_only_in_the_teachers_score_serve_as_repeats_and_stay() -> None:
    given = again(4, teacher_score=[0.9, 0.8, 0.05, 0.075])

    found = read_pairs(given)

    (problem,) = found.problems
    assert (problem.name, problem.n_rows, problem.left_out) == ("repeated_pair", 4, False)
    assert len(found) == N + 4
    assert found.teacher_repeats is not None
    known = np.isfinite(found.teacher_repeats[:, 0])
    runs = {frozenset((a, b)) for a, b in zip(found.teacher[known], found.teacher_repeats[known, 0], strict=True)}
    assert runs == {frozenset((0.0, 0.9)), frozenset((1 / N, 0.8)), frozenset((2 / N,)), frozenset((3 / N,))}


def test_the_order_of_the_rows_does_not_change_what_is_a_repeat() -> None:
    given = pd.concat([again(4, teacher_score=0.9), frame()[:3].assign(teacher_score=0.3)], ignore_index=True)

    assert read_pairs(given).digest == read_pairs(given.sample(frac=1, random_state=3)).digest


def test_copies_of_one_run_are_no_repeats() -> None:
    assert read_pairs(again(10)).teacher_repeats is None


def test_without_docs_or_with_another_student_score_a_pair_is_not_the_same() -> None:
    changed = again(10, teacher_score=0.9)

    assert read_pairs(changed.drop(columns="doc")).teacher_repeats is None
    assert read_pairs(again(10, teacher_score=0.9, student=0.123)).teacher_repeats is None


def test_rows_under_one_pair_id_are_left_out_but_their_scores_serve_as_repeats() -> None:
    given = again(3, teacher_score=0.9).assign(pair_id=[*range(N), 0, 1, 2])

    found = read_pairs(given)

    (problem,) = found.problems
    assert (problem.name, problem.n_rows, problem.left_out) == ("conflicting_pair_id", 3, True)
    assert "serves as a repeat" in problem.message
    assert len(found) == N
    assert found.teacher_repeats is not None
    assert found.teacher_repeats[:3, 0].tolist() == [0.9] * 3
    assert np.isnan(found.teacher_repeats[3:]).all()
