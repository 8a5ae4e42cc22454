import json
from pathlib import Path

import pytest

from tests.drift_core.command_line import run as run_command
from tests.drift_core.comparison.two_students import frame
from tests.drift_core.gate.judged import judge_by_summary, record
from tests.drift_core.gate.weeks import run

CARD = """
student: {version: "ranker-7", parent: "ranker-1"}
teacher: {revision: "2026-01"}
"""


@pytest.fixture(autouse=True)
def a_history_that_passes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    judge_by_summary(monkeypatch)
    record("canary.db", run(0), run(1), run(2))
    Path("judges.yaml").write_text(CARD)


def gate(*arguments):
    where = ("--history", "canary.db", "--card", "judges.yaml", "--now", "2026-03-17", "--annotations", "none")
    return run_command("gate", *where, *arguments)


def compared(*arguments, made_at="2026-03-16", **planted):
    """Compare two students, and date that before the day that the gate decides for."""
    frame(**planted).to_csv("frozen.csv", index=False)
    names = ("--before", "ranker-1", "--after", "ranker-7")
    run_command("compare", "frozen.csv", "--no-clusters", "--json", "comparison.json", *names, *arguments)
    made = json.loads(Path("comparison.json").read_text())
    Path("comparison.json").write_text(json.dumps(made | {"made_at": made_at}))
    return "comparison.json"


def test_a_slice_that_got_worse_blocks_the_gate():
    code, shown, _ = gate("--comparison", compared(before=1.0, after=0.3, worse=2.5))

    assert code == 1
    assert shown.startswith("Blocked: region: c, frozen pairs: agreement ")
    assert shown.count("region: c, frozen pairs") == 1


def test_a_better_student_passes_and_the_json_says_what_was_compared():
    code, _, _ = gate("--comparison", compared(before=1.0, after=0.3), "--json", "gate.json")

    document = json.loads(Path("gate.json").read_text())
    assert code == 0
    assert document["comparison"]["outcome"] == "better"


def test_a_comparison_by_a_laxer_rule_blocks_the_gate():
    Path("lax.json").write_text('{"alarm_loss": 0.9}')
    compared("--rule", "lax.json", before=1.0, after=0.3)

    code, shown, _ = gate("--comparison", "comparison.json")

    assert code == 1
    assert "by a laxer rule than the gate's: alarm_loss is 0.9, the gate's 0.02." in shown
    assert gate("--comparison", "comparison.json", "--rule", "lax.json")[0] == 0


def test_a_slice_column_that_compare_left_out_is_named():
    pairs = frame(before=1.0, after=0.3)
    pairs.assign(land=pairs["region"]).to_csv("frozen.csv", index=False)
    _, shown, _ = run_command("compare", "frozen.csv", "--no-clusters", "--slice", "land", "--json", "comparison.json")

    assert "Note: Slice columns that were not compared: region." in shown
    assert json.loads(Path("comparison.json").read_text())["inputs"]["frozen"]["slices_left_out"] == ["region"]


def test_a_comparison_dated_after_now_cannot_tell():
    code, shown, _ = gate("--comparison", compared(before=1.0, after=0.3, made_at="2099-01-01"))

    assert code == 3
    assert "The comparison is dated 2099-01-01 00:00 UTC, after now, " in shown


def test_a_past_day_is_decided_by_a_comparison_made_since():
    code, _, _ = gate("--comparison", compared(before=1.0, after=0.3, made_at="2026-03-20"))

    assert code == 0


def test_an_override_lets_it_ship():
    code, shown, _ = gate(
        "--comparison",
        compared(before=1.0, after=0.3, worse=2.5),
        "--override",
        "--by",
        "Ada",
        "--reason",
        "It is off.",
    )

    assert code == 0
    assert "covers: before and after" in shown


def test_a_file_that_is_no_comparison_is_one_message():
    Path("other.json").write_text("{}")

    code, _, said = gate("--comparison", "other.json")

    assert code == 2
    assert said == "Error: other.json is no comparison. Expected the JSON of: distillation-drift compare --json FILE.\n"
