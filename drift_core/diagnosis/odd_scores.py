"""Odd scores: what one sample's scores hold that the other's never do, before any agreement is measured.

A failed parse written as -1, a score in another unit, a number out of all range: each is no answer of the judge. The
rows are set aside and told first; the verdict is of what is left.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from drift_core.measures.ranks import mid_ranks
from drift_core.measures.scores import Scores, Side
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.samples.checks import MIN_PAIRS
from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.problem import Problem
from drift_core.wording import N_SHOWN, counted

ODD = ("odd_teacher_scores", "odd_student_scores")  # problems of the samples, and findings
FAR = 3.0  # ranges beyond the other sample's range from which a score is out of all range
LEAST_PAIRS = 30  # of both samples, from which one tells what the other lacks
LEAST_ERROR = 0.01  # of the range of a side's scores, for one that the other tells exactly
LEAST_ROWS = 5  # equal or rescaled odd scores, that are told
LEAST_SHARE = 0.02  # of the sample's rows, likewise; a grade that became rare is seldom that frequent
TIMES_AS_OFTEN = 10.0  # as in the other sample, that one score occurs before it can be odd
CLEARLY_MORE = 4.0  # standard errors by which a value that both samples have must be more frequent
NEVER_BY_CHANCE = 1e-4  # chance that the other sample lacks a score by chance
MISPLACED = 1.5  # times the usual distance between both sides' ranks
AT_RANDOM, ADDED_AT_RANDOM = 0.85, 0.9  # of the distance that rows drawn at random have; a difference is less sure
UNITS = (10.0, 100.0)  # a score in a larger unit leaves the range
OUTLYING, FITTING = 4.0, 2.0  # usual errors from which a score is off, and within which it is right in another unit
ANYWHERE = 1 / 3  # share of such rows that must lie in the other side's upper half; a scale cut off errs at its end
MOSTLY = 0.8  # share of the outlying scores that another unit must put right
N_STEPS = 20
MOST_VALUES, ROWS_A_VALUE = 21, 10  # of a side that has but a few values, each often
MOST_SHARE = 0.5  # of the rows; more of them are the sample, not odd
_OTHER: dict[Side, Side] = {"student": "teacher", "teacher": "student"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OddScores:
    """Rows of one sample whose scores on one side are odd.

    Attributes
    ----------
    side
        Whose scores.
    in_production
        Whether the rows are production's, else held-out's.
    rows
        The rows, bool, one entry a pair of that sample.
    what
        What they have, for example "the teacher score -1".
    is_known
        Whether the other sample has it too, in its place.
    """

    side: Side
    in_production: bool
    rows: np.ndarray
    what: str
    is_known: bool = False

    @property
    def sentence(self) -> str:
        sample, other = ("production", "held-out") if self.in_production else ("held-out", "production")
        n = int(self.rows.sum())
        rows = counted(n, f"{sample} row", f"{sample} rows")
        has = "has" if n == 1 else "have"
        often = "has more seldom, and in its place" if self.is_known else "never has"
        return f"{rows} ({n / len(self.rows):.1%}) {has} {self.what}, which {other} {often}."


def find_odd_scores(heldout: Scores, production: Scores) -> tuple[OddScores, ...]:
    """Find the rows of either sample whose scores are no answers of the judge.

    Notes
    -----
    Five kinds. A score beyond the other sample's range by several times that range. One score that many rows have,
    that the other sample (almost) never has, and that ranks far from where the other side's scores put these rows; a
    scale that is cut off keeps the order and is no such score. Scores between the few values that the other sample has,
    likewise out of place; a finer scale keeps the order. A value that became more frequent by rows out of place, of
    which those are taken that lie where the other sample has none. Scores far off what the other side tells that are
    right when taken in another unit, as percentages between fractions.
    """
    if min(len(heldout), len(production)) < LEAST_PAIRS:
        return ()
    found: list[OddScores] = []
    for in_production, own, other in ((True, production, heldout), (False, heldout, production)):
        taken = np.zeros(len(own), dtype=bool)
        sides: tuple[Side, Side] = ("teacher", "student")
        for side, look in product(sides, (_far, _frequent, _more_frequent, _between_values, _in_another_unit)):
            left = np.flatnonzero(~taken)
            for inside, what in look(side, own.take(left), other):
                rows = np.zeros(len(own), dtype=bool)
                rows[left[inside]] = True
                is_known = look is _more_frequent
                found.append(OddScores(side=side, in_production=in_production, rows=rows, what=what, is_known=is_known))
                taken |= rows
    return tuple(found)


def set_odd_scores_aside(
    heldout: ScoredPairs, production: ScoredPairs, *embeddings: QueryEmbeddings | None
) -> tuple[ScoredPairs, ScoredPairs, tuple[QueryEmbeddings | None, ...]]:
    """Set the rows of odd scores aside, and say so in the samples' problems; those of the teacher count as unscored.

    Samples that were looked at before, or of which too little would be left, stay as they are. Embeddings of other
    samples raise an InputError.
    """
    for each in filter(None, embeddings):
        each.check_samples(heldout, production)
    samples = heldout, production
    if not heldout.kind.is_ranked or any(problem.name in ODD for sample in samples for problem in sample.problems):
        return heldout, production, embeddings
    odd = find_odd_scores(*map(Scores.of, samples))
    sides = [[each for each in odd if each.in_production == in_production] for in_production in (False, True)]
    rows = [_rows_of(found, len(sample)) for found, sample in zip(sides, samples, strict=True)]
    if not odd or not all(_can_be_compared(sample, out) for sample, out in zip(samples, rows, strict=True)):
        return heldout, production, embeddings
    before, after = (
        sample.without(
            out,
            unscored=_rows_of([each for each in found if each.side == "teacher"], len(sample)),
            problems=tuple(_problem(each, sample) for each in found),
        )
        for sample, found, out in zip(samples, sides, rows, strict=True)
    )
    return before, after, tuple(each and each.take(~rows[0], ~rows[1]) for each in embeddings)


def _problem(odd: OddScores, sample: ScoredPairs) -> Problem:
    first = sample.row[odd.rows][:N_SHOWN]
    return Problem(
        name=f"odd_{odd.side}_scores",
        message=f"{odd.sentence} They are set aside.",
        n_rows=int(odd.rows.sum()),
        rows=tuple(int(row) + 1 for row in first),
        left_out=True,
    )


def _can_be_compared(sample: ScoredPairs, out: np.ndarray) -> bool:
    """Whether enough pairs are left, with scores that differ."""
    left = ~out
    return left.sum() >= MIN_PAIRS and all(np.ptp(side[left]) > 0 for side in (sample.student, sample.teacher))


def _rows_of(odd: Sequence[OddScores], n: int) -> np.ndarray:
    rows = np.zeros(n, dtype=bool)
    for each in odd:
        rows |= each.rows
    return rows


Found = Iterator[tuple[np.ndarray, str]]


def _far(side: Side, own: Scores, other: Scores) -> Found:
    """Scores out of all range; a whole sample of them is another scale."""
    values, reference = getattr(own, side), getattr(other, side)
    low, high = float(reference.min()), float(reference.max())
    far = (values < low - FAR * (high - low)) | (values > high + FAR * (high - low))
    if far.any() and far.mean() < MOST_SHARE and _is_misplaced(far, own, other):
        yield far, f"a {side} score such as {values[far][0]:.3g} where {low:.3g} to {high:.3g} is usual"


def _frequent(side: Side, own: Scores, other: Scores) -> Found:
    """One score of many rows that the other sample lacks beyond chance, and that is far from its place."""
    values, reference = getattr(own, side), getattr(other, side)
    found, counts = np.unique(values, return_counts=True)
    many = (counts >= max(LEAST_ROWS, LEAST_SHARE * len(values))) & (counts < MOST_SHARE * len(values))
    known, seen = np.unique(reference, return_counts=True)
    for value, share in zip(found[many], counts[many] / max(1, len(values)), strict=True):
        at = np.searchsorted(known, value)
        before = seen[at] / len(reference) if at < len(known) and known[at] == value else 0.0
        is_foreign = share > TIMES_AS_OFTEN * before and (1 - share) ** len(reference) < NEVER_BY_CHANCE
        rows = values == value
        n_different = len(np.unique(getattr(own, _OTHER[side])[rows]))  # a pair that is asked often is one pair
        if is_foreign and n_different >= LEAST_ROWS and _is_misplaced(rows, own, other):
            yield rows, f"the {side} score {value:.6g}"


def _more_frequent(side: Side, own: Scores, other: Scores) -> Found:
    """A value that the other sample has too: rows in excess of that, as far from their place as any rows would be."""
    values, reference = getattr(own, side), getattr(other, side)
    for value in _few_values(reference):
        rows, before = values == value, reference == value
        usual, more = before.mean(), rows.mean() - before.mean()
        error = np.sqrt(usual * (1 - usual) * (1 / len(values) + 1 / len(reference)))
        if before.sum() < LEAST_ROWS or rows.mean() > MOST_SHARE or more < max(LEAST_SHARE, CLEARLY_MORE * error):
            continue
        known = usual * _distance(other.student, other.teacher, before) ** 2
        added = (rows.mean() * _distance(own.student, own.teacher, rows) ** 2 - known) / more
        place = mid_ranks(values)[rows][0] / len(values) - 0.5
        in_place = MISPLACED * _distance(other.student, other.teacher, np.ones(len(other), dtype=bool))
        if added > max(in_place, ADDED_AT_RANDOM * np.sqrt(place**2 + 1 / 12)) ** 2:
            now, then = (mid_ranks(getattr(each, _OTHER[side])) / len(each) for each in (own, other))
            low, high = np.quantile(then[before], (0.05, 0.95))
            outside = rows & ((now > high) if place < 0 else (now < low))
            yield outside, f"the {side} score {value:.6g} far from where the {_OTHER[side]} puts them"


def _few_values(scores: np.ndarray) -> np.ndarray:
    """The values of scores that have but a few, each often; none of others."""
    known = np.unique(scores)
    return known if len(known) <= min(MOST_VALUES, len(scores) // ROWS_A_VALUE) else known[:0]


def _between_values(side: Side, own: Scores, other: Scores) -> Found:
    """Scores that are none of the few values that the other sample has, and far from their place."""
    values, known = getattr(own, side), _few_values(getattr(other, side))
    rows = ~np.isin(values, known)
    is_foreign = len(known) > 0 and (1 - rows.mean()) ** len(other) < NEVER_BY_CHANCE
    is_enough = max(LEAST_ROWS, LEAST_SHARE * len(values)) <= rows.sum() < MOST_SHARE * len(values)
    if is_foreign and is_enough and _is_misplaced(rows, own, other):
        yield rows, f"a {side} score such as {values[rows][0]:.3g}, none of the {len(known)} values that are usual"


def _in_another_unit(side: Side, own: Scores, other: Scores) -> Found:
    """Scores that the other side puts elsewhere, and that are right once multiplied."""
    explaining = _OTHER[side]
    values = [getattr(scores, side) for scores in (own, other)]
    is_positive = all(len(each) > 0 and each.min() > 0 for each in values)
    scale: Callable[[np.ndarray], np.ndarray] = np.log if is_positive else np.asarray  # a unit is a step of the log
    usual = _usual(getattr(other, explaining), scale(values[1]))
    explained_by = [getattr(scores, explaining) for scores in (own, other)]
    offs = [_Off.of(each, by, usual, scale) for each, by in zip(values, explained_by, strict=True)]
    for unit in UNITS:
        rows = _in_unit(unit, *offs)
        if rows.any() and np.mean(explained_by[0][rows] > np.median(explained_by[0])) >= ANYWHERE:
            yield rows, f"a {side} score that fits the {_OTHER[side]}'s only when multiplied by {unit:g}"
            return


def _is_misplaced(rows: np.ndarray, own: Scores, other: Scores) -> bool:
    """Whether rows with one score, or few, lie about as far from where the other side's put them as any rows would."""
    usual = _distance(other.student, other.teacher, np.ones(len(other), dtype=bool))
    found = _distance(own.student, own.teacher, rows)
    place = min((mid_ranks(side)[rows] / len(own) - 0.5 for side in (own.student, own.teacher)), key=np.ptp)
    return found > max(MISPLACED * usual, AT_RANDOM * float(np.sqrt(np.mean(place**2) + 1 / 12)))


