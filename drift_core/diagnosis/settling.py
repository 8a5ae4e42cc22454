"""Settling: what would change a verdict or settle it."""

from typing import TYPE_CHECKING

from drift_core.diagnosis.planner import sample_to_decide
from drift_core.diagnosis.rule import Rule

if TYPE_CHECKING:
    from drift_core.diagnosis.cause import Cause, Facts


def would_change(cause: "Cause", facts: "Facts", rule: Rule) -> tuple[str, ...]:
    """Say what would change or settle the verdict."""
    lines = []
    if cause == "inconclusive":
        lines.append(sample_to_decide(facts.spread, rule=rule))
    if facts.attribution.teacher is None and cause != "healthy":
        lines.append("Scores of the pinned revision on a few hundred of these pairs would measure the teacher's part.")
    return tuple(lines)
