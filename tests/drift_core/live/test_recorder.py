import logging
import multiprocessing
import os
import sys
import threading
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from drift_core import Recorder
from drift_core.live import recorder as recorders
from drift_core.samples.reading import read_pairs
from drift_core.simulation.simulate import Plan, simulate

WEDNESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
A_DAY = 86_400.0


@pytest.fixture
def clock():
    """A clock that stands until it is set."""

    class Clock:
        at = WEDNESDAY

        def __call__(self):
            return self.at

    return Clock()


@pytest.fixture
def recording(tmp_path, clock):
    """Make recorders that write when they are told to."""
    made = []

    def make(**settings):
        made.append(Recorder(tmp_path / "audit", **{"share": 1.0, "seconds": 3600.0, "now": clock} | settings))
        return made[-1]

    yield make
    for each in made:
        each.close()


def kept_in(folder):
    return pd.concat([pq.read_table(path).to_pandas() for path in sorted(folder.rglob("*.parquet"))], ignore_index=True)


def test_the_folder_of_a_week_is_read_as_the_file_of_the_same_pairs(recording, tmp_path):
    week = simulate(Plan(n_heldout=20, n_production=200), seed=4).production
    recorder = recording()
    for pair in week.itertuples():
        assert recorder.record(pair.query, pair.doc, student=pair.student_score, teacher=pair.teacher_score)
    recorder.close()

    read, same = read_pairs(tmp_path / "audit" / "2026-W48"), read_pairs(week, slices=())

    assert read.name == "2026-W48"
    for role in ("query", "doc", "student", "teacher"):
        assert getattr(read, role).tolist() == getattr(same, role).tolist()


def test_a_share_of_the_queries_is_kept_with_all_their_docs_and_another_share_next_week(recording, clock, tmp_path):
    n_queries, share = 4_000, 0.05
    recorder = recording(share=share)
    queries = {}
    for day in (0.0, 7 * A_DAY):
        clock.at = WEDNESDAY + day
        queries[day] = {f"query {n}" for n in range(n_queries) if recorder.record(f"query {n}", "first", student=0.1)}
        assert {
            f"query {n}" for n in range(n_queries) if recorder.record(f"query {n}", "other", student=0.2)
        } == queries[day]
    recorder.close()

    this, other = queries.values()
    spread = 5 * np.sqrt(n_queries * share * (1 - share))
    assert abs(len(this) - n_queries * share) < spread
    assert abs(len(other) - n_queries * share) < spread
    assert len(this & other) < 0.3 * len(this)  # 5 % of them by chance
    kept = kept_in(tmp_path / "audit" / "2026-W48")
    assert set(kept["query"]) == this
    assert len(kept) == 2 * len(this)
    assert sorted(path.name for path in (tmp_path / "audit").iterdir()) == ["2026-W48", "2026-W49"]


@pytest.mark.parametrize(("at", "week"), [("2026-11-29T23:59:59", "2026-W48"), ("2026-11-30T00:00:00", "2026-W49")])
def test_a_week_ends_on_sunday_at_midnight(at, week, recording, clock, tmp_path):
    recorder = recording()
    for moment in ("2026-11-25T00:00:00", at):
        clock.at = datetime.fromisoformat(f"{moment}+00:00").timestamp()
        recorder.record(f"at {moment}", "doc", student=0.5)
    recorder.flush()

    assert f"at {at}" in set(kept_in(tmp_path / "audit" / week)["query"])


def test_queries_with_an_id_are_drawn_by_it(recording):
    recorder = recording(share=0.3)

    kept = {recorder.record(f"wording {n}", "doc", student=0.1, query_id="q-1") for n in range(50)}

    assert len(kept) == 1


def test_what_every_row_says_can_be_said_otherwise_by_a_call(recording, tmp_path):
    recorder = recording(columns={"student_version": "s1", "market": "at"})
    recorder.record("one", "doc", student=0.1)
    recorder.record("two", "doc", student=0.2, market="de")
    recorder.flush()

    kept = kept_in(tmp_path / "audit").set_index("query")
    assert kept["market"].to_dict() == {"one": "at", "two": "de"}
    assert set(kept["student_version"]) == {"s1"}
    assert kept["timestamp"].dt.tz is not None


def test_labels_and_numbers_of_libraries_are_kept_as_they_are(recording, tmp_path):
    recorder = recording()
    recorder.record("one", "doc", student=np.float32(0.5), teacher="pass")
    recorder.record("two", "doc", student=1, teacher=False)
    recorder.flush()

    kept = kept_in(tmp_path / "audit")
    assert kept["student_score"].tolist() == [0.5, 1.0]
    assert kept["teacher_score"].tolist() == ["pass", "false"]


@pytest.mark.parametrize(
    "pair",
    [
        {"query": None, "doc": "doc"},
        {"query": "query", "doc": 7},
        {"query": "query", "doc": "doc", "student": object()},
        {"query": "query", "doc": "doc", "student": [0.1, 0.2]},
        {"query": "query", "doc": "doc", "weight": "3"},
        {"query": "query", "doc": "doc", "market": 3},
        {"query": "query", "doc": "doc", " Teacher_Score": "3"},
    ],
)
def test_what_is_no_pair_is_counted_and_never_raised(pair, recording, tmp_path, caplog):
    recorder = recording()
    recorder.record("good", "doc", student=0.4)

    with caplog.at_level(logging.WARNING):
        assert recorder.record(**pair) is False

    recorder.close()
    assert recorder.dropped == 1
    assert kept_in(tmp_path / "audit")["query"].tolist() == ["good"]
    assert "1 pairs were drawn and not recorded" in caplog.text


