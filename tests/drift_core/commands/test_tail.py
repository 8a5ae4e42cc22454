import pandas as pd
import pytest

from drift_core.judge_card.file import read_card
from tests.drift_core.command_line import run
from tests.drift_core.comparison.two_students import frame

SLICES = ("compare", "frozen.csv", "--no-clusters")
FAST = ("--embedder", "hashing", "--no-cache")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pairs = frame(400, seed=3).assign(topic=lambda table: table["region"]).drop(columns="student_score_before")
    pairs.iloc[:100].to_csv("heldout.csv", index=False)
    pairs.iloc[100:].to_csv("production.csv", index=False)
    run("card", "init", "--student-version", "ranker-2")


def draw(*arguments, out="tail.csv"):
    return run("tail", "heldout.csv", "production.csv", "--n", 200, "--out", out, *FAST, *arguments)


def test_the_tail_is_drawn_frozen_on_the_card_and_compared():
    code, shown, _ = draw("--card", "judges.yaml")
    drawn = pd.read_csv("tail.csv")

    assert code == 0
    assert shown.startswith("The 200 hardest pairs of 300, by: distance, length. Digest ")
    assert (len(drawn), read_card("judges.yaml").tail_set.n_pairs) == (200, 200)
    assert list(drawn.columns[-3:]) == ["hardness", "distance", "length"]

    drawn.assign(student_score_before=drawn["student_score"] * 0.9).to_csv("tail.csv", index=False)
    frame(300).to_csv("frozen.csv", index=False)
    compared = (*SLICES, "--before", "ranker-1", "--after", "ranker-2", "--card", "judges.yaml")
    _, told, _ = run(*compared, "--tail", "tail.csv")
    assert "on 200 tail pairs" in told
    assert "\ntail set " in told

    assert "tail set, which every comparison must have. Give it: --tail FILE." in run(*compared)[2]
    drawn.iloc[1:].assign(student_score_before=0.1).to_csv("fewer.csv", index=False)
    code, _, said = run(*compared, "--tail", "fewer.csv")
    assert (code, said.count("Error")) == (2, 1)
    assert "is not the tail set of the judge card: its 199 pairs have digest" in said


def test_a_tail_set_with_texts_that_a_spreadsheet_would_run_is_still_the_cards():
    pairs = pd.read_csv("production.csv").assign(query=lambda table: "=" + table["query"])
    pairs.to_csv("production.csv", index=False)
    assert draw("--card", "judges.yaml")[0] == 0

    drawn = pd.read_csv("tail.csv")
    assert drawn["query"].str.startswith("'=").all()
    drawn.assign(student_score_before=drawn["student_score"] * 0.9).to_csv("tail.csv", index=False)
    frame(300).to_csv("frozen.csv", index=False)

    assert "on 200 tail pairs" in run(*SLICES, "--card", "judges.yaml", "--tail", "tail.csv")[1]


def test_another_tail_set_takes_the_place_of_the_cards_only_when_asked_to():
    draw("--card", "judges.yaml")
    held = read_card("judges.yaml").tail_set.digest

    assert draw("--card", "judges.yaml")[0] == 0  # the same one again
    code, _, said = draw("--card", "judges.yaml", "--n", 250)
    assert (code, read_card("judges.yaml").tail_set.digest) == (2, held)
    assert "The judge card has another tail set" in said
    assert draw("--card", "judges.yaml", "--n", 250, "--redraw")[0] == 0
    assert read_card("judges.yaml").tail_set.digest != held


def test_what_cannot_be_done_is_one_message():
    cases = {
        ("--n", 301): "a tail set of 301 needs more pairs",
        ("--n", 5): "greater than or equal to 20",
        ("--card", "gone.yaml"): "There is no judge card gone.yaml",
    }
    for arguments, message in cases.items():
        code, shown, said = draw(*arguments)
        assert (code, shown) == (2, ""), arguments
        assert message in said, (arguments, said)
    assert "--out must end in .parquet or .csv; found 'tail.txt'" in draw(out="tail.txt")[2]


def test_help_documents_every_option():
    code, shown, _ = run("tail", "--help")

    assert code == 0
    assert all(len(line.split()) > 2 for line in shown.splitlines() if line.strip().startswith("--"))
