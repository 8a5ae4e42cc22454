"""Copies of what comes in are bounded, and none is left behind by a process that was killed."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drift_core.errors import InputError
from drift_core.samples.reading import read_pairs, read_table
from drift_core.tables import temporary_copies
from drift_core.tables.temporary_copies import copies_folder

SLEEPER = """
import sys, time
from drift_core.tables.temporary_copies import copies_folder
with copies_folder() as folder:
    (folder / "copy").write_text("secret")
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def place_of_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_the_copies_of_a_killed_process_are_deleted_by_the_next_and_those_of_a_living_one_stay(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(tmp_path)}
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        with copies_folder() as own:
            assert (folder / "copy").exists()
            assert own != folder
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert (folder / "copy").exists()

    with copies_folder() as own:
        assert list(tmp_path.iterdir()) == [own]

    assert list(tmp_path.iterdir()) == []


def test_a_stream_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(temporary_copies, "MAX_STREAM_BYTES", 3 << 20)

    with Path("/dev/zero").open("rb") as endless:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(endless))
        with pytest.raises(InputError, match="Standard input gives more than 3,145,728 bytes"):
            read_pairs("-")

    assert list(tmp_path.iterdir()) == []


def test_a_pipe_without_a_writer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary_copies, "WAIT_FOR_WRITER_MS", 10)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(InputError, match="a pipe into which nothing writes"):
        read_pairs(pipe)


def test_what_is_written_just_after_the_wait_keeps_its_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(list[int]):
        """Sees nothing in the wait, and what is there after it."""

        def register(self, handle: int, events: int) -> None:
            self.append(handle)

        def poll(self, wait: int) -> list[int]:
            return [] if wait else self

    monkeypatch.setattr("select.poll", Late)
    read, write = os.pipe()
    os.write(write, b"query,doc")
    os.close(write)

    copied = temporary_copies.copy_pipe(Path(f"/dev/fd/{read}"), tmp_path / "copy", "The pipe")

    os.close(read)
    assert copied.read_bytes() == b"query,doc"


def test_two_pipes_of_the_shell_are_read_as_one(tmp_path: Path) -> None:
    header = b"query,teacher_score,student_score\n"
    ends = []
    for part in range(2):
        read, write = os.pipe()
        os.write(write, header + b"".join(b"q%d,%d,%d\n" % (part * 20 + i, i, i * i) for i in range(20)))
        os.close(write)
        ends.append(read)
    given = read_table([f"/dev/fd/{end}" for end in ends])

    for end in ends:
        os.close(end)
    assert given["query"].to_pylist() == [f"q{i}" for i in range(40)]
