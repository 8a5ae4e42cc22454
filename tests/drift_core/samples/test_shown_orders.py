"""Both orders of a comparison are found by its two answers or by a mark, and only where they tell who was first."""

import numpy as np
import pandas as pd
import pytest

from drift_core.samples.reading import read_pairs
from drift_core.samples.shown_orders import order_columns

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
