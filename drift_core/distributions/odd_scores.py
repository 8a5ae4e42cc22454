"""Odd scores: what one sample's scores hold that the other's never do, before any agreement is measured.

A failed parse written as -1, a number out of all range: each is no answer of the judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from drift_core.measures.ranks import mid_ranks
from drift_core.measures.score_units import OTHER, few_values
from drift_core.measures.scores import Scores, Side
from drift_core.wording import counted

FAR = 3.0  # ranges beyond the other sample's range from which a score is out of all range
LEAST_PAIRS = 30  # of both samples, from which one tells what the other lacks
LEAST_ROWS = 5  # equal odd scores, that are told
TWO = 2  # values of a judge, each of which is an answer however rare
LEAST_SHARE = 0.02  # of the sample's rows, likewise; a grade that became rare is seldom that frequent
TIMES_AS_OFTEN = 10.0  # as in the other sample, that one score occurs before it can be odd
CLEARLY_MORE = 3.0  # standard errors by which rows of a value that both samples have must be more where it has no place
NEVER_BY_CHANCE = 1e-4  # chance that the other sample lacks a score by chance
MISPLACED = 1.5  # times the usual distance between both sides' ranks
BY_CHANCE = 2.0  # standard errors by which that distance may seem smaller
MOSTLY = 0.5  # of what is more out of place than usual, that failed answers carry; larger errors are in all values
MOST_SHARE = 0.5  # of the rows; more of them are the sample, not odd
AT_RANDOM, ADDED_AT_RANDOM = 0.85, 0.8  # of the distance that rows drawn at random have; a difference is less sure
LEVELS, UNLIKELY = 4, 1e-4  # of the other side's scores, and chance up to which failures hit them unlike (ours)
ON_SCALE = "on_scale"  # figure of odd scores that lie where the other sample's do, or hardly beyond
HARDLY = 0.05  # of the other sample's range; a grade lower is a tenth of a scale to ten
IN_DOUBT: dict[Side, str] = {side: f"{side}_scores_in_doubt" for side in OTHER}  # problems, and findings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OddScores:
    """Rows of one sample whose scores on one side are odd.

    Attributes
    ----------
    side, in_production
        Whose scores, and whether the rows are production's, else held-out's.
    rows, what
        The rows, bool, one entry a pair of that sample, and what they have, for example "the teacher score -1".
    is_known, is_on_scale
        Whether the other sample has it too, in its place, and whether the scores lie on its scale.
    """

    side: Side
    in_production: bool
    rows: np.ndarray
    what: str
    is_known: bool = False
    is_on_scale: bool = False

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


def find_odd_scores(heldout: Scores, production: Scores, *, pinned: np.ndarray | None = None) -> tuple[OddScores, ...]:
    """Find the rows of either sample whose scores are no answers of the judge, or may be none (`is_known`).

    `pinned` are production's scores of the pinned revision, shape (n,), NaN where it gave none.

    Notes
    -----
    Four kinds. A score beyond the other sample's range by several times that range. Scores between the few values that
    the other sample has, and that rank far from where the other side's scores put these rows; a finer scale keeps the
    order. One score that many rows have, that the other sample (almost) never has, likewise out of place; a scale that
    is cut off keeps the order and is no such score, and no value of a few that the other sample gives now and then is
    one. A known value in rows where the other sample (almost) has none: errors grow rarer the further they reach,
    failed answers do not; a student that is fooled alike anywhere looks the same, so that these rows may be answers.
    Of the teacher it is looked for only at an end of the scale, and where it takes as much from each level of the
    student's scores; what the pinned revision scores on the scale is a revision or right.
    """
    if min(len(heldout), len(production)) < LEAST_PAIRS:
        return ()
    found: list[OddScores] = []
    for in_production, own, other in ((True, production, heldout), (False, heldout, production)):
        taken = np.zeros(len(own), dtype=bool)
        sides: tuple[Side, Side] = ("teacher", "student")
        for side, look in product(sides, (_far, _between_values, _frequent, _more_frequent)):
            left = np.flatnonzero(~taken)
            for inside, what in look(side, own.take(left), other):
                rows = np.zeros(len(own), dtype=bool)
                rows[left[inside]] = True
                is_known = look is _more_frequent
                if in_production and side == "teacher" and _is_answer(rows, production, heldout, pinned, is_known):
                    continue
                is_on = is_known or _is_on_scale(getattr(own, side)[rows], getattr(other, side))
                odd = {"rows": rows, "what": what, "is_known": is_known, "is_on_scale": is_on}
                found.append(OddScores(side=side, in_production=in_production, **odd))  # type: ignore[arg-type]
                taken |= rows
    return tuple(found)


def _is_on_scale(values: np.ndarray, reference: np.ndarray) -> bool:
    slack = HARDLY * np.ptp(reference)
    return bool(reference.min() - slack <= values.min() and values.max() <= reference.max() + slack)


Found = Iterator[tuple[np.ndarray, str]]


def _far(side: Side, own: Scores, other: Scores) -> Found:
    """Scores out of all range; a whole sample of them is another scale."""
    values, reference = getattr(own, side), getattr(other, side)
    low, high = float(reference.min()), float(reference.max())
    far = (values < low - FAR * (high - low)) | (values > high + FAR * (high - low))
    if far.any() and far.mean() < MOST_SHARE and _is_misplaced(far, own, other):
        yield far, f"a {side} score such as {values[far][0]:.3g} where {low:.3g} to {high:.3g} is usual"


def _between_values(side: Side, own: Scores, other: Scores) -> Found:
    """Scores that are none of the few values that the other sample has, several of them, and far from their place.

    They are judged together and before each by itself: of a tenth of each grade some are frequent, others are not.
    """
    values, known = getattr(own, side), few_values(getattr(other, side))
    rows = ~np.isin(values, known)
    is_foreign = len(known) > 0 and (1 - rows.mean()) ** len(other) < NEVER_BY_CHANCE
    is_enough = max(LEAST_ROWS, LEAST_SHARE * len(values)) <= rows.sum() < MOST_SHARE * len(values)
    if is_foreign and is_enough and np.ptp(values[rows]) > 0 and _is_misplaced(rows, own, other):
        yield rows, f"a {side} score such as {values[rows][0]:.3g}, none of the {len(known)} values that are usual"


def _frequent(side: Side, own: Scores, other: Scores) -> Found:
    """One score of many rows that the other sample lacks beyond chance, and that is far from its place."""
    values, reference = getattr(own, side), getattr(other, side)
    found, counts = np.unique(values, return_counts=True)
    many = (counts >= max(LEAST_ROWS, LEAST_SHARE * len(values))) & (counts < MOST_SHARE * len(values))
    known, seen = np.unique(reference, return_counts=True)
    legal = LEAST_ROWS if len(known) > TWO else 1  # times that a few values are given, from which each is an answer
    answers = known[seen >= legal] if len(few_values(reference)) else known[:0]
    many &= ~np.isin(found, answers)
    for value, share in zip(found[many], counts[many] / max(1, len(values)), strict=True):
        at = np.searchsorted(known, value)
        before = seen[at] / len(reference) if at < len(known) and known[at] == value else 0.0
        is_foreign = share > TIMES_AS_OFTEN * before and (1 - share) ** len(reference) < NEVER_BY_CHANCE
        rows = values == value
        n_different = len(np.unique(getattr(own, OTHER[side])[rows]))  # a pair that is asked often is one pair
        if is_foreign and n_different >= LEAST_ROWS and _is_misplaced(rows, own, other):
            yield rows, f"the {side} score {value:.6g}"


def _more_frequent(side: Side, own: Scores, other: Scores) -> Found:
    """A value that the other sample has too: rows where that has none, as far from there as any rows would be."""
    values, reference = getattr(own, side), getattr(other, side)
    known_values = few_values(reference)
    if side == "teacher":  # a grade within the scale is an answer, and a revision may give it in place of another
        known_values = known_values[[0, -1]] if len(known_values) else known_values
    looked_at = [value for value in known_values if (reference == value).sum() >= LEAST_ROWS]
    places = [mid_ranks(getattr(each, OTHER[side])) / len(each) for each in (own, other) if looked_at]
    gaps, share = [_squared_gaps(each) for each in (own, other) if looked_at], len(own) / len(other)
    for value in looked_at:
        rows, before = values == value, reference == value
        sign = 1 if 2 * (values < value).sum() + rows.sum() < len(values) else -1
        limit = np.quantile(sign * places[1][before], 0.95)
        beyond = [np.maximum(sign * each - limit, 0) for each in places]
        outside, known, where = rows & (beyond[0] > 0), before & (beyond[1] > 0), beyond[0][beyond[0] > 0]
        n, more = outside.sum(), outside.sum() - share * known.sum()
        least = max(LEAST_SHARE * len(where), CLEARLY_MORE * np.sqrt(n + share**2 * known.sum()), 1)
        if more < least or n > MOST_SHARE * len(own) or len(np.unique(where)) < LEAST_ROWS:
            continue  # few places tell no distance
        reach, carried, total = (
            each[0][outside if chosen else slice(None)].sum() - share * each[1][known if chosen else slice(None)].sum()
            for each, chosen in ((beyond, True), (gaps, True), (gaps, False))
        )
        is_random = side == "student" or _takes_alike((rows, before), places, beyond)
        if is_random and reach > ADDED_AT_RANDOM * more * where.mean() and carried > MOSTLY * total:
            yield outside, f"the {side} score {value:.6g} far from where the {OTHER[side]} puts them"


def _takes_alike(rows: tuple[np.ndarray, np.ndarray], places: list[np.ndarray], beyond: list[np.ndarray]) -> bool:
    """Whether a value took the same share from each level of the other side's scores, as failures at random do.

    All are of either sample: the rows that have it, the other side's places, and how far beyond its usual ones they
    lie. Under a revision that gives it in place of one grade, the levels of that grade lose most.
    """
    from scipy.special import chdtrc

    far = [each > 0 for each in beyond]
    cuts = np.quantile(places[0][far[0]], np.arange(1, LEVELS) / LEVELS)
    levels = [np.searchsorted(cuts, each[chosen]) for each, chosen in zip(places, far, strict=True)]
    n, some = (
        np.array([np.bincount(each, weights=w, minlength=LEVELS) for each, w in zip(levels, counted_by, strict=True)])
        for counted_by in ([None, None], [row[chosen] * 1.0 for row, chosen in zip(rows, far, strict=True)])
    )
    shares = (some + 0.5) / (n + 1)
    taken, error = (shares[0] - shares[1]) / (1 - shares[1]), (shares * (1 - shares) / (n + 1)).sum(axis=0)
    mean = np.average(taken, weights=1 / error)
    return bool(chdtrc(LEVELS - 1, float((((taken - mean) ** 2) / error).sum())) > UNLIKELY)


def _is_answer(rows: np.ndarray, own: Scores, other: Scores, pinned: np.ndarray | None, is_known: bool) -> bool:
    """Whether pinned scores say that a score on the scale is an answer: of the pinned revision too, or a revision's.

    A score that held-out never has is a revision's where it stands for some scores of the pinned revision alone.
    """
    from scipy.special import chdtrc

    known = np.zeros(len(rows), dtype=bool) if pinned is None else np.isfinite(pinned)
    both, values = rows & known, own.teacher[rows]
    on_scale = other.teacher.min() <= values.min() and values.max() <= other.teacher.max()
    if pinned is None or not on_scale or both.sum() < max(LEAST_ROWS, MOST_SHARE * rows.sum()):
        return False
    if is_known or np.mean(pinned[both] == own.teacher[both]) > MOSTLY:
        return True
    cuts = np.unique(np.quantile(pinned[known], np.arange(1, LEVELS) / LEVELS))
    level = np.searchsorted(cuts, pinned[known], "left")
    n, some = (np.bincount(level, weights=w, minlength=len(cuts) + 1) for w in (None, rows[known] * 1.0))
    share = some.sum() / n.sum()
    off = (some - n * share)[n > 0] ** 2 / (n * share * (1 - share))[n > 0]
    return bool(chdtrc(max(len(off) - 1, 1), float(off.sum())) <= UNLIKELY)


def _is_misplaced(rows: np.ndarray, own: Scores, other: Scores) -> bool:
    """Whether rows with one score, or few, lie about as far from where the other side's put them as any rows would."""
    squares = _squared_gaps(own)[rows]
    found, error = float(squares.mean()), float(squares.std() / np.sqrt(len(squares)))
    place = min((mid_ranks(side)[rows] / len(own) - 0.5 for side in (own.student, own.teacher)), key=np.ptp)
    at_random = AT_RANDOM**2 * float(np.mean(place**2) + 1 / 12)
    return found > MISPLACED**2 * _squared_gaps(other).mean() and found + BY_CHANCE * error > at_random


def _squared_gaps(scores: Scores) -> np.ndarray:
    """Squared distance between the places of each pair's two scores, as a share of all ranks."""
    return np.asarray((mid_ranks(scores.student) - mid_ranks(scores.teacher)) / len(scores)) ** 2
