"""The kind of score is told by the values of both judges, asked where it is unclear, and taken as the user says."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift_core.errors import InputError, SettingError, UnmeasurableError
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.samples.score_kind import ScoreKind

N = 60


def frame(
    teacher: Sequence[object], student: Sequence[object] | None = None, **columns: Sequence[object]
) -> pd.DataFrame:
    """Values repeated down N rows, the student's one further on."""
    own = {"teacher": teacher, "student": [*teacher[1:], teacher[0]] if student is None else student} | columns
    repeated = {name: [values[row % len(values)] for row in range(N)] for name, values in own.items()}
    return pd.DataFrame({"query": [f"query {row}" for row in range(N)], "doc": "doc"} | repeated)


def test_what_a_failed_call_left_on_both_sides_is_no_class(tmp_path):
    answers = ["pass", "fail"] * 29
    frame([*answers, "ERROR: timeout", "pass"], [*answers, "fail", "ERROR: timeout"]).to_csv(tmp_path / "a.csv")

    read = read_pairs(tmp_path / "a.csv")
    assert (read.kind, len(read)) == (ScoreKind(name="binary", labels=("fail", "pass")), N - 2)
    assert any("ERROR: timeout" in str(problem) for problem in read.problems)


@pytest.mark.parametrize(
    ("values", "kind", "labels", "codes"),
    [
        (["yes", " NO ", "Yes"], "binary", ("NO", "Yes"), [1, 0, 1]),
        (["Pass", "FAIL"], "binary", ("FAIL", "Pass"), [1, 0]),
        (["True", "False"], "binary", ("False", "True"), [1, 0]),
        ([True, False], "binary", ("false", "true"), [1, 0]),
        ([0, 1], "binary", ("0", "1"), [0, 1]),
        (["correct", "incorrect"], "binary", ("incorrect", "correct"), [1, 0]),
        (["not_relevant", "Relevant"], "binary", ("not_relevant", "Relevant"), [0, 1]),
        (["ja", "nein"], "binary", ("nein", "ja"), [1, 0]),
        (["s\u00ed", "no"], "binary", ("no", "s\u00ed"), [1, 0]),
        ([1, 2, 3, 5], "ordinal", ("1", "2", "3", "4", "5"), [1, 2, 3, 5]),
        (["1", "2", "5"], "ordinal", ("1", "2", "3", "4", "5"), [1, 2, 5]),
        (["4/5", "3 / 5", "5/5"], "ordinal", ("3", "4", "5"), [4, 3, 5]),
        (["4 out of 5", "3 out of 5"], "ordinal", ("3", "4"), [4, 3]),
        (["80%", "75 %", "12.5%"], "numeric", (), [0.8, 0.75, 0.125]),
        (["A", "b", "D", "F"], "ordinal", ("F", "D", "B", "A"), [3, 2, 1, 0]),
        (["A-", "A", "A+"], "ordinal", ("A-", "A", "A+"), [0, 1, 2]),
        (["low", "Medium", "HIGH"], "ordinal", ("low", "medium", "high"), [0, 1, 2]),
        (["refund", "delivery", "other"], "nominal", ("delivery", "other", "refund"), [2, 0, 1]),
        (["R\u00fcckgabe", "Versand", "rückgabe"], "nominal", ("R\u00fcckgabe", "Versand"), [0, 1, 0]),
        (["\u8acb\u6c42", "\u914d\u9001"], "nominal", ("\u8acb\u6c42", "\u914d\u9001"), [0, 1]),
        (["yes", "no", "unsure"], "nominal", ("no", "unsure", "yes"), [2, 0, 1]),
        (["[[A]]", "[[B]]", "[[C]]"], "pairwise", ("A", "B", "tie"), [0, 1, 2]),
        (["A", "B", "tie"], "pairwise", ("A", "B", "tie"), [0, 1, 2]),
        (["model_a", "model_b", "both"], "pairwise", ("A", "B", "tie"), [0, 1, 2]),
        (["[[A>>B]]", "B>A", "[[A=B]]", "first", "second"], "pairwise", ("A", "B", "tie"), [0, 1, 2, 0, 1]),
        (["Assistant A wins", "Model 2 is better", "Tie"], "pairwise", ("A", "B", "tie"), [0, 1, 2]),
    ],
)
def test_the_kind_is_told_by_the_values(tmp_path, values, kind, labels, codes):
    frame(values).to_csv(tmp_path / "a.csv", index=False)
    for source in (frame(values), tmp_path / "a.csv"):
        found = read_pairs(source)

        assert found.kind.name == kind
        assert [label.casefold() for label in found.kind.labels] == [label.casefold() for label in labels]
        np.testing.assert_allclose(found.teacher[: len(codes)], codes)
        assert len(found) == N


