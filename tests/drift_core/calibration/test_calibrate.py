"""Calibrating two samples, its file, the command, and what a file decides."""

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from drift_core.agreement.rule import Rule
from drift_core.calibration.calibrate import calibrate
from drift_core.calibration.calibration_file import read_calibration
from drift_core.calibration.settings import CalibrationSettings
from drift_core.errors import InputError, SettingError
from drift_core.samples.reading import read_pairs
from tests.drift_core.calibration.answered import draw_answers
from tests.drift_core.command_line import run


def frame(seed, *, n=800, prefix="", **how):
    answers = draw_answers(n, np.random.default_rng(seed), docs=2, **how)
    queries = [f"{prefix}query {code}" for code in answers.queries]
    answer = np.where(answers.teacher == 1, "pass", "fail")
    return pd.DataFrame({"query": queries, "teacher": answer, "student": answers.student})


@pytest.fixture(scope="module")
def samples():
    return read_pairs(frame(1)), read_pairs(frame(2, prefix="new ")), read_pairs(frame(3, prefix="new ", slope=3))


def test_a_map_that_holds_on_production_is_kept_and_one_that_does_not_is_fitted_there(samples):
    heldout, calm, moved = samples

    kept, fitted = calibrate(heldout, calm), calibrate(heldout, moved)

    assert (kept.fitted_on, kept.checked_on, kept.reading, kept.held_out_fails) == (
        "held-out",
        "production",
        "calibrated",
        False,
    )
    assert (fitted.fitted_on, fitted.held_out_fails) == ("production", True)
    assert fitted.fit.map.method in ("temperature", "platt")
    assert fitted.sentence.startswith("What fits held-out does not hold on production.")


def test_a_ranking_that_fell_is_said_first_for_no_map_mends_it(samples):
    heldout, calm, moved = samples
    given, rng = frame(6, prefix="new "), np.random.default_rng(6)
    is_shuffled = rng.random(len(given)) < 0.4
    given.loc[is_shuffled, "student"] = rng.permutation(given.loc[is_shuffled, "student"])

    fell = calibrate(heldout, read_pairs(given))

    assert fell.lines[0].startswith("The ranking fell: the area under the curve went from 0.")
    assert "Recalibrating keeps the order of the scores, so it does not mend this" in fell.lines[0]
    assert fell.to_json(made_at=datetime(2026, 1, 1, tzinfo=UTC))["ranks"]["has_fallen"] is True
    assert all(calibrate(heldout, each).warnings == () for each in (calm, moved))
    assert CalibrationSettings().material_loss == Rule().material_loss


def test_thresholds_say_what_they_cost(samples):
    heldout, _, moved = samples

    made = calibrate(heldout, moved, settings=CalibrationSettings(max_misses=0.1, max_false_passes=0.001))
    misses, passes = made.thresholds

    assert misses.error_before is not None
    assert misses.passed_now.estimate == (moved.student >= misses.now.value).mean()
    assert "of the traffic passes; at " in misses.sentence
    assert "No threshold can be sure to keep false passes at 0.1%" in passes.sentence
    assert not made.is_settled


def test_a_score_of_the_teacher_needs_a_cut(samples):
    given = frame(4)
    given["teacher"] = np.random.default_rng(1).random(len(given))
    scored = read_pairs(given)

    with pytest.raises(InputError, match="--passes-from SCORE"):
        calibrate(scored)
    with pytest.raises(InputError, match="all pairs are on one side"):
        calibrate(scored, settings=CalibrationSettings(passes_from=2.0))
    assert calibrate(scored, settings=CalibrationSettings(passes_from=0.5)).fitted_on == "held-out"
    labels = read_pairs(frame(5).assign(student=lambda table: table["teacher"].to_numpy()[::-1]))
    with pytest.raises(InputError, match="not a label"):
        calibrate(labels)


