"""Both orders of a comparison are found by its two answers or by a mark, and only where they tell who was first."""

import numpy as np
import pandas as pd
import pytest

from drift_core.samples.reading import read_pairs
from drift_core.samples.shown_orders import order_columns
from drift_core.tables.pair_digests import digest_pairs

FORMS = {
    "texts": ["answer_a", "answer_b"],
    "numbered": ["Response 1", "Response 2"],
    "models": ["model_a", "model_b"],
    "mark": ["is_swapped"],
    "order": ["presentation_order"],
}


def comparisons(form: str, n: int = 20) -> pd.DataFrame:
    """Each comparison in both orders; the answer that is better is named by its place."""
    rows = []
    for number in range(n):
        for is_swapped in (False, True):
            answers = [f"the long answer {number}", f"the short answer {number}"]
            cells = answers[::-1] if is_swapped else answers
            if form == "mark":
                cells = [is_swapped]
            if form == "order":
                cells = ["BA" if is_swapped else "AB"]
            verdict = "B" if is_swapped ^ (number % 3 == 0) else "A"
            rows.append([f"question {number}", *cells, verdict, "tie" if number == 4 else verdict])
    return pd.DataFrame(rows, columns=["question", *FORMS[form], "winner_teacher", "winner_student"])


def read(frame: pd.DataFrame, **how):
    roles = {"teacher": "winner_teacher", "student": "winner_student"}
    return read_pairs(frame, columns=roles, kind="pairwise", **how)


