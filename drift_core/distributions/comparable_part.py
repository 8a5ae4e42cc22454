"""The part of two samples that can be compared: without a query that outweighs all others, in one range of scores.

Both are told before any cause, with the figures of all pairs and of that part, and no pair is left out unsaid.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from drift_core.distributions.heavy_queries import HeavyQueries, find_heavy_queries
from drift_core.distributions.one_unit import problem_of
from drift_core.distributions.score_cut import ScoreCut, find_score_cut
from drift_core.measures.scores import scores_of
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.unscored import Unscored
from drift_core.tables.problem import ONE_QUERY, PART, RANGE_CUT, Problem

_OF_PART = {ONE_QUERY: " on the rest", RANGE_CUT: " in that range"}

Kept = tuple[np.ndarray, np.ndarray]


def comparable_part(heldout: ScoredPairs, production: ScoredPairs) -> tuple[ScoredPairs, ScoredPairs, Kept | None]:
    """Set aside what stands out in one sample, a heavy query in both, and say so in that sample's problems.

    Returns
    -------
    tuple
        Both samples, and which pairs of each are left, bool, or None where all are. Samples that were looked at before
        stay as they are.
    """
    samples = heldout, production
    if any(problem.name in PART for sample in samples for problem in sample.problems):
        return heldout, production, None
    kept = np.ones(len(heldout), dtype=bool), np.ones(len(production), dtype=bool)
    scores = scores_of(heldout, production)
    told: tuple[list[Problem], list[Problem]] = ([], [])
    for in_production in (True, False):
        pairs, others = ((samples[side], scores[side]) for side in (in_production, not in_production))
        heavy = find_heavy_queries(pairs, others, in_production=in_production)
        if heavy is not None:
            told[in_production].append(_problem(ONE_QUERY, heavy, heavy.rows, pairs[0]))
            kept[in_production][heavy.rows] = kept[not in_production][heavy.rows_elsewhere] = False
    heavy_texts = {text for sample, at in zip(samples, kept, strict=True) for text in sample.query[~at]}
    before, after = (
        sample if at.all() else sample.without(~at, unscored=np.zeros_like(at), problems=())
        for sample, at in zip(samples, kept, strict=True)
    )
    left = tuple(each.take(at) for each, at in zip(scores, kept, strict=True))
    cut = find_score_cut(*left, pairs=(before, after))
    if cut is not None:
        beyond = np.flatnonzero(kept[0])[cut.beyond]
        told[0].append(_problem(RANGE_CUT, cut, np.isin(np.arange(len(heldout)), beyond), heldout))
        kept[0][beyond] = False
    if all(each.all() for each in kept):
        return heldout, production, None
    before, after = (
        replace(
            sample if at.all() else sample.without(~at, unscored=np.zeros_like(at), problems=tuple(problems)),
            unscored=_unscored_left(sample.unscored, heavy_texts, part),
        )
        for sample, at, problems, part in zip(samples, kept, told, (cut, None), strict=True)
    )
    return before, after, kept


def of_part(headline: str, told: Iterable[tuple[str, str]]) -> str:
    """The headline of a verdict on a part of the pairs, after what part that is: name and sentence of each finding."""
    told = [each for each in told if each[0] in PART]
    if not told:
        return headline
    where = re.sub(r"(?=[:,.])", "".join(dict.fromkeys(_OF_PART[name] for name, _ in told)), headline, count=1)
    return " ".join([*(f"{sentence.partition(':')[0]}." for _, sentence in told), where])


def _unscored_left(unscored: Unscored | None, heavy: set[str], cut: ScoreCut | None) -> Unscored | None:
    """Pairs without a teacher's score that are of the same part: of no heavy query, not beyond the range."""
    if unscored is None:
        return None
    out = np.array([query in heavy for query in unscored.query], dtype=bool)
    if cut is not None:
        low, high = (side if edge is None else edge for edge, side in ((cut.low, -np.inf), (cut.high, np.inf)))
        out |= (unscored.student < low) | (unscored.student > high)
    return unscored.take(~out)


def _problem(name: str, found: HeavyQueries | ScoreCut, rows: np.ndarray, sample: ScoredPairs) -> Problem:
    return problem_of(name, found.sentence, rows, sample, left_out=True, figures=found.figures)
