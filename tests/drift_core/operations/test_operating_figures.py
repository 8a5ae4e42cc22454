import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

from drift_core.measured import Measured, Unmeasured
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.operations.operating_figures import OperatingFigure, operating_figures
from drift_core.operations.quantile import quantile
from drift_core.samples.reading import read_pairs
from tests.drift_core.comparison.two_students import frame

N = 400


def _quantile_of_mixture(level: float) -> float:
    below = lambda x: 0.1 * -np.expm1(-x / 3) + 0.9 * -np.expm1(-x) - level  # noqa: E731 - one formula
    return float(brentq(below, 0, 50))


TRUTHS = (_quantile_of_mixture(0.5), _quantile_of_mixture(0.9), 1.2)


def figures(**columns: object) -> dict[tuple[str, str], OperatingFigure]:
    found = operating_figures(read_pairs(frame(N).assign(**columns)), confidence=0.95)
    return {(each.figure, each.who): each for each in found}


def test_cost_is_per_1000_calls_and_a_share_of_the_teachers() -> None:
    teacher = np.tile([0.001, 0.003], N // 2)

    found = figures(teacher_cost=teacher, student_cost=teacher / 100)

    student = found["Cost per 1,000 calls", "student"]
    assert isinstance(student.value, Measured)
    assert student.value.estimate == pytest.approx(0.02)
    assert isinstance(student.of_teacher, Measured)
    assert student.of_teacher.estimate == pytest.approx(0.01)
    assert student.of_teacher.high == pytest.approx(0.01)
    assert found["Cost per 1,000 calls", "teacher"].of_teacher is None


def test_latency_quantiles_have_limits_and_shares() -> None:
    times = np.arange(1.0, N + 1)

    found = figures(teacher_latency_ms=times * 50, student_latency_ms=times, student_before_latency_ms=times * 2)

    assert [who for figure, who in found if figure.startswith("P95")] == ["student", "student_before", "teacher"]
    p95 = found["P95 latency (ms)", "student"]
    assert isinstance(p95.value, Measured)
    assert (p95.value.estimate, p95.value.n_pairs) == (380, N)
    assert p95.value.low < 380 < p95.value.high
    assert isinstance(p95.of_teacher, Measured)
    assert p95.of_teacher.estimate == pytest.approx(0.02)
    assert p95.of_teacher.low < 0.02 < p95.of_teacher.high


def test_with_sampling_weights_the_figures_are_those_of_the_traffic() -> None:
    is_rare = np.arange(N) % 4 < 2  # whole queries, drawn nine times as often as their traffic
    weight, cost = np.where(is_rare, 1.0, 9.0), np.where(is_rare, 0.010, 0.001)

    found = figures(weight=weight, teacher_cost=1.0, student_cost=cost, student_latency_ms=cost * 1000)

    student = found["Cost per 1,000 calls", "student"]
    assert isinstance(student.value, Measured)
    assert student.value.estimate == pytest.approx(1000 * (0.1 * 0.010 + 0.9 * 0.001))
    assert isinstance(student.of_teacher, Measured)
    assert student.of_teacher.estimate == pytest.approx(0.0019)
    p50, p95 = (found[f"P{level} latency (ms)", "student"].value for level in (50, 95))
    assert isinstance(p50, Measured)
    assert isinstance(p95, Measured)
    assert (p50.estimate, p95.estimate) == (1.0, 10.0)


def test_equal_weights_change_nothing() -> None:
    columns = {"teacher_cost": np.tile([0.001, 0.003], N // 2), "student_cost": np.linspace(0, 1, N)}
    columns |= {"student_latency_ms": np.arange(1.0, N + 1)}

    one, two = figures(**columns), figures(**columns, weight=np.full(N, 2.5))

    for key, each in one.items():
        assert two[key].value.to_json() == pytest.approx(each.value.to_json())


def test_the_size_of_weights_changes_nothing() -> None:
    values, weights = np.arange(1.0, 101), np.linspace(1, 2, 100)

    small, large = (quantile(values, 0.5, weights=weights * size, confidence=0.95) for size in (1.0, 1e155))

    assert large == small


def test_limits_under_weights_cover_the_traffics_quantile_and_mean() -> None:
    rng, hits, n = np.random.default_rng(1), np.zeros(3), 400
    for _ in range(n):
        rare = rng.random(300) < 0.5  # half of the sample, a tenth of the traffic
        values = rng.exponential(np.where(rare, 3.0, 1.0))
        weights = np.where(rare, 0.2, 1.8)
        found = [quantile(values, level, weights=weights, confidence=0.95) for level in (0.5, 0.9)]
        found.append(clustered_mean(values, None, weights=weights, confidence=0.95))
        hits += [isinstance(e, Measured) and e.low <= true <= e.high for e, true in zip(found, TRUTHS, strict=True)]

    # 400 draws at 95 % hit 380 times with a standard error of 4.4.
    assert (hits >= 380 - 4 * 4.4).all()


def test_without_the_teachers_figures_there_is_no_share() -> None:
    found = figures(student_cost=0.5, student_latency_ms=np.arange(N))

    assert all(isinstance(each.of_teacher, Unmeasured) for each in found.values())


def test_no_columns_no_figures() -> None:
    assert not figures()


def test_a_free_teacher_has_no_share() -> None:
    found = figures(teacher_cost=0.0, student_cost=np.linspace(0, 1, N))

    assert isinstance(found["Cost per 1,000 calls", "student"].of_teacher, Unmeasured)


def test_a_quantile_of_too_few_calls_is_unmeasured() -> None:
    found = quantile(np.arange(60.0), 0.95, confidence=0.95)

    assert isinstance(found, Unmeasured)
    assert found.reason == "60 calls; too few for P95 at this confidence."


# 2,000 draws at a true 95 % or more: fewer than 1,870 hits are nine standard errors off.
def test_limits_of_a_quantile_cover_whatever_the_distribution() -> None:
    rng = np.random.default_rng(0)
    draws = rng.pareto(2.0, size=(2000, 150))

    found = [quantile(each, 0.95, confidence=0.95) for each in draws]

    truth = 0.05**-0.5 - 1
    hits = sum(isinstance(each, Measured) and each.low <= truth <= each.high for each in found)
    assert hits >= 1870
    assert pd.Series([each.n_pairs for each in found]).eq(150).all()
