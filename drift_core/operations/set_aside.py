"""Odd scores are set aside and told first, before any agreement is measured; the verdict is of what is left.

Scores that may be answers stay: see `explained_answers`.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drift_core.distributions.comparable_part import comparable_part
from drift_core.distributions.odd_scores import IN_DOUBT, ON_SCALE, OddScores, find_odd_scores
from drift_core.distributions.one_unit import IN_OTHER_UNIT, in_one_unit, problem_of
from drift_core.measures.score_units import OTHER
from drift_core.measures.scores import Scores
from drift_core.regions.embeddings import QueryEmbeddings, embed_texts
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.regions.moved_docs import MAX_FIT, tell_apart
from drift_core.samples.checks import MIN_PAIRS
from drift_core.samples.pairs import ScoredPairs, code_queries
from drift_core.tables.problem import PART, Problem

ODD = ("odd_teacher_scores", "odd_student_scores")  # problems of the samples, and findings
TOLD_FIRST = (*ODD, *IN_OTHER_UNIT, *PART)

TOGETHER = 0.8  # area under the curve beyond which rows lie together; of one half at random it is about 0.75
CONFIDENCE = 0.95  # of the area's interval
MORE_COUPLES = 2.0  # times as many couples of rows of one query as at random, from which they lie together (ours)


def set_odd_scores_aside(
    heldout: ScoredPairs, production: ScoredPairs, *embeddings: QueryEmbeddings | None
) -> tuple[ScoredPairs, ScoredPairs, tuple[QueryEmbeddings | None, ...]]:
    """Set the rows of odd scores aside, then what `comparable_part` does; the samples' problems say so.

    Odd teacher scores count as unscored; those in another unit than the other sample's are read in its unit. Samples
    that were looked at before, or of which too little would be left, stay. Embeddings of others raise an InputError.
    """
    for each in filter(None, embeddings):
        each.check_samples(heldout, production)
    before, after, vectors = _without_odd(heldout, production, embeddings)
    before, after, kept = comparable_part(before, after)
    return before, after, vectors if kept is None else tuple(each and each.take(*kept) for each in vectors)


def _without_odd(
    heldout: ScoredPairs, production: ScoredPairs, embeddings: tuple[QueryEmbeddings | None, ...]
) -> tuple[ScoredPairs, ScoredPairs, tuple[QueryEmbeddings | None, ...]]:
    known = (*ODD, *IN_DOUBT.values(), *IN_OTHER_UNIT)
    if not heldout.kind.is_ranked or any(p.name in known for sample in (heldout, production) for p in sample.problems):
        return heldout, production, embeddings
    heldout, production = samples = in_one_unit(heldout, production)
    odd = [
        each
        for each in find_odd_scores(*map(Scores.of, samples), pinned=production.teacher_pinned)
        if not (each.is_known and _lie_together(each, samples[each.in_production]))
    ]
    doubts = [each for each in odd if each.is_known]
    heldout = _in_doubt(heldout, [each for each in doubts if not each.in_production])
    production = _in_doubt(production, [each for each in doubts if each.in_production])
    samples = heldout, production
    odd = [each for each in odd if not each.is_known]
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


def _in_doubt(sample: ScoredPairs, found: Sequence[OddScores]) -> ScoredPairs:
    """The sample with a word on scores that may be answers, none of which are set aside."""
    told = [problem_of(IN_DOUBT[each.side], each.sentence, each.rows, sample, left_out=False) for each in found]
    return replace(sample, problems=(*sample.problems, *told)) if told else sample


def _problem(odd: OddScores, sample: ScoredPairs) -> Problem:
    message = f"{odd.sentence} They are set aside."
    figures = {ON_SCALE: 1.0} if odd.is_on_scale else {}
    return problem_of(f"odd_{odd.side}_scores", message, odd.rows, sample, left_out=True, figures=figures)


def _can_be_compared(sample: ScoredPairs, out: np.ndarray) -> bool:
    """Whether enough pairs are left, with scores that differ."""
    left = ~out
    return left.sum() >= MIN_PAIRS and all(np.ptp(side[left]) > 0 for side in (sample.student, sample.teacher))


def _rows_of(odd: Sequence[OddScores], n: int) -> np.ndarray:
    rows = np.zeros(n, dtype=bool)
    for each in odd:
        rows |= each.rows
    return rows
