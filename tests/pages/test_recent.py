"""An investigation that was kept: reopened as it was, for its visitor alone, deletable, and never in the way."""

import stat

import pytest
from streamlit.runtime.caching import clear_session_resource_cache
from streamlit.testing.v1 import AppTest

from drift_core.installation import FILES_VARIABLE
from pages.components.frame import progress
from pages.components.session import investigation_store, visitor
from tests.pages.uploads import APP, both_samples, frame, samples_page, upload
from tests.pages.walk import SECONDS, address, opened, ran, said
from tests.sweeps import sweep

DAMAGED = (b"not JSON", b"", b'{"sha256": "0", "record": null}', b"[" * 100_000)
OWNER, GUEST = "a" * 32, "b" * 32


@pytest.fixture(autouse=True)
def recent(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(visitor, "token", lambda: OWNER)
    return tmp_path / "data" / "distillation-drift" / "recent"


def start_page(**settings):
    """The first page in a new session."""
    page = AppTest.from_file(APP, default_timeout=SECONDS)
    for name, value in settings.items():
        page.query_params[name] = value
    return ran(page)


def keys(page, start):
    return [each.key for each in page.button if str(each.key).startswith(start)]


def other_production(samples):
    samples.button("remove_production").click()
    return upload(ran(samples), "production", frame(3))


def files_of(recent):
    return sorted(path for path in recent.rglob("*") if path.is_file())


def by_path(samples, folder):
    """Both samples read from a path."""
    for side, seed in (("heldout", 1), ("production", 2)):
        path = folder / f"{side}.csv"
        frame(seed).to_csv(path, index=False)
        samples.text_input(f"path_{side}").set_value(str(path))
        samples.button(f"read_{side}").click()
        ran(samples)
    return address(samples)["investigation"]


def test_files_are_read_again_with_their_columns_and_the_teachers_names(recent):
    samples = samples_page()
    for side, seed in (("heldout", 1), ("production", 2)):
        upload(samples, side, frame(seed).rename(columns={"q": "frage"}), f"{side}.csv")
        samples.selectbox(f"column_{side}_query").set_value("frage")
        samples.button(f"remap_{side}").click()
        ran(samples)
    samples.text_input("revision_current_input").set_value("judge-2")
    ran(samples)

    again = ran(start_page(investigation=address(samples)["investigation"]).switch_page("pages/samples.py"))

    assert again.selectbox("column_production_query").value == "frage"
    assert again.text_input("revision_current_input").value == "judge-2"
    assert "File: production.csv" in said(again)
    assert [stat.S_IMODE(path.stat().st_mode) for path in files_of(recent)] == [0o600] * 3


def test_the_same_files_again_also_with_other_columns_are_one_investigation_and_another_file_another():
    first = address(both_samples(samples_page()))["investigation"]

    again = both_samples(samples_page())
    assert address(again)["investigation"] == first
    again.multiselect("slices_production").set_value(["q"])
    again.button("remap_production").click()
    ran(again)

    assert address(again)["investigation"] == first
    assert len(keys(start_page(), "reopen_")) == 1

    other_production(again)
    assert address(again)["investigation"] != first
    assert len(keys(start_page(), "reopen_")) == 2


def test_the_presentation_opens_what_its_address_names_and_keeps_the_verdict(recent):
    token = address(both_samples(samples_page()))["investigation"]

    page = opened("present", investigation=token, screen=2)

    assert [each.key for each in page.button if each.key == "to_samples"] == []
    assert not page.error
    assert address(page) == {"investigation": token, "screen": "2"}
    assert "no verdict yet" not in said(start_page())


def test_a_verdict_that_is_kept_is_made_again_on_the_page_that_one_comes_back_to_and_only_once():
    token = address(both_samples(samples_page()))["investigation"]
    opened("verdict", scenario="", investigation=token)

    clear_session_resource_cache("test session id")  # as after a restart
    page = opened("overlap", scenario="", investigation=token)

    assert "Verdict · :green[●] healthy" in said(page)
    page.query_params["seed"] = "3"
    assert "Diagnosed before: healthy. Open Verdict to see it again." in said(ran(page))
    assert "Verdict · :gray[○] seen before" in said(page)


def test_a_page_that_makes_the_verdict_itself_is_not_followed_by_a_second_bar(monkeypatch):
    token = address(both_samples(samples_page()))["investigation"]
    opened("verdict", scenario="", investigation=token)
    clear_session_resource_cache("test session id")
    bars, shown = [], progress.shown
    monkeypatch.setattr(progress, "shown", lambda before, **words: bars.append(before) or shown(before, **words))

    opened("verdict", scenario="", investigation=token)

    assert bars == ["Comparing regions"]


def test_the_presentation_says_why_it_cannot_open_what_its_address_names(monkeypatch):
    token = address(both_samples(samples_page()))["investigation"]
    monkeypatch.setattr(visitor, "token", lambda: GUEST)

    page = opened("present", investigation=token)

    [message] = page.error
    assert "is not kept for this browser" in message.value
    assert "investigation" not in address(page)


def test_a_file_by_path_is_not_copied_and_is_read_again_where_it_is(recent, tmp_path, monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(tmp_path))
    token = by_path(samples_page(), tmp_path)

    again = start_page(investigation=token)

    assert [path.name for path in files_of(recent)] == [investigation_store.RECORD]
    assert not again.error
    assert "production.csv" in said(again)


def test_a_path_that_may_not_be_read_any_more_is_not_read_again(tmp_path, monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(tmp_path))
    token = by_path(samples_page(), tmp_path)
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(tmp_path / "data"))

    again = start_page(investigation=token)

    [message] = again.error
    assert "is outside the folders that may be read" in message.value
    assert "No investigation is open." in said(again)
    monkeypatch.setenv(FILES_VARIABLE, "\n".join(str(tmp_path / f"{side}.csv") for side in ("heldout", "production")))
    again = start_page(investigation=token)
    assert not again.error
    assert address(again)["investigation"] == token


