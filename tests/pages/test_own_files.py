"""Own files that are kept nowhere come back once an example, or other files, have taken their place."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.session import investigation_store, visitor
from tests.pages.test_recent import OWNER
from tests.pages.uploads import both_samples, frame, samples_page, upload
from tests.pages.walk import SECONDS, ran, said


@pytest.fixture(autouse=True)
def kept_nowhere(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(visitor, "token", lambda: OWNER)
    monkeypatch.setenv(investigation_store.VARIABLE, "0")


def to_start(page):
    return ran(page.switch_page("app.py"))


def open_now(page):
    return "\n".join(each.value for each in (*page.sidebar.caption, *page.sidebar.markdown)).replace("\\", "")


def with_example(page, name="query-drift"):
    page.button(f"foot_{name}").click()
    return ran(page)


def test_they_come_back_after_an_example_with_the_teachers_names_and_the_settings():
    samples = both_samples(samples_page())
    [pinned] = [each for each in samples.text_input if each.key == "revision_pinned_input"]
    pinned.set_value("judge-1")

    page = with_example(ran(samples))

    assert "Set aside, on Start: pairs.csv" in open_now(page)
    start = to_start(page)
    assert "Your files, set aside" in said(start)
    start.button("own_files_back_0").click()
    start = ran(start)
    assert "**Your files**" in open_now(start)
    assert "Held-out: pairs.csv, 60 pairs" in open_now(start)
    assert "judge-1" in open_now(start)
    assert "Set aside" not in open_now(start)
    assert "Your files, set aside" not in said(start)


def test_one_file_alone_comes_back_too_and_can_be_let_go():
    page = with_example(upload(samples_page(), "heldout", frame(1), name="mine.csv"))
    assert "mine.csv" in open_now(page)

    start = to_start(page)
    start.button("own_files_forget_0").click()

    assert "mine.csv" not in open_now(ran(start))


def test_what_is_kept_or_chosen_anew_is_not_set_aside(monkeypatch):
    samples = both_samples(samples_page())
    samples.button("remove_production").click()
    upload(ran(samples), "production", frame(3))
    assert "Set aside" not in open_now(samples)

    monkeypatch.setenv(investigation_store.VARIABLE, "10")

    assert "Set aside" not in open_now(with_example(ran(samples)))


def test_the_shipped_week_of_a_canary_takes_nothing_away():
    page = ran(both_samples(samples_page()).switch_page("pages/canary.py"))
    page.button("canary_open_scenario").click()
    ran(page).button("canary_take_week").click()

    page = with_example(ran(page))

    assert open_now(page).count("pairs.csv") == 1


def test_files_set_aside_stay_so_while_another_pair_with_the_same_held_out_is_brought():
    page = with_example(upload(upload(samples_page(), "heldout", frame(1)), "production", frame(2), name="monday.csv"))

    for side in ("heldout", "production"):
        page.button(f"remove_{side}").click()
        ran(page)
    page = upload(upload(page, "heldout", frame(1)), "production", frame(3), name="tuesday.csv")

    assert "Set aside, on Start: pairs.csv and monday.csv" in open_now(page)
    assert "Set aside" not in open_now(upload(samples_page(), "heldout", frame(1)))


def test_files_of_an_example_are_nobodys_own():
    page = with_example(upload(samples_page(), "heldout", frame(1), name="mine.csv"))
    for side in ("heldout", "production"):
        page.button(f"remove_{side}").click()
        ran(page)

    assert [line for line in open_now(page).splitlines() if "Set aside" in line] == ["Set aside, on Start: mine.csv"]


def kept_by_a_run_that_another_click_ended(folder):
    def script(folder):
        from pathlib import Path

        import streamlit as st

        from pages.components.session import own_files, recent, session

        session.start("samples")
        session.open_files((Path(folder) / "heldout.csv", Path(folder) / "production.csv"), ("", ""))
        recent.keep(session.current())  # a run keeps at its start, and again at its end
        session.open_scenario("query-drift")
        recent.keep(session.current())
        st.text(f"{len(recent.found())} kept, set aside: {own_files.said()!r}")

    return ran(AppTest.from_function(script, args=(str(folder),), default_timeout=SECONDS)).text[0].value


def test_what_is_kept_is_not_set_aside_where_another_click_ended_the_run(tmp_path, monkeypatch):
    monkeypatch.setenv(investigation_store.VARIABLE, "10")
    for seed, side in enumerate(("heldout", "production")):
        frame(seed).to_csv(tmp_path / f"{side}.csv", index=False)

    assert kept_by_a_run_that_another_click_ended(tmp_path) == "1 kept, set aside: ''"
