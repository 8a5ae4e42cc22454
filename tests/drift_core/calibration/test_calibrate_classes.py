"""Probabilities of labels: read, measured, mended by the temperature that spoilt them, and applied from a file."""

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from drift_core.calibration.calibrate import calibrate
from drift_core.calibration.calibrate_classes import calibrate_classes, fit_class_map
from drift_core.calibration.calibration_file import parse_calibration, read_calibration
from drift_core.calibration.class_calibration import measure_labelled_calibration, moved_chances
from drift_core.calibration.class_map import ClassMap
from drift_core.calibration.settings import CalibrationSettings
from drift_core.diagnosis.diagnose import diagnose
from drift_core.errors import InputError, SettingError
from drift_core.measured import Unmeasured
from drift_core.measures.scores import scores_of
from drift_core.samples.align_kinds import align_kinds
from drift_core.samples.class_probabilities import chances_by_label, written_chances
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from tests.drift_core.calibration.labelled import draw_labelled
from tests.drift_core.command_line import run

LABELS = ("bill", "other", "refund")


def frame(seed: int, *, slope: float = 1.0, shift: float = 0.0, n: int = 600) -> pd.DataFrame:
    scores, chances = draw_labelled(n, np.random.default_rng(seed), docs=2, slope=slope, shift=shift)
    given = [json.dumps(dict(zip(LABELS, row, strict=True))) for row in chances.round(5).tolist()]
    rows = {"query": [f"query {place // 2}" for place in range(n)], "teacher": [LABELS[int(t)] for t in scores.teacher]}
    return pd.DataFrame(rows | {"student": given})


def sample(seed: int, **how) -> ScoredPairs:
    return read_pairs(frame(seed, **how))


def test_a_student_too_sure_is_mended_by_a_temperature_that_keeps_its_answers():
    made = calibrate_classes(sample(1, slope=2.0), sample(2, slope=2.0))

    assert made.fit.map.method == "temperature"
    assert 1 / made.fit.map.slopes[0] == pytest.approx(2, rel=0.15)
    assert (made.fitted_on, made.checked_on, made.n_moved, made.is_settled) == ("held-out", "production", 0, True)
    assert {side.reading for side in made.before.values()} == {"not calibrated"}
    assert set(made.before["held-out"].off) == set(LABELS)
    assert made.check.log_loss < made.before["production"].log_loss
    assert "Checked on production: calibrated." in made.sentence


def test_what_held_out_taught_and_production_refutes_is_fitted_on_production():
    made = calibrate_classes(sample(1, slope=2.5), sample(3, slope=1.0))

    assert (made.held_out_fails, made.fitted_on) == (True, "production")
    assert "each pair without its own query" in made.sentence


def test_calibrated_probabilities_stay_and_few_pairs_are_said():
    scores, chances = draw_labelled(600, np.random.default_rng(4), docs=5)

    assert measure_labelled_calibration(scores, chances, LABELS).reading == "calibrated"
    few = measure_labelled_calibration(scores.take(np.arange(40)), chances[:40], LABELS)
    assert isinstance(few, Unmeasured)


def test_a_calibrated_student_is_seldom_called_otherwise():
    rng, off = np.random.default_rng(5), 0
    for seed in range(12):
        scores, chances = draw_labelled(300, rng, docs=5)
        off += measure_labelled_calibration(scores, chances, LABELS, seed=seed).reading == "not calibrated"

    assert off <= 3  # of 12 at 5 %, 4 or more are one in 500


def test_vector_scaling_finds_a_shift_of_one_label():
    scores, chances = draw_labelled(3_000, np.random.default_rng(6), shift=1.0)

    made = fit_class_map(scores, chances, LABELS, "vector")

    assert made.intercepts[0] - made.intercepts[1] == pytest.approx(-1, abs=0.35)
    assert made.apply(chances).sum(axis=1) == pytest.approx(1)
    best = ClassMap(method="temperature", labels=LABELS, slopes=(0.5,) * 3, intercepts=(0.0,) * 3)
    left = best.apply(np.array([[0.64, 0.04, 0.0], [np.nan] * 3]))
    assert left[0, :2] == pytest.approx([0.8, 0.2], abs=2e-3)  # the rest, 0.32, has no label
    assert np.isnan(left[1]).all()


