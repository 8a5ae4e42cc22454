"""A comparison that is better, one with parts that got worse, and the gate's decision by it."""

from dataclasses import replace

from drift_core.agreement.rule import Rule
from drift_core.comparison.comparison_json import ComparisonRecord, WorsePart
from drift_core.gate.gate import decide_gate
from tests.drift_core.gate.weeks import after, card, weeks

BETTER = ComparisonRecord(
    student_before="ranker-1",
    student_after="ranker-7",
    outcome="better",
    sentence="Better: agreement rose from 0.74 to 0.91.",
    worse=(),
    is_measured=True,
    made_at=after(0),
    rule=Rule().to_json(),
)
VOICE = WorsePart(title="surface: voice, fresh pairs", sentence="surface: voice, fresh pairs: fell by 0.19.")
WORSE = replace(BETTER, worse=(VOICE, WorsePart(title="country: DE, fresh pairs", sentence="It fell.")))


def decided(comparison, **fields):
    return decide_gate(weeks(3), now=after(2), comparison=comparison, **{"card": card()} | fields)


def before_after(decision):
    return [check for check in decision.checks if check.name == "before_after"]
