import json
import re

import numpy as np
import pandas as pd
import pytest

from drift_core.judge_card.file import edit_card
from drift_core.judge_card.template import TEMPLATE
from drift_core.retraining.student import load_student
from tests.drift_core.command_line import run
from tests.drift_core.retraining.cases import pairs, tiny_student

MAP = {"method": "platt", "takes_probability": False, "slope": 2.0, "intercept": 1.0}


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    return tiny_student(tmp_path_factory.mktemp("student") / "ranker-1")


@pytest.fixture
def file(tmp_path):
    pairs(6).assign(country="DE").to_csv(tmp_path / "pairs.csv", index=False)
    return tmp_path / "pairs.csv"


def score(file, student, out, *more):
    return run("score", file, "--student", student, "--out", out, "--device", "cpu", *more)


def test_pairs_get_the_student_s_scores(student, file, tmp_path):
    code, shown, said = score(file, student, tmp_path / "scored.csv", "--no-cache")

    assert (code, said) == (0, f"Scoring 6 pairs with {student}.\n")
    first, last, room = shown.splitlines()
    assert (first, last) == (f"6 pairs scored by {student}.", f"Wrote {tmp_path / 'scored.csv'}")
    assert re.fullmatch(r"The student takes [\d.,]+ MB on disk, its weights [\d.]+ MB; this process took .* MB\.", room)
    table = pd.read_csv(tmp_path / "scored.csv")
    texts = list(zip(table["query"], table["doc"], strict=True))
    own = load_student(student, device="cpu").model.predict(texts, show_progress_bar=False)
    assert table["student_score"].to_numpy() == pytest.approx(own, abs=1e-6)
    assert [*table.columns] == ["query", "doc", "teacher_score", "country", "student_score"]


def test_two_students_stand_in_one_file(student, file, tmp_path):
    out = tmp_path / "scored.parquet"
    other = tiny_student(tmp_path / "ranker-2", seed=3)

    assert score(file, student, out, "--into", "student_score_before", "--no-cache")[0] == 0
    assert score(out, other, out, "--no-cache")[0] == 0

    table = pd.read_parquet(out)
    assert (table["student_score"] != table["student_score_before"]).all()


def test_a_calibration_adds_its_score_and_its_decision(student, file, tmp_path):
    threshold = {"error": "misses", "level": 0.1, "confidence": 0.95, "value": 0.0, "sentence": "Kept."}
    made = {
        "kind": "calibration",
        "schema": 1,
        "version": "1",
        "made_at": "2026-05-01T00:00:00",
        "fitted_on": "held-out",
    }
    made |= {
        "map": MAP,
        "check": {"sample": "held-out", "reading": "calibrated", "sentence": "Fine."},
        "thresholds": [threshold],
    }
    place = tmp_path / "calibration.json"
    place.write_text(json.dumps(made))

    assert score(file, student, tmp_path / "scored.csv", "--no-cache", "--calibration", place)[0] == 0

    table = pd.read_csv(tmp_path / "scored.csv")
    own = table["student_score"]
    assert table["calibrated_score"].to_numpy() == pytest.approx(1 / (1 + np.exp(-(2 * own + 1))))
    assert table["decision"].tolist() == np.where(own >= 0, "pass", "stop").tolist()
    place.write_text(json.dumps(made | {"map": {"method": "temperature", "slope": 2.0}}))
    code, _, errors = score(file, student, tmp_path / "scored.csv", "--no-cache", "--calibration", place)
    assert code == 2
    assert "The calibration takes probabilities, and these scores reach from" in errors


def test_a_calibration_of_another_student_is_said(student, file, tmp_path):
    place, card = tmp_path / "calibration.json", student / "judges.yaml"
    made = {"kind": "calibration", "schema": 1, "version": "1", "made_at": "2026-05-01T00:00:00", "map": MAP}
    made |= {"fitted_on": "held-out", "check": {"sample": "held-out", "reading": "calibrated", "sentence": "Fine."}}
    place.write_text(json.dumps(made | {"student_version": "ranker-9"}))
    more = ("--no-cache", "--calibration", place)

    assert "Note" not in score(file, student, tmp_path / "scored.csv", *more)[2]
    card.write_bytes(edit_card(TEMPLATE.encode(), {"student.version": "ranker-1"}))
    code, _, errors = score(file, student, tmp_path / "scored.csv", *more)
    card.unlink()

    assert code == 0
    assert "Note: The calibration is of student ranker-9, and this one is ranker-1: calibrate this one." in errors
    code, _, errors = score(file, student, tmp_path / "scored.csv", *more, "--into", "decision")
    assert code == 2
    assert "--calibration writes the column 'decision'" in errors


