"""What fell where both samples have the same mix of like queries."""

from dataclasses import replace

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.findings import Finding
from drift_core.diagnosis.label_moves import LabelMoves, find_label_moves
from drift_core.diagnosis.regions_test import RegionsTest
from drift_core.measured import Measured, Measurement
from drift_core.measures.scores import Scores
from drift_core.measures.unexplained_fall import at_production_mix, unexplained_fall


def unexplained_by_regions(scores: tuple[Scores, Scores], regions: RegionsTest, rule: Rule) -> Measurement:
    """The fall that the mix of regions and usual new traffic leave."""
    return unexplained_fall(  # at a tenth of the error: weights are taken as known, and it opens a healthy verdict
        *scores,
        groups=regions.groups,
        explained=regions.in_usual(len(scores[1])),
        confidence=1 - (1 - rule.confidence) / 10,
    )


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
