"""Own files that are kept nowhere come back once an example, or other files, have taken their place."""

import pytest

from pages.components.session import investigation_store, visitor
from tests.pages.test_recent import OWNER
from tests.pages.uploads import both_samples, frame, samples_page, upload
from tests.pages.walk import ran, said


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
