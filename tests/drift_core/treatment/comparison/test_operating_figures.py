import numpy as np
import pandas as pd
import pytest

from drift_core.diagnosis.rule import Rule
from drift_core.measures.estimate import Measured, Unmeasured
from drift_core.samples.reading import read_pairs
from drift_core.treatment.comparison.operating_figures import OperatingFigure, operating_figures, quantile
from tests.drift_core.treatment.comparison.two_students import frame

N = 400


def figures(**columns: object) -> dict[tuple[str, str], OperatingFigure]:
    found = operating_figures(read_pairs(frame(N).assign(**columns)), rule=Rule())
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
