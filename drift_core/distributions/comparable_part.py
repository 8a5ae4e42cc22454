"""The part of two samples that can be compared: without a query that outweighs all others, in one range of scores.

Both are told before any cause, with the figures of all pairs and of that part, and no pair is left out unsaid.
"""

import re
from collections.abc import Iterable

import numpy as np

from drift_core.distributions.heavy_queries import HeavyQueries, find_heavy_queries
from drift_core.distributions.one_unit import problem_of
from drift_core.distributions.score_cut import ScoreCut, find_score_cut
from drift_core.measures.scores import scores_of
from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.problem import ONE_QUERY, PART, RANGE_CUT

_OF_PART = {ONE_QUERY: " on the rest", RANGE_CUT: " in that range"}

Kept = tuple[np.ndarray, np.ndarray]


def comparable_part(heldout: ScoredPairs, production: ScoredPairs) -> tuple[ScoredPairs, ScoredPairs, Kept | None]:
    """Set aside what only one sample has, and say so in that sample's problems.

    Returns
    -------
    tuple
        Both samples, and which pairs of each are left, bool, or None where all are. Samples that were looked at before
        stay as they are.
    """
    samples = asked = heldout, production
    if any(problem.name in PART for sample in samples for problem in sample.problems):
        return heldout, production, None
    kept = np.ones(len(heldout), dtype=bool), np.ones(len(production), dtype=bool)
    scores = scores_of(heldout, production)
    for in_production in (True, False):
        pairs, others = ((asked[side], scores[side]) for side in (in_production, not in_production))
        heavy = find_heavy_queries(pairs, others, in_production=in_production)
        if heavy is not None:
            samples = _without(samples, in_production, ONE_QUERY, heavy, heavy.rows)
            kept[in_production][heavy.rows] = False
    left = tuple(each.take(at) for each, at in zip(scores, kept, strict=True))
    cut = find_score_cut(*left, pairs=samples)
    if cut is not None:
        samples = _without(samples, False, RANGE_CUT, cut, cut.beyond)
        kept[0][np.flatnonzero(kept[0])[cut.beyond]] = False
    return (*samples, None if all(each.all() for each in kept) else kept)


def of_part(headline: str, told: Iterable[tuple[str, str]]) -> str:
    """The headline of a verdict on a part of the pairs, after what part that is: name and sentence of each finding."""
    told = [each for each in told if each[0] in PART]
    if not told:
        return headline
    where = re.sub(r"(?=[:,.])", "".join(dict.fromkeys(_OF_PART[name] for name, _ in told)), headline, count=1)
    return " ".join([*(f"{sentence.partition(':')[0]}." for _, sentence in told), where])


def _without(
    samples: tuple[ScoredPairs, ScoredPairs],
    in_production: bool,
    name: str,
    found: HeavyQueries | ScoreCut,
    rows: np.ndarray,
) -> tuple[ScoredPairs, ScoredPairs]:
    sample = samples[in_production]
    problem = problem_of(name, found.sentence, rows, sample, left_out=True, figures=found.figures)
    left = sample.without(rows, unscored=np.zeros(len(sample), dtype=bool), problems=(problem,))
    return (samples[0], left) if in_production else (left, samples[1])
