"""Odd scores are set aside and told first, before any agreement is measured; the verdict is of what is left.

Scores in another unit are answers: they are told and read in the unit of the others.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drift_core.measures.odd_scores import LEAST_PAIRS, OddScores, find_odd_scores, sentence_on
from drift_core.measures.score_units import OTHER, OtherUnit, find_other_units
from drift_core.measures.scores import Scores
from drift_core.regions.embeddings import QueryEmbeddings, embed_texts
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.regions.moved_docs import MAX_FIT, tell_apart
from drift_core.samples.checks import MIN_PAIRS
from drift_core.samples.pairs import ScoredPairs, code_queries
from drift_core.tables.problem import Problem
from drift_core.wording import N_SHOWN

ODD = ("odd_teacher_scores", "odd_student_scores")  # problems of the samples, and findings
IN_OTHER_UNIT = ("teacher_scores_in_other_unit", "student_scores_in_other_unit")  # likewise

TOGETHER = 0.8  # area under the curve beyond which rows lie together; of one half at random it is about 0.75
CONFIDENCE = 0.95  # of the area's interval
MORE_COUPLES = 2.0  # times as many couples of rows of one query as at random, from which they lie together (ours)


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
    odd = [
        each
        for each in find_odd_scores(*map(Scores.of, samples))
        if not (each.is_known and _lie_together(each, samples[each.in_production]))
    ]
    sides = [[each for each in odd if each.in_production == in_production] for in_production in (False, True)]
    rows = [_rows_of(found, len(sample)) for found, sample in zip(sides, samples, strict=True)]
    if not odd or not all(_can_be_compared(sample, out) for sample, out in zip(samples, rows, strict=True)):
        return heldout, production, embeddings
    before, after = (
        sample.without(
            out,
            unscored=_rows_of([each for each in found if each.side == "teacher"], len(sample)),
            by_student=_rows_of([each for each in found if each.is_known], len(sample)),
            problems=tuple(_problem(each, sample) for each in found),
        )
        for sample, found, out in zip(samples, sides, rows, strict=True)
    )
    return before, after, tuple(each and each.take(~rows[0], ~rows[1]) for each in embeddings)


def _lie_together(odd: OddScores, sample: ScoredPairs) -> bool:
    """Whether a query holds many of the rows, or texts tell them from others that the other side puts where they lie.

    An answer that is known is then taken for one: a judge that grew strict on a topic, not failures at random.
    """
    (queries,) = code_queries(sample)
    counts, shares = np.bincount(queries[odd.rows]), np.bincount(queries) / len(sample)
    n = counts.sum()
    if counts @ (counts - 1) > MORE_COUPLES * n * max(1.0, (n - 1) * shares @ shares):
        return True
    given = getattr(sample, OTHER[odd.side])
    beside = (given >= given[odd.rows].min()) & (given <= given[odd.rows].max()) & ~odd.rows
    rng = np.random.default_rng(0)
    rows = [np.sort(rng.permutation(np.flatnonzero(each))[:MAX_FIT]) for each in (beside, odd.rows)]
    texts = sample.query if sample.doc is None else sample.query + " " + sample.doc
    words = embed_texts(*(texts[each] for each in rows), encoder=load_encoder(HASHING_ENCODER))
    area = tell_apart(words, (queries[rows[0]], queries[rows[1]]), confidence=CONFIDENCE, rng=rng)
    return area is not None and area.low > TOGETHER


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
    what = f"a {whose} score that fits the {OTHER[found.side]}'s only when multiplied by {found.factor:g}"
    sentence = sentence_on(rows, what, "never has", in_production=in_production)
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
