"""The page Review: ways to a review, the queue, what was found, and whose review it is."""

from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from drift_core.review.draw import draw_review
from drift_core.review.exchange import export_review
from drift_core.review.pairs import GivenAnswer, ReviewSettings
from drift_core.review.review_file import create_review, open_review
from pages.components.session import visitor
from tests.drift_core.review.drawn import answered, halves, labelled
from tests.drift_core.review.test_draw import spot_list
from tests.pages.test_recent import GUEST, OWNER, keys, start_page
from tests.pages.walk import PAGES, SECONDS, opened, ran, said

N_PAIRS = 8


@pytest.fixture(autouse=True)
def recent(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(visitor, "token", lambda: OWNER)
    return tmp_path / "data" / "distillation-drift" / "recent"


@pytest.fixture
def made(tmp_path):
    """A review of eight pairs in a file."""
    drawn = draw_review(halves(labelled(80)), settings=ReviewSettings(n=N_PAIRS, floor=1))
    return create_review(drawn, tmp_path / "made.db")


def page_of():
    """The page in a new session, as after a reload."""
    return ran(AppTest.from_file(PAGES / "review.py", default_timeout=SECONDS))


def uploaded(made, name="Ada"):
    page = page_of()
    page.file_uploader("review_upload").set_value([("made.db", made.path.read_bytes(), "application/octet-stream")])
    page.button("review_open").click()
    return named(ran(page), name)


def named(page, name):
    page.text_input("review_name").set_value(name)
    page.button("review_begin").click()
    return ran(page)


def press(page, key):
    page.button(key).click()
    return ran(page)


def answer_all(page, first=1, word="first"):
    for place in range(first, N_PAIRS + 1):
        press(page, f"review_{word}_{place}")
    return page


def test_disagreements_of_the_open_samples_are_drawn_into_a_blind_queue():
    page = opened("review")
    assert "No review is open." in said(page)
    page.number_input("review_n").set_value(60)
    page = press(page, "review_draw")
    assert any("st-key-review_name input" in each.proto.body for each in page.get("html"))  # it has the keys
    page = named(page, "Ada")

    shown = said(page)
    assert "Pair 1 of 60" in shown
    assert "Above" in shown
    assert "60 pairs of 60 left to review." in shown
    assert "wrong in" not in shown


def test_a_queue_shorter_than_was_asked_for_says_why_before_it_begins():
    page = opened("review")
    page.number_input("review_n").set_value(5_000)

    assert "5,000 were asked for; teacher and student differ that far on no more" in said(press(page, "review_draw"))


def test_a_review_is_there_again_with_its_reviewer_at_the_first_pair_without_an_answer(made, recent):
    page = uploaded(made)
    press(press(page, "review_first_1"), "review_both_2")
    assert "Pair 3 of 8" in said(page)
    assert "2 answered by Ada" in said(page)

    again = page_of()

    assert "Pair 3 of 8" in said(again)
    [kept] = recent.rglob("review.db")
    assert [each.answer for each in open_review(kept).answers()] == ["first", "both"]
    assert made.answers() == ()


def test_a_review_of_another_investigation_can_be_opened_on_its_page_with_its_answers(made, monkeypatch):
    monkeypatch.setattr(st, "switch_page", lambda *_, **__: st.rerun())  # a page alone knows no other
    press(uploaded(made), "review_first_1")

    other = opened("review")
    assert "No review is open." in said(other)
    [key] = keys(other, "reopen_review-")

    assert "Pair 2 of 8" in said(press(other, key))


def test_the_page_tells_nothing_of_which_side_is_the_teacher(made, tmp_path, monkeypatch):
    pairs = tuple(replace(pair, teacher_first=not pair.teacher_first) for pair in made.draw.pairs)
    pages = [uploaded(made)]
    monkeypatch.setattr(visitor, "token", lambda: GUEST)
    pages.append(uploaded(create_review(replace(made.draw, pairs=pairs), tmp_path / "turned.db")))

    told = [(said(page), [(each.key, each.label) for each in page.button], dict(page.query_params)) for page in pages]
    assert told[0] == told[1]


def test_beside_a_pass_or_fail_a_threshold_is_asked_for_and_both_sides_are_labels():
    page = opened("review", scenario="calibration-moved")
    page.number_input("review_threshold").set_value(0.4)
    page = named(press(page, "review_draw"), "Ada")

    assert "Above" not in said(page)
    assert "**Query**" in said(page)


def test_undo_and_arrows_go_through_the_queue_and_a_note_is_kept(made):
    page = uploaded(made)
    press(press(page, "review_first_1"), "review_undo")
    assert "Pair 1 of 8** · 0 answered" in said(page)
    press(press(page, "review_next_1"), "review_take_note")
    page.text_input("review_note_2").set_value("odd <b>pair")
    page = ran(page)

    assert "Note: odd <b>pair" in said(page)
    assert "Pair 1 of 8" in said(press(page, "review_back_2"))


def test_what_was_found_is_shown_to_who_has_answered_everything_and_hidden_again_by_undo(made):
    page = uploaded(made)
    answer_all(page)
    assert "the student is wrong in" in page.header[0].value
    assert [each.key for each in page.toggle if each.key == "review_show"] == []

    press(page, "review_undo")
    assert page.header[0].value.replace("\\", "") == "1 pair of 8 left to review."
    assert "the student is wrong in" not in said(page)
    page.toggle("review_show").set_value(True)
    assert "The student is wrong in" in said(ran(page))


def test_a_second_reviewer_on_the_same_file_sees_nothing_of_the_first(made, monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(made.path.parent))
    made.answer_all(answered(made.draw, ["teacher"] * N_PAIRS))
    made.answer(GivenAnswer(place=1, reviewer="Ada", note="Ada's note"))
    page = page_of()
    page.text_input("review_path").set_value(str(made.path))
    page = named(press(page, "review_open"), "Bo")

    assert "8 pairs of 8 left to review." in said(page)
    assert not [
        word for word in ("Ada", "✓", "wrong in") if word in said(page) + str([each.label for each in page.button])
    ]
    answer_all(page)
    assert "Ada and Bo both answered 8 pairs" in said(page)
    assert len(made.answers()) == 2 * N_PAIRS


def test_a_spot_check_and_answers_from_elsewhere_go_the_same_way():
    page = page_of()
    page.file_uploader("review_list").set_value([("list.parquet", spot_list(), "application/octet-stream")])
    page.slider("review_share").set_value(20)
    page = named(press(page, "review_check"), "Ada")
    assert "10 pairs of 10 left to review." in said(page)
    page.file_uploader("review_import").set_value([("sheet.csv", b"a,b\n1,2\n", "text/csv")])
    assert "has no column pair" in press(page, "review_import_now").error[0].value


@pytest.mark.parametrize(("reviewer", "left"), [("Bo", "8 pairs of 8 left to review"), ("", "Not ready")])
def test_a_filled_in_sheet_is_imported_and_shown_at_once(made, reviewer, left):
    sheet = export_review(made, "csv")["review.csv"].decode().replace(",,,", f",neither,,{reviewer}")
    page = uploaded(made)
    page.file_uploader("review_import").set_value([("sheet.csv", sheet.encode(), "text/csv")])
    page = press(page, "review_import_now")

    assert "Read 8 answers, 8 of them new; 0 blank." in page.info[0].value
    assert left in page.header[0].value


def test_another_visitor_sees_nothing_of_it_and_the_owner_finds_it_on_the_start_page(made, monkeypatch):
    uploaded(made)
    assert len(keys(start_page(), "reopen_review-") + keys(start_page(), "delete_review-")) == 1
    monkeypatch.setattr(visitor, "token", lambda: GUEST)

    assert "No review is open." in said(page_of())
    assert keys(start_page(), "delete_") == []


def test_a_file_that_is_no_review_is_one_message():
    page = page_of()
    page.file_uploader("review_upload").set_value([("x.db", b"nothing", "application/octet-stream")])

    [message] = press(page, "review_open").error
    assert "cannot be used" in message.value


def test_a_review_of_other_samples_says_so(made):
    page = opened("review")

    page.file_uploader("review_upload").set_value([("made.db", made.path.read_bytes(), "application/octet-stream")])
    page.button("review_open").click()
    page = ran(page)

    assert "What is open here is not of the open investigation's samples." in said(page)
    assert "Review: not of these samples" in said(page)