@pytest.mark.parametrize("now", sweep(("changed", "gone"), "changed"))
def test_a_file_that_is_not_as_it_was_gives_one_message_that_says_what_was_expected(tmp_path, monkeypatch, now):
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(tmp_path))
    token = by_path(samples_page(), tmp_path)
    path = tmp_path / "production.csv"
    if now == "gone":
        path.unlink()
    else:
        frame(3).to_csv(path, index=False)

    again = start_page(investigation=token)

    [message] = again.error
    assert "No investigation is open." in said(again)
    plain = message.value.replace("\\", "")
    assert str(path) in plain
    assert "expected 60 pairs with the digest" in plain
    assert "Put it back as it was, or bring the two files again." in plain
    assert keys(again, "delete_") == [f"delete_{token}"]


def test_a_token_opens_nothing_for_another_visitor(recent, monkeypatch):
    token = address(both_samples(samples_page()))["investigation"]
    monkeypatch.setattr(visitor, "token", lambda: GUEST)

    page = start_page(investigation=token)

    assert [each.value for each in page.error]
    assert "pairs.csv" not in said(page)
    assert keys(page, "reopen_") == []
    assert "investigation" not in address(page)


def test_an_address_of_somebody_else_is_said_also_while_something_is_open(monkeypatch):
    theirs = address(both_samples(samples_page()))["investigation"]
    monkeypatch.setattr(visitor, "token", lambda: GUEST)
    own = both_samples(samples_page())
    before = address(own)["investigation"]

    own.query_params["investigation"] = theirs
    ran(own)

    [message] = own.error
    assert "belongs to somebody else" in message.value
    assert "What is open stays as it is." in message.value.replace("\\", "")
    assert address(own)["investigation"] == before


def test_what_is_deleted_is_gone_from_the_disk_and_closed_where_it_is_open(recent):
    samples = both_samples(samples_page())
    token = address(samples)["investigation"]
    start = ran(samples.switch_page("app.py"))

    start.button(f"delete_{token}").click()
    ran(start)

    assert files_of(recent) == []
    assert "No investigation is open." in said(start)
    assert "investigation" not in address(start)


@pytest.mark.parametrize("damage", sweep(DAMAGED, DAMAGED[0]))
def test_a_damaged_record_gives_one_message_and_the_app_still_opens(recent, damage):
    token = address(both_samples(samples_page()))["investigation"]
    [record] = recent.rglob(investigation_store.RECORD)
    record.write_bytes(damage)

    start = start_page()

    [message] = start.error
    assert "cannot be read" in message.value
    start.button(f"delete_{token}").click()
    assert not ran(start).error
    assert files_of(recent) == []


def test_a_damaged_copy_gives_one_message(recent):
    token = address(both_samples(samples_page()))["investigation"]
    [copy] = recent.rglob("production")
    copy.write_bytes(frame(3).to_csv(index=False).encode())

    [message] = start_page(investigation=token).error

    assert "has changed since this investigation" in message.value


@pytest.mark.parametrize("chosen", sweep(("0", "off"), "0"))
def test_it_can_be_turned_off(recent, monkeypatch, chosen):
    monkeypatch.setenv(investigation_store.VARIABLE, chosen)

    samples = both_samples(samples_page())

    assert files_of(recent) == []
    assert "investigation" not in address(samples)


def test_what_was_kept_before_it_was_turned_off_is_not_opened(monkeypatch):
    token = address(both_samples(samples_page()))["investigation"]
    monkeypatch.setenv(investigation_store.VARIABLE, "0")

    page = start_page(investigation=token)

    [message] = page.error
    assert "This server keeps no investigations" in message.value
    assert "No investigation is open." in said(page)


def test_files_that_are_too_large_to_be_kept_are_said_once_and_stop_nothing(recent, monkeypatch):
    monkeypatch.setattr(investigation_store, "MOST_BYTES_OF_VISITOR", 2_000)

    samples = both_samples(samples_page())

    [message] = [each.value for each in samples.error if "cannot be kept" in each.value]
    assert "Its files have" in message
    assert files_of(recent) == []
    assert not ran(samples).error
    other_production(samples)
    assert [each.value for each in samples.error if "cannot be kept" in each.value]


def test_a_folder_that_cannot_be_written_is_said_once_and_stops_nothing(recent):
    recent.parent.mkdir(parents=True)
    recent.write_bytes(b"a file where the folder should be")

    samples = both_samples(samples_page())

    assert [each.value for each in samples.error if "cannot be kept" in each.value]
    assert not ran(samples).error
    assert "60 held-out pairs against 60 production pairs." in said(samples)