def test_half_a_surrogate_pair_is_kept_as_a_sign_that_can_be_written(recording, tmp_path):
    recorder = recording()
    assert recorder.record("half \ud83d of it", "doc", student=0.4)
    recorder.flush()

    assert kept_in(tmp_path / "audit")["query"].tolist() == ["half ? of it"]


def test_rows_wait_while_they_cannot_be_written_and_more_than_memory_has_room_for_are_counted(
    recording, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(recorders, "MOST_WAITING", 3)
    (tmp_path / "audit").write_text("no folder")
    recorder = recording()
    with caplog.at_level(logging.WARNING):
        kept = [recorder.record(f"secret {n}", "doc", student=0.1) for n in range(5)]
        recorder.flush()
    assert kept == [True, True, True, False, False]
    assert recorder.dropped == 2
    assert "secret" not in caplog.text
    assert len(caplog.records) == 1
    recorder.close()
    assert "3 rows could not be written; they are lost" in caplog.text
    recorder.close()  # as the end of the process does
    assert (recorder.dropped, len(caplog.records)) == (5, 2)
    (tmp_path / "audit").unlink()
    recorder.flush()
    assert recorder.dropped == 2
    assert kept_in(tmp_path / "audit")["query"].tolist() == [f"secret {n}" for n in range(3)]


def test_a_reader_meets_whole_files_alone_and_a_full_one_is_followed_by_another(recording, tmp_path, monkeypatch):
    monkeypatch.setattr("drift_core.live.parts.MOST_ROWS", 4)
    recorder = recording()
    for n in range(10):
        recorder.record(f"query {n}", "doc", student=0.1)
        recorder.flush()
        assert len(kept_in(tmp_path / "audit")) == n + 1

    files = list((tmp_path / "audit" / "2026-W48").iterdir())
    assert [path.suffix for path in files] == [".parquet"] * 3


def test_what_waits_is_written_by_a_thread_of_its_own(tmp_path):
    recorder = Recorder(tmp_path / "audit", share=1.0, seconds=0.01)
    recorder.record("query", "doc", student=0.1)

    for _ in range(3_000):
        if (tmp_path / "audit").is_dir() and list((tmp_path / "audit").rglob("*.parquet")):
            break
        threading.Event().wait(0.01)

    recorder.close()
    assert kept_in(tmp_path / "audit")["query"].tolist() == ["query"]


def test_threads_at_once_lose_nothing_and_repeat_nothing(recording, tmp_path):
    recorder = recording(seconds=0.001)

    def serve(number):
        for n in range(500):
            recorder.record(f"{number} {n}", "doc", student=0.1)

    threads = [threading.Thread(target=serve, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    recorder.close()

    assert sorted(kept_in(tmp_path / "audit")["query"]) == sorted(f"{a} {n}" for a in range(4) for n in range(500))


def record_and_end(folder):
    Recorder(folder, share=1.0, seconds=3600.0).record("child", "doc", student=0.2)


def test_a_process_that_ends_writes_what_waits(tmp_path):
    child = multiprocessing.get_context("spawn").Process(target=record_and_end, args=(tmp_path,))

    child.start()
    child.join()

    assert child.exitcode == 0
    assert kept_in(tmp_path)["query"].tolist() == ["child"]


def test_a_thread_that_cannot_be_started_is_started_later_and_no_row_is_lost(recording, tmp_path, monkeypatch):
    recorder = recording(seconds=0.001)
    with monkeypatch.context() as limited:
        limited.setattr(threading.Thread, "start", fail_to_start)
        assert recorder.record("first", "doc", student=0.1)
    assert recorder.record("second", "doc", student=0.1)
    recorder.close()

    assert recorder.dropped == 0
    assert kept_in(tmp_path / "audit")["query"].tolist() == ["first", "second"]


def fail_to_start(thread):
    raise RuntimeError("can't start new thread")


def test_quiet_moments_begin_no_new_file(recording, tmp_path):
    recorder = recording()
    for n in range(5):
        recorder.record(f"query {n}", "doc", student=0.1)
        recorder.flush()
        recorder.flush()

    assert len(list((tmp_path / "audit" / "2026-W48").iterdir())) == 1


def test_a_row_that_no_file_takes_keeps_no_other_waiting(recording, tmp_path, monkeypatch):
    recorder = recording()
    for n in range(3):
        recorder.record(f"query {n}", "doc", student=0.1)
    recorder._waiting[1] = recorder._waiting[1]._replace(at=float("nan"))
    monkeypatch.setattr(recorders, "_week_of", lambda at: "2026-W48")

    recorder.flush()

    assert recorder.dropped == 1
    assert kept_in(tmp_path / "audit")["query"].tolist() == ["query 0", "query 2"]


def record_in_a_fork(recorder):
    recorder.record("child", "doc", student=0.2)
    recorder.close()


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="Processes are not forked here.")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_writes_its_own_rows_alone(recording, tmp_path):
    recorder = recording()
    recorder.record("parent", "doc", student=0.1)
    child = multiprocessing.get_context("fork").Process(target=record_in_a_fork, args=(recorder,))

    child.start()
    child.join()
    recorder.close()

    assert child.exitcode == 0
    assert sorted(kept_in(tmp_path / "audit")["query"]) == ["child", "parent"]
