import numpy as np
import pytest
from scipy import stats

from drift_core.measures.residuals import REFERENCE_COST, residual_errors
from drift_core.measures.scores import Scores


def draw(n: int, seed: int, noise: float = 0.4) -> Scores:
    rng = np.random.default_rng(seed)
    teacher = rng.normal(size=n)
    return Scores(student=teacher + noise * rng.normal(size=n), teacher=teacher)


def test_errors_of_equal_samples_are_one_on_average() -> None:
    _, after = residual_errors(draw(3000, 0), draw(3000, 1))

    assert after.both().mean(axis=0) == pytest.approx([1, 1], abs=0.1)


def test_a_moved_scale_of_one_side_leaves_the_other_residual_alone() -> None:
    heldout, production = draw(3000, 0), draw(3000, 1)
    moved = Scores(student=np.exp(production.student), teacher=production.teacher)

    _, plain = residual_errors(heldout, production)
    _, after = residual_errors(heldout, moved)

    assert after.of_teacher.mean() == pytest.approx(plain.of_teacher.mean(), rel=1e-9)
    assert after.of_student.mean() > 1.5


def test_a_narrow_range_does_not_raise_the_errors() -> None:
    heldout, production = draw(3000, 0), draw(6000, 1)
    narrow = production.take(np.abs(production.teacher) < 0.4)

    _, after = residual_errors(heldout, narrow)

    assert after.of_student.mean() == pytest.approx(1, abs=0.1)
    assert after.of_teacher.mean() < 1


def test_twice_the_noise_raises_both_residuals() -> None:
    _, after = residual_errors(draw(2000, 0), draw(2000, 1, noise=0.8))

    assert (after.both().mean(axis=0) > 2).all()


def normal_scores(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Normal quantile of the mid-rank in a reference, by counting."""
    below = (reference[None] < values[:, None]).sum(axis=1)
    upto = (reference[None] <= values[:, None]).sum(axis=1)
    return np.asarray(stats.norm.ppf(((below + upto) / 2 + 0.5) / (len(reference) + 1)))


def fitted_by_lstsq(y: np.ndarray, x: np.ndarray, usual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and leverages of a line with two bends, in the basis of truncated powers."""
    knots = np.quantile(x[usual], [0.125, 0.375, 0.625, 0.875])
    basis = np.column_stack((np.ones(len(x)), x, *(np.maximum(x - knot, 0) for knot in knots[1:-1])))
    weights = np.linalg.lstsq(basis[usual], y[usual], rcond=None)[0]
    leverage = ((basis @ np.linalg.pinv(basis[usual].T @ basis[usual])) * basis).sum(axis=1)
    return basis @ weights, np.minimum(leverage, 0.5)


def test_the_fit_equals_least_squares_of_a_bent_line_on_the_usual_pairs() -> None:
    heldout, production = draw(100, 0), draw(110, 1)
    usual = np.arange(110) < 100

    before, after = residual_errors(heldout, production, usual=usual)

    student = [normal_scores(sample.student, heldout.student) for sample in (heldout, production)]
    place = (
        normal_scores(heldout.teacher, heldout.teacher),
        normal_scores(production.teacher, production.teacher[usual]),
    )
    (line, lever), (line_after, lever_after) = (
        fitted_by_lstsq(y, x, mask)
        for y, x, mask in zip(student, place, (np.ones(100, dtype=bool), usual), strict=True)
    )
    squares = (student[0] - line) ** 2 / (1 - lever)
    squares_after = (student[1] - line_after) ** 2 / np.where(usual, 1 - lever_after, 1 + lever_after)
    assert before.of_student == pytest.approx(squares / squares.mean(), abs=1e-6)
    assert after.of_student == pytest.approx(squares_after / squares.mean() / (1 + REFERENCE_COST / 100), abs=1e-6)


def test_a_teacher_of_few_values_is_fitted_by_the_mean_at_each() -> None:
    plain, teacher = draw(100, 0), np.arange(100) % 4
    heldout = Scores(student=plain.student + teacher, teacher=teacher)

    before, _ = residual_errors(heldout, heldout)

    scores = normal_scores(heldout.student, heldout.student).reshape(25, 4)
    squares = ((scores - scores.mean(axis=0)) ** 2 / (1 - 1 / 25)).ravel()
    assert before.of_student == pytest.approx(squares / squares.mean(), abs=1e-6)


def test_pairs_that_are_not_usual_do_not_bend_the_fit_of_the_others() -> None:
    heldout, production = draw(1000, 0), draw(1000, 1)
    usual = np.arange(1000) < 600
    turned = Scores(student=np.where(usual, production.student, -production.student), teacher=production.teacher)

    _, after = residual_errors(heldout, turned, usual=usual)
    _, alone = residual_errors(heldout, production.take(usual))

    assert after.of_student[usual] == pytest.approx(alone.of_student, rel=1e-6)
    assert after.of_student[~usual].mean() > 5


def test_the_order_of_rows_and_the_scales_of_both_sides_do_not_matter() -> None:
    heldout, production = draw(300, 0), draw(400, 1)
    order = np.random.default_rng(2).permutation(400)

    plain = residual_errors(heldout, production)[1]
    rescaled = [Scores(student=np.exp(s.student), teacher=s.teacher**3) for s in (heldout, production.take(order))]
    moved = residual_errors(*rescaled)[1]

    assert moved.both() == pytest.approx(plain.both()[order])


def test_errors_of_heldout_itself_are_one_on_average_whatever_its_noise() -> None:
    before, _ = residual_errors(draw(400, 0, noise=2.0), draw(400, 1))

    assert before.both().mean(axis=0) == pytest.approx([1, 1])


def test_a_student_that_orders_the_other_way_round_is_off_however_regularly_it_does_so() -> None:
    heldout, production = draw(1000, 0), draw(1000, 1)
    turned = Scores(student=-production.student, teacher=production.teacher)

    _, after = residual_errors(heldout, turned)

    assert (after.both().mean(axis=0) > 4).all()
