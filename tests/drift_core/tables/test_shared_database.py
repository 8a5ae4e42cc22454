"""Small sources share one database in a process; none sees what another has read, nor what a file once held."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet
import pytest

from drift_core.errors import InputError
from drift_core.samples.reading import read_table
from drift_core.tables import scan
from drift_core.tables.rejects import find_rejects
from drift_core.tables.scan import open_scan


def pairs(path: Path, n: int, *, n_broken: int = 0) -> Path:
    rows = [f"query {i},{i},{i * i}" for i in range(n)] + ["only a query"] * n_broken
    path.write_text("\n".join(["query,teacher_score,student_score", *rows, ""]))
    return path


def n_rejected(path: Path) -> int:
    with open_scan(path) as opened:
        n_read = len(opened.fetch())
        return sum(each.n_rows for each in find_rejects(opened.connection, opened.label, n_read).problems)


def test_each_of_many_readers_at_once_finds_its_own_rejected_rows(tmp_path: Path) -> None:
    files = [pairs(tmp_path / f"{n_broken}.csv", 100, n_broken=n_broken) for n_broken in range(8)] * 5

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(n_rejected, files))

    assert found == list(range(8)) * 5


def test_a_file_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "pairs.parquet"
    for first in (1, 2):
        pa.parquet.write_table(pa.table({"query": [f"query {first}"] * 30, "teacher_score": [first] * 30}), path)
        os.utime(path, ns=(0, 0))

        assert read_table(path)["teacher_score"].to_pylist() == [first] * 30


def test_a_forked_process_reads_what_its_parent_has_read(tmp_path: Path) -> None:
    path = pairs(tmp_path / "pairs.csv", 30)
    before = read_table(path)

    child = os.fork()
    if not child:
        signal.alarm(120)  # a child that waits for threads of its parent would wait for ever
        try:
            os._exit(0 if read_table(path).equals(before) else 1)
        finally:
            os._exit(2)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_log_and_what_is_large_have_a_database_of_their_own_with_room_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pairs(tmp_path / "pairs.csv", 30)
    room = "select current_setting('temp_directory')"

    with open_scan(path) as small, open_scan(path, is_log=True) as log:
        monkeypatch.setattr(scan, "MAX_SHARED_BYTES", path.stat().st_size - 1)
        with open_scan(path) as large:
            assert small.one(room) == ("",)
            assert all(Path(each.one(room)[0]).is_dir() for each in (log, large))
            assert log.one(room) != large.one(room)


def test_a_database_that_a_fault_has_ended_is_not_used_again(tmp_path: Path) -> None:
    path = pairs(tmp_path / "pairs.csv", 30)
    before = scan._shared_database(os.getpid())

    with pytest.raises(InputError, match="cannot be read"), open_scan(path):
        raise duckdb.FatalException("it was invalidated")

    assert scan._shared_database(os.getpid()) is not before


def test_no_database_fetches_an_extension(tmp_path: Path) -> None:
    path = pairs(tmp_path / "pairs.csv", 30)
    may_fetch = "current_setting('autoinstall_known_extensions') or current_setting('autoload_known_extensions')"

    for is_log in (False, True):
        with open_scan(path, is_log=is_log) as opened:
            assert opened.one(f"select {may_fetch}") == (False,)