@pytest.mark.parametrize("values", [["A", "B"], ["a", "b", "c"]])
def test_letters_that_may_be_grades_or_answers_end_in_one_question_that_two_options_settle(values):
    with pytest.raises(InputError, match=r"hold the letters A, B.*\? Choose ordinal .* or pairwise .*--kind"):
        read_pairs(frame(values))

    assert read_pairs(frame(values), kind="ordinal").kind.labels == tuple(sorted(map(str.upper, values), reverse=True))
    assert read_pairs(frame(values), kind="pairwise").teacher[: len(values)].tolist() == list(range(len(values)))


def test_the_order_taken_of_letters_is_said_and_can_be_changed():
    (problem,) = read_pairs(frame(["A", "B", "D"])).problems

    assert "lowest first: D, B, A" in problem.message
    found = read_pairs(frame(["A", "B", "D"]), kind="ordinal", labels=("A", "B", "D"))
    assert (found.teacher[:3].tolist(), found.problems) == ([0, 1, 2], ())


def test_both_may_write_one_label_differently():
    found = read_pairs(frame(["pass", "fail"], [1, 0], teacher_pinned=["yes", "no"], label=[True, False]))

    assert found.kind == ScoreKind(name="binary", labels=("fail", "pass"))
    for scores in (found.teacher, found.student, found.teacher_pinned, found.label):
        assert scores is not None
        assert scores[:2].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("teacher", "labels"),
    [(["pass", "fail"], ("fail", "pass")), ([1, 0], ("0", "1")), ([True, False], ("false", "true"))],
)
def test_a_label_beside_a_probability_is_compared_by_rank_and_said(teacher, labels):
    found = read_pairs(frame(teacher, [0.91, 0.2, 0.5]))

    assert found.kind == ScoreKind(name="probability", labels=labels)
    assert found.teacher[:2].tolist() == [1, 0]
    assert found.student[:3].tolist() == [0.91, 0.2, 0.5]
    assert "student probabilities; they are compared by the area under the curve" in found.problems[0].message


def test_words_of_ones_own_beside_a_probability_take_their_labels():
    given = frame(["off", "on"], [0.2, 0.9])

    found = read_pairs(given, kind="probability", labels=("off", "on"))

    assert found.kind == ScoreKind(name="probability", labels=("off", "on"))
    assert found.teacher[:2].tolist() == [0, 1]
    assert found.student[:2].tolist() == [0.2, 0.9]
    with pytest.raises(InputError, match="the positive one last, such as fail,pass"):
        read_pairs(given, kind="probability")
    with pytest.raises(InputError, match="the positive one last, such as fail,pass"):
        read_pairs(frame([0.1, 0.7], [0.2, 0.9]), kind="probability")


def test_numbers_beyond_1_beside_a_label_are_scores():
    found = read_pairs(frame(["pass", "fail"], [4.5, -1.25]))

    assert found.kind == ScoreKind()
    assert "the student numbers; they are compared by rank" in found.problems[0].message
    assert "let no score agree above 0.87" in found.problems[0].message


def test_values_that_are_no_label_are_counted_with_an_example_and_left_out():
    given = frame(["yes", "no"])
    given.loc[[3, 8], "teacher"] = ["perhaps", "n/a"]

    found = read_pairs(given)

    unknown, missing = found.problems
    assert (unknown.name, unknown.rows, unknown.left_out) == ("unknown_label", (4,), True)
    assert "none of 'no', 'yes'" in unknown.message
    assert "'perhaps' in row 4" in unknown.message
    assert (missing.name, missing.rows) == ("missing_score", (9,))
    assert len(found) == N - 2


