"""Measures of a slice beside agreement: overlap of ranked scores, kappa of labels, precision and recall of a pass."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from drift_core.distributions.label_measures import label_sample
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.overlap import overlap_curve, overlap_range
from drift_core.measures.scores import Scores

if TYPE_CHECKING:
    from drift_core.diagnosis.settings import Settings
    from drift_core.samples.score_kind import ScoreKind

Place = tuple[str, str]  # partition and name of a region


def slice_measures(scores: Scores, kind: "ScoreKind", *, settings: "Settings") -> Mapping[str, Measurement]:
    """Measure the pairs of one slice.

    Parameters
    ----------
    scores
        Of these pairs.
    kind
        What the judge answers with.
    settings
        Of the diagnosis: size of the top, confidence, seed.

    Returns
    -------
    Mapping
        "overlap" at the rule's K of scores and grades; "kappa" of labels, of grades with quadratic weights;
        "precision" and "recall" of the positive label where there are two.

    Notes
    -----
    Overlap at a fixed K falls as the slice grows; its floor is that of a slice of about this size.
    """
    confidence = settings.rule.confidence
    found: dict[str, Measurement] = {}
    if scores.is_ranked:
        found["overlap"] = _overlap(scores, settings)
    if kind.labels and len(scores):
        sample = label_sample(scores, kind, confidence)
        found["kappa"] = sample.kappa
        if kind.name == "binary":
            found |= {"precision": sample.labels[-1].precision, "recall": sample.labels[-1].recall}
    return found


def _overlap(scores: Scores, settings: "Settings") -> Measurement:
    n, k = len(scores), settings.rule.k
    if n <= k:
        return Unmeasured(reason=f"{n} pairs; a top of {k} needs more.", n_pairs=n, n_queries=scores.n_queries)
    confidence = settings.rule.confidence
    limits = overlap_range(scores, n_pairs=n, confidence=confidence, rng=np.random.default_rng(settings.seed))
    low, _, high = limits.at(k)
    estimate = float(overlap_curve(scores.student, scores.teacher)[k - 1])
    return Measured(
        estimate=estimate,
        low=min(low, estimate),
        high=max(high, estimate),
        confidence=confidence,
        standard_error=(high - low) / 4,
        n_pairs=n,
        n_queries=scores.n_queries,
    )
