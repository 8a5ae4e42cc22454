import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine, text

from drift_core import InputError, SettingError, open_history
from drift_core.canary.decision import Decision
from drift_core.history import database as places
from tests.drift_core.canary.runs_by_hand import MONDAY, full_week, measured, region, week


@pytest.fixture
def history(place):
    with open_history(place) as opened:
        yield opened


def decision(**changes):
    values = {"kind": "override", "at": MONDAY, "by": "Ada", "reason": "The launch cannot wait.", "run_key": None}
    return Decision(**{**values, **changes})


def test_a_recorded_run_is_read_back_as_it_was(history):
    run = full_week()

    recorded = history.record(run)

    assert recorded.is_new
    assert recorded.run == run
    assert history.runs(with_regions=True) == (run,)


def test_regions_are_left_out_unless_they_are_asked_for(history):
    run = week()
    history.record(run)

    assert history.runs() == (replace(run, regions=()),)


def test_the_same_run_twice_is_one_record_and_the_first_stays(history):
    first = week()
    history.record(first)

    again = history.record(replace(first, recorded_at=first.recorded_at + timedelta(days=1), summary="Another."))

    assert not again.is_new
    assert again.run == first
    assert history.runs(with_regions=True) == (first,)


def test_runs_come_in_the_order_of_time_then_of_recording(history):
    late = week(2, production_digest="first")
    early = week(2, production_digest="second", recorded_at=late.recorded_at - timedelta(minutes=1))
    for run in (late, early, week(0), week(1)):
        history.record(run)

    found = [run.production_digest for run in history.runs()]

    assert found == ["sample 0", "sample 1", "first", "second"]


def test_several_runs_are_recorded_together_or_not_at_all(history):
    broken = week(1, agreement=measured(float("nan")))

    with pytest.raises(InputError, match=r"agreement\.estimate: expected a number in \[-1, 1\]; found nan"):
        history.record_all((week(0), broken))

    assert history.runs() == ()


def test_a_run_of_another_time_zone_is_kept_in_utc(history):
    at = datetime(2026, 1, 5, 1, tzinfo=timezone(timedelta(hours=2)))

    history.record(week(at=at))

    assert history.runs()[0].at == datetime(2026, 1, 4, 23, tzinfo=UTC)


def test_half_a_sign_that_no_text_may_have_is_kept_as_a_question_mark(history):
    history.record(week(summary="half a pair \ud83d", regions=(region("half \ud83d"),)))
    history.decide(
        Decision(kind="override", at=MONDAY, by="Ada \ud83d", reason="why", run_key=None, reasons=("no_run",))
    )

    (found,) = history.runs(with_regions=True)
    assert (found.summary, found.regions[0].name) == ("half a pair ?", "half ?")
    assert history.decisions()[0].by == "Ada ?"


@pytest.mark.parametrize("odd", ["with \0 in it", "'; DROP TABLE canary_run; --", "größer 漢"])
def test_odd_texts_are_kept_as_they_are(history, odd):
    run = week(teacher_revision=odd, regions=(region(odd),))

    history.record(run)

    assert history.runs(with_regions=True) == (run,)


def test_figures_can_be_queried_with_sql(place):
    with open_history(place) as history:
        history.record(week())
    engine = create_engine(f"sqlite:///{place}" if not isinstance(place, str) else place)

    with engine.connect() as connection:
        run = connection.execute(text("SELECT agreement, agreement_low, n_pairs, cause FROM canary_run")).one()
        regions = connection.execute(text("SELECT name, agreement, drifted FROM canary_region ORDER BY place")).all()
    engine.dispose()

    assert tuple(run) == (0.91, pytest.approx(0.88), 200, "healthy")
    assert [tuple(each) for each in regions] == [("returns", 0.88, False), ("sizes", None, True)]


def test_decisions_are_read_back_in_the_order_of_time(history):
    run = week()
    history.record(run)
    second = decision(kind="accept_level", run_key=run.key, at=MONDAY + timedelta(days=1))
    first = decision(reasons=("alarm", "stale"))

    for each in (second, first, first):
        history.decide(each)

    assert history.decisions() == (first, second)


