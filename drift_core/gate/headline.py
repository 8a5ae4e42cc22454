"""A gate's answer in one sentence, in a short form of it, and what it rests on in lines; the reasons are its checks."""

from datetime import timedelta

from drift_core.canary.status import UNKNOWN_WHOSE
from drift_core.gate.context import in_days, on_day
from drift_core.gate.gate_decision import GateDecision
from drift_core.measured import Measured
from drift_core.wording import counted, one_line, shortened

BLOCKED = {
    "alarm": "the canary alarms",
    "agreement_floor": "agreement is below its floor",
    "overlap_floor": "overlap is below its floor",
    "slice": "a critical slice is below its floor",
    "before_after": "the comparison with the student before does not count",
    "calibration": "the calibration does not hold or is too old",
    "revision": "the teacher revision is not the pinned one",
    "stale": "the newest canary is too old",
}
OPEN = {
    "alarm": "the canary has no baseline",
    "agreement_floor": "agreement may be below its floor",
    "overlap_floor": "overlap may be below its floor",
    "slice": "a critical slice may be below its floor",
    "before_after": "the comparison with the student before cannot be used",
    "calibration": "calibration is not verified",
    "no_run": "there is no canary run",
    "student": "the card's student has no canary run",
    "pin": "no teacher revision is pinned",
    "gap": "the newest week could not be measured",
    "clock": "a canary is dated after now",
}
LONGEST_NAME = 30  # letters of a part's name that a headline has room for
CHOICES = {"block": "The judge card blocks a release here.", "pass": "The judge card lets a release pass here."}


def gate_headline(decision: GateDecision) -> str:
    """Say the answer and its first reason in at most about fifteen words."""
    if decision.status == "pass" and decision.overrides:
        return f"Pass by an override of {', '.join(dict.fromkeys(one_line(each.by) for each in decision.overrides))}."
    if decision.status == "pass":
        counts = " that counts" if decision.withdrawn else ""
        return f"{_verdict(decision)}: the newest canary{counts} is quiet." if decision.measured else "Pass."
    first, worse = decision.reasons[0], _worse_parts(decision)
    is_worse = first.name == "before_after" and bool(worse)
    n_more = sum(not (is_worse and each.subject in worse) for each in decision.reasons) - (not is_worse)
    more = f", and {counted(n_more, 'more reason', 'more reasons')}" if n_more else ""
    if is_worse:
        is_short = len(worse) == 1 and len(worse[0]) <= LONGEST_NAME
        where = worse[0] if is_short else counted(len(worse), "part of the traffic", "parts of the traffic")
        return f"{_verdict(decision)}: worse in {where}{more}."
    said = (BLOCKED if first.is_blocking else OPEN).get(first.name, "a check does not hold")
    if first.name == "alarm" and first.is_blocking and decision.named_alarms:
        said = f"{said} on {shortened(', '.join(decision.named_alarms))}"
    return f"{_verdict(decision)}: {said}{more}."


def gate_sentence(decision: GateDecision) -> str:
    """Say the same on one line with its figures, what to do, and what else is to be known."""
    if decision.status == "pass":
        told = " ".join(gate_lines(decision))
        if decision.overrides:
            return f"Pass by an override of {told}"
        is_measured = decision.measured is not None
        return f"{_verdict(decision)}: t{told[1:]}" if is_measured else f"Pass. {told}".strip()
    first, *others = decision.reasons
    number = (
        f", for {len(decision.reasons)} reasons, the first" if others else ""
    )  # before a command that ends the first
    choice = {"block": ", which the card blocks", "pass": ", which the card lets pass", None: ""}
    of_card = choice[decision.on_inconclusive] if decision.status == "inconclusive" else ""
    return " ".join((f"{_verdict(decision)}{of_card}{number}: {first.sentence}", *decision.notes))


def gate_lines(decision: GateDecision) -> tuple[str, ...]:
    """Say what a pass rests on, what the card makes of an inconclusive answer, and what was withdrawn, line by line."""
    if decision.status != "pass":
        is_open = decision.status == "inconclusive" and decision.on_inconclusive is not None
        return (*((CHOICES[str(decision.on_inconclusive)],) if is_open else ()), *decision.notes)
    told = _overrides(decision) if decision.overrides else _figures(decision)
    is_unpinned = any(check.name == "pin" and check.outcome == "skipped" for check in decision.checks)
    unpinned = ("No judge card was given, so no revision was checked.",) if is_unpinned else ()
    return (*told, *unpinned, *_calibration(decision), *decision.notes)


def _calibration(decision: GateDecision) -> tuple[str, ...]:
    """What is known of calibration, which the figures say nothing of."""
    run = decision.measured
    moved = "In that week calibration moved: older thresholds do not keep their errors; --calibration checks new ones."
    known = (each.sentence for each in decision.checks if each.name == "calibration" and each.outcome != "overridden")
    if run is None or not run.has_moved_calibration:
        return tuple(known)
    return (moved, *(() if run.bridge else (UNKNOWN_WHOSE,)), *known)


def _worse_parts(decision: GateDecision) -> tuple[str, ...]:
    """Parts that the comparison with the student before finds worse, each once."""
    found = (each.subject for each in decision.reasons if each.name == "before_after" and each.is_blocking)
    return tuple(dict.fromkeys(subject for subject in found if subject))


def _verdict(decision: GateDecision) -> str:
    since = f" since {on_day(decision.first_reason_since)}" if decision.first_reason_since else ""
    return "Inconclusive" if decision.status == "inconclusive" else f"{decision.status.capitalize()}{since}"


def _overrides(decision: GateDecision) -> tuple[str, ...]:
    names = ", ".join(dict.fromkeys(check.words for check in decision.checks if check.outcome == "overridden"))
    until = "until the next canary run or until one is overdue"
    return decision.overridden_by, f"It holds {until}, and covers: {names}."


def _figures(decision: GateDecision) -> tuple[str, ...]:
    run = decision.measured
    if run is None:
        return ()
    age = in_days(max(decision.now - (decision.data_at or run.at), timedelta()))
    figures = {"agreement": run.agreement}
    if run.has_overlap:
        figures[f"top-{run.k} overlap"] = run.overlap
    told = ", ".join(f"{name} {each}" for name, each in figures.items() if isinstance(each, Measured))
    return (f"The canary of {on_day(run.at)}, {age} old, is quiet: {told}.",)
