import numpy as np
import pytest

from drift_core.measured import Measured, Unmeasured
from drift_core.operations.operations import operations_of
from drift_core.operations.quantile import quantile
from drift_core.samples.reading import read_pairs
from tests.drift_core.comparison.two_students import frame

N = 400


def measured(**columns):
    found = operations_of(read_pairs(frame(N).assign(**columns)), confidence=0.95)
    return found, {(each.figure, each.who): each for each in found.figures}


def every(n):
    return np.arange(N) % n == 0


def test_rates_are_shares_of_the_calls_whose_intervals_count_queries():
    of_query = np.repeat(np.arange(N // 2) % 10 == 0, 2)  # all calls of a query, or none

    found = measured(student_fallback=of_query, teacher_timeout=np.where(every(20), "yes", "no"))[1]

    fell_back = found["Calls that fell back", "student"]
    assert fell_back.value.estimate == pytest.approx(0.1)
    assert fell_back.value.n_queries == N // 2
    assert fell_back.value.high - fell_back.value.low > 1.3 * 2 * 1.96 * (0.1 * 0.9 / N) ** 0.5
    assert fell_back.text.startswith("10.0% (")
    assert found["Calls that timed out", "teacher"].value.estimate == pytest.approx(0.05)


def test_a_call_that_was_retried_twice_counts_once():
    found = measured(student_retries=np.where(every(8), 2, 0))[1]

    assert found["Calls that were retried", "student"].value.estimate == pytest.approx(0.125)


def test_a_value_that_is_neither_yes_nor_no_is_said_and_a_column_of_seconds_is_not_used():
    flags = np.where(every(4), 1.0, 0.0)
    flags[:2] = 30

    sample = read_pairs(frame(N).assign(student_timeout=flags, teacher_timeout=30.0))

    said = {problem.name: problem.message for problem in sample.problems}
    assert said["unclear_student_timeout"].startswith("2 rows have neither yes nor no (column 'student_timeout')")
    assert np.isnan(sample.operations["student_timeout"][:2]).all()
    assert "teacher_timeout" not in sample.operations
    assert "truth_values" not in said
    assert set(sample.slices) == {"region"}


def test_p99_needs_more_calls_than_p95():
    found = measured(student_latency_ms=np.arange(1.0, N + 1), queries=np.arange(N))[1]

    assert isinstance(found["P95 latency (ms)", "student"].value, Measured)
    assert isinstance(found["P99 latency (ms)", "student"].value, Unmeasured)
    assert "too few for P99" in found["P99 latency (ms)", "student"].value.reason


FAST, SLOW = np.linspace(5, 10, N), np.linspace(50, 100, N)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            {"student_cost": 1.0, "teacher_cost": 1.0},
            "faster than the teacher, with 10% (10% to 10%) of its P95 latency",
        ),
        ({"student_cost": 0.9, "teacher_cost": 1.0}, None),
        ({"student_cost": 1.0}, None),
        ({"student_cost": 1.0, "teacher_cost": 1.0, "student_latency_ms": SLOW}, None),
        ({"student_cost": np.tile([0.1, 0.1, 1.9, 1.9], N // 4), "teacher_cost": 1.0}, None),
    ],
)
def test_batching_is_to_be_checked_where_calls_are_surely_faster_and_surely_no_cheaper(columns, said):
    made, _ = measured(**{"teacher_latency_ms": SLOW, "student_latency_ms": FAST} | columns)

    assert bool(made.findings) is (said is not None)
    if said:
        assert said in made.findings[0]
        assert "costs no less, 100% (100% to 100%) of its price: check batching" in made.findings[0]


def test_the_student_before_is_a_measure_too():
    made, figures = measured(
        student_latency_ms=FAST, student_before_latency_ms=SLOW, student_cost=0.02, student_before_cost=0.01
    )

    assert "faster than the student before" in made.findings[0]
    assert "200% (200% to 200%) of its price" in made.findings[0]
    assert figures["Cost per 1,000 calls", "student"].of_before.estimate == pytest.approx(2)
    assert figures["Cost per 1,000 calls", "student"].to_json()["of_before"]["estimate"] == pytest.approx(2)


def test_without_columns_there_is_nothing():
    made, _ = measured()

    assert not made
    assert (made.findings, made.to_json()) == ((), [])


def test_limits_of_a_quantile_count_queries():
    rng, hits = np.random.default_rng(0), 0
    truth = 1.282 * 2**0.5  # P90 of the sum of two standard normal values

    for _ in range(400):
        values = np.repeat(rng.normal(size=60), 5) + rng.normal(size=300)
        found = quantile(values, 0.9, queries=np.repeat(np.arange(60), 5), confidence=0.95)
        hits += isinstance(found, Measured) and found.low <= truth <= found.high

    assert hits >= 380 - 4 * 4.4  # of 400 draws at 95 %, four standard errors
    assert quantile(values, 0.9, confidence=0.95).high - found.low < found.high - found.low
