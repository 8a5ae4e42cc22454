"""How far a student's probabilities moved from one sample to the other, against what chance alone shows."""

import numpy as np

from drift_core.calibration.bins import Side, bins_for, equal_mass_bins, in_order
from drift_core.calibration.calibration_error import too_few
from drift_core.calibration.gap import N_DRAWS, Gap, compare_with_chance
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores

MOVED_P = 0.005  # chance at most of so large a move without one, from which it is told; an extra look at each sample
SMALLEST_MOVE = 0.02  # mean change of the share passed at the same probability, from which it is told (ours)


def has_moved(found: Gap | Unmeasured, *, n_looks: int = 1) -> bool:
    """Whether chance would hardly show so large a move at one of so many looks that share `MOVED_P`."""
    return isinstance(found, Gap) and found.p_value <= MOVED_P / n_looks and found.error.estimate >= SMALLEST_MOVE


def measure_move(
    heldout: Scores, production: Scores, *, confidence: float, seed: int, n_draws: int = N_DRAWS
) -> Gap | Unmeasured:
    """Measure the mean change of the share passed at the same probability, from held-out to production.

    Notes
    -----
    Whether it moved is told in bins of both samples' scores: the mean absolute difference of their gaps, a bin counting
    by what both have in it, against answers drawn with the same gap in both; see `measure_calibration`. A change of the
    traffic among scores moves none of them.
    """
    if (lacking := too_few(heldout) or too_few(production)) is not None:
        return lacking
    heldout, production, rng = in_order(heldout), in_order(production), np.random.default_rng(seed)
    weights = np.concatenate([each.relative_weights / len(each) for each in (heldout, production)])
    score = np.concatenate((heldout.student, production.student))
    bins = equal_mass_bins(score, weights, n_bins=bins_for(min(len(heldout), len(production))))
    n_bins, n = int(bins.max()) + 1, len(heldout)
    first, second = Side.of(heldout, bins[:n], n_bins), Side.of(production, bins[n:], n_bins)
    whole = first.mass + second.mass
    if not (first.mass * second.mass).any():
        reason = "The student's scores on production are all apart from held-out's, so no two can be compared."
        return Unmeasured(reason=reason, n_pairs=len(score))
    # The weight of the difference of two means; a bin that one sample lacks tells nothing.
    shared = first.mass * second.mass / whole
    of_first, of_second = (
        np.divide(shared, side.mass, out=np.zeros(n_bins), where=side.mass > 0) / shared.sum()
        for side in (first, second)
    )
    alike = (first.sums + second.sums) / whole
    draws = [
        side.simulated(np.clip(side.answers.student + alike[side.bins], 0, 1), rng, n_draws=n_draws)
        for side in (first, second)
    ]
    covariance = first.covariance * np.outer(of_first, of_first) + second.covariance * np.outer(of_second, of_second)
    return compare_with_chance(
        second.sums * of_second - first.sums * of_first,
        draws[1] * of_second - draws[0] * of_first,
        covariance,
        n_pairs=len(heldout) + len(production),
        n_queries=heldout.n_queries + production.n_queries,
        confidence=confidence,
        rng=rng,
    )
