"""The check of a comparison with the student before: no part of the traffic may have got worse.

Before it counts: of which students it is, by which rule it was made, and how old it is.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from drift_core.canary.students import look_alike
from drift_core.gate.context import GateContext, as_sentence, in_days, on_day
from drift_core.wording import counted, one_line, quoted

if TYPE_CHECKING:
    from drift_core.agreement.rule import Rule
    from drift_core.comparison.comparison_json import ComparisonRecord
    from drift_core.gate.limits import Reading

NAME = "before_after"
COMPARE = "Compare again with: distillation-drift compare"
ON_THE_PAGE = "Name it on the page Before and after, or on the command line."
# Fields of the rule that decide what is called worse, and whether a larger value lets more pass. The level of the
# intervals is not among them: it decides between "same" and "cannot tell", and the gate lets both pass.
DECIDES_WORSE = {"alpha": False, "smallest_loss": True, "alarm_loss": True, "region_min_queries": True}

EAST = timedelta(hours=14)  # a card's day begins so long before UTC's in the easternmost time zone


def read_before_after(context: GateContext) -> "tuple[tuple[str | None, Reading], ...]":
    """Read the comparison: one finding a part that got worse, else one; none where no comparison is given."""
    found = context.comparison
    if found is None:
        return ()
    stranger = _why_of_others(found, context)
    if stranger:
        return ((None, ("inconclusive", stranger)),)
    if found.worse:  # whatever its rule and its age
        advice = "Retrain with pairs of it, or keep the student before."
        return tuple(
            (one_line(part.title), ("blocked", f"{as_sentence(part.sentence)} {advice}")) for part in found.worse
        )
    if not found.is_measured:
        return ((None, ("inconclusive", f"{as_sentence(found.sentence)} {COMPARE} and more pairs.")),)
    return ((None, _why_not_counted(found, context) or _held(found, context)),)


def _held(found: "ComparisonRecord", context: GateContext) -> "Reading":
    not_whole = _why_not_whole(found, context)
    if not_whole:
        return "inconclusive", not_whole
    left = ", ".join(map(one_line, found.slices_left_out))
    return "held", f"{as_sentence(found.sentence)}{f' Slice columns left out: {left}.' if left else ''}"


def _why_of_others(found: "ComparisonRecord", context: GateContext) -> str | None:
    """Say why it may be of other students than the one that ships and its parent; None where it is of these.

    A part that got worse blocks although nobody says of whom; that needs a card which names another.
    """
    told = _of_another(found, context) or _beside_another(found, context)
    if told or found.worse:
        return told
    return _of_itself(found) or _of_nobody(found, context)


def _why_not_counted(found: "ComparisonRecord", context: GateContext) -> "Reading | None":
    """Say why a comparison in which nothing got worse does not let a release pass; None where it may.

    A laxer rule and a comparison that is out of date block; one that tells neither its rule nor its time cannot tell.
    """
    if found.rule is None or not DECIDES_WORSE.keys() <= found.rule.keys():
        return "inconclusive", f"The comparison does not say which rule it was made by. {COMPARE}."
    laxer = _laxer(found.rule, context.settings.rule)
    if laxer:
        return "blocked", f"The comparison was made by a laxer rule than the gate's: {laxer}. {COMPARE} --rule FILE."
    if found.made_at is None:
        return "inconclusive", f"The comparison does not say when it was made. {COMPARE}."
    return _out_of_date(found, found.made_at, context)


def _why_not_whole(found: "ComparisonRecord", context: GateContext) -> str | None:
    """Say which critical slice or tail set of the card the comparison tells nothing of; None where it tells of each."""
    frozen = context.card.tail_set.digest if context.card else None
    if frozen is not None and found.tail_digest != frozen:
        other = f"another tail set, {found.tail_digest[:12]}" if found.tail_digest else "no tail set"
        return f"The comparison has {other}; the card's is {frozen[:12]}. {COMPARE} --tail FILE --card FILE."
    if frozen is not None and found.n_tail_left_out:
        return (
            f"The comparison left out {counted(found.n_tail_left_out, 'pair', 'pairs')} of the tail set, which the "
            "student was trained on or the one before has no score of. Retrain without the tail set (manifest --tail "
            "FILE), score all of it, or draw another (tail --redraw)."
        )
    wanted = context.card.critical_slices if context.card else ()
    lacking = [each for each in wanted if (each.partition, each.name) not in found.regions]
    if not lacking:
        return None
    names = ", ".join(one_line(f"{each.partition}: {each.name}") for each in lacking)
    told = f"The comparison tells nothing of {'a critical slice' if len(lacking) == 1 else 'critical slices'}: {names}."
    left = list(dict.fromkeys(each.partition for each in lacking if each.partition in found.slices_left_out))
    if left:
        again = " ".join(f"--slice {quoted(name)}" for name in left)
        return f"{told} It left out what its samples have. {COMPARE} {again}."
    return f"{told} Its samples lack them. Compare again on pairs that have them."


def _laxer(made_by: Mapping[str, float | int], rule: "Rule") -> str:
    """Name the fields that let more pass than the gate's own."""
    told = []
    for name, is_larger_laxer in DECIDES_WORSE.items():
        own, gates = made_by[name], getattr(rule, name)
        if not (own <= gates if is_larger_laxer else own >= gates):  # so that NaN is laxer than anything
            told.append(f"{name} is {own:g}, the gate's {gates:g}")
    return "; ".join(told)


