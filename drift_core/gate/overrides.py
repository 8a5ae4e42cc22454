"""Overrides of the gate: made by a person, dated by the clock, held until the next run, one overdue, or taken back."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from drift_core.canary.decision import CLOCK_TOLERANCE, Decision, in_utc
from drift_core.errors import SettingError
from drift_core.gate.checks import GateCheck
from drift_core.gate.context import GateContext, on_day
from drift_core.wording import one_line

if TYPE_CHECKING:
    from drift_core.comparison.comparison_json import ComparisonRecord
    from drift_core.gate.gate_decision import GateDecision

AGEING = ("clock", "before_after")  # checks whose sentences tell an age or the time
NEVER_OVERRIDDEN = ("stale",)  # a release without a canary is what an override must end in, not begin with


def make_override(decision: "GateDecision", *, by: str, reason: str, at: datetime | None = None) -> Decision:
    """Make the record of a release that ships although the gate does not let it pass.

    Parameters
    ----------
    decision
        What the gate said.
    by, reason
        Who decides and why.
    at
        When; by default this moment, whatever time the gate decided for.

    Raises
    ------
    SettingError
        When the name or the reason is empty, there is nothing to override, it is dated after this moment, or all that
        stops the release is the age of the canary.
    """
    clock = datetime.now(UTC)
    _check_words(by, reason, what="An override")
    if not decision.reasons:
        raise SettingError("There is nothing to override: the gate lets the release pass.")
    if at is not None and in_utc(at) > clock + CLOCK_TOLERANCE:
        raise SettingError(f"An override cannot be dated after now; found {in_utc(at):%Y-%m-%d %H:%M} UTC.")
    covered = [check for check in decision.reasons if check.name not in NEVER_OVERRIDDEN]
    if not covered:
        raise SettingError(f"No override covers the age of the canary. {decision.reasons[0].sentence}")
    return Decision(
        kind="override",
        at=at or clock,
        by=one_line(by),
        reason=one_line(reason),
        run_key=decision.newest.key if decision.newest else None,
        reasons=tuple(dict.fromkeys(check.name for check in covered)),
        about=tuple(_mark(check, decision.comparison) for check in covered),
        last_number=decision.last_number,
    )


def end_overrides(decision: "GateDecision", *, by: str, reason: str, at: datetime | None = None) -> Decision:
    """Make the record by which the overrides of the newest run are taken back; the history refuses it without one.

    Raises
    ------
    SettingError
        When the name or the reason is empty.
    """
    _check_words(by, reason, what="Taking an override back")
    return Decision(
        kind="end_override",
        at=at or datetime.now(UTC),
        by=one_line(by),
        reason=one_line(reason),
        run_key=decision.newest.key if decision.newest else None,
    )


def _check_words(by: str, reason: str, *, what: str) -> None:
    for word, text in (("name", by), ("reason", reason)):
        if not one_line(text):
            raise SettingError(f"{what} needs a {word}; found none. Say who decides and why, it is kept.")


def overrides_in_force(context: GateContext) -> tuple[Decision, ...]:
    """Give the overrides that hold, oldest first."""
    last = last_number(context)
    held = [each for each in _of_newest(context) if not _is_to_come(each, context) and last <= _number(each, context)]
    return tuple(sorted(held, key=lambda each: each.at))


def last_number(context: GateContext) -> int:
    """Number of the last run that the student had, withdrawn ones too; 0 without any."""
    runs = (*(week.run for week in context.weeks), *(each.run for each in context.withdrawn_of_student))
    return max((run.number for run in runs), default=0)


def notes_on_overrides(context: GateContext) -> tuple[str, ...]:
    """Name those that are dated after this moment, which do not count."""
    told = (each for each in _of_newest(context) if _is_to_come(each, context))
    return tuple(
        f"The override of {one_line(each.by)} is dated {on_day(each.at)}, after the clock, and does not count."
        for each in told
    )


def overridden(check: GateCheck, held: Sequence[Decision], comparison: "ComparisonRecord | None") -> GateCheck:
    """Each override adds its findings to those of the others."""
    return replace(check, outcome="overridden") if any(covers(each, check, comparison) for each in held) else check


def covers(override: Decision, check: GateCheck, comparison: "ComparisonRecord | None") -> bool:
    if check.outcome not in ("blocked", "inconclusive") or check.name in NEVER_OVERRIDDEN:
        return False
    is_same = not override.about or _mark(check, comparison) in override.about
    return check.name in override.reasons and is_same


def _mark(check: GateCheck, comparison: "ComparisonRecord | None") -> str:
    """Tell a finding from another of the same name; what only grows older stays the same."""
    found = check.sentence if check.name not in AGEING else ""
    if check.name == "before_after" and comparison is not None:
        found = f"{comparison.student_before} {comparison.student_after} {comparison.made_at} {comparison.sentence}"
    text = "\n".join((check.outcome, check.subject or "", found))
    return f"{check.name} {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _of_newest(context: GateContext) -> list[Decision]:
    key = context.newest.run.key if context.newest else None
    own = [each for each in context.decisions if each.run_key == key]
    ended = max((each.at for each in own if each.kind == "end_override"), default=None)
    return [
        each
        for each in own
        if each.kind == "override"
        and context.now <= each.at + context.longest_age
        and (ended is None or each.at > ended)
    ]


def _is_to_come(override: Decision, context: GateContext) -> bool:
    return override.at > context.clock + CLOCK_TOLERANCE


def _number(override: Decision, context: GateContext) -> int:
    """Up to which run it holds; where that was not said, up to the one that it is about."""
    if override.last_number is not None:
        return override.last_number
    return context.newest.run.number if context.newest else 0
