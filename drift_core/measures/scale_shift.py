"""Whether a scale moved while the ranks stayed: of the student (threshold drift) or of the teacher."""

from dataclasses import dataclass

import numpy as np

from drift_core.measured import Measured, Measurement
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.measures.ranks import mid_ranks
from drift_core.measures.scores import Scores, Side

SMALLEST_MOVE = 0.15  # shift of one side against the other, in sd of held-out, from which it is told
SURE = 0.999  # confidence of that shift; the finding is an extra look at every sample
LIKEWISE = 0.5  # of it, that the teacher's scores must move the other way at the student's; a selection moves but one
LEAST_CROSSING = 0.005  # of the pairs, that change side at a fixed threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleMove:
    """Which side moved, how far in sd of held-out, and the net share of pairs that crossed held-out's median."""

    side: Side
    shift: Measured
    share_crossing: float


def find_scale_move(heldout: Scores, production: Scores) -> ScaleMove | None:
    """Find a scale that moved against the other one; None when none did, and for labels, which have no scale.

    Notes
    -----
    Both sides are put on held-out's normal scores. New traffic that is better or worse moves both alike; a scale that
    moves shows as a mean difference of the two, by either as the explaining one: pairs that were selected by the
    student's scores have higher ones at like teacher's scores, but not the other way round. The side whose own
    distribution left held-out's further is named, which is a guess where traffic moved at the same time.
    """
    if not heldout.is_ranked:
        return None
    places = _places(heldout, production)
    shift = _shift(heldout, production, places)
    if not isinstance(shift, Measured) or shift.low <= 0 <= shift.high or abs(shift.estimate) < SMALLEST_MOVE:
        return None
    back = _shift(heldout, production, {"student": places["teacher"], "teacher": places["student"]})
    if not isinstance(back, Measured) or -np.sign(shift.estimate) * back.estimate < LIKEWISE * SMALLEST_MOVE:
        return None
    side: Side = "student"
    if abs(places["teacher"].mean()) > abs(places["student"].mean()):
        side = "teacher"
    crossing = abs(float(np.mean(places["student"] > 0)) - float(np.mean(places["teacher"] > 0)))
    return ScaleMove(side=side, shift=shift, share_crossing=crossing) if crossing >= LEAST_CROSSING else None


def scale_shift(heldout: Scores, production: Scores) -> Measurement:
    """Measure how far the student's scale moved against the teacher's, in sd of held-out, at confidence `SURE`."""
    return _shift(heldout, production, _places(heldout, production))


def _shift(heldout: Scores, production: Scores, places: dict[str, np.ndarray]) -> Measurement:
    gap = places["student"] - _regression(heldout) * places["teacher"]
    return clustered_mean(gap, production.queries, confidence=SURE)


def _places(heldout: Scores, production: Scores) -> dict[str, np.ndarray]:
    return {side: _place(getattr(heldout, side), getattr(production, side)) for side in ("student", "teacher")}


def _place(reference: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Normal score of each value's place in the reference."""
    from scipy.special import ndtri

    ordered, order = np.sort(reference), np.argsort(values)
    both = sum(np.searchsorted(ordered, values[order], side) for side in ("left", "right"))  # in order, which is faster
    places = np.empty(len(values))
    places[order] = ndtri((both / 2 + 0.5) / (len(ordered) + 1))
    return places


def _regression(heldout: Scores) -> float:
    """Slope of the student's normal scores on the teacher's."""
    from scipy.special import ndtri

    student, teacher = (ndtri(mid_ranks(side) / (len(heldout) + 1)) for side in (heldout.student, heldout.teacher))
    return float(student @ teacher / (teacher @ teacher))
