"""Calibration error against values by hand, against chance, and Brier's score in its parts."""

import numpy as np
import pytest

from drift_core.calibration.bins import equal_mass_bins
from drift_core.calibration.calibration_error import CalibrationError, measure_calibration
from drift_core.calibration.simulated_answers import shared_part, simulate_sums
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores
from tests.drift_core.calibration.answered import draw_answers


def measured(answers, **how):
    found = measure_calibration(answers, **how)
    assert isinstance(found, CalibrationError)
    return found


def test_the_error_is_the_mean_gap_of_bins():
    score = np.repeat([0.2, 0.8], 50)
    passed = np.concatenate((np.arange(50) < 20, np.arange(50) < 45)).astype(float)  # 0.4 and 0.9

    found = measured(Scores(student=score, teacher=passed))

    assert found.gap.as_binned == pytest.approx((0.2 + 0.1) / 2)
    assert [each.score for each in found.bins] == pytest.approx([0.2, 0.8])
    assert [each.passed.estimate for each in found.bins] == pytest.approx([0.4, 0.9])
    assert (found.expected, found.passed) == pytest.approx((0.5, 0.65))


def test_the_parts_of_briers_score_add_up_to_it():
    answers = draw_answers(600, np.random.default_rng(1), slope=2)

    brier = measured(answers).brier

    assert brier.score.estimate == pytest.approx(((answers.student - answers.teacher) ** 2).mean())
    assert brier.reliability - brier.resolution + brier.uncertainty == pytest.approx(brier.score.estimate)


def test_a_calibrated_student_is_called_so_and_one_that_is_too_sure_is_not():
    rng = np.random.default_rng(2)

    calm, sure = measured(draw_answers(2000, rng)), measured(draw_answers(2000, rng, slope=3))

    assert calm.reading == "calibrated"
    assert calm.gap.error.low == 0
    assert sure.reading == "not calibrated"
    assert sure.gap.error.low > 0.03
    assert "where a calibrated student of this size shows" in sure.sentence


def test_weights_count_pairs_as_often_as_they_stand_for():
    answers = draw_answers(400, np.random.default_rng(3))
    twice = np.arange(400) < 100
    doubled = answers.take(np.concatenate((np.arange(400), np.flatnonzero(twice))))
    weighted = Scores(student=answers.student, teacher=answers.teacher, weights=np.where(twice, 2.0, 1.0))

    assert measured(weighted, n_bins=5).gap.as_binned == pytest.approx(measured(doubled, n_bins=5).gap.as_binned)


def test_the_order_of_rows_changes_nothing():
    answers = draw_answers(500, np.random.default_rng(9), docs=5)
    turned = answers.take(np.random.default_rng(1).permutation(500))

    first, second = measured(answers).gap, measured(turned).gap

    assert first.p_value == second.p_value
    assert first.error.high == pytest.approx(second.error.high, rel=1e-6)


def test_equal_scores_share_a_bin_of_equal_mass():
    score = np.array([0.1] * 5 + [0.2] * 2 + [0.3] * 3)

    assert equal_mass_bins(score, np.ones(10), n_bins=2).tolist() == [0] * 5 + [1] * 5
    assert equal_mass_bins(np.ones(10), np.ones(10), n_bins=4).tolist() == [0] * 10


def test_a_small_sample_says_what_it_lacks():
    found = measure_calibration(draw_answers(40, np.random.default_rng(0)))

    assert isinstance(found, Unmeasured)
    assert found.reason == "40 pairs of 40 queries; calibration needs at least 50 pairs of 10 queries."


@pytest.mark.parametrize("n", [2_000, 8_000])  # drawn one by one, and as normal sums
def test_simulated_sums_scatter_as_answers_that_share_queries(n):
    rng = np.random.default_rng(4)
    chance, queries = np.full(n, 0.3), np.repeat(np.arange(n // 4), 4)

    drawn = simulate_sums(chance, np.full(n, 1 / n), np.arange(n) % 2, queries, shared=0.5, n_draws=400, rng=rng)

    assert drawn.shape == (400, 2)
    expected = 0.3 * 0.7 / n * (1 + 3 * 0.5)  # of the sum over both bins
    assert drawn.sum(axis=1).var() == pytest.approx(expected, rel=0.25)


def test_what_answers_of_a_query_share_is_told():
    rng = np.random.default_rng(5)
    queries = np.repeat(np.arange(3000), 3)
    luck = np.where(rng.random(9000) < np.sqrt(0.4), rng.random(3000)[queries], rng.random(9000))

    assert shared_part((luck < 0.5).astype(float), np.full(9000, 0.5), queries) == pytest.approx(0.4, abs=0.05)
    assert shared_part((luck < 0.5).astype(float), np.full(9000, 0.5), None) == 0
