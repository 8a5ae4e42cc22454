import os
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

import drift_core
from drift_core import InputError, open_history
from drift_core.history.history import History, open_place
from drift_core.history.migrations import STEPS
from drift_core.history.schema import DECISION, REACHED, REGION, RUN
from tests.drift_core.canary.runs_by_hand import full_week, week

VERSION_1 = Path(__file__).with_name("version_1.sql")
ROOT = Path(drift_core.__file__).parent.parent


def add_owner(connection):
    connection.execute(text("ALTER TABLE canary_run ADD COLUMN owner TEXT"))


def fail(connection):
    add_owner(connection)
    connection.execute(text("ALTER TABLE no_such_table ADD COLUMN owner TEXT"))


def version_of(place):
    engine = create_engine(f"sqlite:///{place}" if not isinstance(place, str) else place)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT max(version) FROM canary_schema")).scalar_one()
        columns = [each["name"] for each in inspect(connection).get_columns("canary_run")]
    engine.dispose()
    return found, columns


def write_version_1(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text())


def test_a_history_of_the_first_version_is_read_whole(tmp_path):
    path = tmp_path / "history.sqlite"
    write_version_1(path)

    with open_history(path, is_created=False) as history:
        runs, decisions = history.runs(with_regions=True), history.decisions()

    old = replace(full_week(0), n_wide_tie=None, production_name=None, entropy=None)  # none was kept then
    assert runs == (old, week(1, regions=()))
    assert [each.by for each in decisions] == ["Ada"]
    assert decisions[0].run_key == runs[1].key
    assert version_of(path)[0] == len(STEPS)


def test_the_tables_are_those_that_are_read_and_written(place):
    open_history(place).close()
    engine = create_engine(f"sqlite:///{place}" if not isinstance(place, str) else place)

    made = inspect(engine)

    for table in (RUN, REGION, DECISION, REACHED):
        assert [each["name"] for each in made.get_columns(table.name)] == [each.name for each in table.columns]
    engine.dispose()


def test_a_further_step_is_taken_and_keeps_what_is_there(place):
    with open_history(place) as history:
        history.record(week())

    later = History(open_place(place, is_created=True, steps=(*STEPS, add_owner)))

    assert later.runs(with_regions=True) == (week(),)
    later.close()
    version, columns = version_of(place)
    assert version == len(STEPS) + 1
    assert "owner" in columns


def test_a_step_that_fails_changes_nothing(place):
    with open_history(place) as history:
        history.record(week())

    with pytest.raises(InputError, match="could not be opened"):
        open_place(place, is_created=True, steps=(*STEPS, fail))

    version, columns = version_of(place)
    assert version == len(STEPS)
    assert "owner" not in columns


def test_a_history_of_a_newer_version_is_refused_untouched(place):
    History(open_place(place, is_created=True, steps=(*STEPS, add_owner))).close()
    before = content_of(place)

    with pytest.raises(InputError, match=rf"version {len(STEPS) + 1} .* versions up to {len(STEPS)}\. Nothing was"):
        open_history(place)

    assert content_of(place) == before


def test_tables_that_became_newer_in_the_meantime_are_not_written_to(place):
    with open_history(place) as history:
        open_place(place, is_created=True, steps=(*STEPS, add_owner))

        with pytest.raises(InputError, match=rf"version {len(STEPS) + 1} .* Update distillation-drift"):
            history.record(week())

        assert history.runs() == ()


def test_a_file_that_was_removed_in_the_meantime_is_said_and_not_made_anew(tmp_path):
    path = tmp_path / "history.sqlite"
    history = open_history(path)
    path.unlink()

    with pytest.raises(InputError, match=r"could not be recorded in .* cannot be opened"):
        history.record(week())
    with pytest.raises(InputError, match=r"could not be read in .* cannot be opened"):
        history.runs()

    assert not path.exists()


def content_of(place):
    return None if isinstance(place, str) else place.read_bytes()


def test_where_no_history_is_none_is_made_unasked(place):
    with pytest.raises(InputError, match=r"There is no history at .*distillation-drift canary"):
        open_history(place, is_created=False)

    assert isinstance(place, str) or not place.exists()


