"""The exact values of what a plan plants: agreement in the population, and its loss split into parts.

Within a part of the traffic both scores are jointly normal, so a rank correlation of rho needs a correlation of
2 sin(pi rho / 6) [1]_; over the mixture of all parts the agreement follows by numerical integration.

.. [1] Pearson, K. (1907). On further methods of determining correlation. Drapers' Company Research Memoirs.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from drift_core.errors import SettingError
from drift_core.simulation.plan import Plan

Sample = Literal["heldout", "production"]
USUAL, COHORT, DOCUMENT = 0, 1, 2  # variants of a pair: as ever, from the new cohort, with a doc of the new style

# A topic that narrows keeps its better docs; so placed, the student's error in score and rank stays about the same.
NARROW_LIFT = 1.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """Parts of the traffic, one entry each: teacher x ~ N(mean, spread^2), student y = slope x + sqrt(1 - slope^2) e.

    The revised teacher is mean + spread (keep z + lean e + noise), with z the pinned teacher's standard score.
    """

    topic: np.ndarray
    variant: np.ndarray
    share: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    slope: np.ndarray
    keep: np.ndarray
    lean: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedLoss:
    """Held-out minus production agreement in the population, and the parts that add up to it.

    Attributes
    ----------
    total
        Agreement of held-out minus agreement of production with the current teacher.
    mix
        Held-out minus held-out weighted by production's shares of the familiar topics.
    within
        That weighted held-out minus production with the pinned teacher; new parts of the traffic belong here.
    teacher
        Production with the pinned minus production with the current teacher.
    """

    total: float
    mix: float
    within: float
    teacher: float


def topic_shares(plan: Plan, sample: Sample) -> np.ndarray:
    """Return the share of traffic of each topic, shape (n_topics,)."""
    given = plan.shares_heldout if sample == "heldout" else plan.shares_production or plan.shares_heldout
    familiar = np.array(given or [1.0] * plan.n_familiar)
    new = np.array(plan.new_shares) if sample == "production" else np.zeros(len(plan.new_shares))
    return np.concatenate([familiar / familiar.sum() * (1 - new.sum()), new])


def parts_of(plan: Plan, sample: Sample) -> Parts:
    """List the parts of a sample, scored by the pinned teacher; one per topic and variant."""
    shares = topic_shares(plan, sample)
    topic = np.arange(plan.n_topics)
    slope = np.array([correlation(value) for value in (*plan.agreement, *plan.new_agreement)])
    spread = np.where(topic < plan.n_familiar, 1.0, plan.new_range)
    if sample == "production":
        spread[: plan.n_narrow_topics] = plan.narrow_range
    mean = plan.mean_spread * (1.0 - 2.0 * (topic % 2)) + NARROW_LIFT * (1 - spread)
    variants = [(USUAL, 1.0, slope)]
    if sample == "production":
        variants = _production_variants(plan, slope)
    return Parts(
        topic=np.concatenate([topic] * len(variants)),
        variant=np.repeat([variant for variant, _, _ in variants], len(topic)),
        share=np.concatenate([shares * share for _, share, _ in variants]),
        mean=np.concatenate([mean] * len(variants)),
        spread=np.concatenate([spread] * len(variants)),
        slope=np.concatenate([slopes for _, _, slopes in variants]),
        keep=np.ones(len(topic) * len(variants)),
        lean=np.zeros(len(topic) * len(variants)),
    )


def _production_variants(plan: Plan, slope: np.ndarray) -> list[tuple[int, float, np.ndarray]]:
    fallen = (
        (COHORT, plan.cohort_share, plan.cohort_agreement),
        (DOCUMENT, plan.document_share, plan.document_agreement),
    )
    usual = 1 - plan.cohort_share - plan.document_share
    return [(USUAL, usual, slope)] + [
        (variant, share, np.minimum(slope, correlation(agreement))) for variant, share, agreement in fallen
    ]


def correlation(spearman: float) -> float:
    """Return the correlation of two normal variables whose rank correlation is `spearman`."""
    return 2 * math.sin(math.pi * spearman / 6)


def agreement_of(parts: Parts, levels: int | None) -> float:
    """Return the population's Spearman correlation of student and teacher, mid-ranks for a teacher with levels."""
    from scipy.special import ndtr

    z = np.linspace(-6, 6, 301 if levels is None else 2001)  # a step at each level needs a fine grid
    weight = np.exp(-z * z / 2) / np.exp(-z * z / 2).sum()
    x = parts.mean[:, None] + parts.spread[:, None] * z
    rank = _teacher_rank(parts, levels, x)
    error = np.sqrt(1 - parts.slope**2)
    student_variance = (parts.slope * parts.spread) ** 2 + error**2
    covariance = parts.spread * (parts.keep * parts.slope * parts.spread + parts.lean * error)
    per_unit = covariance / parts.spread**2
    expected = (parts.slope * parts.mean)[:, None] + (per_unit * parts.spread)[:, None] * z
    left_over = student_variance - per_unit * covariance
    student_rank = sum(
        share * ndtr((expected - slope * mean) / np.sqrt(variance + left_over)[:, None])
        for share, slope, mean, variance in zip(parts.share, parts.slope, parts.mean, student_variance, strict=True)
    )
    product = (parts.share[:, None] * weight * rank * student_rank).sum()
    rank_variance = 1 / 12 if levels is None else (parts.share[:, None] * weight * (rank - 0.5) ** 2).sum()
    return float((product - 0.25) / np.sqrt(rank_variance / 12))


