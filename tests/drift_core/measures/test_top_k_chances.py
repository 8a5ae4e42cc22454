import numpy as np
import pytest

from drift_core.measured import Measured
from drift_core.measures.overlap import overlap_curve
from drift_core.measures.scores import Scores
from drift_core.measures.top_k_chances import compare_top_k, overlap_by_query, top_chance


def test_equal_values_share_what_is_left_of_the_top():
    chance = top_chance(np.array([5.0, 5.0, 5.0, 1.0, 9.0]), 3)

    np.testing.assert_allclose(chance, [2 / 3, 2 / 3, 2 / 3, 0.0, 1.0])


def test_chances_in_groups_are_those_of_each_group_alone():
    rng = np.random.default_rng(1)
    groups, values = rng.integers(0, 7, 200), rng.integers(0, 4, 200).astype(float)

    chance = top_chance(values, 3, groups)

    for group in range(7):
        np.testing.assert_allclose(chance[groups == group], top_chance(values[groups == group], 3))


@pytest.mark.parametrize("k", [1, 4, 25, 60])
def test_missed_and_promoted_add_up_to_what_the_overlap_leaves(k):
    rng = np.random.default_rng(2)
    teacher = rng.integers(0, 5, 60).astype(float)
    student = teacher + rng.normal(size=60).round()

    tops = compare_top_k(student, teacher, k)

    left = k * (1 - overlap_curve(student, teacher)[k - 1])
    assert tops.missed_chance.sum() == pytest.approx(left)
    assert tops.promoted_chance.sum() == pytest.approx(left)


def test_the_surest_pairs_come_first_and_the_lists_are_cut():
    teacher, student = np.array([4.0, 3.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0, 4.0])

    tops = compare_top_k(student, teacher, 2, at_most=1)

    assert tops.missed.tolist() == [0]
    assert tops.promoted.tolist() == [3]
    assert tops.n_expected == 2


def test_lists_that_are_cut_stand_for_as_many_pairs_on_both_sides():
    teacher = np.repeat([1.0, 0.0], [450, 50])
    tops = compare_top_k(np.arange(500.0), teacher, 10)

    assert tops.missed_chance.sum() < 5
    assert (tops.promoted_chance.sum(), tops.n_expected) == (10, pytest.approx(10))


def test_overlap_by_query_is_the_mean_over_queries_with_enough_docs():
    queries = np.repeat(np.arange(6), [4, 4, 4, 4, 4, 3])
    teacher = np.concatenate([np.arange(n, dtype=float) for n in (4, 4, 4, 4, 4, 3)])
    student = teacher.copy()
    student[:4] *= -1

    found = overlap_by_query(Scores(student=student, teacher=teacher, queries=queries), 2, confidence=0.95)

    assert found is not None
    assert found.k == 2
    assert found.overlaps.tolist() == [0.0, 1.0, 1.0, 1.0, 1.0]
    assert isinstance(found.mean, Measured)
    assert found.mean.estimate == pytest.approx(0.8)


def test_a_top_larger_than_the_queries_is_cut_to_half_of_a_usual_query():
    queries = np.repeat(np.arange(10), 6)
    teacher = np.tile(np.arange(6.0), 10)

    found = overlap_by_query(Scores(student=teacher, teacher=teacher, queries=queries), 50, confidence=0.95)

    assert found is not None
    assert found.k == 3


def test_queries_of_one_doc_have_no_overlap_of_their_own():
    scores = Scores(student=np.arange(9.0), teacher=np.arange(9.0), queries=np.arange(9))

    assert overlap_by_query(scores, 3, confidence=0.95) is None
