"""Histories, cards and comparisons are kept as investigations are: there again, for their visitor alone, deletable."""

import pytest
from streamlit.testing.v1 import AppTest

from drift_core import open_history
from drift_core.history.csv_exchange import export_csv
from pages.components.canary.canary_intake import PASSING
from pages.components.session import investigation_store, visitor
from tests.drift_core.canary.runs_by_hand import measured, week
from tests.pages.test_comparison_page import as_csv, with_files
from tests.pages.test_recent import GUEST, OWNER, files_of, keys, start_page
from tests.pages.uploads import frame
from tests.pages.walk import PAGES, SECONDS, ran, said
from tests.sweeps import sweep

CARD = b'owner: "Grace"  # since May\n'


@pytest.fixture(autouse=True)
def recent(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(visitor, "token", lambda: OWNER)
    return tmp_path / "data" / "distillation-drift" / "recent"


@pytest.fixture
def weeks(tmp_path):
    """A history file of three weeks."""
    with open_history(tmp_path / "weeks.db") as history:
        history.record_all([week(number, agreement=measured(0.95)) for number in range(3)])
    return tmp_path / "weeks.db"


def page_of(name, **settings):
    """A page in a new session without samples, as after a reload."""
    page = AppTest.from_file(PAGES / f"{name}.py", default_timeout=SECONDS)
    for key, value in settings.items():
        page.query_params[key] = value
    return ran(page)


def plain(elements):
    """What they say without the signs that keep Markdown at bay."""
    return "".join(each.value for each in elements).replace("\\", "")


def uploaded_history(weeks):
    page = page_of("canary")
    page.file_uploader("canary_upload").set_value([("weeks.db", weeks.read_bytes(), "application/octet-stream")])
    return ran(page)


def uploaded_card():
    page = page_of("card")
    page.file_uploader("card_upload").set_value([("mine.yaml", CARD, "application/yaml")])
    return ran(page)


def own_comparison():
    pairs = frame(1).rename(columns={"q": "query"})
    pairs["student_score_before"] = frame(2)["student"]
    return with_files(page_of("comparison"), frozen=as_csv(pairs), fresh=as_csv(pairs.iloc[::-1]))


def test_an_uploaded_history_is_there_again_with_the_weeks_recorded_since(recent, weeks):
    page = uploaded_history(weeks)
    assert "**weeks.db**, a copy of your own, kept for this browser" in said(page)

    again = page_of("canary")
    with open_history(weeks) as history:
        history.record_all([week(7, agreement=measured(0.94))])
        content = export_csv(history)
    again.file_uploader("canary_import").set_value([("more.csv", content, "text/csv")])
    again.button("canary_import_now").click()
    assert "Imported 1 week; 3 known already." in plain(ran(again).info)

    [kept] = recent.rglob("canary.db")
    with open_history(kept) as history:
        assert len(history.runs()) == 4
    assert "**weeks.db**" in said(page_of("canary"))
    assert len(list(recent.rglob("canary.db"))) == 1


def test_two_tabs_of_one_history_record_into_one(recent, weeks):
    first, second = uploaded_history(weeks), page_of("canary")

    for number, page in enumerate((first, second), start=7):
        with open_history(weeks) as history:
            history.record_all([week(number, agreement=measured(0.94))])
            content = export_csv(history)
        page.file_uploader("canary_import").set_value([(f"{number}.csv", content, "text/csv")])
        page.button("canary_import_now").click()
        ran(page)

    [kept] = recent.rglob("canary.db")
    with open_history(kept) as history:
        assert len(history.runs()) == 5


def test_the_shipped_year_is_kept_once_a_week_is_recorded_and_says_nothing_of_a_loss(recent):
    page = page_of("canary", history="canary")
    assert files_of(recent) == []
    page.button("canary_take_week").click()
    ran(page).button("canary_record").click()
    ran(page)

    notes = plain(page.info)
    assert "Recorded the week of" in notes
    assert PASSING.split(".")[0] not in notes + said(page)
    again = page_of("canary", history="canary")
    assert "Alarm" in again.header[0].value
    assert "kept for this browser" in said(again)


def test_where_nothing_is_kept_a_recorded_week_says_so(recent, monkeypatch):
    monkeypatch.setenv(investigation_store.VARIABLE, "0")
    page = page_of("canary", history="canary")
    page.button("canary_take_week").click()
    ran(page).button("canary_record").click()

    notes = plain(ran(page).info)

    assert PASSING in notes
    assert files_of(recent) == []


def test_a_history_by_its_path_is_not_copied_and_opens_again(recent, weeks, monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(weeks.parent))
    page = page_of("canary")
    page.text_input("canary_path").set_value(str(weeks))
    page.button("canary_open_path").click()
    ran(page)

    assert [path.name for path in files_of(recent)] == [investigation_store.RECORD]
    assert "**weeks.db**, the file itself" in said(page_of("canary"))
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(recent))
    refused = page_of("canary")
    assert "is outside the folders that may be read" in plain(refused.error)
    assert "No history is open." in said(refused)


