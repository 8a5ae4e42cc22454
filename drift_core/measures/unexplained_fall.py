"""The fall that is left when held-out is given production's mix, its range of teacher scores and its coarseness."""

from dataclasses import replace
from typing import get_args

import numpy as np

from drift_core.measured import Measurement, Unmeasured
from drift_core.measures.agreement import coefficient_difference, coefficient_of
from drift_core.measures.coarseness import equally_coarse
from drift_core.measures.scores import Scores, Side

N_STEPS = 10  # of the teacher's scores, with as many held-out pairs each
MOST_TIMES = 10.0  # that a held-out pair may count for


def unexplained_fall(
    heldout: Scores,
    production: Scores,
    *,
    groups: tuple[np.ndarray, np.ndarray],
    explained: np.ndarray,
    confidence: float,
) -> Measurement:
    """Measure held-out agreement at production's make-up minus production agreement.

    Parameters
    ----------
    heldout, production
        Scores of both samples.
    groups
        Small groups of like queries, int64, one entry a pair of each sample.
    explained
        Production pairs that are left out, because their lower agreement is usual for new traffic; bool of shape
        (n_production,).
    confidence
        Confidence level of the interval.

    Notes
    -----
    Held-out pairs are weighted by how much more often production has their group, and their step of teacher scores, as
    if both were independent [1]_. Weights are taken as known.

    References
    ----------
    .. [1] DiNardo, J., Fortin, N. M. and Lemieux, T. (1996). Labor market institutions and the distribution of wages.
       Econometrica 64, 1001-1044.
    """
    heldout, production, _ = equally_coarse(heldout, production)
    kept = _kept(explained)
    production = production.take(kept)
    weighted = _at_range_and_mix(heldout, production, (groups[0], groups[1][kept]))
    return coefficient_difference(coefficient_of(weighted), coefficient_of(production), confidence=confidence)


def cost_of_range(heldout: Scores, production: Scores, *, groups: tuple[np.ndarray, np.ndarray]) -> float:
    """What held-out agreement at production's mix loses at its range of the teacher's or the student's scores too.

    The larger of both, as pairs may be selected by either; 0 where none can be measured.
    """
    heldout, production, _ = equally_coarse(heldout, production)
    shares = heldout.relative_weights, production.relative_weights
    at_mix = coefficient_of(_weighted(heldout, shares[0] * _times(*groups, shares)))
    at_range = [coefficient_of(_at_range_and_mix(heldout, production, groups, by)) for by in get_args(Side)]
    known = [each.estimate for each in at_range if not isinstance(each, Unmeasured)]
    return at_mix.estimate - min(known) if known and not isinstance(at_mix, Unmeasured) else 0.0


def _at_range_and_mix(
    heldout: Scores, production: Scores, groups: tuple[np.ndarray, np.ndarray], by: Side = "teacher"
) -> Scores:
    steps = [getattr(scores, by).astype(np.int64) for scores in (heldout, production)]
    if heldout.is_ranked:
        cuts = np.unique(np.quantile(getattr(heldout, by), np.arange(1, N_STEPS) / N_STEPS))
        steps = [np.searchsorted(cuts, getattr(scores, by), "left") for scores in (heldout, production)]
    shares = (heldout.relative_weights, production.relative_weights)
    return _weighted(heldout, shares[0] * _times(steps[0], steps[1], shares) * _times(*groups, shares))


def at_production_mix(
    heldout: Scores, production: Scores, *, groups: tuple[np.ndarray, np.ndarray], explained: np.ndarray
) -> tuple[Scores, Scores]:
    """Held-out weighted to production's mix alone, and production without what is explained; see `unexplained_fall`."""
    kept = _kept(explained)
    production = production.take(kept)
    shares = heldout.relative_weights, production.relative_weights
    return _weighted(heldout, shares[0] * _times(groups[0], groups[1][kept], shares)), production


def _kept(explained: np.ndarray) -> np.ndarray:
    return ~explained if (~explained).any() else np.ones(len(explained), dtype=bool)


def _weighted(scores: Scores, weights: np.ndarray) -> Scores:
    return replace(scores, weights=weights).take(weights > 0)


def _times(before: np.ndarray, after: np.ndarray, shares: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """How many times as often production has the cell of each held-out pair; all as often where it has none of them."""
    n = int(max(before.max(), after.max())) + 1
    then, now = (
        np.bincount(cells, weights=w, minlength=n) / w.sum() for cells, w in zip((before, after), shares, strict=True)
    )
    times = np.minimum(np.divide(now, then, out=np.zeros(n), where=then > 0), MOST_TIMES)[before]
    return times if times.any() else np.ones(len(before))
