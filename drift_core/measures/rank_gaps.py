"""Rank gaps: how far apart student and teacher put the same pair."""

from dataclasses import dataclass

import numpy as np

from drift_core.measures.ranks import mid_ranks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankGaps:
    """Ranks from the top, 1 for the highest score, equal scores sharing the mean of their ranks.

    Attributes
    ----------
    student, teacher
        Rank of each pair, float64 of shape (n,).
    """

    student: np.ndarray
    teacher: np.ndarray

    @property
    def gap(self) -> np.ndarray:
        """Teacher's rank minus student's: above 0 where the student puts the pair higher than the teacher."""
        return np.asarray(self.teacher - self.student)

    def largest(self, n: int) -> np.ndarray:
        """Positions of the `n` pairs that disagree most, the largest gap first."""
        size: np.ndarray = np.abs(self.gap)
        if n < len(size):
            few = np.flatnonzero(size >= np.partition(size, len(size) - n)[len(size) - n])
        else:
            few = np.arange(len(size))
        return np.asarray(few[np.lexsort((few, -size[few]))][:n])


def rank_gaps(student: np.ndarray, teacher: np.ndarray) -> RankGaps:
    """Rank both sides.

    Examples
    --------
    >>> rank_gaps(np.array([0.9, 0.2, 0.5]), np.array([1.0, 3.0, 2.0])).gap.tolist()
    [2.0, -2.0, 0.0]
    """
    return RankGaps(student=mid_ranks(-student), teacher=mid_ranks(-teacher))
