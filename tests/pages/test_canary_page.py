from dataclasses import replace

import pytest

from drift_core import open_history
from drift_core.history.accept import accept_level
from drift_core.history.csv_exchange import export_csv
from pages.components.session import recent, visitor
from tests.drift_core.canary.runs_by_hand import MONDAY, measured, week
from tests.drift_core.canary.test_collapse import entropy
from tests.pages.uploads import both_samples, frame, samples_page
from tests.pages.walk import address, opened, ran, said


@pytest.fixture
def year():
    return opened("canary", scenario="", history="canary")


@pytest.fixture
def empty():
    return opened("canary", scenario="")


@pytest.fixture
def weeks_csv(tmp_path):
    with open_history(tmp_path / "weeks.db") as history:
        history.record_all([week(number, agreement=measured(0.95)) for number in range(3)])
        return export_csv(history)


def verdict(page):
    return page.header[0].value.replace("\\", "")


def revision_field(page):
    return next(each for each in page.text_input if each.label == "Revision of the teacher")


def told(elements):
    return "\n".join(each.value.replace("\\", "") for each in elements)


def test_without_a_history_the_page_offers_ways_to_one(empty):
    assert verdict(empty) == "No history is open."
    assert all(empty.button(key) for key in ("canary_open_scenario", "canary_begin"))


def test_the_shipped_year_opens_with_one_click_and_its_link(empty, year):
    empty.button("canary_open_scenario").click()
    ran(empty)

    for page in (empty, year):
        assert verdict(page).startswith("Quiet since 17 May 2026, 4 weeks, at a lower level: agreement is")
        assert "textbook's rule would have fired" not in said(page)
        assert "**voice**" in said(page)


def test_an_earlier_alarm_is_explained_when_it_is_chosen(year):
    year.selectbox("canary_alarm_40").select_index(2)
    ran(year)

    assert "Most of it: voice. It coincides with: New region: voice." in said(year)
    [moved] = year.table
    assert list(moved.value.index) == ["voice"]
    assert list(moved.value["Held-out"]) == ["new"]


def test_the_fresh_week_is_added_once_and_alarms_until_its_level_is_accepted_with_name_and_reason(year):
    year.button("canary_take_week").click()
    ran(year)
    assert "production: **week-41**, 260 pairs" in said(year)

    year.button("canary_record").click()
    ran(year)

    assert verdict(year).startswith("Alarm since 14 June 2026: agreement is")
    assert "Recorded the week of 2026-06-14: alarm." in told(year.info)
    assert any("diagnose HELDOUT week-41.csv" in each.value for each in year.code)
    assert year.button("canary_diagnose").label == ":violet[Bring that sample]"

    year.button("canary_record").click()
    ran(year)
    assert "This run was recorded before; the first record stays." in told(year.info)

    year.button("canary_accept").click()
    ran(year)
    assert "A decision needs a name" in told(year.error)
    year.text_input("canary_by").set_value("Ada")
    year.text_input("canary_reason").set_value("The new topic is rescored by hand.")
    year.button("canary_accept").click()
    ran(year)
    assert "accepted by Ada" in told(year.info)
    assert verdict(year).startswith("Quiet since")
    assert "Level accepted by Ada" in said(year)


def test_a_week_without_a_revision_is_not_recorded(year):
    year.button("canary_take_week").click()
    ran(year)
    revision_field(year).set_value(" ")

    year.button("canary_record").click()
    ran(year)

    assert "needs the revision of the teacher" in told(year.error)
    assert verdict(year).startswith("Quiet since")


def test_a_week_can_be_the_first_of_a_new_history(empty):
    empty.button("foot_healthy").click()
    ran(empty)
    revision_field(empty).set_value("judge-1")

    empty.button("canary_record").click()
    ran(empty)

    assert verdict(empty).startswith("Quiet since 31 May 2026, 1 week")


def test_a_history_that_is_let_go_leaves_nothing_behind(year):
    year.button("canary_close").click()
    ran(year)

    assert verdict(year) == "No history is open."
    assert "history" not in address(year)


def test_a_path_opens_the_file_itself_and_a_missing_one_is_said(empty, tmp_path, monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(tmp_path))
    with open_history(tmp_path / "team.db") as history:
        history.record_all([week(number, agreement=measured(0.95)) for number in range(3)])

    for name, expected in (("other.db", "There is no history at"), ("team.db", "")):
        empty.text_input("canary_path").set_value(str(tmp_path / name))
        empty.button("canary_open_path").click()
        ran(empty)
        assert expected in told(empty.error)

    assert verdict(empty).startswith("Quiet since 5 January 2026, 3 weeks")
    assert "**team.db**, the file itself" in said(empty)


def test_a_path_outside_the_allowed_folders_is_refused(empty, tmp_path, monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(tmp_path / "inside"))

    empty.text_input("canary_path").set_value(str(tmp_path / "team.db"))
    empty.button("canary_open_path").click()
    ran(empty)

    assert "is outside the folders that may be read" in told(empty.error)


def test_an_uploaded_history_opens_as_a_copy(empty, weeks_csv):
    empty.file_uploader("canary_upload").upload("weeks.csv", weeks_csv, "text/csv")
    ran(empty)

    assert verdict(empty).startswith("Quiet since 5 January 2026, 3 weeks")
    assert "**weeks.csv**, a copy of your own" in said(empty)


