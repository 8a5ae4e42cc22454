import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from drift_core import Cap, InputError, rescore_list
from drift_core.rescoring import ledger_writer
from drift_core.rescoring.ledger import open_ledger, read_spent
from drift_core.rescoring.ledger_schema import BEGIN_CALL, SETTLE_CALL
from drift_core.rescoring.ledger_writer import writing
from drift_core.rescoring.lock import locked
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import list_of, rescoring


def free(digest, tokens_in, tokens_out):
    return 0


ROOT = Path(__file__).parents[3]
HOLD = """
import sys, time
from pathlib import Path
from drift_core.rescoring.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def made(path):
    with open_ledger(path, is_created=True):
        return path


def test_what_was_written_is_read_by_another_connection_once_it_is_done(tmp_path):
    path = made(tmp_path / "ledger")

    async def write():
        async with writing(path) as writer:
            for i in range(1, 701):
                writer.write((BEGIN_CALL, (i, f"pair {i}", "now", 10)))
            seen = sqlite3.connect(path).execute("SELECT count(*) FROM call").fetchone()[0]
            writer.write((SETTLE_CALL, (3, "answer", None, 0.5, 1, 2, "m", None, None, 1)))
        return seen

    assert asyncio.run(write()) == 700
    with open_ledger(path) as connection:
        spent = read_spent(connection, free)
    assert (spent.calls, spent.picos, spent.n_unknown) == (700, 699 * 10 + 3, 699)
    assert (spent.seconds_a_call, spent.picos_a_score) == (0.5, 3)


def test_after_a_write_that_failed_nothing_is_written_and_everybody_is_told(tmp_path):
    path = made(tmp_path / "ledger")

    async def write():
        async with writing(path) as writer:
            good = (BEGIN_CALL, (1, "pair", "now", 10))
            writer.write(good)
            with pytest.raises(InputError, match="UNIQUE"):
                writer.write((BEGIN_CALL, (2, "pair", "now", 10)), good)
            with pytest.raises(InputError, match="UNIQUE"):
                writer.write((BEGIN_CALL, (3, "pair", "now", 10)))

    asyncio.run(write())
    with open_ledger(path) as connection:
        assert read_spent(connection, free).calls == 1


def test_a_write_that_failed_leaves_the_ledger_to_others(tmp_path):
    path = made(tmp_path / "ledger")

    async def write():
        async with writing(path) as writer:
            good = (BEGIN_CALL, (1, "pair", "now", 10))
            with pytest.raises(InputError, match="UNIQUE"):
                writer.write(good, good)
            with sqlite3.connect(path, timeout=0) as other:
                other.execute("BEGIN IMMEDIATE")

    asyncio.run(write())


def test_a_disk_that_fails_after_the_last_write_is_told(tmp_path, monkeypatch):
    path = made(tmp_path / "ledger")

    def fails(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(ledger_writer, "_sync", fails)

    async def write():
        async with writing(path) as writer:
            writer.write((BEGIN_CALL, (1, "pair", "now", 10)))

    with pytest.raises(InputError, match="Input/output error"):
        asyncio.run(write())


@pytest.mark.parametrize(
    "older", ["DROP TABLE run", "INSERT INTO setting VALUES ('prompt_digest', 'abc')"], ids=["no runs", "a digest"]
)
def test_a_ledger_begun_before_this_form_is_refused_with_its_reason(tmp_path, older):
    path = made(tmp_path / "ledger")
    with sqlite3.connect(path) as connection:
        connection.execute(older)

    with pytest.raises(InputError, match=r"before 0\.2\.0.* Its answers stay in it"), open_ledger(path):
        pass


def test_a_ledger_that_cannot_be_written_stops_before_a_call_goes_out(tmp_path):
    path, ledger = list_of(5, tmp_path), tmp_path / "ledger"

    with endpoint.serve() as teacher:
        rescore_list(path, ledger, rescoring=rescoring(teacher.url, cap=Cap(max_calls=2)))
        with sqlite3.connect(ledger) as connection:
            connection.execute("CREATE TRIGGER full BEFORE INSERT ON call BEGIN SELECT RAISE(FAIL, 'disk full'); END")
        with pytest.raises(InputError, match="disk full"):
            rescore_list(path, ledger, rescoring=rescoring(teacher.url))

    assert len(teacher.calls) == 2


def test_the_lock_goes_with_its_process(tmp_path):
    ledger = tmp_path / "ledger"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(ledger)], cwd=ROOT, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"

    with pytest.raises(InputError, match="Another run"), locked(ledger):
        pass
    holder.kill()
    holder.communicate()
    with locked(ledger):
        pass


def test_a_ledger_of_a_newer_version_and_other_files_are_refused(tmp_path):
    newer, other = made(tmp_path / "newer"), tmp_path / "other"
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine (x)")

    for path, words in (
        (newer, "is of version 99"),
        (other, "is no ledger"),
        (tmp_path / "none", "There is no ledger"),
    ):
        with pytest.raises(InputError, match=words), open_ledger(path):
            pass
    with pytest.raises(InputError, match="is no ledger"), open_ledger(other, is_created=True):
        pass


def test_a_ledger_is_read_while_a_run_writes_it(tmp_path):
    path, ledger, counts = list_of(40, tmp_path), tmp_path / "ledger", []

    with endpoint.serve() as teacher:
        teacher.held_after = 20  # so that it is read at least once in the midst
        run = threading.Thread(target=rescore_list, args=(path, ledger), kwargs={"rescoring": rescoring(teacher.url)})
        run.start()
        while run.is_alive():
            if ledger.is_file() and len(teacher.calls):
                with open_ledger(ledger) as connection:
                    counts.append(read_spent(connection, free).calls)
                if counts[-1]:
                    teacher.held_after = None
            time.sleep(0.02)

    assert counts == sorted(counts)
    assert any(0 < n < 40 for n in counts)


def test_writes_are_on_the_disk_soon_after(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(ledger_writer, "SYNC_SECONDS", 0.05)
    monkeypatch.setattr(ledger_writer, "_sync", lambda path: synced.append(time.monotonic()))
    with open_ledger(tmp_path / "ledger", is_created=True):
        pass

    async def write():
        async with writing(tmp_path / "ledger") as writer:
            began = time.monotonic()
            for number in range(20):
                writer.write((BEGIN_CALL, (number, "a", "now", 0)))
                await asyncio.sleep(0.01)
            n_while_writing, seconds = len(synced), time.monotonic() - began
            await asyncio.sleep(0.3)
        return n_while_writing, len(synced), seconds

    n_while_writing, n_when_idle, seconds = asyncio.run(write())
    assert 2 <= n_while_writing <= seconds / ledger_writer.SYNC_SECONDS + 1
    assert n_when_idle <= n_while_writing + 1


def test_the_log_of_a_ledger_is_what_is_synced(tmp_path):
    with open_ledger(tmp_path / "ledger", is_created=True):
        ledger_writer._sync(tmp_path / "ledger")
