"""A history, a card, a comparison and a review belong to the investigation in which they were opened."""

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.canary import history_owner
from pages.components.session import visitor
from tests.drift_core.comparison import two_students
from tests.pages.test_comparison_page import as_csv, with_files
from tests.pages.test_recent import OWNER, keys
from tests.pages.uploads import frame, samples_page, upload
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
    files = {name: as_csv(two_students.frame()) for name in ("frozen", "fresh")}
    with_files(opened("comparison", scenario="teacher-drift"), **files)

    other = opened("comparison")
    assert "No comparison is open." in said(other)
    [key] = keys(other, "reopen_comparison-")
    other.button(key).click()

    assert "No comparison is open." not in said(ran(other))
    assert "No comparison is open." not in said(opened("comparison"))


def test_the_names_that_are_typed_for_one_comparison_do_not_stand_at_another():
    page = with_files(opened("comparison"), frozen=as_csv(two_students.frame(60)))
    page = with_files(to(page, "teacher-drift"), frozen=as_csv(two_students.frame(80)))
    [before] = [each for each in page.text_input if each.label == "Student before"]
    before.set_value("ranker-1")

    other = to(ran(page), "query-drift")

    assert [each.value for each in other.text_input if each.label == "Student before"] == [""]


def test_a_comparison_is_no_part_of_the_example_of_a_gate():
    files = {name: as_csv(two_students.frame()) for name in ("frozen", "fresh")}
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


def begun_card(page, version):
    """The card of the open investigation, begun from the template, with this version of the student typed and kept."""
    page.button("card_begin").click()
    ran(page)
    version_of(page).set_value(version)
    page.button("card_keep").click()
    return ran(page)


def version_of(page):
    [field] = [each for each in page.text_input if each.label.startswith("Version, as recorded")]
    return field


def test_the_form_of_a_card_shows_and_keeps_what_its_own_card_holds():
    page = begun_card(opened("card"), "A-student")
    page = begun_card(to(page, "teacher-drift"), "B-student")

    back = to(page, "query-drift")

    assert version_of(back).value == "A-student"
    back.button("card_keep").click()
    assert "A-student" in ran(back).code[0].value


def edited_in_two_investigations():
    def script():
        import streamlit as st

        from pages.components.card import card_open
        from pages.components.session import documents, visitor_store

        visitor_store.enter("A")
        card_open.begin()
        card_open.edit({"student.version": "from-A"})
        token = documents.token("card")
        visitor_store.enter("B")
        card_open.reopen(*documents.found())
        card_open.edit({"teacher.model": "from-B"})
        visitor_store.enter("A")
        card_open.edit({"student.version": "again-from-A"})
        st.text(str(card_open.current()))
        visitor_store.enter("B")
        assert documents.token("card") == token
        st.text(card_open.current().content.decode())
        [found] = documents.found()
        st.text(found.kept.of)

    return [each.value for each in ran(AppTest.from_function(script, default_timeout=SECONDS)).text]


def test_a_card_that_is_opened_in_another_investigation_moves_there():
    in_the_first, content, of = edited_in_two_investigations()

    assert in_the_first == "None"
    assert "from-A" in content
    assert "from-B" in content
    assert of == "B"


def test_two_tabs_of_one_card_keep_the_fields_that_each_has_changed():
    first = begun_card(opened("card"), "from-one")
    second = opened("card")
    [model] = [each for each in second.text_input if each.label == "Teacher"]
    model.set_value("from-two")
    second.button("card_keep").click()
    ran(second)

    version_of(first).set_value("from-one-again")
    first.button("card_keep").click()
    ran(first)

    assert "from-two" in first.code[0].value
    assert "from-one-again" in first.code[0].value
    [model] = [each for each in first.text_input if each.label == "Teacher"]
    assert model.value == "from-two"


def with_address(page, **said):
    """The page once the browser has gone to an address, as Back and Forward do."""
    page.query_params.clear()
    for key, value in said.items():
        page.query_params[key] = value
    return ran(page)


def test_going_back_and_forward_opens_no_history_in_another_investigation():
    page = opened("canary", history="canary")
    to(page, "teacher-drift")
    with_address(page, scenario="query-drift", history="canary")
    assert "A year of canaries" in in_the_sidebar(page)

    back = with_address(page, scenario="teacher-drift")

    assert "A year of canaries" not in in_the_sidebar(back)
    with_address(back, scenario="query-drift", history="canary")
    assert "A year of canaries" not in in_the_sidebar(with_address(back, scenario="teacher-drift"))


def pairs_of(seed, *, has_odd=True):
    """Pairs of one query each; in one of eight the teacher's score is another than usual."""
    pairs = frame(seed, n=400)
    pairs["q"] = [f"question {number} of {seed}" for number in range(len(pairs))]
    if has_odd:
        pairs.loc[::8, "judge"] = -1.0
    return pairs


def test_what_belongs_to_a_held_out_stays_where_another_production_sets_pairs_of_it_aside():
    page = upload(upload(samples_page(), "heldout", pairs_of(1)), "production", pairs_of(2))
    page = with_card(ran(page.switch_page("pages/card.py")))
    assert "Held-out: pairs.csv, 400 pairs" in in_the_sidebar(page)

    page = ran(page.switch_page("pages/canary.py"))
    [uploader] = [each for each in page.file_uploader if each.key.startswith("canary_next_")]
    uploader.set_value(("week.csv", pairs_of(3, has_odd=False).to_csv(index=False).encode(), "text/csv"))
    ran(page)

    assert "Held-out: pairs.csv, 350 pairs" in in_the_sidebar(page)
    assert "With it: mine.yaml" in in_the_sidebar(page)


@pytest.mark.parametrize(("version", "is_its"), [("ranker-7", True), ("ranker-8", False), ("ranker-9", True)])
def test_in_a_history_of_several_students_a_card_goes_by_the_weeks_of_its_own(monkeypatch, version, is_its):
    its, others = (SimpleNamespace(digest=digest) for digest in ("its", "others"))
    runs = [
        SimpleNamespace(student_version=of, production_digest=on.digest, heldout=on)
        for of, on in (("ranker-7", its), ("ranker-8", others))
    ]
    monkeypatch.setattr(history_owner, "_runs", lambda: runs)
    card = SimpleNamespace(card=SimpleNamespace(student=SimpleNamespace(version=version)))
    monkeypatch.setattr(history_owner.card_open, "current", lambda: card)

    assert history_owner.card_is_of(SimpleNamespace(heldout=its, production=its)) is is_its
