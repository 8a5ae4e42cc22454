import numpy as np
import pytest

from drift_core.measures.residuals import residual_errors
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
