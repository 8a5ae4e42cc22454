"""A cut by score: production holds only pairs that the student scored in a part of its range, whatever they ask.

Agreement inside a part of the range is low by construction, so that all of it says nothing of that part.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from drift_core.distributions.absent_words import holds_absent_word
from drift_core.measured import Measured, Measurement
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from drift_core.samples.checks import MIN_PAIRS
from drift_core.samples.pairs import ScoredPairs

# All ours but the chance.
LEAST_BEYOND = 0.10  # share of held-out beyond an edge, of all and of what production still asks
LEAST_VALUES = 50  # different scores of held-out; a scale of few has gaps at both ends
LEAST_MIXED = 0.5  # of how often two pairs lie on either side of the edge, that two of one query do
NEVER_BY_CHANCE = 1e-4  # chance that production has no pair there, counted in queries
AT_EDGE = 0.10  # of held-out inside the range, next to its edge
SHARP = 0.5  # times as many of production's, where it is a cut and no tail
LEAST_QUERIES = 20  # of held-out inside the range, from which agreement there is told
DRAW = "draw production at random from all that the student scored, with distillation-drift sample"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreCut:
    """What range of the student's scores production holds.

    Attributes
    ----------
    low, high
        The edges; None where it is not cut.
    beyond
        Held-out pairs beyond, bool of shape (n_heldout,).
    asked
        Held-out pairs without a word that production lacks, see `holds_absent_word`, likewise.
    n_production
        Pairs of production.
    everything, inside, production
        Agreement of all of held-out, of its pairs of that range, and of production.
    """

    low: float | None
    high: float | None
    beyond: np.ndarray
    asked: np.ndarray
    n_production: int
    everything: Measurement
    inside: Measurement
    production: Measurement

    @property
    def sentence(self) -> str:
        """What range it is, agreement there and in all of held-out, and what to do; a colon ends the statement."""
        low, high = ("" if edge is None else f"{edge:.3g}" for edge in (self.low, self.high))
        only = f"from {low} to {high}" if low and high else f"from {low} up" if low else f"up to {high}"
        return (
            f"Production holds only student scores {only}: none of its {self.n_production:,} pairs lies beyond, where "
            f"{self.beyond.mean():.0%} of held-out does, and {self.beyond[self.asked].mean():.0%} of its pairs on "
            "what production still asks. Pairs drawn by score look so. In a part of the range agreement is low by "
            f"construction: on held-out pairs of that range it is {self.inside}, here {self.production}; on all of "
            f"held-out it is {self.everything}. Only that range is compared. If it was drawn by score, {DRAW}: then "
            "its level can be held against a floor."
        )

    @property
    def figures(self) -> dict[str, float]:
        edges = {"low": self.low, "high": self.high}
        found = {name: edge for name, edge in edges.items() if edge is not None}
        found["share_beyond"] = float(self.beyond.mean())
        found["share_beyond_of_asked"] = float(self.beyond[self.asked].mean())
        measured = (("heldout", self.everything), ("heldout in range", self.inside), ("production", self.production))
        for name, each in measured:
            found |= figures_of(name, each)
        return found


def of_whole_range(sentence: str) -> str:
    """Why a sample with that sentence has no agreement of all traffic, and what to do."""
    return f"{sentence.partition(':')[0]}, and in a part of the range it is low by construction. To measure it, {DRAW}."


def figures_of(name: str, measured: Measurement) -> dict[str, float]:
    """Estimate and interval by name; nothing of what is not measured."""
    if not isinstance(measured, Measured):
        return {}
    return {f"{name} {key}": getattr(measured, key) for key in ("estimate", "low", "high")}


def find_score_cut(heldout: Scores, production: Scores, *, pairs: tuple[ScoredPairs, ScoredPairs]) -> ScoreCut | None:
    """Find whether production looks selected by the student's score; None where it does not, or no test tells.

    Parameters
    ----------
    heldout, production
        Scores of both samples.
    pairs
        The samples that these are the scores of.

    Notes
    -----
    Selection leaves a sharp edge, beyond which production has none and held-out many, and beside which both are as
    dense; other traffic has tails. The teacher's scores tell it from a student whose own scale moved: they are cut as
    well, and lie where those of held-out's pairs of that range do. Topics that are no longer asked leave an edge too,
    on a scale of few values or where all of them were scored low: then held-out has hardly any pair beyond it among
    those without a word of low ones that production lacks, or the pairs of a query lie on one side.
    """
    if not (heldout.is_ranked and production.is_ranked) or min(len(heldout), len(production)) < MIN_PAIRS:
        return None
    if len(np.unique(heldout.student)) < LEAST_VALUES:
        return None
    low = _edge(heldout.student, production)
    mirrored = _edge(-heldout.student, replace(production, student=-production.student))
    high = None if mirrored is None else -mirrored
    beyond = np.zeros(len(heldout), dtype=bool)
    for edge, sign in ((low, 1), (high, -1)):
        if edge is not None:
            beyond |= sign * heldout.student < sign * edge
    left = heldout.take(~beyond)
    if not beyond.any() or len(left) < MIN_PAIRS or left.n_queries < LEAST_QUERIES:
        return None
    if min(np.ptp(left.student), np.ptp(left.teacher)) == 0 or not _is_cut_too(heldout, left, production):
        return None
    asked = ~holds_absent_word(*pairs, marked=beyond)
    if asked.sum() < MIN_PAIRS or beyond[asked].mean() < LEAST_BEYOND or not _is_mixed(beyond, heldout.queries):
        return None
    return ScoreCut(
        low=low,
        high=high,
        beyond=beyond,
        asked=asked,
        n_production=len(production),
        everything=agreement(heldout),
        inside=agreement(left),
        production=agreement(production),
    )


def _edge(heldout: np.ndarray, production: Scores) -> float | None:
    """The lowest score of production, where it is a sharp edge inside held-out's scores."""
    edge = float(production.student.min())
    share = float((heldout < edge).mean())
    inside = heldout[heldout >= edge]
    if share < LEAST_BEYOND or not len(inside) or (1 - share) ** production.n_queries > NEVER_BY_CHANCE:
        return None
    near = float(np.quantile(inside, AT_EDGE))
    before, now = float((inside <= near).mean()), float((production.student <= near).mean())
    return edge if now >= SHARP * before else None


def _is_cut_too(heldout: Scores, inside: Scores, production: Scores) -> bool:
    """Whether the teacher's scores lie where held-out's of that range do, in mean and scatter, not where all do."""
    known = np.sort(heldout.teacher)
    places = [np.searchsorted(known, scores.teacher) / len(known) for scores in (heldout, inside, production)]
    whole, part, found = ((float(each.mean()), float(each.std())) for each in places)
    return math.dist(found, part) < math.dist(found, whole)


def _is_mixed(beyond: np.ndarray, queries: np.ndarray | None) -> bool:
    """Whether the pairs of a query lie on both sides of the edge; where few queries have two, nothing denies it."""
    if queries is None:
        return True
    sizes = np.bincount(queries)
    inside = sizes - np.bincount(queries, weights=beyond)
    several = sizes > 1
    if several.sum() < LEAST_QUERIES:
        return True
    apart = (inside * (sizes - inside))[several].sum() / (sizes * (sizes - 1) / 2)[several].sum()
    share = float(beyond.mean())
    return bool(apart >= LEAST_MIXED * 2 * share * (1 - share))