def test_scores_are_kept_where_the_user_says(student, file, tmp_path):
    cache = tmp_path / "kept.sqlite"
    score(file, student, tmp_path / "one.csv", "--cache", cache)

    assert cache.is_file()
    assert score(file, student, tmp_path / "two.csv", "--cache", cache)[0] == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"file": "nowhere.csv"}, "nowhere.csv"),
        ({"student": "nowhere"}, "holds no student"),
        ({"out": "out.xlsx"}, "must end in .parquet, .csv, .jsonl"),
        ({"out": "no/folder/out.csv"}, "there is no folder"),
        ({"more": ("--into", "query")}, "Scores cannot go into the column 'query'"),
        ({"more": ("--device", "abacus")}, "cannot be loaded"),
    ],
)
def test_an_error_is_one_message_and_exit_code_2(student, file, tmp_path, change, message):
    given = {"file": file, "student": student, "out": tmp_path / "out.csv", "more": ()} | change

    code, shown, said = score(given["file"], given["student"], given["out"], *given["more"], "--no-cache")

    assert (code, shown) == (2, "")
    assert said.startswith("Error: ")
    assert message in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("size", ["0", "-1", "nan"])
def test_a_batch_size_below_1_is_bad_usage(student, file, tmp_path, size):
    code, _, said = score(file, student, tmp_path / "out.csv", "--batch-size", size)

    assert code == 2
    assert "Invalid value for '--batch-size'" in said
    assert "Traceback" not in said


def test_ctrl_c_is_exit_code_130_and_the_next_run_goes_on(student, tmp_path, monkeypatch):
    from sentence_transformers.cross_encoder import CrossEncoder

    monkeypatch.setattr("drift_core.regions.cache.TEXTS_PER_CHUNK", 10)
    pairs(40).to_parquet(tmp_path / "pairs.parquet")
    given = (tmp_path / "pairs.parquet", student, tmp_path / "out.csv", "--cache", tmp_path / "kept.sqlite")
    predict, asked = CrossEncoder.predict, []

    def pressed(model, batch, **options):
        if len(asked) == 20:
            asked.append(None)
            raise KeyboardInterrupt
        asked.extend(batch)
        return predict(model, batch, **options)

    monkeypatch.setattr(CrossEncoder, "predict", pressed)
    code, shown, said = score(*given)
    assert (code, shown) == (130, "")
    assert "Traceback" not in said
    assert not (tmp_path / "out.csv").exists()

    assert score(*given)[0] == 0
    assert len(asked) == len(set(asked)) == 41


def test_what_the_student_takes_and_manages_is_told_and_written(student, file, tmp_path, monkeypatch):
    monkeypatch.setattr("drift_core.retraining.throughput.MOST_CALLS", 3)

    code, shown, _ = score(
        file, student, tmp_path / "out.csv", "--latency-budget", 60_000, "--json", tmp_path / "room.json"
    )

    assert code == 0
    written = json.loads((tmp_path / "room.json").read_text())
    assert written["throughput"]["latency_budget_ms"] == 60_000
    assert written["throughput"]["best"]["n_calls"] == 3
    assert shown.splitlines()[2:4] == [written["throughput"]["sentence"], written["footprint"]["sentence"]]
    code, shown, _ = score(file, student, tmp_path / "out.csv", "--json", "-")
    assert (code, json.loads(shown)["throughput"]) == (0, None)


def test_a_budget_that_is_none_is_said_before_any_work(student, file, tmp_path):
    code, shown, said = score(file, student, tmp_path / "out.csv", "--latency-budget", 0)

    assert (code, shown) == (2, "")
    assert said == "Error: The latency budget must be a number of milliseconds above 0; found 0.\n"


def test_a_student_of_several_labels_gives_their_probabilities_and_takes_a_map_of_them(file, student, tmp_path):
    labelled = tiny_student(tmp_path / "labelled", n_outputs=3)
    config = json.loads((labelled / "config.json").read_text())
    names = ("refund", "bill", "other")
    (labelled / "config.json").write_text(json.dumps(config | {"id2label": dict(enumerate(names))}))
    class_map = {"method": "temperature", "labels": sorted(names), "slopes": [0.5] * 3, "intercepts": [0.0] * 3}
    made = {
        "kind": "calibration",
        "schema": 1,
        "version": "1",
        "made_at": "2026-01-01T00:00:00Z",
        "fitted_on": "held-out",
        "map": class_map,
        "check": {"sample": "production", "reading": "calibrated", "sentence": "It is."},
    }
    (tmp_path / "map.json").write_text(json.dumps(made))
    out, kept = tmp_path / "scored.csv", ("--cache", tmp_path / "kept.sqlite")

    first = score(file, labelled, out, "--calibration", tmp_path / "map.json", *kept)
    table = pd.read_csv(out)
    again = score(file, labelled, out, "--calibration", tmp_path / "map.json", *kept)
    refused = score(file, student, tmp_path / "no.csv", "--calibration", tmp_path / "map.json", "--no-cache")

    assert (first[0], again[0], refused[0]) == (0, 0, 2)
    given, better = (pd.DataFrame(map(json.loads, table[name])) for name in ("student_score", "calibrated_score"))
    assert [*given] == [*names]
    assert given.sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)
    expected = np.sqrt(given[sorted(names)])
    assert better.to_numpy() == pytest.approx(expected.div(expected.sum(axis=1), axis=0).to_numpy(), abs=1e-4)
    assert pd.read_csv(out).equals(table)
    assert (
        "takes a probability for each of bill, other, refund of a pair, and this student gives one score" in refused[2]
    )
    assert not (tmp_path / "no.csv").exists()
