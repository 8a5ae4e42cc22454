"""Odd scores: what one sample's scores hold that the other's never do, before any agreement is measured.

A failed parse written as -1, a number out of all range: each is no answer of the judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from drift_core.measures.ranks import mid_ranks
from drift_core.measures.score_units import few_values
from drift_core.measures.scores import Scores, Side
from drift_core.wording import counted

FAR = 3.0  # ranges beyond the other sample's range from which a score is out of all range
LEAST_PAIRS = 30  # of both samples, from which one tells what the other lacks
LEAST_ROWS = 5  # equal odd scores, that are told
LEAST_SHARE = 0.02  # of the sample's rows, likewise; a grade that became rare is seldom that frequent
TIMES_AS_OFTEN = 10.0  # as in the other sample, that one score occurs before it can be odd
CLEARLY_MORE = 4.0  # standard errors by which a value that both samples have must be more frequent
NEVER_BY_CHANCE = 1e-4  # chance that the other sample lacks a score by chance
MISPLACED = 1.5  # times the usual distance between both sides' ranks
MOST_SHARE = 0.5  # of the rows; more of them are the sample, not odd
AT_RANDOM, ADDED_AT_RANDOM = 0.85, 0.9  # of the distance that rows drawn at random have; a difference is less sure
OTHER: dict[Side, Side] = {"student": "teacher", "teacher": "student"}


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
        often = "has more seldom, and in its place" if self.is_known else "never has"
        return sentence_on(self.rows, self.what, often, in_production=self.in_production)


def sentence_on(rows: np.ndarray, what: str, often: str, *, in_production: bool) -> str:
    """Say how many rows of a sample have something, and how often the other has it."""
    sample, other = ("production", "held-out") if in_production else ("held-out", "production")
    n = int(rows.sum())
    some = f"{counted(n, f'{sample} row', f'{sample} rows')} ({n / len(rows):.1%})"
    whose = f"All {n:,} {sample} rows" if n == len(rows) else some
    return f"{whose} {'has' if n == 1 else 'have'} {what}, which {other} {often}."


def find_odd_scores(heldout: Scores, production: Scores) -> tuple[OddScores, ...]:
    """Find the rows of either sample whose scores are no answers of the judge.

    Notes
    -----
    Four kinds. A score beyond the other sample's range by several times that range. One score that many rows have,
    that the other sample (almost) never has, and that ranks far from where the other side's scores put these rows; a
    scale that is cut off keeps the order and is no such score. Scores between the few values that the other sample has,
    likewise out of place; a finer scale keeps the order. A value that became more frequent by rows out of place, of
    which those are taken that lie where the other sample has none.
    """
    if min(len(heldout), len(production)) < LEAST_PAIRS:
        return ()
    found: list[OddScores] = []
    for in_production, own, other in ((True, production, heldout), (False, heldout, production)):
        taken = np.zeros(len(own), dtype=bool)
        sides: tuple[Side, Side] = ("teacher", "student")
        for side, look in product(sides, (_far, _frequent, _more_frequent, _between_values)):
            left = np.flatnonzero(~taken)
            for inside, what in look(side, own.take(left), other):
                rows = np.zeros(len(own), dtype=bool)
                rows[left[inside]] = True
                is_known = look is _more_frequent
                found.append(OddScores(side=side, in_production=in_production, rows=rows, what=what, is_known=is_known))
                taken |= rows
    return tuple(found)


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
        n_different = len(np.unique(getattr(own, OTHER[side])[rows]))  # a pair that is asked often is one pair
        if is_foreign and n_different >= LEAST_ROWS and _is_misplaced(rows, own, other):
            yield rows, f"the {side} score {value:.6g}"


def _more_frequent(side: Side, own: Scores, other: Scores) -> Found:
    """A value that the other sample has too: rows in excess of that, as far from their place as any rows would be."""
    values, reference = getattr(own, side), getattr(other, side)
    for value in few_values(reference):
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
            now, then = (mid_ranks(getattr(each, OTHER[side])) / len(each) for each in (own, other))
            low, high = np.quantile(then[before], (0.05, 0.95))
            outside = rows & ((now > high) if place < 0 else (now < low))
            yield outside, f"the {side} score {value:.6g} far from where the {OTHER[side]} puts them"


def _between_values(side: Side, own: Scores, other: Scores) -> Found:
    """Scores that are none of the few values that the other sample has, and far from their place."""
    values, known = getattr(own, side), few_values(getattr(other, side))
    rows = ~np.isin(values, known)
    is_foreign = len(known) > 0 and (1 - rows.mean()) ** len(other) < NEVER_BY_CHANCE
    is_enough = max(LEAST_ROWS, LEAST_SHARE * len(values)) <= rows.sum() < MOST_SHARE * len(values)
    if is_foreign and is_enough and _is_misplaced(rows, own, other):
        yield rows, f"a {side} score such as {values[rows][0]:.3g}, none of the {len(known)} values that are usual"


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
