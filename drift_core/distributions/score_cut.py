"""A cut by score: production holds only pairs that the student scored in a part of its range.

Agreement inside a part of the range is low by construction, so that all of it says nothing of that part.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from drift_core.measured import Measured, Measurement
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from drift_core.samples.checks import MIN_PAIRS

# All ours but the chance.
LEAST_BEYOND = 0.10  # share of held-out beyond an edge
NEVER_BY_CHANCE = 1e-4  # chance that production has no pair there, counted in queries
AT_EDGE = 0.10  # of held-out inside the range, next to its edge
SHARP = 0.5  # times as many of production's, where it is a cut and no tail
LEAST_QUERIES = 20  # of held-out inside the range, from which agreement there is told


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreCut:
    """What range of the student's scores production holds.

    Attributes
    ----------
    low, high
        The edges; None where it is not cut.
    beyond
        Held-out pairs beyond, bool of shape (n_heldout,).
    n_production
        Pairs of production.
    everything, inside, production
        Agreement of all of held-out, of its pairs of that range, and of production.
    """

    low: float | None
    high: float | None
    beyond: np.ndarray
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
            f"{self.beyond.mean():.0%} of held-out does. In a part of the range agreement is low by construction: on "
            f"held-out pairs of that range it is {self.inside}, here {self.production}; on all of held-out it is "
            f"{self.everything}. Only that range is compared. Draw production at random from all that the student "
            "scored, with distillation-drift sample: then its level can be held against a floor."
        )

    @property
    def figures(self) -> dict[str, float]:
        edges = {"low": self.low, "high": self.high}
        found = {name: edge for name, edge in edges.items() if edge is not None}
        found["share_beyond"] = float(self.beyond.mean())
        measured = (("heldout", self.everything), ("heldout in range", self.inside), ("production", self.production))
        for name, each in measured:
            found |= figures_of(name, each)
        return found


def figures_of(name: str, measured: Measurement) -> dict[str, float]:
    """Estimate and interval by name; nothing of what is not measured."""
    if not isinstance(measured, Measured):
        return {}
    return {f"{name} {key}": getattr(measured, key) for key in ("estimate", "low", "high")}


def find_score_cut(heldout: Scores, production: Scores) -> ScoreCut | None:
    """Find whether production was selected by the student's score; None where it was not, or no test tells.

    Notes
    -----
    Selection leaves a sharp edge, beyond which production has none and held-out many, and beside which both are as
    dense; other traffic has tails. The teacher's scores tell it from a student whose own scale moved: they are cut as
    well, and lie where those of held-out's pairs of that range do.
    """
    if not (heldout.is_ranked and production.is_ranked) or min(len(heldout), len(production)) < MIN_PAIRS:
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
    return ScoreCut(
        low=low,
        high=high,
        beyond=beyond,
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
