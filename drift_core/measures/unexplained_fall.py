"""The fall that is left when held-out is given production's mix, its range of teacher scores and its coarseness."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drift_core.measured import Measured, Measurement
from drift_core.measures.agreement import coefficient_difference, coefficient_of
from drift_core.measures.coarseness import equally_coarse
from drift_core.measures.scores import Scores, Side

N_STEPS = 10  # of a side's scores, with as many held-out pairs each
MOST_TIMES = 10.0  # that a held-out pair may count for
N_ROUNDS = 20  # of raking; the weights change by less than a hundredth after


def unexplained_fall(
    heldout: Scores,
    production: Scores,
    *,
    groups: tuple[np.ndarray, np.ndarray],
    explained: np.ndarray,
    confidence: float,
    sides: Sequence[Side] = ("teacher",),
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
    sides
        Whose scores are given production's range: both where production looks selected.

    Notes
    -----
    Held-out pairs are weighted by how much more often production has their group, and their step of teacher scores, as
    if both were independent [1]_; of both sides' scores the shares are raked [2]_. Weights are taken as known.

    References
    ----------
    .. [1] DiNardo, J., Fortin, N. M. and Lemieux, T. (1996). Labor market institutions and the distribution of wages.
       Econometrica 64, 1001-1044.
    .. [2] Deming, W. E. and Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the
       expected marginal totals are known. Annals of Mathematical Statistics 11, 427-444.
    """
    heldout, production, _ = equally_coarse(heldout, production)
    kept = _kept(explained)
    production = production.take(kept)
    weighted = at_range_and_mix(heldout, production, (groups[0], groups[1][kept]), sides)
    return coefficient_difference(coefficient_of(weighted), coefficient_of(production), confidence=confidence)


def cost_of_range(
    heldout: Scores,
    production: Scores,
    *,
    groups: tuple[np.ndarray, np.ndarray],
    confidence: float,
    is_selected: bool = False,
) -> Measured | None:
    """What held-out agreement at production's mix loses at its range of the teacher's or the student's scores too.

    The larger of both, as pairs may be selected by either, and of both together where they look selected; None where
    none can be measured.
    """
    heldout, production, _ = equally_coarse(heldout, production)
    alike = coefficient_of(at_mix(heldout, production, groups=groups))
    ranges: list[tuple[Side, ...]] = [("student", "teacher")] if is_selected else [("student",), ("teacher",)]
    at_range = [coefficient_of(at_range_and_mix(heldout, production, groups, sides)) for sides in ranges]
    costs = [coefficient_difference(alike, each, confidence=confidence) for each in at_range]
    return max((each for each in costs if isinstance(each, Measured)), key=lambda each: each.estimate, default=None)


def at_mix(heldout: Scores, production: Scores, *, groups: tuple[np.ndarray, np.ndarray]) -> Scores:
    """Held-out weighted to production's mix of groups."""
    shares = heldout.relative_weights, production.relative_weights
    return _weighted(heldout, shares[0] * _times(*groups, shares))


def at_range_and_mix(
    heldout: Scores, production: Scores, groups: tuple[np.ndarray, np.ndarray], sides: Sequence[Side]
) -> Scores:
    """Held-out weighted to production's mix of groups and its shares of steps of some sides' scores."""
    steps = [_steps(heldout, production, side) for side in sides]
    shares = (heldout.relative_weights, production.relative_weights)
    if len(steps) == 1:
        return _weighted(heldout, shares[0] * _times(*steps[0], shares) * _times(*groups, shares))
    weights = shares[0]
    for _ in range(N_ROUNDS):
        for cells in (groups, *steps):
            weights = weights * _times(*cells, (weights, shares[1]))
    most = MOST_TIMES * weights.mean()
    return _weighted(heldout, np.minimum(weights, most))


def _steps(heldout: Scores, production: Scores, side: Side) -> tuple[np.ndarray, np.ndarray]:
    before, after = getattr(heldout, side), getattr(production, side)
    if not heldout.is_ranked:
        return before.astype(np.int64), after.astype(np.int64)
    cuts = np.unique(np.quantile(before, np.arange(1, N_STEPS) / N_STEPS))
    return np.searchsorted(cuts, before, "left"), np.searchsorted(cuts, after, "left")


def at_production_mix(
    heldout: Scores, production: Scores, *, groups: tuple[np.ndarray, np.ndarray], explained: np.ndarray
) -> tuple[Scores, Scores]:
    """Held-out weighted to production's mix alone, and production without what is explained; see `unexplained_fall`."""
    kept = _kept(explained)
    production = production.take(kept)
    return at_mix(heldout, production, groups=(groups[0], groups[1][kept])), production


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
