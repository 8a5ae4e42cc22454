import numpy as np
import pytest

from drift_core.measures.scores import Scores
from drift_core.regions.heterogeneity import unevenness
from tests.drift_core.diagnosis.test_attribution import thirds

N = 900


def drawn(noise: np.ndarray, rng: np.random.Generator) -> Scores:
    teacher = rng.normal(size=N)
    return Scores(student=teacher + noise * rng.normal(size=N), teacher=teacher)


def measured(noise: tuple[float, float, float]) -> tuple[float, float]:
    rng = np.random.default_rng(2)
    labels = np.arange(N) % 3
    heldout, production = drawn(np.full(N, 0.4), rng), drawn(np.array(noise)[labels], rng)
    found = unevenness(heldout, production, thirds(labels, labels), np.ones(N, dtype=bool))
    return found.excess, found.scatter


def test_regions_that_change_alike_leave_no_excess() -> None:
    excess, scatter = measured((0.8, 0.8, 0.8))

    assert excess < 0.02
    assert scatter > 0


def test_regions_that_change_unlike_each_other_do() -> None:
    excess, scatter = measured((0.4, 0.4, 2.5))

    assert excess > 0.05
    assert scatter > 0.1


def test_one_region_says_nothing_about_differences() -> None:
    rng = np.random.default_rng(1)
    one = np.zeros(N, dtype=np.int64)

    found = unevenness(
        drawn(np.full(N, 0.4), rng), drawn(np.full(N, 0.4), rng), thirds(one, one), np.ones(N, dtype=bool)
    )

    assert (found.excess, found.scatter) == pytest.approx((0, 0))
