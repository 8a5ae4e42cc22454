import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift_core.measures.overlap import k_grid, overlap_curve, overlap_range
from drift_core.measures.ranks import tie_at
from drift_core.measures.scores import Scores


def expected_by_enumeration(student: list[int], teacher: list[int], k: int) -> float:
    """Sum over pairs of the product of the two chances to be in the top, straight from the definition."""
    total = 0.0
    for s, t in zip(student, teacher, strict=True):
        chances = []
        for value, side in ((s, student), (t, teacher)):
            above, equal = sum(x > value for x in side), sum(x == value for x in side)
            chances.append(min(1.0, max(0.0, (k - above) / equal)))
        total += chances[0] * chances[1]
    return total / k


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), min_size=1, max_size=25))
def test_ties_count_by_their_expected_share(rows: list[tuple[int, int]]) -> None:
    student, teacher = (list(side) for side in zip(*rows, strict=True))

    curve = overlap_curve(np.array(student, dtype=float), np.array(teacher, dtype=float))

    expected = [expected_by_enumeration(student, teacher, k) for k in range(1, len(rows) + 1)]
    assert np.allclose(curve, expected)


def test_untied_overlap_is_the_plain_intersection() -> None:
    rng = np.random.default_rng(0)
    teacher = rng.normal(size=200)
    student = teacher + rng.normal(size=200)
    curve = overlap_curve(student, teacher)

    for k in (1, 10, 57, 200):
        both = set(np.argsort(-teacher)[:k]) & set(np.argsort(-student)[:k])
        assert curve[k - 1] == pytest.approx(len(both) / k)


def test_the_order_of_equals_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    teacher, student = rng.integers(0, 4, 80).astype(float), rng.normal(size=80)
    order = rng.permutation(80)

    assert np.allclose(overlap_curve(student, teacher), overlap_curve(student[order], teacher[order]))


def test_constant_student_overlaps_by_chance() -> None:
    curve = overlap_curve(np.zeros(50), np.arange(50.0))

    assert np.allclose(curve, np.arange(1, 51) / 50)


def test_tie_at_the_boundary_is_counted() -> None:
    teacher = np.array([3.0, 3.0, 2.0, 2.0, 2.0, 1.0])

    assert [tie_at(teacher, k) for k in range(1, 7)] == [2, 1, 3, 3, 1, 1]


def test_grid_holds_every_small_k_and_the_whole_sample() -> None:
    grid = k_grid(5000)

    assert grid[:50].tolist() == list(range(1, 51))
    assert grid[-1] == 5000
    assert (np.diff(grid) > 0).all()


def test_range_at_another_size_covers_the_overlap_of_samples_of_that_size() -> None:
    rng = np.random.default_rng(2)

    def sample(n: int) -> Scores:
        teacher = rng.normal(size=n)
        return Scores(student=teacher + 0.4 * rng.normal(size=n), teacher=teacher)

    normal = overlap_range(sample(1500), n_pairs=200, confidence=0.95, rng=rng)
    low, _, high = normal.at(20)
    fresh = [overlap_curve(s.student, s.teacher)[19] for s in (sample(200) for _ in range(300))]

    # Nominal 95 %; the overlap moves in steps of 1/20 and 300 draws give two standard errors of 2.5 %.
    assert np.mean([(low <= value <= high) for value in fresh]) >= 0.90


def test_range_is_the_same_for_the_same_seed() -> None:
    teacher = np.random.default_rng(3).normal(size=120)
    scores = Scores(student=teacher + 0.1, teacher=teacher)
    ranges = [overlap_range(scores, n_pairs=60, confidence=0.9, rng=np.random.default_rng(4)) for _ in range(2)]

    assert np.array_equal(ranges[0].low, ranges[1].low)
    assert np.array_equal(ranges[0].high, ranges[1].high)
