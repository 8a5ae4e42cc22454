"""Ray's own processes: skipped where Ray is not installed; `make ray` installs it and runs these."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("ray", reason="Ray is not installed: make ray")
pytestmark = pytest.mark.slow

from tests.drift_core.retraining.cases import pairs, tiny_student  # noqa: E402
from tests.drift_core.traffic.test_embed_log import parts  # noqa: E402

LISTENING = "0A"
LOCAL = ("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F")


def drift(*arguments, **more):
    return subprocess.Popen(
        [sys.executable, "-m", "drift_core", *map(str, arguments)], stderr=subprocess.PIPE, text=True, **more
    )


def finished(process):
    said = process.communicate()[1]
    assert process.returncode == 0, said


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    words = np.array(list("abcdefghijklm"))
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(words, rng.integers(3, 40))) + f" {n}" for n in range(600)]
    pd.DataFrame({"query": texts * 2}).to_parquet(folder / "log.parquet")
    return folder / "log.parquet"


def embedded(log, folder, *engine):
    return drift("embed", log, "--out", folder, "--part-texts", 50, *engine)


def session_of(process):
    """Processes below one, itself included."""
    found, seen = {process.pid}, 0
    while len(found) > seen:
        seen = len(found)
        for each in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((each / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent in found:
                found.add(int(each.name))
    return found


def far_sockets(processes):
    """Internet sockets of processes by which another machine could be reached, or could reach them."""
    inodes = set()
    for pid in processes:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                inodes.add(str(link.readlink()))
            except OSError:
                continue
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, remote, state, inode = (line.split()[place] for place in (1, 2, 3, 9))
            end = local if state == LISTENING else remote
            is_near = end.startswith(LOCAL) or (state != LISTENING and not end.strip("0:"))
            if not is_near and f"socket:[{inode}]" in inodes:
                found.add((table, local, remote, state))
    return found


def test_vectors_are_those_of_the_local_engine_bit_for_bit_and_no_socket_leads_away(log, tmp_path):
    finished(embedded(log, tmp_path / "local"))
    process, far = embedded(log, tmp_path / "ray", "--engine", "ray", "--actors", 2), set()
    while process.poll() is None:
        far |= far_sockets(session_of(process))
        time.sleep(0.2)
    finished(process)

    one, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).glob("*.parquet")} for name in ("local", "ray")
    )
    assert len(one) == 12
    assert one == other
    assert far == set()


def test_a_run_that_is_killed_is_gone_on_from_with_nothing_twice_and_nothing_missing(log, tmp_path):
    folder = tmp_path / "parts"
    process = drift("embed", log, "--out", folder, "--part-texts", 10, "--engine", "ray", start_new_session=True)
    while process.poll() is None and len(list(folder.glob("*.parquet"))) < 4:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert 0 < len(parts(folder)[0]) < 600

    finished(embedded(log, folder, "--engine", "ray"))

    assert sorted(parts(folder)[0]) == sorted(pd.read_parquet(log)["query"].unique())
    assert not (folder / ".waiting").exists()


def test_scores_are_those_of_the_local_engine_and_are_kept(tmp_path):
    student = tiny_student(tmp_path / "ranker")
    pairs(300).to_csv(tmp_path / "pairs.csv", index=False)
    scores = []
    for engine in (["--engine", "local"], ["--engine", "ray", "--actors", "2"]):
        cache = ("--cache", tmp_path / f"{engine[1]}.sqlite", "--device", "cpu")
        where = ("--student", student, "--out", tmp_path / f"{engine[1]}.parquet", *cache)
        finished(drift("score", tmp_path / "pairs.csv", *where, *engine, stdout=subprocess.DEVNULL))
        scores.append(pd.read_parquet(tmp_path / f"{engine[1]}.parquet")["student_score"])

    assert np.array_equal(*scores)


def test_a_cluster_that_is_not_there_is_one_message(log, tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")

    process = embedded(log, tmp_path / "parts", "--engine", "ray")
    said = process.communicate()[1]

    assert process.returncode == 2
    assert "Error: The Ray cluster at 127.0.0.1:1 cannot be begun" in said
    assert "Traceback" not in said
