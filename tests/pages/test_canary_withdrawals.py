"""Records that are withdrawn on the page Canary, and restored."""

from datetime import UTC, datetime

import pytest

from drift_core import open_history
from drift_core.history.withdraw import withdraw_run
from tests.drift_core.canary.runs_by_hand import measured, week
from tests.pages.test_canary_page import told, verdict
from tests.pages.walk import opened, ran, said


@pytest.fixture
def year():
    return opened("canary", scenario="", history="canary")


@pytest.fixture
def empty():
    return opened("canary", scenario="")


def decide(page, n, *, by="Ada", reason="wrong file"):
    """Fill the form in after `n` decisions, and send it."""
    page.text_input(f"canary_withdraw_by_{n}").set_value(by)
    page.text_input(f"canary_withdraw_reason_{n}").set_value(reason)
    page.button("canary_withdraw").click()
    return ran(page)


def test_a_wrong_record_is_withdrawn_shown_as_such_and_restored(year):
    decide(year, 0)

    assert "The record of 2026-06-07 was withdrawn by Ada on" in told(year.info)
    assert verdict(year).startswith("Quiet since 17 May 2026, 3 weeks")
    assert "The newest record does not count. The record of 2026-06-07 was withdrawn by Ada" in said(year)
    assert "withdrawn, on the axis" in said(year)
    newest = year.dataframe[0].value.iloc[0]
    assert (newest["Status"], len(year.dataframe[0].value)) == ("withdrawn", 40)
    assert newest["Why"].startswith("withdrawn by Ada on")

    assert year.button("canary_withdraw").label == "Restore it"
    decide(year, 1, by="Bob")

    assert "The record of 2026-06-07 counts again, restored by Bob." in told(year.info)
    assert verdict(year).startswith("Quiet since 17 May 2026, 4 weeks")
    assert "does not count" not in said(year)


def test_another_record_than_the_newest_can_be_chosen(year):
    year.selectbox("canary_withdraw_run_40").select_index(3)
    ran(year)
    decide(year, 0)

    assert "The record of 2026-05-17 was withdrawn" in told(year.info)
    assert "The newest record does not count" not in said(year)


def test_withdrawing_needs_a_name_and_a_reason(year):
    for by, reason, word in ((" ", "wrong file", "name"), ("Ada", "", "reason")):
        decide(year, 0, by=by, reason=reason)
        assert f"A decision needs a {word}" in told(year.error)

    assert verdict(year).startswith("Quiet since 17 May 2026, 4 weeks")


def test_a_withdrawn_week_that_is_recorded_again_stays_withdrawn_and_is_said_once(year):
    year.button("canary_take_week").click()
    ran(year)
    year.button("canary_record").click()
    ran(year)
    decide(year, 0)

    year.button("canary_record").click()
    ran(year)

    assert [each.value.replace("\\", "") for each in year.info] == [
        f"The record of 2026-06-14 was withdrawn by Ada on {datetime.now(UTC):%Y-%m-%d}: wrong file. It stays "
        "withdrawn. Restore it under Take a wrong record back to count it."
    ]
    assert verdict(year).startswith("Quiet since 17 May 2026, 4 weeks")


def test_when_every_record_is_withdrawn_the_page_says_so_and_can_restore(empty, tmp_path):
    with open_history(tmp_path / "team.db") as history:
        history.record(week(0))
        withdraw_run(history, "2026-01-05", by="Ada", reason="wrong file")

    empty.file_uploader("canary_upload").upload("team.db", (tmp_path / "team.db").read_bytes())
    ran(empty)
    assert verdict(empty) == "No recorded week counts: all were withdrawn."

    decide(empty, 1)

    assert verdict(empty).startswith("Quiet since 5 January 2026, 1 week")


def test_the_form_begins_anew_with_another_history_of_as_many_weeks(year, tmp_path):
    with open_history(tmp_path / "team.db") as history:
        history.record_all([week(number, agreement=measured(0.95)) for number in range(40)])
    year.button("canary_close").click()
    ran(year)

    year.file_uploader("canary_upload").upload("team.db", (tmp_path / "team.db").read_bytes())
    ran(year)
    decide(year, 0)

    assert "The record of 2026-10-05 was withdrawn by Ada" in told(year.info)
