"""Which way of treating drift is the cheapest that reaches the floor, in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from drift_core.causes import Cause
from drift_core.measured import Measured, Measurement, Unmeasured, figure
from drift_core.options.expected_agreement import Way
from drift_core.options.option import Option

_NOUNS = {"route": "routing", "retrain": "retraining"}


@dataclass(frozen=True, slots=True)
class _Floor:
    """The floor with the digits that tell it from the figures held to it."""

    value: float
    spec: str
    is_share: bool

    @classmethod
    def beside(cls, value: float, found: Sequence[Measurement]) -> "_Floor":
        figures = [each for each in found if isinstance(each, Measured)]
        is_share = any(each.is_share for each in figures)

        def reads_alike(spec: str) -> bool:
            told = figure(value, spec, is_share=is_share)
            return any(each.figure(spec) == told and each.estimate != value for each in figures)

        spec = next((each for each in (".2f", ".3f") if not reads_alike(each)), ".4f")
        return cls(value, spec, is_share)

    def __str__(self) -> str:
        return f"the floor of {figure(self.value, self.spec, is_share=self.is_share)}"


def recommend(
    cause: Cause,
    options: Sequence[Option],
    *,
    floor: float,
    weeks: float | Unmeasured,
    heldout: Measurement,
    is_cut: bool = False,
    broken: str = "",
    top: str = "",
) -> tuple[Way | None, str]:
    """Name the cheapest way that is expected to reach the floor, None where that is open, and say why.

    Parameters
    ----------
    cause
        The verdict's.
    options
        Leaving it, routing, retraining.
    floor
        Agreement to be reached.
    weeks
        Weeks of routing that cost as much as retraining once.
    heldout
        Agreement on held-out.
    is_cut
        Whether both samples are only a part of the student's range of scores.
    broken
        Which regions stay drifted and at what agreement; empty without one.
    top
        How far the student's top fell, which agreement as a whole may not show; empty where it did not clearly.
    """
    now = options[0].agreement
    if isinstance(now, Unmeasured):
        return None, f"Open: production agreement could not be measured. {now.reason}"
    if cause == "inconclusive":
        return None, "Open: the cause is not settled, so pay for neither routing nor retraining yet."
    if is_cut:
        return None, _in_range(cause, options)
    reaches = now.estimate >= floor
    is_never_met = isinstance(heldout, Measured) and heldout.estimate < floor
    told = [each.agreement for each in options] + [heldout] * (cause == "healthy" or is_never_met)
    held = _Floor.beside(floor, told)
    if cause == "healthy":
        weak = "" if reaches else f" It is below {held}, {_why_below(heldout, held)}."
        paying = f"Nothing needs paying: no drift was found, and agreement is {now.figure(held.spec)}.{weak}"
        paying = f"{paying} {top}".rstrip()
        return ("nothing" if reaches else None), paying
    if reaches:
        return "nothing", _stays(options, now, held, broken, top)
    way, sentence = _to_the_floor(options[1:], held, weeks)
    sentence = f"{sentence} Leaving it keeps {now.figure(held.spec)}."
    if isinstance(heldout, Measured) and is_never_met:
        sentence += f" The student never met that floor: on held-out it had {heldout.figure(held.spec)}."
    return way, sentence


def _in_range(cause: Cause, options: Sequence[Option]) -> str:
    """What is known of a part of the student's range, in which no figure is held to a floor."""
    now, *paid = ((each, each.agreement) for each in options)
    assert isinstance(now[1], Measured)
    at = f"in the range of scores that was drawn, at {now[1].figure('.2f')}"
    if cause == "healthy":
        return f"Nothing needs paying: no drift was found {at}. A floor is for all that the student scores."
    told = [
        f"{_NOUNS[each.way]} {found.figure('.2f')}{' at best' if each.way == 'retrain' else ''}"
        for each, found in paid
        if each.is_open and isinstance(found, Measured)
    ]
    expected = f" Expected there: {', '.join(told)}." if told else ""
    only = f"agreement is known only {at}, and a floor is for all that the student scores"
    return f"Open: {only}.{expected} A sample of all of it tells which way reaches the floor."


