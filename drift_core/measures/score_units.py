"""Scores in another unit, such as percentages between fractions: which rows have them, and what undoes it.

Only powers of ten are looked for. The other side's scores tell where a score belongs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from drift_core.measures.coarseness import equally_coarse
from drift_core.measures.ranks import mid_ranks
from drift_core.measures.scores import Scores, Side

UNITS = (0.01, 0.1, 10.0, 100.0, 0.001, 1000.0)  # that a score is multiplied by, the usual ones first
FITTING = 2.0  # usual errors within which a score is in its place
LEAST_ROWS, LEAST_SHARE = 5, 0.02  # rows that are surely in another unit, and of the sample
ANYWHERE = (
    2 / 3
)  # of the share above the other side's middle, that such rows must have; a scale cut off errs at its end
FIFTH = 5.0  # times nearer to its place that another unit must bring a whole sample
LARGER = (1.5, 2.0, 3.0, 4.5, 7.0, 10.0)  # times as large that errors may be instead
MOSTLY = 0.8  # share of the scores that a scale of few values lacks, that another unit must put in their place
BY_CHANCE = 1e-4  # chance that it puts so many there where they are anybody's; and likelihood ratio of larger errors
LEAST_ERROR = 0.01  # of the range of a side's scores, for one that the other side tells exactly
N_STEPS = 20
FEW_VALUES, ROWS_A_VALUE = 21, 10  # of a side that has but a few values, each often
LONG = 10_000  # scores of which the first tell mostly whether they have but a few values
HEAVY = 4.0  # degrees of freedom of the errors' t distribution
NEVER = -30.0  # log density of a score that a scale of few values lacks
T_QUARTILE, LEAST_SPREAD = 0.741, 0.5  # of it; usual errors, where most are none
PASSES, FITTED_ROWS = 20, 4_000  # of the fit of a share, on so many rows
TINY = 1e-12
INSIDE = 0.9  # of a part's scores, that must lie in the other sample's range when they are multiplied (ours)
KEPT, BY_LUCK = 0.5, 2.0  # of the usual rank agreement that they must have, and standard errors it may seem smaller
OTHER: dict[Side, Side] = {"student": "teacher", "teacher": "student"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OtherUnit:
    """Rows of one sample whose scores on one side are in another unit.

    Attributes
    ----------
    side
        Whose scores.
    rows
        The rows, bool, one entry a pair.
    factor
        What brings them into the unit of the other sample.
    """

    side: Side
    rows: np.ndarray
    factor: float


def few_values(scores: np.ndarray) -> np.ndarray:
    """The values of scores that have but a few, each often; none of others."""
    most = min(FEW_VALUES, len(scores) // ROWS_A_VALUE)
    known = np.unique(scores[:LONG])
    known = np.unique(scores) if len(known) <= most and len(scores) > LONG else known
    return known if len(known) <= most else known[:0]


def find_other_units(own: Scores, other: Scores) -> tuple[OtherUnit, ...]:
    """Find the scores of `own` that fit only in another unit than those of `other`, a part of them or all.

    Notes
    -----
    On one side at a time, where the other side's scores put them by what `other` shows, and first where it is clearer;
    on both sides where most scores of both are out of range. A larger error is no other unit: rows in two units must be
    better told by errors as usual in both than by one unit and errors of any size, in a part of the rows or in all,
    about another place. Errors are taken as t with four degrees of freedom, each side of their place for itself. A unit
    keeps range and order: a part that has neither the other sample's range nor the other side's order errs.
    """
    found: list[OtherUnit] = []
    while len(found) < len(OTHER):
        left = [side for side in OTHER if side not in {each.side for each in found}]
        claims = [each for each in (_on_one_side(side, own, other) for side in left) if each]
        if not claims:
            break
        found.append(max(claims, key=lambda each: int(each.rows.sum())))
        own = _in_unit(own, found[-1])
    return tuple(found) or next(_on_both_sides(own, other), ())


def _in_unit(scores: Scores, found: OtherUnit) -> Scores:
    values = getattr(scores, found.side)
    return replace(scores, **{found.side: np.where(found.rows, values * found.factor, values)})


def _on_both_sides(own: Scores, other: Scores) -> Iterator[tuple[OtherUnit, ...]]:
    sides = [(getattr(own, side), getattr(other, side)) for side in OTHER]
    if not all(np.mean((values < known.min()) | (values > known.max())) > 1 / 2 for values, known in sides):
        return
    for unit in UNITS:
        moved = [replace(own, **{OTHER[side]: getattr(own, OTHER[side]) * unit}) for side in OTHER]
        found = [each for each in map(_on_one_side, OTHER, moved, (other, other)) if each]
        if len(found) == len(sides) and all(each.factor == unit and each.rows.all() for each in found):
            yield tuple(found)


def _on_one_side(side: Side, own: Scores, other: Scores) -> OtherUnit | None:
    (values, explaining), (known, reference) = ((getattr(s, side), getattr(s, OTHER[side])) for s in (own, other))
    off = _Off.of((values, explaining), (known, reference))
    if np.mean(off.in_unit(1.0) > FITTING) < LEAST_SHARE:
        return None
    before = _Off.of((known, reference), (known, reference))
    claims = [unit for unit in UNITS if _is_claimed(unit, off, before, explaining, reference)]
    if not claims or any(each.side == OTHER[side] for each in equally_coarse(other, own)[2]):
        return None  # a side that is coarser in one sample tells no place
    found = ((unit, _rows_in(unit, off, before.spreads)) for unit in claims)
    kept = ((unit, rows) for unit, rows in found if rows.any() and _keeps_order(unit, rows, own, other, side))
    return next((OtherUnit(side=side, rows=rows, factor=unit) for unit, rows in kept), None)


def _keeps_order(unit: float, rows: np.ndarray, own: Scores, other: Scores, side: Side) -> bool:
    """Whether a part of the rows is in the other sample's range when multiplied, in the order of the other side."""
    values, known, explaining = getattr(own, side)[rows] * unit, getattr(other, side), getattr(own, OTHER[side])[rows]
    if rows.all():
        return True
    slack = TINY * np.ptp(known)
    inside = (values >= known.min() - slack) & (values <= known.max() + slack)
    if inside.mean() < INSIDE:
        return False
    if min(np.ptp(values), np.ptp(explaining)) == 0:
        return True
    pairs = (values, explaining), (other.student, other.teacher)
    found, usual = (float(np.corrcoef(mid_ranks(one), mid_ranks(two))[0, 1]) for one, two in pairs)
    return found + BY_LUCK / np.sqrt(len(values)) > KEPT * usual


