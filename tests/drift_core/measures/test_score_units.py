import numpy as np
import pytest

from drift_core.measures.score_units import UNITS, find_other_units
from drift_core.measures.scores import Scores


def judged(seed: int, n: int = 800, *, noise: float = 0.44, is_low: bool = False) -> Scores:
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=n) - 1.5 * is_low
    error = noise * rng.standard_t(4, size=n) / np.sqrt(2)
    return Scores(teacher=1 / (1 + np.exp(-1.5 * latent)), student=1 / (1 + np.exp(-1.5 * (latent + error))))


def moved(scores: Scores, rows: np.ndarray, by: float) -> Scores:
    return Scores(teacher=np.where(rows, scores.teacher * by, scores.teacher), student=scores.student)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_rows_in_another_unit_are_found_with_what_undoes_it(unit: float, share: float) -> None:
    heldout, production = judged(1), judged(2)
    rows = np.random.default_rng(3).random(800) < share

    (found,) = find_other_units(moved(production, rows, 1 / unit), heldout)

    assert (found.side, found.factor) == ("teacher", unit)
    assert np.mean(found.rows == rows) > 0.97


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("is_low", [False, True])
def test_a_larger_error_with_heavy_tails_is_no_other_unit(seed: int, is_low: bool) -> None:
    heldout, production = judged(2 * seed, is_low=is_low), judged(2 * seed + 1, noise=1.5, is_low=is_low)

    assert find_other_units(production, heldout) == ()
    assert find_other_units(heldout, production) == ()


@pytest.mark.parametrize("seed", range(4))
def test_a_part_of_the_traffic_that_errs_much_is_no_other_unit(seed: int) -> None:
    heldout, usual, worse = judged(3 * seed), judged(3 * seed + 1), judged(3 * seed + 2, n=120, noise=3)
    both = [np.concatenate([getattr(usual, side), getattr(worse, side)]) for side in ("student", "teacher")]

    assert find_other_units(Scores(student=both[0], teacher=both[1]), heldout) == ()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("middle", [-5.0, -6.0])
def test_docs_that_the_teacher_calls_worthless_and_the_student_likes_are_in_no_other_unit(
    seed: int, middle: float
) -> None:
    heldout, production = judged(2 * seed), judged(2 * seed + 1)
    rng = np.random.default_rng(seed)
    rows = rng.random(800) < 0.08
    spam = [1 / (1 + np.exp(-rng.normal(place, each, 800))) for place, each in ((middle, 1.0), (0.7, 0.5))]
    teacher, student = (
        np.where(rows, low, usual) for low, usual in zip(spam, (production.teacher, production.student), strict=True)
    )

    assert find_other_units(Scores(teacher=teacher, student=student), heldout) == ()


def test_grades_of_a_finer_scale_are_no_other_unit() -> None:
    heldout, production = judged(1), judged(2)
    coarse = Scores(teacher=np.round(10 * heldout.teacher), student=heldout.student)
    finer = Scores(teacher=np.round(20 * production.teacher) / 2, student=production.student)

    assert find_other_units(finer, coarse) == ()


@pytest.mark.parametrize("times", [0.3, 3.0])
def test_a_moved_scale_is_no_other_unit(times: float) -> None:
    heldout, production = judged(1), judged(2)

    assert find_other_units(moved(production, np.ones(800, dtype=bool), times), heldout) == ()


def test_two_grades_in_percent_are_found() -> None:
    heldout, production = (judged(seed) for seed in (1, 2))
    grades = [Scores(teacher=(each.teacher > 0.5) * 1.0, student=each.student) for each in (heldout, production)]

    (found,) = find_other_units(moved(grades[1], np.ones(800, dtype=bool), 100), grades[0])

    assert found.factor == 0.01
    assert found.rows.all()
