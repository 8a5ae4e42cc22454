from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from drift_core.measured import Measured, Unmeasured
from drift_core.measures.call_costs import cost_rise, measure_bill
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs

N = 400


@cache
def pairs() -> ScoredPairs:
    rows, scores = range(N), np.random.default_rng(0).random(N)
    table = {"query": [f"q{row // 4}" for row in rows], "doc": [f"d{row}" for row in rows]}
    return read_pairs(pd.DataFrame(table | {"student_score": scores, "teacher_score": scores[::-1]}))


def sample(mean: float, *, seed: int, teacher: float | None = None) -> ScoredPairs:
    scatter = np.repeat(np.random.default_rng(seed).standard_normal(N // 4), 4)
    operations = {"student_cost": mean * (1 + 0.2 * scatter)}
    return replace(pairs(), operations=operations | ({} if teacher is None else {"teacher_cost": np.full(N, teacher)}))


def test_the_interval_of_a_rise_covers_it_where_pairs_of_a_query_cost_alike() -> None:
    n_draws = 300
    found = [
        cost_rise("student_cost", sample(0.02, seed=2 * i), sample(0.025, seed=2 * i + 1), confidence=0.95)
        for i in range(n_draws)
    ]

    covered = sum(isinstance(each, Measured) and each.low <= 0.25 <= each.high for each in found)
    assert 0.91 < covered / n_draws < 0.98  # 0.95 by three standard errors of 0.0126


def test_free_or_unknown_calls_have_no_rise() -> None:
    free = cost_rise("student_cost", sample(0.0, seed=1), sample(0.1, seed=2), confidence=0.95)
    unknown = cost_rise("teacher_cost", sample(0.1, seed=1), sample(0.1, seed=2, teacher=1.0), confidence=0.95)

    assert isinstance(free, Unmeasured)
    assert free.reason == "Held-out's calls are free."
    assert isinstance(unknown, Unmeasured)


@pytest.mark.parametrize(
    ("student", "is_dear"), [(0.0101, False), (0.013, True)], ids=["as before", "thirty per cent more"]
)
def test_a_clear_rise_makes_a_bill_dear(student: float, is_dear: bool) -> None:
    bill = measure_bill(sample(0.01, seed=1), sample(student, seed=2, teacher=1.0), confidence=0.95)

    assert bill.is_dear is is_dear
    assert set(bill.rises) == {"student", "teacher"}
    assert isinstance(bill.share, Measured)
    assert f"the student's calls cost {bill.share:.1%} of the teacher's" in bill.figures