def same_verdicts(parts: Parts) -> float:
    """Return the population's share of pairs that student and teacher pass or fail alike, where all means are 0.

    Two normal variables of correlation r have the same sign with a chance of 1 - arccos(r) / pi (Sheppard, 1899).
    """
    together = parts.keep * parts.slope + parts.lean * np.sqrt(1 - parts.slope**2)
    return float(parts.share @ (1 - np.arccos(together) / np.pi))


def _agreement(parts: Parts, plan: Plan) -> float:
    return same_verdicts(parts) if plan.with_verdicts else agreement_of(parts, plan.levels)


def _teacher_rank(parts: Parts, levels: int | None, x: np.ndarray) -> np.ndarray:
    """Mid-rank in (0, 1) of teacher scores x, shape as x."""
    from scipy.special import ndtr

    if levels is None:
        terms = zip(parts.share, parts.mean, parts.spread, strict=True)
        return np.asarray(sum(share * ndtr((x - mean) / spread) for share, mean, spread in terms))
    cuts = level_cuts(levels)
    below = (parts.share[:, None] * ndtr((cuts - parts.mean[:, None]) / parts.spread[:, None])).sum(axis=0)
    edges = np.concatenate([[0.0], below, [1.0]])
    return np.asarray(((edges[1:] + edges[:-1]) / 2)[np.searchsorted(cuts, x, side="right")])


def level_cuts(levels: int) -> np.ndarray:
    """Return the relevance, in sd, at which a teacher with levels goes one up: even steps on the 0-1 scale."""
    scaled = 2 * np.arange(1, levels) / levels - 1
    return 2 * scaled / np.sqrt(1 - scaled**2)


@lru_cache(maxsize=1024)
def revised_parts(plan: Plan) -> Parts:
    """Return production's parts scored by the current teacher, whose revision costs the plan's `teacher_loss`."""
    from scipy.optimize import brentq

    pinned = parts_of(plan, "production")
    if not plan.is_revised:
        return pinned
    target = _agreement(pinned, plan) - plan.teacher_loss
    by_turns = 1 + plan.revision_unevenness * (1.0 - 2.0 * (pinned.topic % 2))

    def revise(strength: float) -> Parts:
        if plan.revision_correlation is None:
            return replace(pinned, keep=1 - strength * by_turns)
        keep = correlation(plan.revision_correlation)
        return replace(pinned, keep=np.full_like(pinned.keep, keep), lean=np.full_like(pinned.keep, -strength))

    def excess(strength: float) -> float:
        return _agreement(revise(strength), plan) - target

    widest = 1.0
    if plan.revision_correlation is not None:
        widest = math.sqrt(1 - correlation(plan.revision_correlation) ** 2)
    low = 0.0 if plan.revision_correlation is None else -widest
    if excess(low) < 0 or excess(widest) > 0:
        raise SettingError(f"No revision of the teacher costs {plan.teacher_loss} of agreement in this plan.")
    # Rounded, so that a difference in the last digits between machines cannot reach the scores.
    return revise(round(brentq(excess, low, widest, xtol=1e-12), 6))


@lru_cache(maxsize=1024)
def planted_loss(plan: Plan) -> PlantedLoss:
    """Return the loss of agreement that a plan plants, split into mix, within and teacher."""
    heldout = parts_of(plan, "heldout")
    shares = topic_shares(plan, "production")
    shares[plan.n_familiar :] = 0
    weighted = replace(heldout, share=shares / shares.sum())
    before = _agreement(heldout, plan)
    same_mix = _agreement(weighted, plan)
    pinned = _agreement(parts_of(plan, "production"), plan)
    current = _agreement(revised_parts(plan), plan)
    return PlantedLoss(
        total=before - current, mix=before - same_mix, within=same_mix - pinned, teacher=pinned - current
    )
