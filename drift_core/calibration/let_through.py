"""What the student passes and the teacher would stop, at a fixed threshold, on both samples."""

from dataclasses import dataclass

import numpy as np

from drift_core.calibration.calibration_test import has_two_answers
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.measures.intervals import t_interval, welch_degrees
from drift_core.measures.scores import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class LetThrough:
    """Share of pairs that the student passes and the teacher would stop, by fixed thresholds or labels.

    Attributes
    ----------
    heldout, production
        The share on each sample.
    rose
        Production minus held-out.
    """

    heldout: float
    production: float
    rose: Measurement


def let_through(heldout: Scores, production: Scores, *, confidence: float) -> LetThrough:
    """Measure what a threshold at held-out's median, or the positive one of two labels, lets through on both samples.

    Notes
    -----
    Assumes that the cascade's own thresholds, which are not known, move with the median. The interval counts queries,
    at Welch's degrees of freedom.
    """
    cuts = (1.0, 1.0)
    if heldout.is_ranked:
        of_teacher = 1.0 if has_two_answers(heldout, production) else np.median(heldout.teacher)
        cuts = (float(np.median(heldout.student)), float(of_teacher))
    passed = [((s.student >= cuts[0]) & (s.teacher < cuts[1])).astype(float) for s in (heldout, production)]
    before, after = (
        clustered_mean(values, scores.queries, confidence=confidence)
        for values, scores in zip(passed, (heldout, production), strict=True)
    )
    return LetThrough(
        heldout=float(passed[0].mean()), production=float(passed[1].mean()), rose=_difference(before, after, confidence)
    )


def _difference(before: Measurement, after: Measurement, confidence: float) -> Measurement:
    for part in (before, after):
        if isinstance(part, Unmeasured):
            return part
    assert isinstance(before, Measured)
    assert isinstance(after, Measured)
    error = float(np.hypot(before.standard_error, after.standard_error))
    return t_interval(
        after.estimate - before.estimate,
        error,
        degrees=welch_degrees(after, before),
        confidence=confidence,
        n_pairs=before.n_pairs + after.n_pairs,
        n_queries=before.n_queries + after.n_queries,
    )
