"""The card's retrain triggers: which have fired, by the checks of the gate, the card's own figures and its dates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from drift_core.agreement.rule import Rule
from drift_core.canary.decision import in_utc
from drift_core.gate.checks import GateCheck
from drift_core.gate.context import in_days, on_day
from drift_core.judge_card.settings import GateSettings
from drift_core.measured import figure
from drift_core.samples.score_kind import Measure
from drift_core.wording import one_line

if TYPE_CHECKING:
    from drift_core.gate.limits import Outcome
    from drift_core.judge_card.card import JudgeCard

State = Literal["fired", "quiet", "cannot tell", "off"]
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "teacher_revision_change": "teacher revision",
        "agreement_below_floor": "agreement",
        "overlap_below_floor": "overlap",
        "every_days": "age of the training",
    }
)
_CHECKS = {
    "teacher_revision_change": "revision",
    "agreement_below_floor": "agreement_floor",
    "overlap_below_floor": "overlap_floor",
}
_STATES: "Mapping[Outcome, State]" = MappingProxyType(
    {"blocked": "fired", "held": "quiet", "inconclusive": "cannot tell", "skipped": "cannot tell"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One retrain trigger of a card.

    Attributes
    ----------
    name
        Its name on the card: ``every_days``.
    state
        "fired"; "quiet"; "cannot tell"; "off" where the card does not retrain on it, or labels have no such figure.
    sentence
        The figure, the canary or day that it is from, and the limit.
    since
        Since when it has fired, as far as that is known; None in every other state.
    """

    name: str
    state: State
    sentence: str
    since: datetime | None = None

    @property
    def title(self) -> str:
        return TITLES[self.name]


def read_triggers(
    card: "JudgeCard | None",
    *,
    now: datetime,
    checks: Sequence[GateCheck] = (),
    is_ranked: bool = True,
    settings: GateSettings | None = None,
) -> tuple[Trigger, ...]:
    """Tell which of the card's retrain triggers have fired; none without a card.

    Parameters
    ----------
    card
        The judge card.
    now
        The time to decide for; without a time zone it is taken for UTC.
    checks
        The gate's checks of the history, before overrides. Where one rests on no run, the card's last canary is read.
    is_ranked
        Whether the judge's scores are ranked; labels have no overlap.
    settings
        How long a canary may be late before what it shows is too old.

    Notes
    -----
    A floor fires as it blocks: when the whole interval lies below it. The last canary on the card has no interval, so a
    figure of it below the floor is "cannot tell".

    A trigger asks for a retraining and does not stop a release. Three of the four are the gate's own checks, which
    block by themselves; the fourth, the quarterly default, says that a training is old, not that a student is bad. To
    block by it would hold back a student that still agrees, and the release of its successor is what ends it. So the
    gate says it and lets pass.
    """
    if card is None:
        return ()
    settings, now = settings or GateSettings(), in_utc(now)
    limit = timedelta(days=card.canary.cadence_days + settings.grace_days)
    found: dict[str, GateCheck] = {check.name: check for check in checks if check.at}
    triggers = []
    for name, check in _CHECKS.items():
        if getattr(card.retrain_triggers, name) == "no":
            triggers.append(Trigger(name=name, state="off", sentence="The card does not retrain on it."))
        elif name == "overlap_below_floor" and not is_ranked:
            triggers.append(Trigger(name=name, state="off", sentence="Labels have no order, so no overlap."))
        elif check in found:
            triggers.append(_unless_old(_of_run(name, found[check]), found[check].at, now, limit))
        else:
            told = _of_card(name, card, is_ranked=is_ranked)
            at = _last_at(card)
            is_ahead = at is not None and at - now > settings.skew
            triggers.append(_ahead(told) if is_ahead else _unless_old(told, at, now, limit))
    return (*triggers, _age(card, now))


def notes_on_triggers(triggers: Sequence[Trigger]) -> tuple[str, ...]:
    """Say of the age of a training that it has fired; the others stand among the gate's checks."""
    fired = (each for each in triggers if each.name == "every_days" and each.state == "fired")
    return tuple(f"Retraining is due: {each.sentence[0].lower()}{each.sentence[1:]}" for each in fired)


def trigger_lines(triggers: Sequence[Trigger]) -> Iterator[str]:
    """Tell each on a line: its name, state, since when, and why."""
    width = max((len(each.name) for each in triggers), default=0)
    for each in triggers:
        yield f"{each.name:<{width}}  {_state(each)}. {each.sentence}"


