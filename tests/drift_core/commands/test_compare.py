import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drift_core.tables.pair_digests import digest_pairs
from tests.drift_core.command_line import run
from tests.drift_core.comparison.two_students import frame


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, pairs: pd.DataFrame) -> str:
    pairs.to_csv(name, index=False)
    return name


SLICES = ("compare", "--no-clusters")
BETTER, WORSE = {"before": 1.0, "after": 0.3}, {"before": 1.0, "after": 0.3, "worse": 2.5}


def test_better_is_exit_code_0_and_the_verdict_comes_first() -> None:
    frozen = write("frozen.csv", frame(**BETTER))

    code, shown, said = run(*SLICES, frozen)

    assert code == 0
    assert not said
    assert shown.splitlines()[0].startswith("Better: agreement rose from")
    assert "Note: Pairs that the student after was trained on are not known" in shown


def test_something_worse_is_exit_code_1_and_named() -> None:
    code, shown, _ = run(*SLICES, write("frozen.csv", frame(**WORSE)))

    assert code == 1
    assert shown.startswith("Worse in region: c; the whole ")
    assert "- region: c, frozen pairs: The change is -" in shown


def test_cannot_tell_is_exit_code_3() -> None:
    code, shown, _ = run(*SLICES, "--fresh", write("fresh.csv", frame(60)))

    assert code == 3
    assert shown.startswith("Cannot tell: ")


def test_the_record_is_what_the_gate_reads() -> None:
    frozen, fresh = write("frozen.csv", frame()), write("fresh.csv", frame(seed=2, **WORSE))

    code, shown, _ = run(*SLICES, frozen, "--fresh", fresh, "--after", "ranker-2", "--json", "comparison.json")

    document = json.loads(Path("comparison.json").read_text())
    assert code == 1
    assert shown.endswith("Wrote comparison.json.\n")
    assert (document["student_before"], document["student_after"]) == (None, "ranker-2")
    assert [part["title"] for part in document["worse"]] == ["region: c, fresh pairs"]


def test_json_on_standard_output_stands_alone() -> None:
    code, shown, _ = run(*SLICES, write("frozen.csv", frame(**BETTER)), "--json", "-")

    assert code == 0
    assert json.loads(shown)["outcome"] == "better"


def test_pairs_that_were_trained_on_are_left_out_and_counted() -> None:
    pairs = frame(**BETTER)
    trained = pd.DataFrame(
        {"row": range(50), "pair_digest": digest_pairs(list(pairs["query"][:50]), list(pairs["doc"][:50]))}
    )

    _, shown, _ = run(*SLICES, write("frozen.csv", pairs), "--trained-on", write("list.csv", trained))

    assert "on 550 frozen pairs" in shown
    assert "50 pairs are left out of frozen: a pair that the student after was trained on (list.csv)" in shown


def test_the_student_before_may_be_in_a_file_of_its_own() -> None:
    pairs = frame(**BETTER)
    one = write("one.csv", pairs)
    after = write("after.csv", pairs.drop(columns="student_score_before"))
    before = write("before.csv", pairs.assign(student_score=pairs["student_score_before"])[::-1])

    together, apart = run(*SLICES, one), run(*SLICES, after, "--before-file", before)

    assert together[1].splitlines()[0] == apart[1].splitlines()[0]


def test_query_clusters_are_regions_unless_none_are_asked_for() -> None:
    words = np.array(["refund card", "laptop screen", "soup recipe"])
    pairs = frame(**BETTER)
    pairs["query"] = [f"{words[place // 2 % 3]} {place // 2}" for place in range(len(pairs))]

    code, shown, _ = run("compare", write("frozen.csv", pairs), "--embedder", "hashing", "--no-cache")

    assert code == 0
    assert "query clusters: " in shown
    assert "topics not compared" in run("compare", "frozen.csv", "--no-clusters")[1]
    assert "found --no-clusters" in run("compare", "frozen.csv", "--no-clusters", "--embedder", "hashing")[2]


def test_chosen_slices_are_the_only_regions() -> None:
    pairs = frame(**BETTER).assign(surface=lambda each: np.where(each.index % 2, "web", "app"))

    _, shown, _ = run(*SLICES, write("frozen.csv", pairs), "--slice", "surface")

    assert "surface: web" in shown
    assert "region: a" not in shown


def test_costs_and_latencies_are_told_beside_the_teachers() -> None:
    pairs = frame(**BETTER).assign(
        teacher_cost=0.002, student_cost=0.00002, student_latency_ms=lambda e: 10.0 + e.index % 7
    )

    _, shown, _ = run(*SLICES, write("frozen.csv", pairs))

    assert "0.0200 (0.0200 to 0.0200), n = 600" in shown
    assert "1.0% (1.0% to 1.0%) of the teacher's" in shown
    assert "The teacher's latency is not known." in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "A comparison needs the frozen set, fresh pairs (--fresh), or both; found neither."),
        (["--fresh", "f.csv", "--before-file", "b.csv"], "--before-file belongs to pairs that are not given"),
        (["-", "--fresh", "-"], "Only one file can come from standard input"),
        (["f.csv", "--embedder", "hashing", "--embeddings", "x.npy"], "exclude each other"),
        (["f.csv", "--column", "student_before"], "--column expects ROLE=COLUMN"),
        (["none.csv"], "There is no file none.csv"),
        (["f.csv", "--after", " "], "--after expects the version of a student"),
        (["f.csv", "--json", "none/comparison.json"], "there is no folder none"),
        (["f.csv", "--slice", "team"], "has no column 'team', asked for as a slice"),
        (["lacking.csv"], "lacking.csv has no scores by the student before"),
    ],
)
def test_bad_usage_is_one_message_and_exit_code_2(arguments: list[str], message: str) -> None:
    write("f.csv", frame(60))
    write("lacking.csv", frame(60).drop(columns="student_score_before"))

    code, shown, said = run(*SLICES, *arguments)

    assert code == 2
    assert not shown
    assert message in said
    assert said.count("\n") == 1
