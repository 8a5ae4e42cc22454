"""How one week reads against the gate's limits: held, blocked or inconclusive, in a sentence.

Since when, and what is made of all of them, is in `checks` and `gate`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from drift_core.agreement.rule import Rule
from drift_core.canary.baselines import first_baseline
from drift_core.gate.context import GateContext, as_sentence, on_day
from drift_core.measured import Measured, Measurement, figure
from drift_core.wording import one_line

if TYPE_CHECKING:
    from drift_core.canary.assessment import Baseline, WeekAssessment
    from drift_core.canary.run import CanaryRun
    from drift_core.judge_card.card import JudgeCard

Outcome = Literal["held", "blocked", "inconclusive", "skipped", "overridden"]
Reading = tuple[Outcome, str]


def _alarm(week: "WeekAssessment", context: GateContext) -> Reading:
    day = on_day(week.run.at)
    if week.status == "alarm":
        return "blocked", f"The canary of {day} alarms: {as_sentence(' '.join(week.reasons))} {week.next_step}"
    if week.baseline is None:
        return (
            "inconclusive",
            f"The canary of {day} has no baseline to be compared with. Record a week with held-out pairs.",
        )
    if week.baseline.source == "first_week" and week.baseline.since == week.run.at:
        return (
            "inconclusive",
            f"The canary of {day} is the first of its student and its own baseline, so it is compared with nothing. "
            "Record a week with held-out pairs, or accept its level with: distillation-drift history accept.",
        )
    return "held", f"The canary of {day} is quiet."


def _agreement_floor(week: "WeekAssessment", context: GateContext) -> Reading:
    rule = context.settings.rule
    floor, chance = agreement_floor(week, context.card, rule), 0.5 if week.run.is_area else 0.0
    if week.baseline and week.run.is_answered and floor == agreement_floor(week, None, rule):
        whose = " of an area under the curve" if week.run.is_area else ""
        usual = f"the baseline less {rule.material_loss:g}, the floor{whose},"
        read = _against_usual("Agreement", week.run.agreement, floor, usual=usual, chance=chance)
        return _with_aside(read, week.run, floor)
    outcome, told = _with_aside(against_floor("Agreement", week.run.agreement, floor, chance=chance), week.run, floor)
    if outcome == "held" or week.baseline is None or week.baseline.agreement.estimate >= floor:
        return outcome, told
    return outcome, f"{told} {_below_already(week.baseline, first_baseline(context.weeks, week.run), floor)}"


def _below_already(now: "Baseline", first: "Baseline | None", floor: float) -> str:
    """Whether the student never met the floor, or met it until its baseline was moved, and what to do then."""
    is_first = first is None or first.agreement.estimate < floor
    was, is_now = (_beside(each.agreement, floor) for each in (first or now, now))
    below = f"The baseline, {is_now}, is below it already"
    if is_first:
        return f"{below}: the student never met it. Set a floor under what it reaches, or train a better one."
    is_revised = first is not None and now.teacher_revision != first.teacher_revision
    moved = f"the teacher became {one_line(now.teacher_revision)}" if is_revised else "a lower level was accepted"
    why = f"it was {was} until {on_day(now.since)}, when {moved}"
    return f"{below}; {why}. To go on with this student, set a floor under what it reaches."


def _beside(level: Measured, floor: float) -> str:
    """A level with the decimals that tell it from a floor."""
    return level.figure(".3f" if round(level.estimate, 2) == round(floor, 2) else ".2f")


def _with_aside(reading: Reading, run: "CanaryRun", floor: float) -> Reading:
    """Inconclusive where agreement holds only without queries that were set aside, and is surely below inside them."""
    inside = run.inside_aside
    if reading[0] != "held" or inside is None or run.aside is None or inside.high >= floor:
        return reading
    digits = floor_digits(inside, floor)
    return "inconclusive", (
        f"{reading[1]} But on {run.aside['share']:.0%} of production, which one query or a few hold and which was set "
        f"aside, it is {inside:{digits}}, below {figure(floor, digits, is_share=inside.is_share)}. Find out what asks "
        "it: keep a bot or a test out of the log and record the week again."
    )


def agreement_floor(week: "WeekAssessment", card: "JudgeCard | None", rule: "Rule") -> float:
    """Agreement under which a release is blocked."""
    run, usual = week.run, week.baseline.agreement.estimate if week.baseline else None
    # Ranks beside two answers, as earlier versions took them, have no height of their own either.
    measure = "area under the curve" if run.is_answered and usual is not None else run.measure
    return rule.floor(measure, stated=card.floors.agreement if card else None, usual=usual)


def _overlap_floor(week: "WeekAssessment", context: GateContext) -> Reading:
    """Hold overlap to the floor, or to the low end of what held-out shows where that is lower.

    A stable student falls under that low end now and then, at one half of the interval's error rate, so there the point
    alone says nothing.
    """
    floor = context.card.floors.overlap if context.card else context.settings.rule.overlap_healthy
    normal, found = week.run.overlap_normal_low, week.run.overlap
    if not week.run.is_ranked or week.run.is_answered:
        return "skipped", "Labels and two answers have no order, so that there is no overlap at the top."
    at_k = f"Top-{week.run.k} overlap"
    if week.run.n_wide_tie is not None:
        return "skipped", f"{at_k} means little: its boundary cuts through {week.run.n_wide_tie} equal teacher scores."
    if normal is None or normal >= floor or not isinstance(found, Measured):
        return against_floor(at_k, found, floor)
    outcome, told = _against_usual(at_k, found, normal, usual="what held-out shows at this size and K,")
    if outcome == "held" and context.card and found.estimate < floor:
        asked = figure(floor, ".2f", is_share=found.is_share)
        told += f" The card's floor {asked} is not asked for: at this size held-out itself falls below it."
    return outcome, told


def _against_usual(what_fell: str, found: Measurement, limit: float, *, usual: str, chance: float = 0.0) -> Reading:
    """Blocked when the whole interval lies below a student's own level; a stable one's estimate does now and then."""
    outcome, sentence = against_floor(what_fell, found, limit, what=usual, chance=chance)
    if outcome == "inconclusive" and isinstance(found, Measured):
        digits = floor_digits(found, limit)
        told = f"{what_fell} {found:{digits}} is below {usual} {limit:{digits}}, by no more than chance allows."
        return "held", told
    return outcome, sentence


def against_floor(
    what_fell: str, found: Measurement, floor: float, *, what: str = "the floor", chance: float = 0.0
) -> Reading:
    """Blocked when the whole interval lies below the floor, inconclusive when the point alone does.

    Surely below `chance`, scores may run the other way.
    """
    if not isinstance(found, Measured):
        return "inconclusive", f"{what_fell} could not be measured: {as_sentence(found.reason)}"
    digits = floor_digits(found, floor)
    told = f"{what_fell} {found:{digits}}"
    limit = f"{what} {figure(floor, digits, is_share=found.is_share)}"
    if found.high < floor:
        step = "See first whether the scores run the other way" if found.high < chance else "Retrain the student"
        return "blocked", f"{told} lies below {limit}. {step}, or let the teacher judge."
    if found.estimate < floor:
        return "inconclusive", f"{told} is below {limit}, but its interval is not. Measure more pairs."
    return "held", f"{told} is not below {limit}."


def floor_digits(found: Measured, floor: float) -> str:
    """Give the decimals to write: three where a figure rounded to two would look like the floor."""
    return ".3f" if round(floor, 2) in (round(found.estimate, 2), round(found.high, 2)) else ".2f"


def _revision(week: "WeekAssessment", context: GateContext) -> Reading:
    pinned = context.card.teacher if context.card else None
    if pinned is None or pinned.revision is None:
        return "skipped", "No teacher revision is pinned."
    run = week.run
    if pinned.model and run.teacher_model and pinned.model != run.teacher_model:
        return "blocked", _differs("teacher", run.teacher_model, pinned.model)
    if run.teacher_revision != pinned.revision:
        return "blocked", _differs("teacher revision", run.teacher_revision, pinned.revision)
    return "held", f"The teacher revision is the pinned one, {one_line(pinned.revision)}."


def _differs(what: str, found: str, pinned: str) -> str:
    return (
        f"The {what} is {one_line(found)}; the student was trained against {one_line(pinned)}. "
        f"Retrain and pin, or score the canary with the pinned one."
    )


def _gap(week: "WeekAssessment", context: GateContext) -> Reading:
    day = on_day(week.run.at)
    if week.status == "gap":
        why = as_sentence(" ".join(week.reasons))
        is_told = any(step in why for step in ("Draw ", "diagnose again", "record the week again"))
        step = "" if is_told else " Record a larger sample."
        return "inconclusive", f"The canary of {day} could not be measured: {why}{step}"
    return "held", f"The canary of {day} could be measured."


def _clock(week: "WeekAssessment", context: GateContext) -> Reading:
    at = week.run.at
    if at - context.now > context.settings.skew:
        return (
            "inconclusive",
            f"A canary is dated {at:%Y-%m-%d %H:%M} UTC, after now, {context.now:%Y-%m-%d %H:%M} UTC. "
            "Check the clock and the date of the run; a wrong record is taken back with history withdraw.",
        )
    return "held", "The newest canary is not dated after now."


Read = Callable[["WeekAssessment", GateContext], Reading]

MEASURED_READINGS: dict[str, Read] = {
    "alarm": _alarm,
    "agreement_floor": _agreement_floor,
    "overlap_floor": _overlap_floor,
}
NEWEST_READINGS: dict[str, Read] = {"revision": _revision, "gap": _gap, "clock": _clock}
