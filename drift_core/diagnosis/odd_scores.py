"""Odd scores: what one sample's scores hold that the other's never do, before any agreement is measured.

A failed parse written as -1, a number out of all range: each is no answer of the judge. The rows are set aside and told
first; the verdict is of what is left. Scores in another unit are answers: they are told and read in the unit of the
others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from drift_core.measures.ranks import mid_ranks
from drift_core.measures.score_units import OtherUnit, few_values, find_other_units
from drift_core.measures.scores import Scores, Side
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.samples.checks import MIN_PAIRS
from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.problem import Problem
from drift_core.wording import N_SHOWN, counted

ODD = ("odd_teacher_scores", "odd_student_scores")  # problems of the samples, and findings
IN_OTHER_UNIT = ("teacher_scores_in_other_unit", "student_scores_in_other_unit")  # likewise
FAR = 3.0  # ranges beyond the other sample's range from which a score is out of all range
LEAST_PAIRS = 30  # of both samples, from which one tells what the other lacks
LEAST_ROWS = 5  # equal odd scores, that are told
LEAST_SHARE = 0.02  # of the sample's rows, likewise; a grade that became rare is seldom that frequent
TIMES_AS_OFTEN = 10.0  # as in the other sample, that one score occurs before it can be odd
CLEARLY_MORE = 4.0  # standard errors by which a value that both samples have must be more frequent
NEVER_BY_CHANCE = 1e-4  # chance that the other sample lacks a score by chance
MISPLACED = 1.5  # times the usual distance between both sides' ranks
AT_RANDOM, ADDED_AT_RANDOM = 0.85, 0.9  # of the distance that rows drawn at random have; a difference is less sure
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
        often = "has more seldom, and in its place" if self.is_known else "never has"
        return _sentence(self.rows, self.what, often, in_production=self.in_production)


def _sentence(rows: np.ndarray, what: str, often: str, *, in_production: bool) -> str:
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


def set_odd_scores_aside(
    heldout: ScoredPairs, production: ScoredPairs, *embeddings: QueryEmbeddings | None
) -> tuple[ScoredPairs, ScoredPairs, tuple[QueryEmbeddings | None, ...]]:
    """Set the rows of odd scores aside, and say so in the samples' problems; those of the teacher count as unscored.

    Scores that are in another unit than the other sample's are read in its unit, which is said too. Samples that were
    looked at before, or of which too little would be left, stay as they are. Embeddings of other samples raise an
    InputError.
    """
    for each in filter(None, embeddings):
        each.check_samples(heldout, production)
    known = (*ODD, *IN_OTHER_UNIT)
    if not heldout.kind.is_ranked or any(p.name in known for sample in (heldout, production) for p in sample.problems):
        return heldout, production, embeddings
    heldout, production = samples = _in_one_unit(heldout, production)
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
    message = f"{odd.sentence} They are set aside."
    return _of_rows(f"odd_{odd.side}_scores", message, odd.rows, sample, left_out=True)


def _of_rows(name: str, message: str, rows: np.ndarray, sample: ScoredPairs, *, left_out: bool) -> Problem:
    first = tuple(int(row) + 1 for row in sample.row[rows][:N_SHOWN])
    return Problem(name=name, message=message, n_rows=int(rows.sum()), rows=first, left_out=left_out)


def _in_one_unit(heldout: ScoredPairs, production: ScoredPairs) -> tuple[ScoredPairs, ScoredPairs]:
    """Both samples, the scores of one that are in another unit than the other's read in that unit."""
    production = _in_unit_of(heldout, production, in_production=True)
    if production.teacher_pinned is not None:
        production = _in_unit_of(heldout, production, in_production=True, by_pinned=True)
    return _in_unit_of(production, heldout, in_production=False), production


def _in_unit_of(
    other: ScoredPairs, sample: ScoredPairs, *, in_production: bool, by_pinned: bool = False
) -> ScoredPairs:
    columns = {"student": "student", "teacher": "teacher_pinned" if by_pinned else "teacher"}
    known = np.isfinite(getattr(sample, columns["teacher"]))
    if min(known.sum(), len(other)) < LEAST_PAIRS:
        return sample
    own = Scores(student=sample.student[known], teacher=getattr(sample, columns["teacher"])[known])
    for found in find_other_units(own, Scores(student=other.student, teacher=other.teacher)):
        if by_pinned and found.side == "student":
            continue
        rows = np.zeros(len(sample), dtype=bool)
        rows[known] = found.rows
        sample = _rescaled(sample, columns[found.side], rows, found, in_production=in_production)
    return sample


def _rescaled(
    sample: ScoredPairs, column: str, rows: np.ndarray, found: OtherUnit, *, in_production: bool
) -> ScoredPairs:
    """The sample with the scores of some rows in the unit of the other sample, and a problem that says so."""
    whose = "pinned teacher" if column == "teacher_pinned" else found.side
    what = f"a {whose} score that fits the {_OTHER[found.side]}'s only when multiplied by {found.factor:g}"
    sentence = _sentence(rows, what, "never has", in_production=in_production)
    name = f"{found.side}_scores_in_other_unit"
    problem = _of_rows(name, f"{sentence} They are read in that unit.", rows, sample, left_out=False)
    scores = np.where(rows, getattr(sample, column) * found.factor, getattr(sample, column))
    problems = (*sample.problems, problem)
    return replace(sample, **{column: scores}, problems=problems, read_digest=sample.digest)


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
            now, then = (mid_ranks(getattr(each, _OTHER[side])) / len(each) for each in (own, other))
            low, high = np.quantile(then[before], (0.05, 0.95))
            outside = rows & ((now > high) if place < 0 else (now < low))
            yield outside, f"the {side} score {value:.6g} far from where the {_OTHER[side]} puts them"


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
