"""Pairs that change side: the teacher puts them above a threshold and the student below it, or the other way round."""

from dataclasses import dataclass, replace

import numpy as np

from drift_core.measured import Measurement, Unmeasured
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.measures.scores import Scores

MAX_VALUES = 20  # a teacher with at most so many values is cut between them
N_GRID = 101
TAIL = 0.01  # thresholds beyond these shares of the teacher's scores leave one side empty
# One scale (ours): on held-out the medians differ by less than half an interquartile range, and the ranges by less than
# a factor of two.
MAX_SHIFT, MAX_STRETCH = 0.5, 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideChanges:
    """Share of pairs that changed side, at every threshold of a grid.

    Attributes
    ----------
    thresholds
        Teacher's scores at which sides are told apart, increasing, shape (m,).
    cuts
        Student's score that stands for each threshold, shape (m,).
    heldout, production
        Share of pairs that changed side, in 0..1, shape (m,).
    one_scale
        Whether both sides are cut at the same number; else the student is cut at the same rank on held-out.
    """

    thresholds: np.ndarray
    cuts: np.ndarray
    heldout: np.ndarray
    production: np.ndarray
    one_scale: bool

    def nearest(self, threshold: float | None) -> int:
        """Position of the threshold of the grid next to this one; of the middle where there is none."""
        if threshold is None:
            return len(self.thresholds) // 2
        return int(np.argmin(np.abs(self.thresholds - threshold)))


def measure_side_changes(heldout: Scores, production: Scores) -> SideChanges:
    """Measure the share of pairs that changed side over a grid of thresholds.

    A score equal to the threshold is above it. Student and teacher are cut at the same number where they are on one
    scale on held-out, else the student is cut where it has as many held-out pairs above as the teacher.
    """
    thresholds = _grid(np.concatenate((heldout.teacher, production.teacher)))
    one_scale = on_one_scale(heldout)
    cuts = thresholds if one_scale else _same_rank(heldout, thresholds)
    shares = [
        np.array([_changed(scores, t, c).mean() for t, c in zip(thresholds, cuts, strict=True)])
        for scores in (heldout, production)
    ]
    return SideChanges(thresholds=thresholds, cuts=cuts, heldout=shares[0], production=shares[1], one_scale=one_scale)


def measure_side(scores: Scores, *, threshold: float, cut: float, confidence: float) -> Measurement:
    """Share of pairs that changed side at one threshold, with an interval that counts queries."""
    share = clustered_mean(_changed(scores, threshold, cut).astype(float), scores.queries, confidence=confidence)
    if isinstance(share, Unmeasured):
        return share
    return replace(share, low=max(0.0, share.low), high=min(1.0, share.high))


def _changed(scores: Scores, threshold: float, cut: float) -> np.ndarray:
    return np.asarray((scores.teacher >= threshold) != (scores.student >= cut))


def _grid(teacher: np.ndarray) -> np.ndarray:
    values = np.unique(teacher)
    if len(values) <= MAX_VALUES:
        return np.asarray((values[1:] + values[:-1]) / 2)
    low, high = np.quantile(teacher, [TAIL, 1 - TAIL])
    return np.unique(np.linspace(low, high, N_GRID))


def on_one_scale(heldout: Scores) -> bool:
    """Compare medians and interquartile ranges of both sides on held-out."""
    (low_s, mid_s, high_s), (low_t, mid_t, high_t) = (
        np.quantile(side, [0.25, 0.5, 0.75]) for side in (heldout.student, heldout.teacher)
    )
    width_s, width_t = high_s - low_s, high_t - low_t
    near = abs(mid_s - mid_t) <= MAX_SHIFT * max(width_t, width_s)
    return bool(near and width_t <= MAX_STRETCH * width_s and width_s <= MAX_STRETCH * width_t)


def _same_rank(heldout: Scores, thresholds: np.ndarray) -> np.ndarray:
    n_below = np.searchsorted(np.sort(heldout.teacher), thresholds, side="left")
    return np.asarray(np.sort(heldout.student)[np.minimum(n_below, len(heldout) - 1)])