def test_a_card_is_there_again_with_what_was_changed():
    page = uploaded_card()
    page.text_input("card_1_student_version").set_value("ranker-7")
    page.button("card_keep").click()
    ran(page)

    again = page_of("card")

    assert "ranker-7" in again.code[0].value
    assert "# since May" in again.code[0].value
    assert "It is kept for this browser" in said(again)


def test_a_comparison_is_there_again_with_its_clusters(recent):
    page = own_comparison()
    shown = page.header[0].value

    again = page_of("comparison")

    assert again.header[0].value == shown != "No comparison is open."
    assert any(rb"has_clusters\": true" in each.read_bytes() for each in recent.rglob("*") if each.is_file())
    assert len(list(recent.rglob("file-*"))) == 2


def test_what_was_closed_does_not_open_by_itself_and_stays_in_the_list(weeks):
    page = uploaded_history(weeks)
    page.button("canary_close").click()
    ran(page)

    assert "No history is open." in said(page_of("canary"))
    start = start_page()
    [key] = keys(start, "reopen_history-")
    start.button(key).click()
    page = ran(start)
    assert "**weeks.db**" in said(page)
    assert page.title[0].value == "Is it still healthy, week by week?"


def test_another_card_takes_the_place_of_the_open_one_and_leaves_its_copy(recent):
    page = uploaded_card()
    page.file_uploader("card_upload").set_value([("other.yaml", b"owner: Ada\n", "application/yaml")])
    ran(page)

    assert len(keys(start_page(), "delete_card-")) == 2
    assert "Ada" in page_of("card").code[0].value
    assert {path.read_bytes() for path in recent.rglob("judges.yaml")} == {CARD, b"owner: Ada\n"}


def test_everything_is_listed_and_deleted_from_the_disk_and_closed_where_it_is_open(recent, weeks):
    page = uploaded_history(weeks)
    uploaded_card()
    own_comparison()
    start = start_page()
    assert "**mine.yaml**" in said(start)
    assert "open now · judge card" in said(start)

    for key in keys(start, "delete_"):
        start.button(key).click()
        ran(start)

    assert files_of(recent) == []
    assert "Histories, cards, comparisons, reviews" not in said(start)
    assert "No history is open." in said(ran(page))


def test_another_visitor_sees_and_opens_nothing_of_it(weeks, monkeypatch):
    uploaded_history(weeks)
    uploaded_card()
    own_comparison()
    monkeypatch.setattr(visitor, "token", lambda: GUEST)

    start = start_page()

    assert keys(start, "delete_") == []
    for name in ("canary", "card", "comparison"):
        assert "is open." in said(page_of(name))


def test_it_is_neither_kept_nor_opened_where_it_is_turned_off(recent, monkeypatch):
    uploaded_card()
    monkeypatch.setenv(investigation_store.VARIABLE, "0")

    assert "No judge card is open." in said(page_of("card"))
    assert "gone with this visit" in said(uploaded_card())
    assert len(files_of(recent)) == 2


def test_what_is_too_large_is_said_and_stays_open(recent, monkeypatch):
    monkeypatch.setattr(investigation_store, "MOST_BYTES_OF_VISITOR", 10)

    page = uploaded_card()

    [message] = page.error
    assert "This judge card cannot be kept and ends with a reload. Its files have" in plain([message])
    assert "Grace" in page.code[0].value
    assert files_of(recent) == []


@pytest.mark.parametrize("damage", sweep((b"", b"[]", b'{"sha256": "0", "record": null}'), b""))
def test_a_damaged_record_is_said_on_its_page_and_can_be_deleted(recent, damage):
    uploaded_card()
    [record] = recent.rglob(investigation_store.RECORD)
    record.write_bytes(damage)

    page = page_of("card")

    [message] = page.error
    assert "The kept judge card in" in plain([message])
    assert "No judge card is open." in said(page)
    start = start_page()
    start.button(keys(start, "delete_card-")[0]).click()
    ran(start)
    assert files_of(recent) == []


def test_so_many_of_each_kind_are_kept(recent, weeks, monkeypatch):
    monkeypatch.setenv(investigation_store.VARIABLE, "1")
    for _ in range(2):
        page = uploaded_history(weeks)
        page.button("canary_close").click()
        ran(page)
        uploaded_card()

    assert sorted(path.name for path in files_of(recent) if path.name != investigation_store.RECORD) == [
        "canary.db",
        "judges.yaml",
    ]


def test_before_a_review_is_deleted_the_page_says_what_goes(recent):
    card = uploaded_card()
    assert card.button("card_close")

    start = start_page()

    assert "The copy of this judge card goes." in said(start)
    assert "This cannot be taken back." in said(start)
    assert [each.label for each in start.button if each.key.startswith("delete_")] == ["Delete for good"]