def _distance(student: np.ndarray, teacher: np.ndarray, rows: np.ndarray) -> float:
    """Root mean square distance between the places of the rows' two scores, as a share of all ranks."""
    gaps = (mid_ranks(student)[rows] - mid_ranks(teacher)[rows]) / len(student)
    return float(np.sqrt(np.mean(gaps**2)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Off:
    """Scores of one side, where the other side puts them on a scale, and the usual error there."""

    values: np.ndarray
    expected: np.ndarray
    error: np.ndarray
    scale: Callable[[np.ndarray], np.ndarray]

    @classmethod
    def of(
        cls,
        values: np.ndarray,
        explaining: np.ndarray,
        usual: tuple[np.ndarray, np.ndarray, np.ndarray],
        scale: Callable[[np.ndarray], np.ndarray],
    ) -> "_Off":
        middles, means, errors = usual
        expected, error = (np.interp(explaining, middles, each) for each in (means, errors))
        return cls(values=values, expected=expected, error=error, scale=scale)

    def in_unit(self, unit: float) -> np.ndarray:
        """Usual errors that the scores are off when multiplied by `unit`."""
        return np.asarray(abs(self.scale(self.values * unit) - self.expected) / self.error)


def _in_unit(unit: float, own: _Off, other: _Off) -> np.ndarray:
    """Rows that are far off where the other side puts them, and right once multiplied by `unit`."""
    away, away_in_unit = own.in_unit(1.0), own.in_unit(unit)
    outlying, fits = away > OUTLYING, away_in_unit < FITTING
    usual = float(np.mean((other.in_unit(1.0) > OUTLYING) & (other.in_unit(unit) < FITTING)))
    n_sure = (outlying & fits).sum()
    if n_sure < max(LEAST_ROWS, (LEAST_SHARE + 2 * usual) * len(away)) or n_sure < MOSTLY * outlying.sum():
        return np.zeros(len(away), dtype=bool)
    return np.asarray(fits & (away > FITTING) & (away_in_unit < away))


def _usual(explaining: np.ndarray, explained: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and error of one side in steps of the other: middles of the steps, means, and standard deviations."""
    cuts = np.unique(np.quantile(explaining, np.arange(1, N_STEPS) / N_STEPS))
    step = np.searchsorted(cuts, explaining, "left")
    step = (np.cumsum(np.bincount(step) > 0) - 1)[step]  # counted without gaps
    counts = np.bincount(step)
    middles, means = (np.bincount(step, weights=values) / counts for values in (explaining, explained))
    errors = np.sqrt(np.bincount(step, weights=(explained - means[step]) ** 2) / counts)
    return middles, means, np.maximum(errors, max(errors.mean() / 2, LEAST_ERROR * np.ptp(explained)))
