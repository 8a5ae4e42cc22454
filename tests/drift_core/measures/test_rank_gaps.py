import numpy as np

from drift_core.measures.rank_gaps import rank_gaps


def test_ranks_count_from_the_top_and_equal_scores_share_them():
    gaps = rank_gaps(np.array([0.1, 0.9, 0.9]), np.array([3.0, 2.0, 1.0]))

    assert gaps.student.tolist() == [3.0, 1.5, 1.5]
    assert gaps.teacher.tolist() == [1.0, 2.0, 3.0]


def test_the_largest_gaps_come_first_in_either_direction():
    gaps = rank_gaps(np.array([1.0, 2.0, 3.0, 9.0, 4.0]), np.array([1.0, 2.0, 3.0, 0.5, 4.0]))

    assert gaps.gap.tolist() == [-1.0, -1.0, -1.0, 4.0, -1.0]
    assert gaps.largest(2).tolist() == [3, 0]
    assert gaps.largest(2, within=np.array([False, True, True, False, True])).tolist() == [1, 2]