@pytest.mark.parametrize("form", FORMS)
def test_both_orders_are_found_whatever_the_order_of_the_rows(form):
    frame = comparisons(form)
    for rows in (frame, frame.sample(frac=1, random_state=0)):
        found = read(rows)

        assert found.shown is not None
        assert sorted(found.shown) == list(range(40))
        couples = pd.Series(found.query).groupby(found.shown // 2).nunique()
        assert (couples == 1).all()
        said = [each.message for each in found.problems if each.name == "both_orders"]
        assert said[0].startswith("Both orders of 20 comparisons are there (by ")
        assert not any("was judged" in each.message for each in found.problems)


def test_a_comparison_in_one_order_or_of_one_answer_twice_has_no_other():
    frame = comparisons("texts").drop(index=[1])
    frame.loc[2, "answer_b"] = frame.loc[2, "answer_a"]

    shown = read(frame).shown

    assert (shown[:3] == -1).all()
    assert (shown >= 0).sum() == 36
    assert read(frame[::2]).shown is None


def test_rows_that_a_mark_cannot_tell_apart_are_no_comparison():
    frame = pd.concat([comparisons("mark")] * 2)

    assert read(frame).shown is None


def test_verdicts_that_keep_their_letters_in_both_orders_are_said_and_not_measured():
    frame = comparisons("mark")
    for side in ("winner_teacher", "winner_student"):
        frame[side] = np.where(frame.index // 2 % 3 == 0, "B", "A")

    found = read(frame)

    assert found.shown is None
    assert "A for the answer shown first" in found.problems[0].message


def test_other_kinds_and_columns_of_records_have_no_orders():
    frame = comparisons("texts").assign(winner_teacher=["pass", "fail"] * 20, winner_student=["pass", "fail"] * 20)
    assert read_pairs(frame, columns={"teacher": "winner_teacher", "student": "winner_student"}).shown is None
    nested = comparisons("texts").assign(answer_a=[[{"text": "a"}]] * 40, answer_b=[[{"text": "b"}]] * 40)
    assert read(nested).shown is None
    assert order_columns(["answer_a", "answer_b"], ["answer_b"]) == {}


def share_ids(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(pair_id=[f"comparison {row // 2}" for row in range(len(frame))])


@pytest.mark.parametrize("form", FORMS)
def test_both_orders_may_share_a_pair_id(form):
    found = read(share_ids(comparisons(form)))

    assert len(found) == 40
    assert found.shown is not None
    assert sorted(found.shown) == list(range(40))
    assert not any(each.left_out for each in found.problems)


def test_a_repeat_of_one_order_under_a_shared_id_is_left_out_alone():
    frame = share_ids(comparisons("texts"))

    found = read(pd.concat((frame, frame[:1]), ignore_index=True))

    assert len(found) == 40
    assert [each.name for each in found.problems if each.left_out] == ["duplicate_pair"]


def test_a_pair_id_tells_comparisons_that_a_mark_or_names_of_models_leave_open():
    for form in ("mark", "models"):
        frame = comparisons(form).assign(question="the only question")
        if form == "models":
            frame["model_a"], frame["model_b"] = ["large", "small"] * 20, ["small", "large"] * 20

        assert len(np.unique(read(share_ids(frame)).shown)) == 40
        unknown = read(frame)
        assert unknown.shown is None
        assert [each.name for each in unknown.problems if each.name == "unknown_orders"]


def test_rows_of_one_pair_id_without_a_column_of_orders_are_asked_about():
    frame = share_ids(comparisons("mark")).drop(columns="is_swapped")

    said = [each.message for each in read(frame).problems if each.name == "unknown_orders"]

    assert said[0].startswith("20 rows have the pair id and texts of an earlier row: ")
    assert "swapped, with yes or no" in said[0]


def test_comparisons_of_one_query_with_other_docs_are_not_merged():
    frame = comparisons("texts")
    frame[["question", "answer_a", "answer_b"]] = ["is it so", "yes", "no"]
    frame.loc[1::2, ["answer_a", "answer_b"]] = ["no", "yes"]
    frame["doc"] = [f"the paragraph {row // 2}" for row in range(40)]

    found = read(frame)
    other = read(frame.assign(doc=[f"the paragraph {row}" for row in range(40)]))

    assert sorted(found.shown) == list(range(40))
    assert (pd.Series(found.doc).groupby(found.shown // 2).nunique() == 1).all()
    assert other.shown is None
    assert [each.name for each in other.problems if each.name == "other_docs"]


def test_a_doc_that_holds_both_answers_in_the_order_shown_is_the_same_doc():
    frame = comparisons("mark")
    frame["doc"] = ["A: long B: short", "A: short B: long"] * 20

    assert sorted(read(frame).shown) == list(range(40))


def test_only_the_rows_of_a_turned_comparison_are_no_repeats_of_the_teacher():
    frame = comparisons("mark").assign(doc="a doc", winner_student="A")
    frame = pd.concat((frame[:2], frame[2::2]), ignore_index=True)  # one comparison in both orders
    again = frame[10:14].assign(winner_teacher=frame["winner_teacher"][10:14].map({"A": "B", "B": "A"}))

    found = read(pd.concat((frame, again), ignore_index=True))

    assert sorted(found.shown[found.shown >= 0]) == [0, 1]
    assert found.teacher_repeats is not None
    assert np.isfinite(found.teacher_repeats).sum() == 4
    assert np.isnan(found.teacher_repeats[:2]).all()


def test_other_answers_to_a_query_and_doc_are_no_repeats():
    frame = comparisons("texts").assign(question="the only question", doc="the only doc", winner_student="A")

    found = read(frame[::2])

    assert found.teacher_repeats is None
    assert not any(each.name == "repeated_pair" for each in found.problems)


MARKED = {
    "swapped": [False, True],
    "position": ["AB", "BA"],
    "order": ["original", "swapped"],
    "answer_position": ["A first", "B first"],
    "flipped": ["one", "two"],
}


@pytest.mark.parametrize("name", MARKED)
def test_a_mark_beside_answers_that_keep_their_columns_tells_the_order(name):
    frame = comparisons("texts")
    frame.loc[1::2, ["answer_a", "answer_b"]] = frame.loc[::2, ["answer_a", "answer_b"]].to_numpy()
    frame[name] = MARKED[name] * 20

    for rows in (frame, share_ids(frame)):
        found = read(rows)

        assert sorted(found.shown) == list(range(40))
        assert any(f"'{name}')" in each.message for each in found.problems if each.name == "both_orders")


def test_a_mark_beside_answers_that_changed_their_columns_says_the_same_again():
    found = read(comparisons("texts").assign(swapped=[False, True] * 20))

    assert sorted(found.shown) == list(range(40))


@pytest.mark.parametrize("values", [[1, 2], ["A>B", "B>A"], [False, True]])
def test_a_position_whose_values_do_not_tell_the_order_is_said_and_not_used(values):
    frame = comparisons("texts")
    frame.loc[1::2, ["answer_a", "answer_b"]] = frame.loc[::2, ["answer_a", "answer_b"]].to_numpy()

    found = read(frame.assign(position=values * 20))

    assert found.shown is None
    assert any("write AB and BA" in each.message for each in found.problems if each.name == "unread_order")


def test_a_position_that_stands_alone_is_read_by_its_values_or_not_spoken_of():
    frame = comparisons("mark").drop(columns="is_swapped")

    assert sorted(read(frame.assign(position=["AB", "BA"] * 20)).shown) == list(range(40))
    ranked = read(frame.assign(question="one question", position=[1, 2] * 20))
    assert ranked.shown is None
    assert not [each for each in ranked.problems if "order" in each.name]


@pytest.mark.parametrize("unread", ["maybe", None])
def test_a_mark_that_is_not_read_is_counted_and_leaves_the_others(unread):
    frame = share_ids(comparisons("mark"))
    frame["is_swapped"] = ["no", "yes"] * 19 + ["no", unread]
    if unread:
        frame.loc[36, "is_swapped"] = "perhaps"

    found = read(frame)

    n_unread = 2 if unread else 1
    assert (found.shown >= 0).sum() == 40 - 2 * n_unread
    said = [each for each in found.problems if each.name == "unread_order"]
    assert [each.n_rows for each in said] == [n_unread]
    assert "write yes or no" in said[0].message
    assert not [each for each in read(comparisons("mark")).problems if each.name == "unread_order"]
    assert read(frame.assign(is_swapped=[0, 1, 2, 3] * 10).drop(columns="pair_id")).shown is None


@pytest.mark.parametrize("values", [[1, 2], ["first", "second"]])
def test_a_position_that_does_not_tell_is_asked_about_where_rows_share_a_pair_id(values):
    frame = share_ids(comparisons("mark")).drop(columns="is_swapped").assign(position=values * 20)

    said = [each.message for each in read(frame).problems if each.name == "unknown_orders"]

    assert said[0].startswith("20 rows have the pair id and texts of an earlier row: ")
    assert said[0].endswith("write AB or BA in each row of column 'position', or call it swapped.")


def test_both_answers_are_the_doc_where_none_is_there_so_that_comparisons_of_one_query_are_told_apart():
    frame = comparisons("texts").assign(question="the only question")

    found = read(frame)

    assert found.doc[0].startswith("A: ")
    assert len(set(digest_pairs(found.query, found.doc))) == len(found)
    assert [each.message for each in found.problems if each.name == "joined_answers"]
    assert read(frame.assign(doc="a doc")).doc[0] == "a doc"
    assert read(comparisons("mark")).doc is None