@pytest.mark.parametrize("method", ["none", "temperature"])
def test_what_a_student_gives_to_a_label_that_nobody_answers_with_is_left_out_and_the_rest_is_read_back(method):
    scores, chances = draw_labelled(600, np.random.default_rng(1), docs=2)
    made = fit_class_map(scores, chances * 0.8, LABELS, method)

    read = read_pairs(frame(1).assign(student=written_chances(made.apply(chances * 0.8), LABELS)))

    assert made.slopes == pytest.approx(fit_class_map(scores, chances, LABELS, method).slopes)
    assert read.chance_labels == LABELS
    assert read.chances == pytest.approx(made.apply(chances), abs=1e-5)


def test_the_file_is_read_applied_and_refused_where_a_student_gives_one_score(tmp_path):
    for name, seed in (("heldout", 1), ("production", 2)):
        frame(seed, slope=2.0).to_csv(tmp_path / f"{name}.csv", index=False)
    out = tmp_path / "calibration.json"
    words = ("calibrate", tmp_path / "heldout.csv", tmp_path / "production.csv")

    code, shown, _ = run(*words, "--out", out, "--student-version", "s1")

    assert (code, "Calibrated on held-out by temperature" in shown) == (0, True)
    record = read_calibration(out)
    assert record.map.labels == LABELS
    chances = np.array([[0.7, 0.2, 0.1]])
    assert record.map.apply(chances)[0, 0] < 0.7
    with pytest.raises(
        SettingError, match=r"takes a probability for each of bill, other, refund of a pair, and this student gives one"
    ):
        record.columns(np.array([0.5]))
    document = json.loads(out.read_text())
    document["map"]["slopes"] = [1.0]
    with pytest.raises(InputError, match="is not a calibration"):
        parse_calibration(json.dumps(document).encode(), name="it")
    code, _, said = run(*words, "--max-misses", 0.1)
    assert (code, "Thresholds are set for two answers" in said) == (2, True)
    code, _, said = run(*words, "--method", "platt")
    assert (code, "take none, temperature, vector as the method" in said) == (2, True)


def test_chances_follow_their_labels_and_rows_through_every_change():
    pairs = sample(1, slope=1.0)
    more = read_pairs(frame(2, slope=1.0).assign(teacher=lambda t: ["0 other", *t["teacher"][1:]]))

    aligned, _ = align_kinds(pairs, more)

    assert aligned.kind.labels == ("0 other", *LABELS)
    np.testing.assert_allclose(chances_by_label(aligned)[:, 1:], chances_by_label(pairs))
    assert (chances_by_label(aligned)[:, 0] == 0).all()
    gone = np.arange(600) < 10
    assert len(pairs.without(gone, unscored=gone & False, problems=()).chances) == 590
    shuffled = read_pairs(frame(1, slope=1.0).sample(frac=1, random_state=0))
    assert shuffled.digest == pairs.digest != sample(1, slope=1.5).digest


def test_rows_without_a_whole_vector_are_left_out_of_calibration():
    given = frame(1, slope=2.0)
    given.loc[:9, "student"] = json.dumps({"label": "bill", "score": 0.9})

    made = calibrate_classes(read_pairs(given))

    assert made.check.answer.gap.error.n_pairs == 590
    assert made.checked_on == "held-out"
    assert json.loads(json.dumps(made.to_json(made_at=datetime.now(UTC))))["check"]["answer"]["reading"]


def test_vector_scaling_is_refused_for_one_probability():
    rng = np.random.default_rng(0)
    rows = {"query": [f"q {n}" for n in range(60)], "teacher": ["pass", "fail"] * 30, "student": rng.random(60)}

    with pytest.raises(SettingError, match="Vector scaling is for a probability for each label"):
        calibrate(read_pairs(pd.DataFrame(rows)), settings=CalibrationSettings(method="vector"))