@pytest.mark.parametrize("content", [b"at,agreement\n2026-01-05,0.9\n", b"SQLite", b"\0" * 200])
def test_a_file_that_is_not_sqlite_is_refused_untouched(tmp_path, content):
    path = tmp_path / "weeks.csv"
    path.write_bytes(content)

    with pytest.raises(InputError, match="it is not a SQLite file"):
        open_history(path)

    assert path.read_bytes() == content


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_sqlite_file_of_something_else_is_refused_untouched(tmp_path, mode):
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
        connection.execute("CREATE TABLE canary_run (run_key TEXT)")
    before = path.read_bytes()

    with pytest.raises(InputError, match="SQLite file of something else"):
        open_history(path)

    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["other.sqlite"]


def test_an_empty_file_becomes_a_history(tmp_path):
    path = tmp_path / "history.sqlite"
    path.touch()

    with open_history(path) as history:
        assert history.record(week()).is_new


@pytest.mark.parametrize("name", ["a folder/history.sqlite", "."])
def test_a_place_where_no_file_can_be_is_said(tmp_path, name):
    with pytest.raises(InputError, match=r"no folder|Is a directory"):
        open_history(tmp_path / name)


@pytest.mark.parametrize("name", ["history?mode=ro&x=1.sqlite", "a%20b #1.db", "größer 漢.sqlite"])
def test_odd_file_names_are_taken_as_they_are(tmp_path, name):
    with open_history(tmp_path / name) as history:
        history.record(week())

    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_processes_that_open_a_fresh_place_at_once_all_record(place):
    look = (
        "import sys, time; from drift_core import open_history\n"
        "from tests.drift_core.canary.runs_by_hand import week\n"
        "import sqlalchemy, drift_core.history.history\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "with open_history(sys.argv[1]) as history: history.record(week(int(sys.argv[2])))\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", look, str(place), str(number)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(5)
    ]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()

    said = [process.communicate(timeout=120)[1] for process in processes]

    assert said == [""] * 5
    with open_history(place) as history:
        assert len(history.runs()) == 5


@contextmanager
def without_rights():
    """Run as a user who owns nothing, where we are root."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def closed(tmp_path_factory):
    """A history in a folder that everyone may enter and nobody may write to."""
    folder = tmp_path_factory.mktemp("closed")
    path = folder / "history.sqlite"
    with open_history(path) as history:
        history.record(week())
        history.runs(with_regions=True)
    for parent in (folder, *folder.parents[:3]):  # pytest's own, one more with several processes
        if parent.stat().st_uid == os.getuid() and "pytest" in parent.as_posix():
            parent.chmod(0o755)
    path.chmod(0o444)
    folder.chmod(0o555)
    yield path
    folder.chmod(0o755)


def test_a_history_that_is_closed_to_writing_can_be_read(closed):
    with without_rights(), open_history(closed) as history:
        assert len(history.runs(with_regions=True)) == 1


def test_recording_in_a_history_that_is_closed_to_writing_is_said(closed):
    with (
        without_rights(),
        open_history(closed) as history,
        pytest.raises(InputError, match=r"could not be recorded in .*: it is closed to writing"),
    ):
        history.record(week(1))


def test_a_new_history_in_a_folder_that_is_closed_is_said(closed):
    with without_rights(), pytest.raises(InputError, match="closed to writing"):
        open_history(closed.with_name("other.sqlite"))


def test_a_history_that_cannot_be_read_is_said(closed):
    closed.chmod(0o000)

    with without_rights(), pytest.raises(InputError, match=r"cannot be read: Permission denied"):
        open_history(closed)


def test_an_older_history_that_is_closed_to_writing_is_read_and_stays(closed):
    closed.unlink()
    write_version_1(closed)
    before = closed.read_bytes()

    with without_rights(), open_history(closed) as history:
        runs = history.runs(with_regions=True)
        with pytest.raises(InputError, match="closed to writing"):
            history.record(week(5))

    assert [(run.at, run.number, len(run.regions)) for run in runs] == [(week(0).at, 1, 2), (week(1).at, 2, 0)]
    assert closed.read_bytes() == before
