"""The error level that a region should have: held-out's pairs in it, drawn towards the level of all traffic."""

import math
from dataclasses import dataclass

from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.figures import BetweenFigure, RegionFigure
from drift_core.canary.sequential import BETWEEN_REGIONS
from drift_core.canary.spending import is_earlier

MANY = 1e6  # degrees of freedom of what is known
TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """An error level with its second and third cumulant, both relative to it, and the degrees of freedom of these."""

    level: float
    variance: float
    third: float
    degrees: float


def usual_level(figure: RegionFigure, week: WeekAssessment) -> Level:
    """The level that a region should have in a week; between regions it is lognormal with mean 1."""
    at_ship = None if week.baseline is None else week.baseline.error
    base = 1.0 if at_ship is None else at_ship.level
    of_base = 0.0 if at_ship is None or is_earlier(week.run) else at_ship.variance
    between = week.run.between_regions or BetweenFigure(variance=BETWEEN_REGIONS, degrees=MANY)
    variance = math.expm1(between.variance)
    third = (variance + 3) * variance**2
    own = figure.error_heldout
    if own is None:
        return Level(level=base, variance=variance + of_base, third=third, degrees=between.degrees)
    share = own.variance / (own.variance + variance)  # that of all traffic has in what is expected
    rest = 1 - share
    return Level(
        level=max(base + rest * (own.level - 1), TINY),
        variance=share * variance + share**2 * of_base,
        third=share**3 * third - rest**3 * own.third,
        degrees=1 / (share**2 / between.degrees + rest**2 / own.degrees),
    )
