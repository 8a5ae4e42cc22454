"""The scale on which people are asked to score a pair: the teacher's, so that labels compare with its scores."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.errors import SettingError

SCORES = ("teacher_score", "teacher_score_listed")
USUAL_HIGHEST = (1.0, 3.0, 5.0, 10.0, 100.0)  # of scales that teachers give scores on
N_STEPS = 100  # of a scale that is not of whole numbers, at least (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingScale:
    """Lowest and highest score, and the step between two that can be given."""

    low: float
    high: float
    step: float


def find_scale(table: pd.DataFrame, score_range: tuple[float, float] | None = None) -> RatingScale:
    """Find the teacher's scale from the scores of a list, unless its range is given.

    Without a range it begins at 0, or at 1 where that is the lowest score, and ends at the next usual highest score;
    where scores are below 0 it is theirs, widened to whole numbers. The step is 1 where all scores are whole.

    Raises
    ------
    SettingError
        When scores lie outside the range given.

    Examples
    --------
    >>> find_scale(pd.DataFrame({"teacher_score": [1, 2, 4]}))
    RatingScale(low=1.0, high=5.0, step=1.0)
    """
    present = [table[name].dropna() for name in SCORES if name in table]
    scores = np.concatenate(present).astype(np.float64) if present else np.empty(0)
    lowest, highest = (float(scores.min()), float(scores.max())) if len(scores) else (0.0, 1.0)
    low, high = score_range or _usual_range(lowest, highest)
    if not (low < high and low <= lowest and highest <= high):
        raise SettingError(
            f"The list's scores run from {lowest:g} to {highest:g}; the range [{low:g}, {high:g}] does not hold them. "
            "Give the teacher's range."
        )
    is_whole = bool(len(scores)) and bool((scores == np.round(scores)).all()) and float(low).is_integer()
    step = 1.0 if is_whole else 10.0 ** math.floor(math.log10((high - low) / N_STEPS))
    return RatingScale(low=float(low), high=float(high), step=step)


def _usual_range(lowest: float, highest: float) -> tuple[float, float]:
    if lowest < 0:
        return float(math.floor(lowest)), float(max(math.ceil(highest), math.floor(lowest) + 1))
    high = next((usual for usual in USUAL_HIGHEST if highest <= usual), float(math.ceil(highest)))
    return (1.0 if lowest == 1 < high else 0.0), high
