"""Columns are recognised by common names, and few-valued columns are offered as slices."""

import pyarrow as pa
import pytest

from drift_core.errors import InputError
from drift_core.tables.columns import assign_columns, recognise_columns, slice_candidates
from drift_core.tables.roles import ROLES

FILE = "day.csv"


@pytest.mark.parametrize("name", ["Teacher Score", "TEACHER-SCORE", "teacher_score", "teacherScore", "teacher.score"])
def test_case_and_separators_do_not_count(name: str) -> None:
    assert recognise_columns([name]) == {"teacher": name}


def test_every_known_name_leads_to_one_role() -> None:
    for role, entry in ROLES.items():
        for name in entry.names:
            assert recognise_columns([name]) == {role: name}


def test_an_identifier_of_docs_is_no_pair_id() -> None:
    assert recognise_columns(["doc_id", "docid", "document_id"]) == {}


def test_the_more_specific_name_wins_and_the_choice_is_said() -> None:
    names = ["judge", "query", "student", "teacher_score"]

    assigned, (problem,) = assign_columns(names, None, FILE)

    assert assigned["teacher"] == "teacher_score"
    assert problem.name == "ambiguous_column"
    assert "'teacher_score'" in problem.message
    assert "judge" in problem.message


def test_a_chosen_column_ends_the_doubt() -> None:
    assigned, problems = assign_columns(["judge", "query", "student", "teacher"], {"teacher": "judge"}, FILE)

    assert assigned["teacher"] == "judge"
    assert problems == ()


