"""Disagreement of single pairs: how far apart student and teacher rank them."""

import numpy as np

from drift_core.measures.ranks import mid_ranks


def rank_gaps(student: np.ndarray, teacher: np.ndarray) -> np.ndarray:
    """Measure how far each pair's rank by the student lies above its rank by the teacher.

    Returns
    -------
    numpy.ndarray
        Student's rank minus teacher's rank as a fraction of the pairs, in (-1, 1), shape (n,).

    Examples
    --------
    >>> rank_gaps(np.array([1.0, 2.0, 3.0, 4.0]), np.array([40.0, 20.0, 30.0, 10.0])).tolist()
    [-0.75, 0.0, 0.0, 0.75]
    """
    return np.asarray((mid_ranks(student) - mid_ranks(teacher)) / len(teacher), dtype=np.float64)
