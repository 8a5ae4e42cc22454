import numpy as np
import pytest

from drift_core.measured import Measured
from drift_core.measures.scores import Scores
from drift_core.measures.threshold_crossings import measure_side, measure_side_changes

RNG = np.random.default_rng(5)
TEACHER = RNG.normal(size=400)


def noisy(scale: float) -> Scores:
    return Scores(student=TEACHER + scale * np.random.default_rng(6).normal(size=400), teacher=TEACHER)


def test_the_same_number_cuts_both_sides_when_they_are_on_one_scale():
    changes = measure_side_changes(noisy(0.1), noisy(0.8))

    assert changes.one_scale
    np.testing.assert_array_equal(changes.cuts, changes.thresholds)
    middle = changes.nearest(None)
    assert changes.production[middle] > changes.heldout[middle]


def test_a_student_on_another_scale_is_cut_at_the_same_rank_of_heldout():
    scores = Scores(student=100 + 10 * TEACHER, teacher=TEACHER)

    changes = measure_side_changes(scores, scores)

    assert not changes.one_scale
    assert changes.production.max() == 0.0


def test_a_teacher_of_few_values_is_cut_between_them():
    teacher = np.tile([0.0, 1.0, 2.0, 3.0], 25)
    scores = Scores(student=teacher + 0.2, teacher=teacher)

    changes = measure_side_changes(scores, scores)

    assert changes.thresholds.tolist() == [0.5, 1.5, 2.5]
    assert changes.production.tolist() == [0.0, 0.0, 0.0]


def test_the_nearest_threshold_of_the_grid_is_found():
    changes = measure_side_changes(noisy(0.1), noisy(0.1))

    assert changes.nearest(-99.0) == 0
    assert changes.nearest(99.0) == len(changes.thresholds) - 1


def test_one_threshold_gives_the_share_of_the_curve_with_an_interval():
    scores = noisy(0.5)
    changes = measure_side_changes(scores, scores)
    place = changes.nearest(0.3)

    share = measure_side(scores, threshold=changes.thresholds[place], cut=changes.cuts[place], confidence=0.95)

    assert isinstance(share, Measured)
    assert share.estimate == pytest.approx(changes.production[place])
    assert 0 <= share.low < share.estimate < share.high <= 1
