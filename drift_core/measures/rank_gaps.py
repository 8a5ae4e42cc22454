"""How far apart student and teacher put the same pair: by ranks, or by labels that differ."""

from dataclasses import dataclass

import numpy as np

from drift_core.measures.ranks import mid_ranks
from drift_core.samples.pairs import ScoredPairs


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

    def largest(self, n: int, *, within: np.ndarray | None = None) -> np.ndarray:
        """Positions of the `n` pairs that disagree most, the largest gap first; of `within`, bool of shape (n,)."""
        size: np.ndarray = np.abs(self.gap)
        few = np.arange(len(size)) if within is None else np.flatnonzero(within)
        if n < len(few):
            few = few[size[few] >= np.partition(size[few], len(few) - n)[len(few) - n]]
        return np.asarray(few[np.lexsort((few, -size[few]))][:n])


def pair_gaps(sample: ScoredPairs) -> np.ndarray:
    """How much higher the student puts each pair than the teacher, as a share of all pairs; of labels, 1 where they
    differ. Shape (n,), in -1..1.
    """
    if sample.kind.is_ranked:
        return rank_gaps(sample.student, sample.teacher).gap / len(sample)
    return (sample.student != sample.teacher) * 1.0


def rank_gaps(student: np.ndarray, teacher: np.ndarray) -> RankGaps:
    """Rank both sides.

    Examples
    --------
    >>> rank_gaps(np.array([0.9, 0.2, 0.5]), np.array([1.0, 3.0, 2.0])).gap.tolist()
    [2.0, -2.0, 0.0]
    """
    return RankGaps(student=mid_ranks(-student), teacher=mid_ranks(-teacher))