def _why_below(heldout: Measurement, floor: _Floor) -> str:
    if isinstance(heldout, Measured) and heldout.estimate < floor.value:
        return f"as it was on held-out already, at {heldout.figure(floor.spec)}"
    return "and no drift explains that"


def _stays(options: Sequence[Option], now: Measured, floor: _Floor, broken: str, top: str) -> str:
    known = [option for option in options[1:] if option.is_open and isinstance(option.agreement, Measured)]
    more = f" Expected otherwise: {_listed(known, floor)}." if known else ""
    whole, but = " as a whole" if broken or top else "", f", but {broken}" if broken else ""
    costs = "costs the top, which no price shows, but" if top else "costs nothing and"
    top = f" {top}" if top else ""
    return f"Leaving it {costs} keeps {floor}{whole}: agreement is {now.figure(floor.spec)}{but}.{top}{more}"


def _to_the_floor(paid: Sequence[Option], floor: _Floor, weeks: float | Unmeasured) -> tuple[Way | None, str]:
    possible = [each for each in paid if each.is_open and isinstance(each.agreement, Measured)]
    reaching = [
        each for each in possible if isinstance(each.agreement, Measured) and each.agreement.estimate >= floor.value
    ]
    others = " ".join(_otherwise(each, floor) for each in paid if each not in reaching)
    if len(reaching) == 2:
        return _cheaper(reaching, floor, weeks)
    are_all_open = all(each.is_open for each in paid)
    if not reaching and (not possible or not are_all_open):
        return None, f"Open: agreement is below {floor}. {others}"
    if not reaching:
        return None, f"Nothing is expected to reach {floor}. {others}"
    only = reaching[0]
    price = "" if only.first_year is None else f", for {only.first_year:,.2f} in the first year"
    expected = f"expected to reach {floor}: {_expected(only, floor)}{price}."
    noun = _NOUNS[only.way]
    found = f"Only {noun} is {expected}" if are_all_open else f"{noun.capitalize()} alone is open, and {expected}"
    return only.way, f"{found}{_unsure(only, floor)} {others}"


def _cheaper(reaching: Sequence[Option], floor: _Floor, weeks: float | Unmeasured) -> tuple[Way | None, str]:
    route, retrain = reaching
    one, other = route.first_year, retrain.first_year
    if one is None or other is None:
        both = f"Both ways are expected to reach {floor}: {_listed(reaching, floor)}."
        return None, f"{both} Prices decide which is cheaper."
    chosen = route if one < other else retrain
    amounts = f"{min(one, other):,.2f} against {max(one, other):,.2f}"
    noun = _NOUNS[chosen.way].capitalize()
    found = f"{noun} is the cheaper way to {floor} in the first year: {amounts}."
    pays = "" if isinstance(weeks, Unmeasured) else f" Retraining costs {_weeks(weeks)} of routing."
    return chosen.way, f"{found}{pays} Expected: {_listed(reaching, floor)}.{_unsure(chosen, floor)}"


def _otherwise(option: Option, floor: _Floor) -> str:
    noun = _NOUNS[option.way].capitalize()
    if isinstance(option.agreement, Unmeasured):
        return f"{noun}: {option.agreement.reason}"
    if not option.is_open:
        return f"{noun}: {option.note}"
    return f"{noun} is expected to give {_expected(option, floor)}."


def _listed(options: Sequence[Option], floor: _Floor) -> str:
    return ", ".join(f"{_NOUNS[option.way]} {_expected(option, floor)}" for option in options)


def _expected(option: Option, floor: _Floor) -> str:
    assert isinstance(option.agreement, Measured)
    return f"{option.agreement.figure(floor.spec)}{' at best' if option.way == 'retrain' else ''}"


def _unsure(option: Option, floor: _Floor) -> str:
    below = isinstance(option.agreement, Measured) and option.agreement.low < floor.value
    return " The interval of that figure reaches below the floor." if below else ""


def _weeks(weeks: float) -> str:
    if weeks < 1:
        return "less than a week"
    return f"as much as {weeks:,.1f} weeks" if weeks < 10 else f"as much as {weeks:,.0f} weeks"