def fired_line(triggers: Sequence[Trigger]) -> str:
    """Name those that fired; empty where none did."""
    fired = [_state(each).replace("fired", each.title) for each in triggers if each.state == "fired"]
    return f"Retrain triggers of the card that fired: {', '.join(fired)}." if fired else ""


def _state(trigger: Trigger) -> str:
    return f"{trigger.state} since {on_day(trigger.since)}" if trigger.since else trigger.state


def _of_run(name: str, check: GateCheck) -> Trigger:
    assert check.at is not None
    state = _STATES[check.outcome]
    told = f"By the canary of {on_day(check.at)}, {check.sentence[0].lower()}{check.sentence[1:]}"
    return Trigger(name=name, state=state, sentence=told, since=check.since if state == "fired" else None)


def _of_card(name: str, card: "JudgeCard", *, is_ranked: bool) -> Trigger:
    last = card.canary.last
    day = f"By the card's last canary, of {last.at[:10]}," if last.at else "By the card's last canary"
    found, floor = {
        "teacher_revision_change": (last.teacher_revision, card.teacher.revision),
        "agreement_below_floor": (last.agreement, floor_of(card)),
        "overlap_below_floor": (last.overlap, card.floors.overlap),
    }[name]
    if floor is None:
        return Trigger(name=name, state="cannot tell", sentence="The card pins no teacher revision.")
    if found is None:
        return Trigger(name=name, state="cannot tell", sentence=f"No canary with {TITLES[name]} is on the card.")
    if isinstance(found, str) or isinstance(floor, str):
        state: State = "quiet" if found == floor else "fired"
        told = f"the teacher revision is {one_line(str(found))}; the card pins {one_line(str(floor))}"
        return Trigger(name=name, state=state, sentence=f"{day} {told}.")
    digits = ".3f" if round(found, 2) == round(floor, 2) else ".2f"
    level, least = (figure(each, digits, is_share=not is_ranked) for each in (found, floor))
    if found >= floor:
        return Trigger(name=name, state="quiet", sentence=f"{day} {TITLES[name]} {level}; the floor is {least}.")
    told = f"{TITLES[name]} {level} is below the floor {least}; its interval is in the history."
    return Trigger(name=name, state="cannot tell", sentence=f"{day} {told}")


def floor_of(card: "JudgeCard") -> float:
    """The floor of agreement that a card's own figures are held to; only those of an area have a baseline."""
    last = card.canary.last
    measure: Measure = "Spearman" if last.baseline is None else "area under the curve"
    return Rule().floor(measure, stated=card.floors.agreement, usual=last.baseline)


def _last_at(card: "JudgeCard") -> datetime | None:
    at = card.canary.last.at
    return None if at is None else in_utc(datetime.fromisoformat(at))


def _unless_old(trigger: Trigger, at: datetime | None, now: datetime, limit: timedelta) -> Trigger:
    """What was quiet in a canary that is too old says nothing of today."""
    if trigger.state != "quiet" or at is None or now - at <= limit:
        return trigger
    told = f"{trigger.sentence} That is {in_days(now - at)} old; at most {in_days(limit)} are allowed."
    return replace(trigger, state="cannot tell", sentence=told)


def _ahead(trigger: Trigger) -> Trigger:
    """A canary that is dated after today says nothing of it."""
    if trigger.state not in ("quiet", "fired"):
        return trigger
    return replace(trigger, state="cannot tell", sentence=f"{trigger.sentence} That day is after today.")


def _age(card: "JudgeCard", now: datetime) -> Trigger:
    name, trained, days = "every_days", card.training.date, card.retrain_triggers.every_days
    if trained is None:
        return Trigger(name=name, state="cannot tell", sentence="The card does not say when the student was trained.")
    age = (now.date() - date.fromisoformat(trained)).days
    told = f"Trained {trained}, {age} days ago; the card says every {days} days."
    if age < 0:
        return Trigger(name=name, state="cannot tell", sentence=f"Trained {trained}, which is after today.")
    if age <= days:
        return Trigger(name=name, state="quiet", sentence=told)
    due = datetime.combine(date.fromisoformat(trained) + timedelta(days=days), time(), tzinfo=UTC)
    return Trigger(name=name, state="fired", sentence=told, since=due)
