"""Overturning: what would have to be seen for another verdict, in the figures of the present one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from drift_core.diagnosis.attribution import Attribution
from drift_core.diagnosis.planner import plan_sample
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.rule import Rule
from drift_core.diagnosis.spread import SpreadTest
from drift_core.measured import Measured

if TYPE_CHECKING:
    from drift_core.diagnosis.facts import Cause


def what_would_overturn(
    cause: "Cause", spread: SpreadTest, regions: Sequence[Region], attribution: Attribution, rule: Rule
) -> tuple[str, ...]:
    """Say what would overturn the verdict, one sentence each; nothing for an inconclusive one."""
    if cause == "inconclusive" or not isinstance(spread.spread, Measured):
        return ()
    if cause == "healthy":
        return (_hidden_loss(spread, rule),)
    lines = [_region_line(region, rule) for region in _first(regions)]
    if "teacher" in cause or cause == "document_drift":
        lines.append(_teacher_line(cause, attribution, rule))
    return tuple(line for line in lines if line)


def _hidden_loss(spread: SpreadTest, rule: Rule) -> str:
    seen = plan_sample(spread, loss=rule.material_loss, rule=rule).detectable
    return (
        f"It would change with a loss that these samples are too small to see: one of {seen:.3f} or more would have "
        f"shown with a chance of {rule.power:.0%}, a smaller one may hide."
    )


def _first(regions: Sequence[Region]) -> list[Region]:
    """The drifted region that carries most."""
    drifted = [region for region in regions if region.drifted]
    return sorted(drifted, key=lambda region: -(region.share_of_loss or 0.0))[:1]


def _region_line(region: Region, rule: Rule) -> str:
    if not (isinstance(region.production, Measured) and isinstance(region.fall, Measured)):
        return ""
    usual = region.production.estimate + region.fall.estimate
    versus = "the familiar rest agrees" if region.is_new else "it agreed on held-out"
    return (
        f"It would change if a fresh sample found region {region.name} at {usual - rule.region_loss:.2f} or better: "
        f"here it is at {region.production.estimate:.2f}, while {versus} at {usual:.2f}."
    )


def _teacher_line(cause: "Cause", attribution: Attribution, rule: Rule) -> str:
    part = attribution.teacher
    least = f"{rule.smallest_loss:.2f}"
    if cause == "document_drift":
        return (
            f"It would change if pinned scores put {least} or more of the loss on the teacher, who then moved as well."
        )
    if part is not None and not attribution.teacher_inferred:
        return (
            f"It would change if the teacher's part were under {least} on other pairs; here it is {part.estimate:.2f}."
        )
    return (
        f"It would change if pinned scores put the teacher's part under {least}: then something else made familiar "
        "traffic worse."
    )
