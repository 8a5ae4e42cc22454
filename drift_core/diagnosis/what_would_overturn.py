"""Overturning: what would have to be seen for another verdict, in the figures of the present one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from drift_core.agreement.planner import plan_sample
from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.diagnosis.region import Region
from drift_core.measured import Measured, figure
from drift_core.regions.attribution import Attribution

if TYPE_CHECKING:
    from drift_core.causes import Cause


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
    least, is_share = plan_sample(spread, loss=rule.material_loss, rule=rule).detectable, not spread.is_ranked
    seen = figure(least, "-.3f", is_share=is_share)
    if isinstance(spread.spread, Measured) and spread.spread.estimate >= least:
        fell = spread.spread.figure("-.3f")
        return f"It would change if a sample of held-out's mix and range of scores fell as well: by {fell} here."
    return (
        f"It would change with a loss that these samples are too small to see: one of {seen} or more would have "
        f"shown with a chance of {rule.power:.0%}, a smaller one may hide."
    )


def _first(regions: Sequence[Region]) -> list[Region]:
    """The drifted region that carries most, of docs and of all others."""
    drifted = sorted((each for each in regions if each.drifted), key=lambda each: -(each.share_of_loss or 0.0))
    return list({each.kind == "doc": each for each in reversed(drifted)}.values())[::-1]


def _region_line(region: Region, rule: Rule) -> str:
    if not (isinstance(region.production, Measured) and isinstance(region.fall, Measured)):
        return ""
    usual = replace(region.production, estimate=region.production.estimate + region.fall.estimate)
    better = replace(usual, estimate=usual.estimate - rule.region_loss)
    versus = "the familiar rest agrees" if region.is_new else "it agreed on held-out"
    versus = "all of held-out agreed" if region.is_harder else versus
    return (
        f"It would change if a fresh sample found {region.label} at {better.figure()} or better: "
        f"here it is at {region.production.figure()}, while {versus} at {usual.figure()}."
    )


def _teacher_line(cause: "Cause", attribution: Attribution, rule: Rule) -> str:
    part = attribution.teacher
    is_share = attribution.total is not None and attribution.total.is_share
    least = figure(rule.smallest_loss, "-.2f", is_share=is_share)
    if cause == "document_drift":
        return (
            f"It would change if pinned scores put {least} or more of the loss on the teacher, who then moved as well."
        )
    if part is not None and not attribution.teacher_inferred:
        now = part.figure("-.3f")
        return f"It would change if the teacher's part were under {least} on other pairs; here it is {now}."
    return (
        f"It would change if pinned scores put the teacher's part under {least}: then something else made familiar "
        "traffic worse."
    )
