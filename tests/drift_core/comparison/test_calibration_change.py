"""A student with the ranks of the one before and surer probabilities is told, though agreement holds."""

from dataclasses import replace

import numpy as np

from drift_core.comparison.calibration_change import calibration_change
from tests.drift_core.calibration.answered import draw_answers


def test_the_same_ranks_with_surer_probabilities_are_calibrated_worse_and_the_way_back_is_better():
    before = draw_answers(900, np.random.default_rng(3))
    odds = before.student / (1 - before.student)
    surer = replace(before, student=odds**4 / (1 + odds**4))

    worse = calibration_change(surer, before.student, "frozen", confidence=0.95, seed=0)
    better = calibration_change(before, surer.student, "fresh", confidence=0.95, seed=0)

    assert worse is not None
    assert better is not None
    assert 0 < worse.low < worse.after - worse.before < worse.high
    assert ": worse, which agreement by rank does not see. Recalibrate" in worse.sentence
    assert (better.low, better.high) == (-worse.high, -worse.low)
    assert better.sentence.endswith(": better.")


def test_a_student_that_did_not_change_shows_no_change_and_scores_have_none():
    answers = draw_answers(400, np.random.default_rng(4))

    same = calibration_change(answers, answers.student, "frozen", confidence=0.95, seed=0)

    assert same is not None
    assert same.low <= 0 <= same.high
    assert same.sentence.endswith("no clear change.")
    assert calibration_change(answers, answers.student * 5, "frozen", confidence=0.95, seed=0) is None
    few = answers.take(np.arange(20))
    assert calibration_change(few, few.student, "fresh", confidence=0.95, seed=0) is None
