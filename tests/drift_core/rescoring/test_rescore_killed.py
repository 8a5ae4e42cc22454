import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from drift_core import Cap, rescore_list
from drift_core.rescoring.pace import Pace
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import list_of, rescoring

ROOT = Path(__file__).parents[3]
N_PAIRS, IN_FLIGHT = 400, 16
KILLED_AT = (100, 220)
TIGHT_CAP, CAP = 300, 560
FAULTS = (
    endpoint.too_many("0.01"),
    endpoint.failure(500),
    endpoint.half_a_body(),
    endpoint.dropped(),
    endpoint.failure(503),
)
PACE = {"concurrency": IN_FLIGHT, "first_wait_seconds": 0.05, "attempts": 8}
RUN = f"""
import sys
import openai
from drift_core import Cap, Rescoring, Teacher, rescore_list
from drift_core.rescoring.pace import Pace
sys.stdin.readline()
source, ledger, url = sys.argv[1:]
order = Rescoring(teacher=Teacher(model="judge", url=url), cap=Cap(max_calls={CAP}), pace=Pace(**{PACE}))
rescore_list(source, ledger, rescoring=order)
"""

TRY = RUN.replace("pace=Pace(", "n_tried=12, pace=Pace(")


def test_killed_twice_no_pair_is_lost_each_is_paid_at_most_once_more_and_the_cap_holds(tmp_path):
    path = list_of(N_PAIRS, tmp_path)

    with endpoint.serve(scored, faults=every_tenth_fails, seconds=0.02) as teacher:
        teacher.held_after = 0  # until as many calls as may be are in flight
        first, second = (started(path, tmp_path, teacher) for _ in range(2))
        for process, n_calls in zip((first, second), KILLED_AT, strict=True):
            go(process)
            wait_for(teacher, IN_FLIGHT - 2, process)
            teacher.held_after = None
            wait_for(teacher, n_calls, process)
            process.kill()
            process.communicate()
        assert rescored(path, tmp_path, teacher, TIGHT_CAP).end.kind == "cap"
        assert len(teacher.calls) <= TIGHT_CAP
        done = rescored(path, tmp_path, teacher, CAP)
        assert done.end.kind == "complete"
        assert [run.end and run.end.kind for run in done.runs] == [None, None, "cap", "complete"]

    table = done.pairs
    assert set(table["state"]) == {"scored"}
    assert table["teacher_score"].tolist() == [scored(None, doc) for doc in table["doc"]]
    assert len(teacher.calls) <= CAP
    assert len(teacher.answered) == N_PAIRS
    assert max(teacher.answered.values()) <= 2
    assert sum(teacher.answered.values()) <= N_PAIRS + len(KILLED_AT) * IN_FLIGHT
    assert IN_FLIGHT - 2 <= teacher.most_in_flight <= 2 * IN_FLIGHT  # a killed client's calls still run for a moment


def scored(query, doc):
    return int(doc.split()[1]) / N_PAIRS


def every_tenth_fails(call):
    return FAULTS[call.number // 10 % len(FAULTS)] if call.number % 10 == 0 else None


def started(path, folder, teacher):
    """A process that has loaded everything and waits for its turn."""
    command = [sys.executable, "-c", RUN, str(path), str(folder / "ledger"), teacher.url]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)


def go(process):
    process.stdin.write(b"go\n")
    process.stdin.flush()


def rescored(path, folder, teacher, cap):
    """A run that nobody kills, in this process."""
    order = rescoring(teacher.url, cap=Cap(max_calls=cap), pace=Pace(**PACE))
    return rescore_list(path, folder / "ledger", rescoring=order)


def wait_until_kept(ledger, n, process):
    deadline = time.monotonic() + 180
    while sqlite3.connect(ledger).execute("SELECT count(*) FROM answer").fetchone()[0] < n:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_for(teacher, n_calls, process):
    deadline = time.monotonic() + 180
    while len(teacher.calls) < n_calls:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_try_that_is_killed_keeps_its_answers_and_counts_its_calls(tmp_path):
    path = list_of(30, tmp_path)

    with endpoint.serve(scored, faults=lambda call: endpoint.Reply(seconds=60) if call.number > 6 else None) as teacher:
        command = [sys.executable, "-c", TRY, str(path), str(tmp_path / "ledger"), teacher.url]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
        go(process)
        wait_for(teacher, 12, process)
        wait_until_kept(tmp_path / "ledger", 6, process)
        process.kill()
        process.communicate()
        teacher.faults = lambda call: None
        n_calls = len(teacher.calls)
        capped = rescored(path, tmp_path, teacher, n_calls + 2)
        assert (capped.calls, capped.end.kind, capped.counts["scored"]) == (n_calls + 2, "cap", 8)
        done = rescored(path, tmp_path, teacher, CAP)

    assert done.is_complete
    assert max(teacher.answered.values()) == 1  # nothing that was answered is paid twice