@pytest.mark.parametrize("labels", [("bill", "other", "refund"), (1, 2, 3)])
def test_a_label_that_a_sample_lacks_keeps_its_probabilities(labels):
    named = dict(zip(LABELS, labels, strict=True))

    def read(lacks: object) -> ScoredPairs:
        given = frame(7, slope=1.0).assign(teacher=lambda t: t["teacher"].map(named))
        chances = pd.DataFrame([json.loads(text) for text in given["student"]]).rename(columns=named)
        kept = (given["teacher"] != lacks) & (chances.idxmax(axis=1) != lacks)
        given["student"] = [json.dumps({str(name): p for name, p in row.items()}) for row in chances.to_dict("records")]
        return read_pairs(given[kept], kind="ordinal" if labels[0] == 1 else None)

    whole, lacking = read(None), read(labels[0])
    assert len(lacking.kind.labels) == 2

    for one, other in ((whole, lacking), (lacking, whole)):
        for aligned in align_kinds(one, other):
            assert aligned.kind.labels == tuple(map(str, labels))
            assert chances_by_label(aligned).sum(axis=1) == pytest.approx(1)
            assert chances_by_label(aligned)[:, 0].min() > 0
        made = calibrate_classes(*align_kinds(one, other))
        assert made.fit.map.labels == tuple(map(str, labels))


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ({}, {}, "calibrated"),
        ({}, {"slope": 2.0}, "moved"),
        ({"slope": 2.0}, {}, "came right"),
        ({"slope": 2.0}, {"slope": 2.0}, "not calibrated"),
    ],
)
def test_what_moved_is_told_from_what_never_was(before, after, state):
    samples = sample(1, **before), sample(2, **after)

    found = moved_chances(*samples, scores_of(*samples), None, "held")

    assert found.state == state
    assert "sure of its answer on production and right in" in found.sentence
    assert ("labels held" in found.sentence) == (state in ("moved", "came right"))


def test_a_label_whose_calibration_alone_moved_is_named():
    samples = sample(1, n=2_000), sample(2, n=2_000, shift=0.5)

    found = moved_chances(*samples, scores_of(*samples), None, "held")

    assert (found.state, found.labels.surely[0]) == ("moved", "bill")
    assert found.change.startswith("calibration of 'bill' ")
    assert json.loads(json.dumps(found.to_json()))["labels"]["surely"][0] == "bill"


def test_pinned_labels_tell_whether_the_teacher_moved():
    samples = sample(1, n=2_000), sample(2, n=2_000, slope=2.0)
    pinned = read_pairs(frame(2, slope=2.0, n=2_000).assign(teacher_score_pinned=lambda t: t["teacher"]))
    scores = scores_of(samples[0], pinned)

    found = moved_chances(samples[0], pinned, scores, (scores[1], scores[1]), "held")

    assert found.whose.startswith("It is not the teacher's revision alone: by the pinned revision's answers how often")
    assert "not known" in moved_chances(*samples, scores, None, "held").whose


@pytest.mark.parametrize(("labels", "held_by"), [(LABELS, "label"), ((1, 2, 3), "rank")])
def test_a_diagnosis_says_to_recalibrate_where_agreement_held_and_probabilities_moved(labels, held_by):
    def read(seed: int, **how: float) -> ScoredPairs:
        made, named = frame(seed, **how), dict(zip(LABELS, labels, strict=True))
        given = [json.dumps({str(named[key]): p for key, p in json.loads(text).items()}) for text in made["student"]]
        return read_pairs(made.assign(teacher=made["teacher"].map(named), student=given))

    made = diagnose(read(1), read(2, slope=2.5))

    assert made.verdict.cause == "healthy"
    assert made.moved_calibration.startswith("calibration moved, its error from ")
    assert made.verdict.headline.startswith("Healthy, but calibration moved")
    assert f"by {held_by} nothing that the student knew got worse" in made.verdict.reason
    assert [each.name for each in made.findings if "calibr" in each.name] == ["calibration_moved"]
    assert made.calibration.next_step.startswith("Recalibrate the probabilities")