def _out_of_date(found: "ComparisonRecord", made_at: datetime, context: GateContext) -> "Reading | None":
    card = context.card
    latest = max(context.now, datetime.now(UTC))  # a past day may be decided by a comparison that was made since
    if made_at - latest > context.settings.skew:
        told = f"The comparison is dated {made_at:%Y-%m-%d %H:%M} UTC, after now, {latest:%Y-%m-%d %H:%M} UTC."
        return "inconclusive", f"{told} Check the clock of the machine that made it. {COMPARE}."
    made = f"The comparison was made on {on_day(made_at)}"
    trained = card.training.date if card else None
    begun = None if trained is None else datetime.combine(date.fromisoformat(trained), time(), tzinfo=UTC) - EAST
    if begun is not None and made_at < begun:
        return "blocked", f"{made}, before the student was trained, on {trained}. {COMPARE}."
    limit, age = timedelta(days=card.review_every_days) if card else None, context.now - made_at
    if limit is not None and age > limit:
        told = f"{in_days(age)} ago; the card has it reviewed every {limit.days} days"
        return "blocked", f"{made}, {told}. {COMPARE}."
    return None


def _of_another(found: "ComparisonRecord", context: GateContext) -> str | None:
    """Say why the comparison may be of another student than the one that ships; None where it is of that one."""
    wanted = context.card.student.version if context.card else None
    owner = "the card's"
    if wanted is None and not found.worse:
        wanted, owner = context.student, "the newest run's"
    if wanted is None or found.student_after == wanted:
        return None
    name = one_line(wanted)
    if found.student_after is None:
        told = f"The comparison does not name its student; {owner} is {name}. {ON_THE_PAGE}"
        return f"{told} {COMPARE} --after {quoted(wanted)}."
    other = one_line(found.student_after)
    return (
        f"The comparison is of student {other}; {owner} is {name}. Gate with the card of {other}, or compare the "
        f"scores of {name}."
    )


def _of_itself(found: "ComparisonRecord") -> str | None:
    before, after = found.student_before, found.student_after
    if before is None or after is None or not (before == after or look_alike(before, after)):
        return None
    return (
        f"The comparison is of student {one_line(after)} with itself, {one_line(before)}. {COMPARE} --before VERSION."
    )


def _of_nobody(found: "ComparisonRecord", context: GateContext) -> str | None:
    """Say what is missing to tell that these are the gate's students."""
    if context.student is None:
        return (
            "Neither a judge card nor the newest run names the student. Give --card FILE that names it and its parent."
        )
    if context.card is None or context.card.student.parent is None:
        before = "the student before" if found.student_before is None else one_line(found.student_before)
        student = one_line(context.student)
        return f"Nothing says that {before} is the parent of {student}. Name it in a judge card: student.parent."
    return None


def _beside_another(found: "ComparisonRecord", context: GateContext) -> str | None:
    """Say why the student before may be another than the card's parent; None where it is that one, or none is named."""
    parent = context.card.student.parent if context.card else None
    if parent is None or found.student_before == parent:
        return None
    name = one_line(parent)
    if found.student_before is None:
        return (
            f"The comparison does not name the student before; the card's parent is {name}. {ON_THE_PAGE} {COMPARE} "
            f"--before {quoted(parent)}."
        )
    other = one_line(found.student_before)
    return (
        f"The comparison is with student {other}; the card's parent is {name}. Compare with the scores of {name}, or "
        "name the right parent in the card."
    )