def test_outputs_that_collapse_version_by_version_are_drawn_and_told(empty, year, tmp_path):
    levels = ((0, 3.3), (1, 3.0), (2, 2.6))
    with open_history(tmp_path / "weeks.db") as history:
        history.record_all([week(n, student_version=f"s{n}", entropy=entropy(bits)) for n, bits in levels])
        content = export_csv(history)
    empty.file_uploader("canary_upload").upload("weeks.csv", content, "text/csv")
    ran(empty)

    assert "How evenly the student uses its answers" in said(empty)
    assert "Outputs may be collapsing" in said(empty)
    assert "Outputs may be collapsing" not in said(year)
    assert "How evenly the student uses its answers" in said(year)


def test_an_uploaded_history_of_sqlite_keeps_its_decisions(empty, tmp_path):
    with open_history(tmp_path / "team.db") as history:
        history.record_all([week(0, agreement=measured(0.95)), week(1, agreement=measured(0.6))])
        accept_level(history, by="Ada", reason="Known.", at=MONDAY)
    content = (tmp_path / "team.db").read_bytes()

    empty.file_uploader("canary_upload").upload("team.db", content, "application/octet-stream")
    ran(empty)

    assert "Level accepted by Ada" in said(empty)
    assert verdict(empty).startswith("Quiet since 5 January 2026, 2 weeks")


@pytest.mark.parametrize("is_ranked", [True, False])
def test_overlap_is_spoken_of_where_scores_are_ranked(tmp_path, is_ranked):
    with open_history(tmp_path / "team.db") as history:
        level = replace(measured(0.92), is_share=not is_ranked)
        held = replace(week().heldout, agreement=level)
        history.record_all([week(number, is_ranked=is_ranked, agreement=level, heldout=held) for number in range(3)])
    page = opened("canary", scenario="", textbook=True)
    page.file_uploader("canary_upload").upload(
        "team.db", (tmp_path / "team.db").read_bytes(), "application/octet-stream"
    )

    shown = said(ran(page))

    assert "It fires when agreement is under" in shown
    assert ("or overlap under" in shown) is is_ranked
    assert ("Overlap at the top" in told(page.subheader)) is is_ranked
    [weeks] = [each.value for each in page.dataframe if "Baseline" in each.value]
    assert set(weeks["Baseline"]) == {"0.92" if is_ranked else "92%"}


def test_an_empty_history_says_so(empty):
    empty.button("canary_begin").click()
    ran(empty)

    assert verdict(empty) == "No week is recorded yet."


def test_an_upload_that_is_no_history_is_said(empty):
    empty.file_uploader("canary_upload").upload("weeks.csv", b"colour,size\nred,3\n", "text/csv")
    ran(empty)

    assert "expected columns at, teacher_revision, n_pairs, agreement" in told(empty.error)
    assert verdict(empty) == "No history is open."


def test_past_weeks_are_imported_all_or_none_with_one_message_a_fault(year, weeks_csv):
    for content, expected in (
        (weeks_csv.replace(b",200,", b",abc,"), ""),
        (weeks_csv, "Imported 3 weeks; 0 known already."),
    ):
        year.file_uploader("canary_import").upload("weeks.csv", content, "text/csv")
        year.button("canary_import_now").click()
        ran(year)
        assert expected in told(year.info)
        assert bool(year.error) != bool(expected)


def test_another_held_out_is_said_and_the_shipped_week_stays_on_offer():
    year = opened("canary", scenario="healthy", history="canary")
    assert "not the one that the newest week was measured with" in told(year.warning)
    assert revision_field(year).value == "judge-large-2025-08"

    year.button("canary_take_week").click()
    ran(year)
    assert not year.warning
    assert revision_field(year).value == "judge-large-2026-04"


def weeks_in_place(page, *seeds):
    """Bring these weeks on the canary page itself, one after the other."""
    for seed in seeds:
        [uploader] = [each for each in page.file_uploader if each.key.startswith("canary_next_")]
        uploader.set_value((f"week-{seed}.csv", frame(seed).to_csv(index=False).encode(), "text/csv"))
        ran(page)


def test_another_week_is_taken_on_the_page_and_what_was_open_stays_in_the_list(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(visitor, "token", lambda: "a" * 32)
    page = both_samples(samples_page())
    page = ran(page.switch_page("pages/canary.py"))
    assert "production: **pairs.csv**, 60 pairs" in said(page)

    weeks_in_place(page, 3, 4, 5)

    assert not page.error
    assert "Held-out: **pairs.csv**, 60 pairs · production: **week-5.csv**, 60 pairs" in said(page)
    assert [each.kept.files["production"].name for each in recent.found()] == [
        *(f"week-{seed}.csv" for seed in (5, 4, 3)),
        "pairs.csv",
    ]


def test_what_cannot_be_read_as_the_week_before_leaves_it_in_place():
    page = ran(both_samples(samples_page()).switch_page("pages/canary.py"))
    [uploader] = [each for each in page.file_uploader if each.key.startswith("canary_next_")]

    uploader.set_value(("other.csv", b"colour,size\nred,3\n", "text/csv"))

    assert "Production stays as it is." in told(ran(page).error)
    assert "production: **pairs.csv**" in said(page)


def test_the_weekly_form_stands_above_the_time_line(year):
    order = [getattr(each, "label", "") or each.type for each in year.main.children.values()]

    assert order.index("Add this week's sample") < order.index("vega_lite_chart")