def test_all_missing_columns_are_named_in_one_message() -> None:
    with pytest.raises(InputError) as caught:
        assign_columns(["query", "big", "small"], None, FILE)

    message = str(caught.value)
    assert "day.csv has no column for teacher and student" in message
    assert "query, big, small" in message
    assert "judge_score" in message
    assert "student=COLUMN, or diagnose's --teacher-score and --student-score. Names" in message


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"teacher": "nope"}, "no column 'nope', named for teacher.* 'teacher' is taken for teacher by its name"),
        ({"teacher": "s", "student": "s"}, "named for teacher and student"),
        ({"teacher": "s", "market": "s"}, "named for teacher and market"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(chosen: dict[str, str], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        assign_columns(["query", "teacher", "s"], chosen, FILE)


def test_a_misspelled_role_is_named_where_its_column_is_missing() -> None:
    with pytest.raises(InputError, match=r"no column for teacher\..* slice, as it is no role: tutor\."):
        assign_columns(["query", "teacher", "student"], {"tutor": "teacher"}, FILE)


def test_a_name_inside_another_column_is_told_to_be_flattened() -> None:
    with pytest.raises(InputError, match=r"no column 'request\.query'.*are not read: flatten them"):
        assign_columns(("id", "request", "judge"), {"query": "request.query"}, label="day.jsonl")
    with pytest.raises(InputError, match=r"It has: id, request\. 'request' is taken for query by its name: .* For one"):
        assign_columns(("id", "request"), {"query": "other.query"}, label="day.jsonl")


def test_a_verdict_alone_is_the_teachers_and_that_is_said() -> None:
    assigned, (problem,) = assign_columns(["query", "verdict", "student_prob"], None, FILE)
    beside, (other,) = assign_columns(["query", "score", "verdict", "p_pass"], None, FILE)

    assert (assigned["teacher"], assigned["student"]) == ("verdict", "student_prob")
    assert "'verdict' was taken for teacher, by its name alone" in problem.message
    assert (beside["teacher"], beside["student"]) == ("score", "p_pass")
    assert "verdict would fit too" in other.message


def test_a_missing_column_is_told_with_a_few_usual_names() -> None:
    with pytest.raises(InputError) as caught:
        assign_columns(["a"], {}, FILE)

    assert len(str(caught.value)) < 500
    assert "student_score, student_verdict, student, student_probability." in str(caught.value)


def test_every_missing_column_has_its_option_before_the_known_names() -> None:
    with pytest.raises(InputError, match=r"with --column teacher=COLUMN --column student=COLUMN, or diagnose's"):
        assign_columns(("query",), {}, label="day.csv")


def test_odd_names_do_not_spoil_the_message() -> None:
    with pytest.raises(InputError) as caught:
        assign_columns(["x" * 500, "a\nb", " "] + [f"c{i}" for i in range(100)], None, FILE)

    assert len(str(caught.value)) < 2_000
    assert "\n" not in str(caught.value)
    assert "and 73 more" in str(caught.value)


def test_few_valued_text_boolean_and_category_columns_are_offered() -> None:
    table = pa.table(
        {
            "query": ["q"] * 100,
            "surface": ["web", "app", None, ""] * 25,
            "paid": [True, False] * 50,
            "market": pa.array(["de", "fr"] * 50).dictionary_encode(),
            "count": [1, 2] * 50,
            "number as text": ["1", "2,5"] * 50,
            "day": ["2026-06-12", "2026-06-13T10:00:00Z"] * 50,
            "written day": ["1.12.2026", "02/12/2026"] * 50,
            "one value": ["x"] * 100,
            "too many": [str(i // 9) + "x" for i in range(100)],
            "long": ["a" * 70, "b" * 70] * 50,
            "list": [["a"], ["b"]] * 50,
        }
    )

    assert slice_candidates(table, {"query": "query"}) == ("surface", "paid", "market")
    assert slice_candidates(table, {"query": "query", "label": "paid"}) == ("surface", "market")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("user_input", "query"),
        ("input", "query"),
        ("reranker.query", "query"),
        ("actualOutput", "doc"),
        ("translation", "doc"),
        ("summary", "doc"),
    ],
)
def test_names_of_common_exports_are_recognised(name: str, role: str) -> None:
    assert recognise_columns([name]) == {role: name}


@pytest.mark.parametrize("other", ["teacher_score", "bm25_score", "rating"])
def test_a_column_score_is_the_teachers_only_where_no_other_competes(other: str) -> None:
    names = ["query", "score", "student_score"]

    assigned, problems = assign_columns(names, None, FILE)

    assert assigned["teacher"] == "score"
    assert [problem.name for problem in problems] == ["ambiguous_column"]
    assert recognise_columns([*names, other]).get("teacher") == (other if other == "teacher_score" else None)


@pytest.mark.parametrize(
    ("teacher", "student"),
    [
        ("judge_verdict", "student_verdict"),
        ("judge_grade", "student_grade"),
        ("judge_label", "student_label"),
        ("teacher_rating", "student_rating"),
        ("gpt_judge", "small_judge"),
    ],
)
def test_judges_of_labels_are_recognised_beside_a_human_label(teacher: str, student: str) -> None:
    assert recognise_columns(["label", teacher, student]) == {"teacher": teacher, "student": student, "label": "label"}


@pytest.mark.parametrize("name", ["Urteil_pinned", "pinned_urteil", "URTEIL old"])
def test_the_pinned_column_is_recognised_by_the_teachers(name: str) -> None:
    names, chosen = ["query", "Urteil", name, "student"], {"teacher": "Urteil"}

    assert assign_columns(names, chosen, FILE)[0]["teacher_pinned"] == name
    assert "teacher_pinned" not in assign_columns(names, chosen | {"teacher_pinned": ""}, FILE)[0]
    assert "teacher_pinned" not in assign_columns(names, chosen | {"before": name}, FILE)[0]
    assert assign_columns([*names, "pinned"], chosen, FILE)[0]["teacher_pinned"] == "pinned"


def test_the_pinned_column_is_recognised_by_a_recognised_teacher_too() -> None:
    assert recognise_columns(["judge_grade", "judge_grade_pinned"])["teacher_pinned"] == "judge_grade_pinned"


def test_a_column_that_one_file_lacks_is_told_to_be_named_for_the_other_alone() -> None:
    with pytest.raises(InputError, match=r"no column 'v1', .*alone: --column production\.teacher_pinned=v1\.$"):
        assign_columns(["query", "teacher", "student"], {"teacher_pinned": "v1"}, FILE)


def test_a_column_that_only_one_of_two_files_has_is_to_be_named_for_that_one():
    for names, chosen, option in (
        (["frage", "judge", "student"], {}, "production.query=COLUMN"),
        (["query", "judge", "student"], {"query": "search_phrase"}, "production.query=search_phrase"),
    ):
        with pytest.raises(InputError) as caught:
            assign_columns(names, chosen, "p.csv")
        assert f"For one file alone: --column {option}." in str(caught.value)
