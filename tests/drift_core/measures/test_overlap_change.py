import numpy as np
import pytest

from drift_core.measured import Measured, Unmeasured
from drift_core.measures.overlap import overlap_curve
from drift_core.measures.overlap_change import OverlapChange, overlap_change
from drift_core.measures.scores import Scores

N = 400


def drawn(*, tied: bool = False) -> tuple[Scores, np.ndarray]:
    rng = np.random.default_rng(5)
    teacher = rng.normal(size=N)
    before, after = teacher + 2 * rng.normal(size=N), teacher + 0.2 * rng.normal(size=N)
    if tied:
        teacher, before = np.round(teacher), np.round(before, 1)
    return Scores(student=after, teacher=teacher, queries=np.arange(N) // 2), before


def changed(scores: Scores, before: np.ndarray, k: int) -> OverlapChange:
    return overlap_change(scores, before, k=k, confidence=0.95, rng=np.random.default_rng(0))


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("k", [1, 10, 150])
def test_both_overlaps_are_those_of_the_curve(tied: bool, k: int) -> None:
    scores, before = drawn(tied=tied)

    found = changed(scores, before, k)

    assert found.before == pytest.approx(overlap_curve(before, scores.teacher)[k - 1])
    assert found.after == pytest.approx(overlap_curve(scores.student, scores.teacher)[k - 1])


def test_a_clear_rise_has_an_interval_above_zero() -> None:
    found = changed(*drawn(), 50).change

    assert isinstance(found, Measured)
    assert 0 < found.low < found.estimate < found.high


def test_identical_students_differ_by_nothing() -> None:
    scores, _ = drawn()

    found = changed(scores, scores.student, 10).change

    assert isinstance(found, Measured)
    assert (found.low, found.estimate, found.high) == (0, 0, 0)


def test_a_top_that_is_most_of_the_sample_is_unmeasured() -> None:
    found = changed(*drawn(), 201)

    assert isinstance(found.change, Unmeasured)
    assert found.before is None
    assert found.change.reason == "400 pairs; overlap at K = 201 needs at least 402."
