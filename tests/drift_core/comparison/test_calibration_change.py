"""A student with the ranks of the one before and surer probabilities is told, though agreement holds."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd

from drift_core.comparison.calibration_change import calibration_change
from drift_core.comparison.compare import compare
from drift_core.comparison.usable_pairs import with_scores_before
from drift_core.samples.reading import read_pairs
from tests.drift_core.calibration.answered import draw_answers
from tests.drift_core.calibration.labelled import draw_labelled

LABELS = ("bill", "other", "refund")


def test_the_same_ranks_with_surer_probabilities_are_calibrated_worse_and_the_way_back_is_better():
    before = draw_answers(900, np.random.default_rng(3))
    odds = before.student / (1 - before.student)
    surer = replace(before, student=odds**4 / (1 + odds**4))

    worse = calibration_change((before, surer), "frozen", confidence=0.95, seed=0)
    better = calibration_change((surer, before), "fresh", confidence=0.95, seed=0)

    assert worse is not None
    assert better is not None
    assert 0 < worse.low < worse.after - worse.before < worse.high
    assert ": worse, which agreement does not see. Recalibrate" in worse.sentence
    assert (better.low, better.high) == (-worse.high, -worse.low)
    assert better.sentence.endswith(": better.")


def test_a_student_that_did_not_change_shows_no_change_and_scores_have_none():
    answers = draw_answers(400, np.random.default_rng(4))

    same = calibration_change((answers, answers), "frozen", confidence=0.95, seed=0)

    assert same is not None
    assert same.low <= 0 <= same.high
    assert same.sentence.endswith("no clear change.")
    scores = replace(answers, student=answers.student * 5)
    assert calibration_change((scores, answers), "frozen", confidence=0.95, seed=0) is None
    few = answers.take(np.arange(20))
    assert calibration_change((few, few), "fresh", confidence=0.95, seed=0) is None


def test_a_student_surer_of_the_same_labels_is_told_from_one_file_and_from_two():
    scores, chances = draw_labelled(600, np.random.default_rng(5), docs=2)
    surer = chances**4 / (chances**4).sum(axis=1, keepdims=True)
    as_before, as_after = (
        [json.dumps(dict(zip(LABELS, row, strict=True))) for row in each.round(6).tolist()] for each in (chances, surer)
    )
    rows = {"query": [f"q{place // 2}" for place in range(600)], "doc": [f"d{place}" for place in range(600)]}
    frame = pd.DataFrame(rows | {"teacher": [LABELS[int(place)] for place in scores.teacher], "student": as_after})
    one_file = read_pairs(frame.assign(student_before=as_before))
    before = read_pairs(frame.assign(student=as_before).sample(frac=1, random_state=0))
    two_files = with_scores_before(read_pairs(frame), before)

    found = compare(one_file).calibration[0]

    assert found.low > 0.02
    assert found.sentence.endswith("Recalibrate (distillation-drift calibrate).")
    assert compare(two_files).calibration[0] == found
    assert compare(read_pairs(frame.assign(student_before=frame["teacher"]))).calibration == ()
