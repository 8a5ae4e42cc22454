"""What fell where both samples have the same mix of like queries."""

from dataclasses import replace
from typing import get_args

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.findings import Finding
from drift_core.diagnosis.label_moves import LabelMoves, find_label_moves
from drift_core.diagnosis.regions_test import RegionsTest, comparable_scores
from drift_core.distributions.narrowed_range import narrowed_range
from drift_core.measured import Measured, Measurement
from drift_core.measures.agreement import coefficient_difference, coefficient_of
from drift_core.measures.scores import Scores, Side
from drift_core.measures.selection import NO_SELECTION, Selection, find_selection
from drift_core.measures.unexplained_fall import at_production_mix, unexplained_fall
from drift_core.regions.attribution import Attribution
from drift_core.samples.checks import MIN_PAIRS
from drift_core.samples.pairs import ScoredPairs


def unexplained_by_regions(
    scores: tuple[Scores, Scores], regions: RegionsTest, rule: Rule, *, is_selected: bool
) -> Measurement:
    """The fall that the mix of regions and usual new traffic leave."""
    sides: tuple[Side, ...] = get_args(Side) if is_selected else ("teacher",)
    return unexplained_fall(
        *scores,
        groups=regions.groups,
        explained=regions.in_usual(len(scores[1])),
        confidence=_level(rule),
        sides=sides,
    )


def left_outside(
    scores: tuple[Scores, Scores], production: ScoredPairs, regions: RegionsTest, rule: Rule
) -> Measurement | None:
    """The fall between both samples' pairs in no drifted region, as these may have scores of their own range.

    None where no region drifted, or too few pairs are outside.
    """
    before, after = comparable_scores(scores, production)
    before = before.take(~regions.in_any(regions.drifted, len(before), of="heldout"))
    outside = after.take(~regions.in_drifted(len(production)))
    if not regions.drifted or min(before.n_queries, outside.n_queries) < MIN_PAIRS:
        return None
    return coefficient_difference(coefficient_of(before), coefficient_of(outside), confidence=rule.confidence)


def _level(rule: Rule) -> float:
    """At a tenth of the error: weights are taken as known, and it opens a healthy verdict."""
    return 1 - (1 - rule.confidence) / 10


def selection_in(scores: tuple[Scores, Scores], production: ScoredPairs, regions: RegionsTest, rule: Rule) -> Selection:
    """Whether production's familiar pairs look chosen by a score; under pinned scores where all have them."""
    known = regions.known
    if known is None or known.sum() < MIN_PAIRS:
        return NO_SELECTION
    before, after = comparable_scores(scores, production)
    groups = regions.groups[0], regions.groups[1][known]
    return find_selection(before, after.take(known), groups=groups, alpha=rule.cause_alpha, confidence=_level(rule))


def with_range(
    attribution: Attribution, scores: tuple[Scores, Scores], regions: RegionsTest, selection: Selection, rule: Rule
) -> Attribution:
    """The split with what a narrower range of scores costs, where no error rose beside it; of a selection also else."""
    is_selected = isinstance(selection.left, Measured)
    if not is_selected and (regions.shared is None or regions.shared.p_value <= rule.alpha):
        return attribution
    lost = attribution.teacher if attribution.teacher_inferred else attribution.within
    return attribution.with_range(narrowed_range(*scores, groups=regions.groups, lost=lost, is_selected=is_selected))


def label_moves_in(
    scores: tuple[Scores, Scores],
    regions: RegionsTest,
    spread: Measurement,
    labels: tuple[str, ...],
    rule: Rule,
    *,
    leans: Finding | None = None,
) -> LabelMoves:
    """How the shares of labels moved at the mix of today's regions, and that the student came to lean to a place."""
    at_mix = at_production_mix(*scores, groups=regions.groups, explained=regions.in_usual(len(scores[1])))
    fall = spread.estimate if isinstance(spread, Measured) else 0.0
    found = find_label_moves(*scores, at_mix=at_mix, fall=fall, labels=labels, rule=rule)
    if leans is None:
        return found
    told = leans.sentence.removesuffix(".").replace("Asked", "asked", 1)
    return replace(found, student=found.student or told, findings=(*found.findings, leans))
