"""A gate's answer in one short sentence, and what a pass rests on in lines of their own; the reasons are its checks."""

from datetime import timedelta
from typing import TYPE_CHECKING

from drift_core.gate.context import as_sentence, in_days, on_day
from drift_core.measured import Measured
from drift_core.wording import counted, one_line

if TYPE_CHECKING:
    from drift_core.gate.checks import GateCheck
    from drift_core.gate.gate_decision import GateDecision

BLOCKED = {
    "alarm": "the canary alarms",
    "agreement_floor": "agreement is below its floor",
    "overlap_floor": "overlap is below its floor",
    "slice": "a critical slice is below its floor",
    "before_after": "the comparison with the student before is not valid",
    "revision": "the teacher revision is not the pinned one",
    "stale": "the newest canary is too old",
}
OPEN = {
    "alarm": "the canary has no baseline",
    "agreement_floor": "agreement may be below its floor",
    "overlap_floor": "overlap may be below its floor",
    "slice": "a critical slice may be below its floor",
    "before_after": "the comparison with the student before leaves it open",
    "no_run": "there is no canary run",
    "student": "the card's student has no canary run",
    "pin": "no teacher revision is pinned",
    "gap": "the newest week could not be measured",
    "clock": "a canary is dated after now",
}
GOT_WORSE = "a part of the traffic got worse"
CHOICES = {"block": "The judge card blocks a release here.", "pass": "The judge card lets a release pass here."}


def gate_headline(decision: "GateDecision") -> str:
    """Say the answer and its first reason in at most about fifteen words."""
    since = f" since {on_day(decision.since)}" if decision.since else ""
    if decision.status == "pass":
        if decision.overrides:
            return (
                f"Pass by an override of {', '.join(dict.fromkeys(one_line(each.by) for each in decision.overrides))}."
            )
        counts = " that counts" if decision.withdrawn else ""
        return f"Pass{since}: the newest canary{counts} is quiet." if decision.measured else "Pass."
    first, *others = decision.reasons
    more = f", and {counted(len(others), 'more reason', 'more reasons')}" if others else ""
    word = f"Blocked{since}" if decision.status == "blocked" else "Inconclusive"
    return f"{word}: {_phrase(first)}{more}."


def gate_lines(decision: "GateDecision") -> tuple[str, ...]:
    """Say what a pass rests on, what the card makes of an inconclusive answer, and what was withdrawn, line by line."""
    if decision.status != "pass":
        is_open = decision.status == "inconclusive" and decision.on_inconclusive is not None
        return (*((CHOICES[str(decision.on_inconclusive)],) if is_open else ()), *decision.notes)
    told = _overrides(decision) if decision.overrides else _figures(decision)
    is_unpinned = any(check.name == "pin" and check.outcome == "skipped" for check in decision.checks)
    unpinned = ("No judge card was given, so no revision was checked.",) if is_unpinned else ()
    return (*told, *unpinned, *decision.notes)


def _phrase(check: "GateCheck") -> str:
    if check.name == "before_after" and check.is_blocking and check.subject:
        return GOT_WORSE
    return (BLOCKED if check.is_blocking else OPEN).get(check.name, "a check does not hold")


def _overrides(decision: "GateDecision") -> tuple[str, ...]:
    names = ", ".join(dict.fromkeys(check.name for check in decision.checks if check.outcome == "overridden"))
    return (
        *(f"{one_line(each.by)} on {on_day(each.at)}: {as_sentence(each.reason)}" for each in decision.overrides),
        f"It holds until the next canary run or until one is overdue, and covers: {names}.",
    )


def _figures(decision: "GateDecision") -> tuple[str, ...]:
    run = decision.measured
    if run is None:
        return ()
    age = in_days(max(decision.now - run.at, timedelta()))
    figures = {"Agreement": run.agreement, f"Overlap at K = {run.k}": run.overlap}
    measured = [f"{name}: {each}." for name, each in figures.items() if isinstance(each, Measured)]
    return (f"The canary of {on_day(run.at)} is {age} old.", *measured)
