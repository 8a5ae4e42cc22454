import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.drift_core.command_line import run
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import list_of

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def rescore(path, out, url, *more):
    return run("rescore", path, "--out", out, "--endpoint", url, "--model", "judge", *more)


def test_a_list_is_scored_and_the_record_says_what_and_by_whom(tmp_path):
    path, out = list_of(6, tmp_path), tmp_path / "out"

    with endpoint.serve(lambda query, doc: 0.25) as teacher:
        code, shown, _ = rescore(
            path, out, teacher.url, "--max-spend", 1, "--price-input", 2, "--price-output", 8, "--format", "csv"
        )

    assert code == 0
    assert shown.splitlines()[0] == "6 of 6 pairs have a score. 6 calls, 0.00048 spent."
    assert pd.read_csv(out / "rescored.csv")["teacher_score"].tolist() == [0.25] * 6
    record = json.loads((out / "rescored.json").read_text())
    assert record["counts"] == {"scored": 6, "unparsed": 0, "refused": 0, "failed": 0, "pending": 0}
    assert record["teacher"] == {
        "model": "judge",
        "revision": "judge-large-2026-11",
        "endpoint": teacher.url,
        "answered": [{"model": "judge-large-2026-11", "fingerprint": "fp_1", "n_pairs": 6}],
    }
    assert (record["score_range"], record["calls"]) == ([0, 1], 6)
    assert len(record["list_digest"]) == len(record["prompt"]["digest"]) == 64


def test_a_cap_is_exit_code_3_and_the_same_command_goes_on(tmp_path):
    path, out = list_of(6, tmp_path), tmp_path / "out"

    with endpoint.serve() as teacher:
        code, shown, _ = rescore(path, out, teacher.url, "--max-calls", 4)
        assert (code, len(teacher.calls)) == (3, 4)
        assert "Stopped at the cap; 2 pairs are left. They take 2 calls more than the 4 allowed" in shown
        assert pd.read_parquet(out / "rescored.parquet")["state"].tolist().count("pending") == 2

        code, shown, said = rescore(path, out, teacher.url, "--max-calls", 9)
    assert said == f"Re-scoring with judge: 4 of 6 done, 2 to ask, at {teacher.url}.\n"
    assert (code, len(teacher.calls)) == (0, 6)
    assert "All pairs have been asked." in shown


@pytest.mark.parametrize("fault", [endpoint.Reply(model="judge-new"), endpoint.failure(401, "Not so.")])
def test_an_error_of_the_endpoint_writes_the_list_with_what_there_is(tmp_path, fault):
    path, out = list_of(6, tmp_path), tmp_path / "out"

    with endpoint.serve(lambda query, doc: 0.25, faults=lambda call: fault if call.number == 4 else None) as teacher:
        code, shown, said = rescore(path, out, teacher.url, "--max-calls", 20, "--concurrency", 1)
        assert code == 2
        assert shown.splitlines()[0] == "3 of 6 pairs have a score (3 pending). 4 calls."
        assert f"Wrote {out / 'rescored.parquet'}" in shown
        assert said.splitlines()[-1].startswith("Error: The endpoint answer")
        table = pd.read_parquet(out / "rescored.parquet")
        assert table["state"].tolist() == ["scored"] * 3 + ["pending"] * 3
        end = json.loads((out / "rescored.json").read_text())["end"]
        assert end == {"kind": "endpoint", "sentence": said.splitlines()[-1].removeprefix("Error: ")}

        assert rescore(path, out, teacher.url, "--max-calls", 20)[0] == 0
    assert len(teacher.calls) == 7


def test_an_endpoint_that_answers_nobody_leaves_no_list(tmp_path):
    with endpoint.serve(faults=lambda call: endpoint.failure(401, "Wrong key.")) as teacher:
        code, shown, _ = rescore(list_of(3, tmp_path), tmp_path / "out", teacher.url, "--max-calls", 9)

    assert (code, shown) == (2, "")
    assert not (tmp_path / "out" / "rescored.parquet").exists()


def test_unparsed_answers_are_exit_code_3_and_say_how_to_read_them_at_no_cost(tmp_path):
    path, out = list_of(3, tmp_path), tmp_path / "out"

    with endpoint.serve(faults=lambda call: endpoint.said("Well.") if call.number == 1 else None) as teacher:
        code, shown, _ = rescore(path, out, teacher.url, "--max-calls", 9)
        assert code == 3
        assert "2 of 3 pairs have a score (1 unparsed)." in shown
        assert "1 of 1 answer could not be read as the JSON asked for, such as 'Well.'. --reread --regex" in shown
        assert "--retry-unparsed" not in shown  # at temperature 0 it would buy the same again
        code, shown, _ = rescore(path, out, teacher.url, "--max-calls", 9, "--retry-unparsed")
    assert (code, len(teacher.calls)) == (0, 4)


