"""What a selection leaves behind, against a revision that moves the teacher's scores alone."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.measured import Measured
from drift_core.measures.scores import Scores
from drift_core.measures.selection import Selection, find_selection


def drawn(seed: int, *, error: float = 0.4, n: int = 2000) -> Scores:
    rng = np.random.default_rng(seed)
    worth = rng.normal(size=n)
    return Scores(
        student=worth + 0.4 * rng.normal(size=n), teacher=worth + (error**2 - 0.16) ** 0.5 * rng.normal(size=n)
    )


def answers(seed: int, share_failed: float, *, missed: float = 0.2, n: int = 600) -> Scores:
    """Labels: the teacher fails a share, of which the student passes a part, and a fiftieth of the others it fails."""
    rng = np.random.default_rng(seed)
    teacher = (rng.random(n) >= share_failed).astype(float)
    student = np.where(teacher == 1, rng.random(n) >= 0.02, rng.random(n) < missed).astype(float)
    return Scores(student=student, teacher=teacher, is_ranked=False)


def found(heldout: Scores, production: Scores) -> Selection:
    groups = np.zeros(len(heldout), dtype=np.int64), np.zeros(len(production), dtype=np.int64)
    return find_selection(heldout, production, groups=groups, alpha=0.005, confidence=0.995)


@pytest.mark.parametrize("by", ["student", "teacher"])
@pytest.mark.parametrize("how", ["above", "middle"])
def test_pairs_chosen_by_a_score_move_both_sides_and_leave_no_fall(by: str, how: str) -> None:
    production = drawn(2, n=4000)
    score = getattr(production, by)
    chosen = production.take(score > 0.3 if how == "above" else np.abs(score) < 0.5)

    selection = found(drawn(1), chosen)

    assert selection.along == "yes"
    assert isinstance(selection.left, Measured)
    assert selection.left.low < 0 < selection.left.high


def test_errors_that_rose_among_chosen_pairs_are_left() -> None:
    production = drawn(2, error=0.9, n=8000)

    selection = found(drawn(1), production.take(production.student > 0.3))

    assert isinstance(selection.left, Measured)
    assert selection.left.low > 0


def test_larger_errors_and_scales_that_moved_alone_are_no_selection() -> None:
    heldout, worse = drawn(1), drawn(2, error=0.8)

    larger = found(heldout, worse)
    assert (larger.student_moved, larger.left) == (False, None)
    stricter = found(heldout, replace(worse, teacher=worse.teacher - 1))
    assert (stricter.along, stricter.student_moved) == ("no", False)
    other = found(heldout, replace(worse, student=worse.student - 1))
    assert other.student_moved
    assert other.left is None


def test_labels_that_more_traffic_failed_move_the_student_along_and_a_stricter_teacher_does_not() -> None:
    heldout, failing = answers(1, 0.08, n=2000), answers(2, 0.35, n=2000)
    rng, as_before = np.random.default_rng(3), answers(3, 0.08)
    stricter = replace(as_before, teacher=as_before.teacher * (rng.random(len(as_before)) > 0.28))

    assert found(heldout, failing).along == "yes"
    assert found(heldout, stricter).along == "no"


@pytest.mark.parametrize("how", ["stricter", "student misses more"])
def test_more_failed_traffic_does_not_explain_a_revision_of_labels_beside_it(how: str) -> None:
    heldout, failing = (
        answers(1, 0.08, n=2000),
        answers(2, 0.33, missed=0.35 if how == "student misses more" else 0.2, n=2000),
    )
    rng = np.random.default_rng(3)
    if how == "stricter":
        failing = replace(failing, teacher=failing.teacher * (rng.random(len(failing)) > 0.12))

    selection = found(heldout, failing)

    assert (selection.along, selection.student_moved, selection.left) == ("perhaps", True, None)


def test_pairs_chosen_by_disagreement_cannot_be_told_from_larger_errors() -> None:
    heldout, production = drawn(1), drawn(2, n=8000)
    rng, gap = np.random.default_rng(4), np.abs(production.student - production.teacher)

    assert found(heldout, production.take(rng.random(len(gap)) < gap)).left is None