def test_a_share_among_plain_numbers_is_on_no_scale_that_is_known():
    given = frame([0.25, 0.5, 0.75]).astype(object)
    given.loc[[3, 4], "teacher"] = ["4/5", "80%"]
    (problem,) = read_pairs(given).problems
    assert (problem.name, problem.rows) == ("text_score", (4, 5))

    given = frame(["80%", "75%"], [0.5, 0.25]).astype(object)
    given.loc[[3], "teacher"] = "75"
    found = read_pairs(given)
    assert set(found.teacher) == {0.8, 0.75}
    assert ("text_score", (4,)) in [(problem.name, problem.rows) for problem in found.problems]


def test_scores_out_of_several_numbers_become_shares_and_a_few_others_are_rescaled():
    assert set(read_pairs(frame(["4/5", "80%", "9/10"], [0.1, 0.2])).teacher) == {0.8, 0.9}
    given = frame(["4/5", "3/5"])
    given.loc[3, "teacher"] = "8/10"
    found = read_pairs(given)
    assert (found.kind.name, set(found.teacher)) == ("ordinal", {3.0, 4.0})


def test_a_failed_answer_beside_0_and_1_is_no_grade():
    given = frame([0, 1])
    given.loc[5, "student"] = -1

    found = read_pairs(given)

    assert (found.kind.name, len(found)) == ("binary", N - 1)
    assert "none of '0', '1' for the student score" in found.problems[0].message
    assert read_pairs(frame([0, 1, 2])).kind.name == "ordinal"


@pytest.mark.parametrize(
    ("teacher", "student"),
    [(["gpt"], ["mini"]), ([f"text {n}" for n in range(N)], None), (["x" * 90, "y" * 90], None), (["good"], ["bad x"])],
)
def test_texts_that_are_no_labels_are_refused_with_one_message(teacher, student):
    with pytest.raises(InputError, match=r"holds no number in 60 of 60 rows.*Name the column"):
        read_pairs(frame(teacher, student))


def test_a_student_with_one_answer_is_read_and_one_label_on_both_sides_is_not():
    assert set(read_pairs(frame(["yes", "no"], ["no"])).student) == {0}
    with pytest.raises(UnmeasurableError, match="give one label, 'yes', to every pair"):
        read_pairs(frame(["yes"]))
    assert set(read_pairs(frame(["yes"]), labels=("no", "yes")).teacher) == {1}


def test_the_kind_and_its_labels_are_taken_as_asked():
    assert read_pairs(frame(["no", "yes"]), kind="numeric").kind.name == "numeric"
    assert read_pairs(frame([1, 2, 3]), kind="nominal").kind.labels == ("1", "2", "3")
    assert read_pairs(frame(["clean", "toxic"]), labels=("toxic", "clean")).teacher[:2].tolist() == [1, 0]
    assert read_pairs(frame([1, 2, 6]), labels=("6", "2", "1")).teacher[:3].tolist() == [2, 1, 0]
    found = read_pairs(frame(["bad", "ok", "good", "?"], ["ok", "good"]), kind="ordinal", labels=("bad", "ok", "good"))
    assert (set(found.teacher), {problem.name for problem in found.problems}) == ({0, 1, 2}, {"unknown_label"})
    found = read_pairs(frame([1, 2, 3, 99], [2, 3]), kind="ordinal", labels=("1", "2", "3"))
    assert set(found.teacher) == {1, 2, 3}
    assert "none of '1', '2', '3' for the teacher score (column 'teacher'), such as '99'" in found.problems[0].message