def test_an_estimate_asks_nobody_and_writes_nothing(tmp_path):
    path, out = list_of(100, tmp_path), tmp_path / "out"

    with endpoint.serve() as teacher:
        code, shown, _ = rescore(path, out, teacher.url, "--estimate", "--price-input", 2.5, "--concurrency", 4)

    assert code == 0
    assert shown.startswith("100 pairs to ask: about ")
    assert "25 seconds, one call taking 1 s as assumed." in shown
    assert not teacher.calls
    assert not out.exists()


def test_an_estimate_with_a_cap_says_whether_it_holds(tmp_path):
    path, url = list_of(100, tmp_path), "http://127.0.0.1:9/v1"

    code, shown, _ = rescore(path, tmp_path / "out", url, "--estimate", "--max-calls", 30)
    dear = rescore(path, tmp_path / "out", url, "--estimate", "--max-spend", 5, "--price-call", 1)[1]

    assert code == 0
    assert shown.endswith("\nThe cap does not hold them: they take 70 calls more than the 30 allowed.\n")
    assert dear.splitlines()[1].startswith("The cap does not hold them: they take about 95")


def test_a_prompt_a_pattern_and_a_range_of_ones_own(tmp_path):
    path, out, prompt = list_of(2, tmp_path, teacher_score=3.0), tmp_path / "out", tmp_path / "prompt.txt"
    prompt.write_text("Q {query} D {doc} ({low}-{high}) {json}")

    with endpoint.serve(template=prompt.read_text(), faults=lambda call: endpoint.said("Mark: 4")) as teacher:
        code, _, said = rescore(path, out, teacher.url, "--max-calls", 5)
        assert code == 2
        assert "run from 3 to 3, outside [0, 1]" in said
        more = ["--max-calls", 5, "--score-range", 1, 5, "--prompt", prompt, "--regex", r"Mark: (\d)"]
        code, _, _ = rescore(path, out, teacher.url, *more, "--temperature", "none")

    assert code == 0
    assert pd.read_parquet(out / "rescored.parquet")["teacher_score"].tolist() == [4.0, 4.0]
    assert "(1-5) {json}" in teacher.calls[0].body["messages"][0]["content"]
    assert not {"response_format", "temperature"} & set(teacher.calls[0].body)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "Re-scoring needs a cap"),
        (["--max-spend", 3], "needs the endpoint's prices"),
        (["--max-calls", 3, "--regex", "(.)"], "--regex needs a prompt"),
        (["--max-calls", 3, "--temperature", "warm"], "--temperature is a number"),
        (["--max-calls", 3, "--concurrency", 0], "concurrency must be a number in"),
        (["--max-calls", 3, "--key-variable", "NO_SUCH_KEY"], "NO_SUCH_KEY"),
        (["--max-calls", 3, "--format", "xlsx"], "can be written as parquet, csv, jsonl"),
        (["--max-calls", 3, "--prompt", "/nowhere"], "The prompt /nowhere cannot be read"),
    ],
)
def test_bad_usage_is_one_message_and_asks_nobody(tmp_path, more, words):
    with endpoint.serve() as teacher:
        code, _, said = rescore(list_of(2, tmp_path), tmp_path / "out", teacher.url, *more)

    assert code == 2
    assert words in said
    assert said.startswith("Error: ")
    assert not teacher.calls


def _hear_interrupts():
    """A shell lets what it runs in the background be deaf to an interrupt, and its children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_finishes_the_calls_in_flight_and_keeps_them(tmp_path):
    path, out = list_of(2000, tmp_path), tmp_path / "out"
    arguments = ["rescore", path, "--out", out, "--model", "judge", "--max-calls", 5000]

    with endpoint.serve(seconds=0.2) as teacher:
        process = subprocess.Popen(
            [sys.executable, "-m", "drift_core", *map(str, arguments), "--endpoint", teacher.url],
            cwd=ROOT,
            env=os.environ | {"OPENAI_API_KEY": "sk-1234"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=_hear_interrupts,
        )
        while len(teacher.calls) < 20:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        shown, said = (each.decode() for each in process.communicate(timeout=180))

    n = len(teacher.calls)
    assert process.returncode == 3
    assert said == f"Re-scoring with judge: 0 of 2,000 done, 2,000 to ask, at {teacher.url}.\n"
    assert f"{n:,} of 2,000 pairs have a score ({2000 - n:,} pending). {n:,} calls." in shown
    assert n == sum(teacher.answered.values()) < 2000
