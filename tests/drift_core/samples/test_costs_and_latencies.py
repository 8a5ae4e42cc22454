import numpy as np
import pandas as pd

from drift_core.samples.reading import read_pairs

N = 40


def frame(**more: object) -> pd.DataFrame:
    teacher = np.arange(N) / N
    base = {"query": [f"q {i // 2}" for i in range(N)], "doc": [f"d {i}" for i in range(N)]}
    return pd.DataFrame(base | {"teacher_score": teacher, "student_score": teacher**2} | more)


def test_the_score_by_the_student_before_is_read_and_counts_in_the_digest() -> None:
    plain, both = read_pairs(frame()), read_pairs(frame(student_score_before=np.arange(N) / 7))

    assert plain.student_before is None
    assert both.student_before is not None
    assert both.student_before.tolist() == (np.arange(N) / 7).tolist()
    assert both.digest != plain.digest


def test_a_missing_score_by_the_student_before_keeps_the_pair() -> None:
    found = read_pairs(frame(predecessor_score=[None, "soon", *map(str, range(N - 2))]))

    assert len(found) == N
    assert found.student_before is not None
    assert np.isnan(found.student_before).tolist() == [True, True] + [False] * (N - 2)
    assert [problem.name for problem in found.problems] == ["unreadable_student_before"]


def test_costs_and_latencies_are_read_and_are_no_slices() -> None:
    few = ["1.5", "2.5"] * (N // 2)

    found = read_pairs(frame(teacher_cost=few, student_latency_ms=few))

    assert set(found.operations) == {"teacher_cost", "student_latency_ms"}
    assert found.operations["teacher_cost"][:2].tolist() == [1.5, 2.5]
    assert not found.slices
    assert found.teacher_repeats is None
    assert found.digest != read_pairs(frame()).digest


def test_a_cost_below_zero_is_said_and_taken_as_missing() -> None:
    found = read_pairs(frame(student_cost=[-1.0, np.inf] + [0.5] * (N - 2)))

    assert np.isnan(found.operations["student_cost"][:2]).all()
    said = {problem.name: problem.message for problem in found.problems}
    assert said["negative_student_cost"].startswith("1 row has a value below 0 (column 'student_cost')")
    assert "infinite_student_cost" in said


def test_a_column_of_negative_costs_is_not_used() -> None:
    found = read_pairs(frame(student_cost=-1.0))

    assert not found.operations
    assert "student_cost" not in found.columns
