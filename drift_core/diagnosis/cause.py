"""The cause: what the evidence supports, with the evidence for and against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.diagnosis.attribution import Attribution
from drift_core.diagnosis.concentration import Region
from drift_core.diagnosis.rule import Rule
from drift_core.diagnosis.spread import SpreadTest
from drift_core.measures.estimate import Measured, Unmeasured

Cause = Literal[
    "healthy", "query_drift", "document_drift", "teacher_drift", "query_and_teacher_drift", "inconclusive"
]
CAUSE_WORDS: dict[str, str] = {
    "healthy": "healthy",
    "query_drift": "query drift",
    "document_drift": "document drift",
    "teacher_drift": "teacher drift",
    "query_and_teacher_drift": "query and teacher drift",
    "inconclusive": "inconclusive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One line of evidence: whether it speaks for the cause, and a sentence with its figure."""

    supports: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The cause, whether it is inferred, and what it rests on.

    Attributes
    ----------
    cause
        What the evidence supports.
    inferred
        Whether the teacher's part was inferred from other evidence instead of measured on pinned scores.
    summary
        The verdict as one sentence that a stakeholder can repeat.
    evidence
        Lines for and against.
    would_change
        What would change or settle the verdict, one sentence each.
    """

    cause: Cause
    inferred: bool
    summary: str
    evidence: tuple[Evidence, ...]
    would_change: tuple[str, ...]


def decide_cause(
    *, spread: SpreadTest, regions: Sequence[Region], attribution: Attribution, has_pinned: bool, rule: Rule
) -> Verdict:
    """Decide the cause from the split of the loss and the regions that fell.

    Notes
    -----
    With pinned scores the teacher's part is measured on the same pairs. Without them it is inferred from the fall
    that familiar regions share once the drifted ones are set aside.
    """
    if isinstance(spread.spread, Unmeasured):
        return _verdict("inconclusive", False, f"The spread could not be measured. {spread.spread.reason}", (), ())
    drifted = [region for region in regions if region.drifted]
    teacher, inferred = _teacher_moved(regions, attribution, has_pinned, rule)
    concentrated = _concentrated(drifted, regions, has_pinned or not teacher)
    evidence = _evidence(spread, drifted, attribution, teacher, has_pinned)
    cause = _name(teacher, concentrated, drifted, spread)
    return _verdict(
        cause, inferred and cause != "healthy", _summary(cause, spread, drifted), evidence, _would_change(cause, rule)
    )


def _verdict(
    cause: Cause, inferred: bool, summary: str, evidence: Sequence[Evidence], would_change: Sequence[str]
) -> Verdict:
    return Verdict(
        cause=cause, inferred=inferred, summary=summary, evidence=tuple(evidence), would_change=tuple(would_change)
    )


def _teacher_moved(
    regions: Sequence[Region], attribution: Attribution, has_pinned: bool, rule: Rule
) -> tuple[bool, bool]:
    """Whether the teacher costs agreement, and whether that is inferred."""
    if has_pinned and attribution.teacher is not None:
        return attribution.teacher.low > 0 and attribution.teacher.estimate >= rule.material_loss, False
    familiar = [r for r in regions if r.kind == "query" and r.p_value is not None and not r.is_new]
    unflagged = [r for r in familiar if not r.drifted]
    fall = _pooled_fall(unflagged if len(unflagged) * 2 > len(familiar) else familiar)
    return fall is not None and fall[0] >= rule.material_loss and fall[0] > 2 * fall[1], True


def _pooled_fall(regions: Sequence[Region]) -> tuple[float, float] | None:
    """Traffic-weighted mean fall over regions, and its standard error."""
    falls = [(r.share_production, r.fall) for r in regions if isinstance(r.fall, Measured)]
    if not falls:
        return None
    weights = np.array([share for share, _ in falls]) / sum(share for share, _ in falls)
    estimates = np.array([fall.estimate for _, fall in falls])
    errors = np.array([fall.standard_error for _, fall in falls])
    return float(weights @ estimates), float(np.sqrt(weights**2 @ errors**2))


def _concentrated(drifted: Sequence[Region], regions: Sequence[Region], teacher_is_apart: bool) -> bool:
    """Whether drifted regions lose more than what all regions share."""
    if not drifted or teacher_is_apart:
        return bool(drifted)
    fallen = {id(region) for region in drifted}
    rest = _pooled_fall([r for r in regions if id(r) not in fallen and r.p_value is not None and not r.is_new])
    return any(r.is_new for r in drifted) or (rest is not None and any(_excess(r, rest) > 3 for r in drifted))


def _excess(region: Region, rest: tuple[float, float]) -> float:
    if not isinstance(region.fall, Measured):
        return 0.0
    return (region.fall.estimate - rest[0]) / max(1e-9, float(np.hypot(region.fall.standard_error, rest[1])))


def _name(teacher: bool, concentrated: bool, drifted: Sequence[Region], spread: SpreadTest) -> Cause:
    if teacher and concentrated:
        return "query_and_teacher_drift"
    if teacher:
        return "teacher_drift"
    if concentrated:
        return "document_drift" if all(region.kind == "doc" for region in drifted) else "query_drift"
    return "healthy" if spread.reading == "held" else "inconclusive"


def _summary(cause: Cause, spread: SpreadTest, drifted: Sequence[Region]) -> str:
    assert isinstance(spread.heldout, Measured) and isinstance(spread.production, Measured)
    moved = f"from {spread.heldout.estimate:.2f} to {spread.production.estimate:.2f}"
    share = max((_traffic(drifted, partition) for partition in {r.partition for r in drifted}), default=0.0)
    if cause == "healthy":
        return f"Healthy: agreement went {moved}, no region got worse."
    if cause == "query_drift":
        return f"Query drift: agreement fell {moved}, because of regions that hold {share:.0%} of today's traffic."
    if cause == "teacher_drift":
        return f"Teacher drift: agreement fell {moved} everywhere; the student follows the old revision."
    if cause == "query_and_teacher_drift":
        return f"Query and teacher drift: agreement fell {moved}; some regions fell more than the teacher explains."
    if cause == "document_drift":
        return f"Document drift: agreement fell {moved} on docs that the student does not know."
    return f"Inconclusive: agreement went {moved}, and this sample cannot tell a loss from chance."


def _traffic(drifted: Sequence[Region], partition: str) -> float:
    return sum(region.share_production for region in drifted if region.partition == partition)


def _evidence(
    spread: SpreadTest, drifted: Sequence[Region], attribution: Attribution, teacher: bool, has_pinned: bool
) -> list[Evidence]:
    lines = [Evidence(supports=True, sentence=spread.sentence)]
    for region in sorted(drifted, key=lambda r: -(r.share_of_loss or 0))[:6]:
        lines.append(Evidence(supports=True, sentence=f"Region {region.name} ({region.partition}): {region.reason}"))
    if not drifted:
        lines.append(Evidence(supports=not teacher, sentence="No region fell beyond its own held-out agreement."))
    if has_pinned and attribution.teacher is not None:
        part = attribution.teacher
        sentence = f"The revision costs {part.estimate:+.3f} ({part.low:+.3f} to {part.high:+.3f}) on the same pairs."
        lines.append(Evidence(supports=teacher, sentence=sentence))
    return lines


def _would_change(cause: Cause, rule: Rule) -> list[str]:
    if cause == "inconclusive":
        return [f"A larger sample: enough pairs to tell a loss of {rule.material_loss:g} with power {rule.power:.0%}."]
    return []