def test_a_probability_of_the_other_answer_is_asked_about_until_the_labels_say_so(tmp_path):
    paths = [tmp_path / name for name in ("heldout.csv", "production.csv")]
    for seed, path in enumerate(paths):
        frame(seed).assign(student=lambda table: 1 - table["student"]).to_csv(path, index=False)

    for command in ("calibrate", "diagnose"):
        code, _, errors = run(command, *paths)
        assert (
            code,
            "column 'student' goes against the teacher's, 'teacher': the area under the curve is 0." in errors,
        ) == (2, True)
        assert "choose the kind probability and name that answer last" in errors
    assert run("calibrate", *paths, "--kind", "probability", "--labels", "pass,fail")[0] == 0


def test_beside_a_label_the_probability_is_calibrated_and_elsewhere_said_to_be_there(tmp_path):
    path, given = tmp_path / "heldout.csv", frame(1).rename(columns={"student": "student_probability"})
    given = given.assign(student_verdict=np.where(given["student_probability"] > 0.5, "pass", "fail"))
    given.to_csv(path, index=False)

    code, shown, _ = run("calibrate", path)
    read = read_pairs(path)

    assert (code, "column 'student_probability'" in shown) == (0, True)
    assert (read.kind.name, read.columns["student"]) == ("binary", "student_verdict")
    assert any("student_probability would fit too" in each.message for each in read.problems)


def test_probabilities_beside_percent_are_refused(samples):
    percent = frame(2).assign(student=lambda table: table["student"] * 100)

    for pair in ((samples[0], read_pairs(percent)), (read_pairs(percent), samples[0])):
        with pytest.raises(InputError, match="they are in two units"):
            calibrate(*pair)
    assert calibrate(read_pairs(percent)).fit.map.takes_probability is False


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"method": "magic"}, "must be one of none, temperature, platt, isotonic, vector; found 'magic'"),
        ({"max_misses": 0}, r"most misses must be in \(0, 1\)"),
        ({"confidence": 1}, r"confidence must be in \(0.5, 1\)"),
        ({"confidence": 0.4}, r"confidence must be in \(0.5, 1\)"),
        ({"threshold": float("nan")}, "threshold must be a finite number"),
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong, said):
    with pytest.raises(SettingError, match=said):
        CalibrationSettings(**wrong)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calibration")
    for name, made in (("heldout", frame(1)), ("production", frame(3, prefix="new ", slope=3))):
        made.to_csv(folder / f"{name}.csv", index=False)
    out = folder / "calibration.json"
    pair = (folder / "heldout.csv", folder / "production.csv")
    kept = ("--max-misses", 0.1, "--max-false-passes", 0.1, "--student-version", "ranker-2")
    return run("calibrate", *pair, *kept, "--out", out), out


def test_the_command_says_what_its_file_holds(written):
    (code, shown, errors), out = written
    record, content = read_calibration(out), json.loads(out.read_text())

    assert (code, errors) == (0, "")
    assert record.check.sentence in shown
    assert all(each.sentence in shown for each in record.thresholds)
    assert record.student_version == "ranker-2"
    assert content["inputs"]["production"]["n_pairs"] == 800


def test_a_file_decides_with_the_teacher_between_both_thresholds(written):
    record = read_calibration(written[1])
    stop, through = (each.value for each in record.thresholds)
    scores = np.array([np.nextafter(stop, 0), stop, np.nextafter(through, 0), through])

    columns = record.columns(scores)

    assert columns["decision"].tolist() == ["stop", "teacher", "teacher", "pass"]
    assert (np.diff(columns["calibrated_score"]) >= 0).all()
    alone = record.model_copy(update={"thresholds": record.thresholds[:1]})
    assert alone.decide(scores).tolist() == ["stop", "pass", "pass", "pass"]
    assert record.model_copy(update={"thresholds": ()}).decide(scores) is None
    with pytest.raises(SettingError, match="reach from -1 to 2"):
        record.columns(np.array([-1.0, 2.0]))


def test_a_file_that_is_no_calibration_is_one_message(tmp_path):
    for content in ("{}", "no json", '{"kind": "calibration", "schema": 2}'):
        (tmp_path / "c.json").write_text(content)
        with pytest.raises(InputError, match=r"is not a calibration .* distillation-drift calibrate wrote"):
            read_calibration(tmp_path / "c.json")