@pytest.mark.parametrize(("field", "word"), [("by", "name"), ("reason", "reason")])
def test_a_decision_without_name_or_reason_is_refused(history, field, word):
    with pytest.raises(SettingError, match=f"needs a {word}"):
        history.decide(decision(**{field: " "}))

    assert history.decisions() == ()


def test_a_decision_about_a_run_that_is_not_there_is_refused(history):
    with pytest.raises(SettingError, match="is not in"):
        history.decide(decision(run_key="0" * 64, reasons=("alarm",)))


def test_several_threads_may_record_the_same_run(history):
    with ThreadPoolExecutor(4) as pool:
        recorded = list(pool.map(lambda _: history.record(week()), range(8)))

    assert sum(each.is_new for each in recorded) == 1
    assert len(history.runs()) == 1


def test_one_file_is_left_when_nobody_has_it_open(tmp_path):
    path = tmp_path / "history.sqlite"

    history = open_history(path)
    history.record(week())

    assert [each.name for each in tmp_path.iterdir()] == ["history.sqlite"]


def test_a_file_has_its_journal_beside_it_while_it_is_written_and_writes_through(tmp_path):
    path = tmp_path / "history.sqlite"
    history = open_history(path)

    with history._place.engine.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()

    assert (mode, synchronous) == ("delete", 3)


def test_a_full_disk_is_said_and_leaves_the_file_sound(tmp_path, monkeypatch):
    path = tmp_path / "history.sqlite"
    history = open_history(path)
    history.record(week())
    fill_disk(monkeypatch)

    with pytest.raises(InputError, match=r"could not be recorded in .*: the disk is full") as failed:
        history.record_all([week(i) for i in range(1, 50)])

    assert "INSERT" not in str(failed.value)
    monkeypatch.undo()
    assert len(history.runs()) == 1
    assert history.record(week(1)).is_new
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def fill_disk(monkeypatch):
    """From here on no file gets another page."""
    connect = sqlite3.connect

    def connect_full(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA max_page_count=1")
        return connection

    monkeypatch.setattr(places.sqlite3, "connect", connect_full)


def test_a_lock_that_is_held_too_long_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "BUSY_SECONDS", 0.1)
    path = tmp_path / "history.sqlite"
    history = open_history(path)

    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InputError, match="another process has held it"):
            history.record(week())
        assert history.runs() == ()

    assert history.record(week()).is_new


def test_a_damaged_file_is_said(tmp_path):
    path = tmp_path / "history.sqlite"
    open_history(path).record_all([week(i) for i in range(20)])
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)

    with pytest.raises(InputError, match="damaged"):
        open_history(path).runs()


def test_a_document_that_does_not_fit_is_said(tmp_path):
    path = tmp_path / "history.sqlite"
    history = open_history(path)
    history.record(week())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute('UPDATE canary_run SET document = \'{"at": "2026-01-05T00:00:00Z"}\'')
        connection.commit()

    with pytest.raises(InputError, match=r"cannot be read: recorded_at: Field required"):
        history.runs()


def test_a_withdrawn_run_that_is_recorded_again_stays_withdrawn_and_one_note_says_so(history):
    run = week()
    history.record(run)
    history.decide(decision(kind="withdraw", run_key=run.key, reason="Wrong file"))

    again = history.record(run)

    assert (again.is_new, again.run, again.withdrawal.by) == (False, run, "Ada")
    assert again.notes == (
        "The record of 2026-01-05 was withdrawn by Ada on 2026-01-05: Wrong file. It stays withdrawn and does not "
        f"count. To count it: distillation-drift history restore {run.key[:8]} --history PLACE --by NAME --reason TEXT",
    )
    assert [each.kind for each in history.decisions()] == ["withdraw"]


def test_runs_are_recorded_with_the_standing_that_they_have_elsewhere(history):
    known, new = week(0), week(1)
    history.record(known)
    withdrawn = {run.key: decision(kind="withdraw", run_key=run.key) for run in (known, new)}

    of_known, of_new, of_other = history.record_all([known, new, week(2)], withdrawn=withdrawn)

    assert history.decisions() == (withdrawn[new.key],)
    assert (of_known.withdrawal, of_new.withdrawal.run, of_other.withdrawal) == (None, new, None)
    assert "as the file says; in this history it counts, which stays." in of_known.notes[0]
    assert of_new.notes == ()
