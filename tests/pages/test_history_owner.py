"""A history, a card, a comparison and a review belong to the investigation in which they were opened."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.session import visitor
from tests.drift_core.comparison.two_students import frame
from tests.pages.test_comparison_page import as_csv, with_files
from tests.pages.test_recent import OWNER, keys
from tests.pages.walk import PAGES, SECONDS, opened, ran, said

CARD = b"student: {version: ranker-7}\nfloors: {agreement: 0.60}\n"


@pytest.fixture(autouse=True)
def recent(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(visitor, "token", lambda: OWNER)


def with_card(page, content=CARD):
    page.file_uploader("card_upload").set_value([("mine.yaml", content, "application/yaml")])
    return ran(page)


def in_the_sidebar(page):
    return "\n".join(each.value for each in (*page.sidebar.caption, *page.sidebar.markdown)).replace("\\", "")


def to(page, scenario):
    page.button(f"foot_{scenario}").click()
    return ran(page)


def test_a_card_counts_and_is_named_in_its_investigation_and_in_no_other():
    page = with_card(opened("card"))
    assert "With it: mine.yaml" in in_the_sidebar(page)

    other = to(page, "teacher-drift")

    assert "No judge card is open." in said(other)
    assert "mine.yaml" not in in_the_sidebar(other)
    back = to(other, "query-drift")
    assert "With it: mine.yaml" in in_the_sidebar(back)


def test_a_new_session_opens_the_card_of_its_investigation_alone():
    with_card(opened("card"))

    assert "With it: mine.yaml" in in_the_sidebar(opened("card"))
    assert "No judge card is open." in said(opened("card", scenario="teacher-drift"))


def test_a_card_that_was_opened_first_comes_with_the_investigation_that_follows_and_no_further():
    page = AppTest.from_file(PAGES / "card.py", default_timeout=SECONDS)
    page = with_card(ran(page))

    first = to(page, "query-drift")
    assert "With it: mine.yaml" in in_the_sidebar(first)

    assert "No judge card is open." in said(to(first, "teacher-drift"))


def test_a_comparison_of_another_investigation_can_be_opened_on_its_page(monkeypatch):
    monkeypatch.setattr(st, "switch_page", lambda *_, **__: st.rerun())  # a page alone knows no other
    files = {name: as_csv(frame()) for name in ("frozen", "fresh")}
    with_files(opened("comparison", scenario="teacher-drift"), **files)

    other = opened("comparison")
    assert "No comparison is open." in said(other)
    [key] = keys(other, "reopen_comparison-")
    other.button(key).click()

    assert "No comparison is open." not in said(ran(other))
    assert "No comparison is open." not in said(opened("comparison"))


def test_a_comparison_is_no_part_of_the_example_of_a_gate():
    files = {name: as_csv(frame()) for name in ("frozen", "fresh")}
    with_files(opened("comparison", scenario="teacher-drift"), **files)
    gate = opened("gate", scenario="teacher-drift")
    assert "a comparison" in in_the_sidebar(gate)

    gate.button("gate_open_scenario").click()
    gate = ran(gate)

    assert "Inconclusive: agreement may be below its floor" in said(gate)
    assert "comparison cannot be used" not in said(gate)
    assert "No investigation is open." in in_the_sidebar(gate)


def test_a_history_named_by_the_address_stays_with_its_investigation():
    page = opened("canary", history="canary")

    other = to(page, "teacher-drift")

    assert "A year of canaries" not in in_the_sidebar(other)
    assert "A year of canaries" in in_the_sidebar(to(other, "query-drift"))


def test_a_floor_that_nobody_has_set_decides_nothing():
    verdict = opened("verdict", scenario="pass-or-fail", n_clusters=6)
    assert "Keep the student" not in said(verdict)

    with_card(opened("card", scenario="pass-or-fail"), b"student: {version: ranker-7}\n")

    assert in_the_sidebar(page := opened("verdict", scenario="pass-or-fail", n_clusters=6)).count("mine.yaml")
    assert [each for each in said(page).splitlines() if "floor" in each] == [
        each for each in said(verdict).splitlines() if "floor" in each
    ]
