from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from drift_core.measured import Measured
from drift_core.measures.scale_shift import find_scale_move, scale_shift
from drift_core.measures.scores import Scores


def drawn(n: int, seed: int, *, student_shift: float = 0.0, teacher_shift: float = 0.0, both: float = 0.0) -> Scores:
    rng = np.random.default_rng(seed)
    teacher = rng.standard_normal(n) + both
    student = 0.9 * teacher + np.sqrt(1 - 0.81) * rng.standard_normal(n)
    return Scores(student=student + student_shift, teacher=teacher + teacher_shift)


HELDOUT = drawn(2000, 0)


@pytest.mark.parametrize("side", ["student", "teacher"])
def test_the_side_whose_scale_moved_is_named_with_its_shift(side: Literal["student", "teacher"]) -> None:
    shift = {f"{side}_shift": 0.5}

    move = find_scale_move(HELDOUT, drawn(2000, 1, **shift))

    assert move is not None
    assert move.side == side
    assert abs(move.shift.estimate) == pytest.approx(0.5, abs=0.08)
    assert (move.shift.estimate > 0) == (side == "student")


@pytest.mark.parametrize("by", ["student", "teacher"])
def test_pairs_that_were_selected_by_a_score_have_no_other_scale(by: str) -> None:
    production = drawn(5000, 1)

    assert find_scale_move(HELDOUT, production.take(getattr(production, by) > 0.4)) is None


def test_a_move_that_takes_no_pair_across_the_median_is_not_told() -> None:
    heldout, production = (
        replace(each, teacher=np.digitize(each.teacher, [-0.8, 0.0, 1.0, 1.6]) + 1.0)
        for each in (drawn(3000, 0), drawn(3000, 1))
    )
    lenient = replace(production, teacher=np.where(production.teacher == 3, 4, production.teacher))
    shift = scale_shift(heldout, lenient)

    assert isinstance(shift, Measured)
    assert shift.estimate < -0.15  # it moved
    assert find_scale_move(heldout, lenient) is None


def test_the_share_that_crosses_is_of_pairs_beyond_heldouts_median() -> None:
    production = drawn(2000, 1, student_shift=0.5)

    move = find_scale_move(HELDOUT, production)

    above = [np.mean(getattr(production, side) > np.median(getattr(HELDOUT, side))) for side in ("student", "teacher")]
    assert move is not None
    assert move.share_crossing == pytest.approx(above[0] - above[1], abs=0.002)


def test_better_traffic_that_lifts_both_sides_is_no_moved_scale() -> None:
    assert find_scale_move(HELDOUT, drawn(2000, 1, both=0.5)) is None


def test_equal_samples_have_no_moved_scale() -> None:
    assert find_scale_move(HELDOUT, drawn(2000, 1)) is None


def test_a_shift_too_small_to_tell_is_left_out_however_sure() -> None:
    assert find_scale_move(drawn(40000, 0), drawn(40000, 1, student_shift=0.1)) is None


def test_a_shift_that_queries_do_not_share_is_left_out() -> None:
    production, queries = drawn(2000, 1), np.arange(2000) % 5
    shift = np.array([2.0, 0.0, -0.5, 1.0, 0.0])[queries]
    moved = Scores(student=production.student + shift, teacher=production.teacher)

    assert find_scale_move(HELDOUT, moved) is not None
    assert find_scale_move(HELDOUT, replace(moved, queries=queries)) is None


def test_a_new_unit_on_both_samples_is_no_moved_scale() -> None:
    production = drawn(2000, 1)
    rescaled = [Scores(student=np.exp(s.student), teacher=10 * s.teacher) for s in (HELDOUT, production)]

    assert find_scale_move(*rescaled) is None


def test_the_shift_of_few_queries_is_uncertain_and_that_of_many_is_near_nothing() -> None:
    few, many = (scale_shift(HELDOUT, drawn(n, 1)) for n in (20, 2000))

    assert isinstance(few, Measured)
    assert isinstance(many, Measured)
    assert few.low < -0.15 or few.high > 0.15
    assert -0.15 < many.low < 0 < many.high < 0.15
