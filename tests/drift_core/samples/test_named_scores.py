"""A score that is named holds for the files that have it."""

import pytest

from drift_core.errors import InputError
from drift_core.samples.sample_files import SampleFiles, read_samples, with_scores
from tests.drift_core.exports.export_files import EXPORTS, STUDENT, TEACHER, pairs, write

NAMED = {"teacher": TEACHER, "student": STUDENT}


@pytest.fixture
def files(tmp_path):
    rows = [f"{each['query']},{each['doc']},{each[TEACHER]},{each[STUDENT]}" for each in pairs()]
    heldout = tmp_path / "heldout.csv"
    heldout.write_text("\n".join(["query,doc,teacher_score,student_score", *rows]), encoding="utf-8")
    return {"heldout": str(heldout), "production": write(EXPORTS["langfuse"](pairs()), tmp_path / "week")}


def test_it_is_taken_of_an_export_beside_a_plain_held_out(files):
    heldout, production = read_samples(with_scores(SampleFiles(**files), NAMED))

    assert (heldout.teacher.tolist(), heldout.student.tolist()) == (
        production.teacher.tolist(),
        production.student.tolist(),
    )


def test_a_column_that_is_chosen_for_one_file_holds_there(files):
    columns = {"teacher": "student_score", "student": "teacher_score"}

    heldout, _ = read_samples(with_scores(SampleFiles(**files, heldout_columns=columns), NAMED))

    assert heldout.teacher.tolist() == [each[STUDENT] for each in pairs()]


def test_a_name_that_no_file_has_is_an_error_that_names_it(files):
    with pytest.raises(InputError, match=r"has no column 'judge_huge', named for teacher"):
        read_samples(with_scores(SampleFiles(**files), NAMED | {"teacher": "judge_huge"}))