def _is_claimed(unit: float, off: "_Off", before: "_Off", explaining: np.ndarray, reference: np.ndarray) -> bool:
    """Whether enough rows are surely in the unit, and anywhere on the scale."""
    sure, middle = off.surely_in(unit), np.median(reference)
    if sure.sum() < max(LEAST_ROWS, (LEAST_SHARE + 2 * np.mean(before.surely_in(unit))) * len(sure)):
        return False
    return _share_above(middle, explaining[sure]) >= ANYWHERE * _share_above(middle, reference)


def _share_above(middle: float, values: np.ndarray) -> float:
    return float(np.mean(values > middle) + np.mean(values == middle) / 2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Off:
    """Scores of one side, where the other side puts them, and the usual error there.

    Of scores above zero a unit is a step of the logarithm; `known` are the values of a side that has but a few.
    """

    values: np.ndarray
    expected: np.ndarray
    error: np.ndarray
    known: np.ndarray
    is_log: bool

    @classmethod
    def of(cls, own: tuple[np.ndarray, np.ndarray], usual: tuple[np.ndarray, np.ndarray]) -> "_Off":
        is_log = min(own[0].min(), usual[0].min()) > 0
        middles, means, errors = _usual(usual[1], np.log(usual[0]) if is_log else usual[0])
        expected, error = (np.interp(own[1], middles, each) for each in (means, errors))
        return cls(values=own[0], expected=expected, error=error, known=few_values(usual[0]), is_log=is_log)

    def signed(self, unit: float) -> np.ndarray:
        """Usual errors that the scores lie above their place when multiplied by `unit`."""
        scaled = self.values * unit
        return np.asarray(((np.log(scaled) if self.is_log else scaled) - self.expected) / self.error)

    def in_unit(self, unit: float) -> np.ndarray:
        """The same without a sign; without end for a value that the scale lacks."""
        return np.where(self.has(unit), abs(self.signed(unit)), np.inf)

    def has(self, unit: float) -> np.ndarray:
        """Whether the scale has the scores when multiplied by `unit`."""
        if not len(self.known):
            return np.ones(len(self.values), dtype=bool)
        scaled = self.values * unit
        nearest = self.known[np.searchsorted((self.known[1:] + self.known[:-1]) / 2, scaled)]
        return np.isclose(nearest, scaled)

    def surely_in(self, unit: float) -> np.ndarray:
        """Rows whose scores are right in the other unit and not near their place in this one."""
        return (self.in_unit(unit) < FITTING) & (self.in_unit(1.0) > FITTING) & self.is_told

    @property
    def is_told(self) -> np.ndarray:
        """Rows whose place is away from zero, which is the same in all units."""
        told = self.is_log or len(self.known) or abs(self.expected) > FITTING * self.error
        return np.broadcast_to(np.asarray(told, dtype=bool), self.values.shape)

    @property
    def spreads(self) -> tuple[float, float]:
        """Scale of the errors below and above the place, by the middle one of each."""
        errors = self.signed(1.0)
        below, above = (abs(errors[side]) for side in (errors < 0, errors >= 0))
        return _spread(below), _spread(above)

    def log_density(
        self, unit: float, spreads: tuple[float, float], *, times: float = 1.0, place: float = 0.0
    ) -> np.ndarray:
        """Of the scores as they are, up to a constant, if `unit` is what they must be multiplied by.

        Errors are `times` as large as usual and lie about `place`.
        """
        stretched = 0.0 if self.is_log or len(self.known) else np.log(unit)
        errors = self.signed(unit) - place
        relative = errors / (times * np.where(errors < 0, *spreads))
        log_t = -(HEAVY + 1) / 2 * np.log1p(relative**2 / HEAVY) - np.log(times) + stretched
        return np.where(self.has(unit), log_t, NEVER)

    def take(self, rows: np.ndarray) -> "_Off":
        return replace(self, values=self.values[rows], expected=self.expected[rows], error=self.error[rows])


def _spread(sizes: np.ndarray) -> float:
    return max(float(np.median(sizes)) / T_QUARTILE, LEAST_SPREAD) if len(sizes) else 1.0


def _rows_in(unit: float, off: _Off, spreads: tuple[float, float]) -> np.ndarray:
    """Rows more likely in the other unit; all where hardly any is not, none where larger errors tell as much."""
    n, told = len(off.values), np.flatnonzero(off.is_told)
    drawn = told if len(told) <= FITTED_ROWS else np.random.default_rng(0).choice(told, FITTED_ROWS, replace=False)
    fitted = off.take(drawn)
    share, likelihood = _mixed(fitted.log_density(1.0, spreads), fitted.log_density(unit, spreads))
    places = [float(np.median(fitted.signed(each))) for each in (1.0, unit)]
    if share > 1 - LEAST_SHARE:
        return np.full(n, abs(places[1]) <= abs(places[0]) / FIFTH)
    if len(off.known):
        is_better = _are_grades_in(unit, off)
    else:
        is_better = likelihood - _of_larger_errors(fitted, spreads, places[0]) > -np.log(BY_CHANCE)
    odds = off.log_density(unit, spreads) - off.log_density(1.0, spreads)
    return (odds + np.log(share / (1 - share)) > 0) & is_better


def _of_larger_errors(off: _Off, spreads: tuple[float, float], middle: float) -> float:
    """Largest log likelihood of one unit where some errors, or all, are larger or lie about another place."""
    return max(
        _mixed(*(off.log_density(1.0, spreads, place=place, times=times) for times in (1.0, larger)))[1]
        for place in (0.0, middle)
        for larger in LARGER
    )


def _mixed(usual: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Share of the other of two log densities, and the log likelihood with it."""
    share = 1 / 2
    for _ in range(PASSES):
        parts = np.log1p(-share) + usual, np.log(share) + other
        total = np.logaddexp(*parts)
        share = float(np.clip(np.exp(parts[1] - total).mean(), TINY, 1 - TINY))
    return share, float(total.sum())


def _are_grades_in(unit: float, off: _Off) -> bool:
    """Whether the scores that a scale of few values lacks are such values in another unit, and in place.

    Nearly all must be, and more of them than if they were anybody's.
    """
    from scipy.special import bdtrc

    lacking = ~off.has(1.0)
    n, fitting = int(lacking.sum()), off.in_unit(unit)[lacking] < FITTING
    if n < LEAST_ROWS or fitting.mean() < MOSTLY:
        return False
    values, counts = np.unique(off.values[lacking] * unit, return_counts=True)
    anybody = [float(np.mean(abs(value - off.expected) < FITTING * off.error)) for value in values[: len(off.known)]]
    return bool(bdtrc(int(fitting.sum()) - 1, n, np.average(anybody, weights=counts[: len(off.known)])) < BY_CHANCE)


def _usual(explaining: np.ndarray, explained: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and error of one side in steps of the other: middles of the steps, means, and standard deviations."""
    cuts = np.unique(np.quantile(explaining, np.arange(1, N_STEPS) / N_STEPS))
    step = np.searchsorted(cuts, explaining, "left")
    step = (np.cumsum(np.bincount(step) > 0) - 1)[step]  # counted without gaps
    counts = np.bincount(step)
    middles, means = (np.bincount(step, weights=values) / counts for values in (explaining, explained))
    errors = np.sqrt(np.bincount(step, weights=(explained - means[step]) ** 2) / counts)
    return middles, means, np.maximum(errors, max(errors.mean() / 2, LEAST_ERROR * np.ptp(explained)))