@pytest.mark.parametrize(
    ("kind", "labels", "reason"),
    [
        ("grades", (), "one of numeric, ordinal, binary"),
        ("binary", ("a", "b", "c"), "take 2 labels; found 3"),
        ("numeric", ("a", "b"), "take no labels"),
        (None, ("a", "A "), "must be different texts"),
        ("nominal", ("a", ""), "none of them empty"),
        ("pairwise", ("a", "b", "c", "d"), "take 2 to 3 labels"),
    ],
)
def test_a_kind_or_labels_that_cannot_be_are_refused(kind, labels, reason):
    with pytest.raises(SettingError, match=reason):
        read_pairs(frame(["a", "b"]), kind=kind, labels=labels)


@pytest.mark.parametrize(("kind", "hint"), [("ordinal", "lowest first"), ("binary", "the positive one last")])
def test_labels_without_a_known_order_are_asked_for(kind, hint):
    with pytest.raises(
        InputError, match=rf"hold 2 different values, such as 'clean', 'toxic'\. Name the labels, {hint}"
    ):
        read_pairs(frame(["clean", "toxic"]), kind=kind)


@pytest.mark.parametrize("labels", [("refund", "delivery", "other"), ("A", "B", "tie")])
def test_words_without_a_kind_end_in_one_question_that_the_kind_settles(labels):
    with pytest.raises(SettingError, match=rf"Are {', '.join(labels)} grades, .* or classes .*--kind"):
        read_pairs(frame(labels), labels=labels)

    for kind in ("ordinal", "nominal"):
        found = read_pairs(frame(labels), kind=kind, labels=labels).kind
        assert (found.name, found.labels) == (kind, labels)


@pytest.mark.parametrize("labels", [("D", "B", "A"), ("Low", "medium", "high"), ("1", "2", "3")])
def test_known_grades_need_no_kind(labels):
    assert read_pairs(frame(labels), labels=labels).kind == ScoreKind(name="ordinal", labels=labels)


WORDS = st.sampled_from(
    ["yes", "No", " A", "b", "C", "[[A]]", "tie", "4/5", "2/5", "80%", "1", "0", "2.0", "", "n/a", "refund"]
)
ANY = st.lists(st.tuples(WORDS | st.text(max_size=4), WORDS | st.text(max_size=4)), min_size=20, max_size=26)


@settings(max_examples=75, deadline=None)
@given(rows=ANY | st.lists(st.tuples(WORDS, WORDS), min_size=20, max_size=26))
def test_any_table_of_labels_is_read_or_refused_and_no_row_is_lost_in_silence(rows):
    table = pd.DataFrame(rows, columns=["teacher", "student"]).assign(query=[f"query {n}" for n in range(len(rows))])
    try:
        found = read_pairs(table)
    except InputError:
        return

    assert len(found) + sum(problem.n_rows for problem in found.problems if problem.left_out) == len(rows)
    assert_codes_are_labels(found)


LABELS = st.lists(
    st.text("abcdefghij ", min_size=2, max_size=8).map(str.strip).filter(lambda t: len(t) > 1), min_size=2, max_size=6
)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), names=LABELS, spaces=st.booleans())
def test_a_code_stands_for_the_label_that_was_written(data, names, spaces):
    classes = sorted({" ".join(name.split()) for name in names} - {"no", "na"})
    if len(classes) < 2:
        return
    picked = st.lists(st.sampled_from(classes), min_size=40, max_size=40)
    teacher, student = data.draw(picked), data.draw(picked)
    written = [f" {text.upper()} " for text in teacher] if spaces else teacher
    table = pd.DataFrame({"query": [f"query {n}" for n in range(40)], "teacher": written, "student": student})
    table.loc[: len(classes) - 1, "student"] = classes
    table.loc[: len(classes) - 1, "teacher"] = classes

    found = read_pairs(table, kind="nominal")

    assert [found.kind.labels[int(code)].casefold() for code in found.student] == table["student"].tolist()
    assert [found.kind.labels[int(code)].casefold() for code in found.teacher] == [
        text.strip().casefold() for text in table["teacher"]
    ]


def assert_codes_are_labels(found: ScoredPairs) -> None:
    if found.kind.is_coded:
        assert set(found.teacher) | set(found.student) <= set(range(len(found.kind.labels)))
