"""Which way of treating drift is the cheapest that reaches the floor, in one sentence."""

from collections.abc import Sequence

from drift_core.diagnosis.facts import Cause
from drift_core.measured import Measured, Unmeasured, figure
from drift_core.options.expected_agreement import Way
from drift_core.options.option import Option

_NOUNS = {"route": "routing", "retrain": "retraining"}


def recommend(
    cause: Cause, options: Sequence[Option], *, floor: float, weeks: float | Unmeasured
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
    """
    now = options[0].agreement
    if isinstance(now, Unmeasured):
        return None, f"Open: production agreement could not be measured. {now.reason}"
    if cause == "inconclusive":
        return None, "Open: the cause is not settled, so pay for neither routing nor retraining yet."
    reaches = now.estimate >= floor
    if cause == "healthy":
        weak = "" if reaches else f" It is below {_floor(floor, options)}, and no drift explains that."
        paying = f"Nothing needs paying: no drift was found, and agreement is {now.figure()}.{weak}"
        return ("nothing" if reaches else None), paying
    if reaches:
        return "nothing", _stays(options, now, floor)
    way, sentence = _to_the_floor(options[1:], floor, weeks)
    return way, f"{sentence} Leaving it keeps {now.figure()}."


def _stays(options: Sequence[Option], now: Measured, floor: float) -> str:
    known = [option for option in options[1:] if option.is_open and isinstance(option.agreement, Measured)]
    more = f" Expected otherwise: {_listed(known)}." if known else ""
    return f"Leaving it costs nothing and keeps {_floor(floor, options)}: agreement is {now.figure()}.{more}"


def _to_the_floor(paid: Sequence[Option], floor: float, weeks: float | Unmeasured) -> tuple[Way | None, str]:
    possible = [each for each in paid if each.is_open and isinstance(each.agreement, Measured)]
    reaching = [each for each in possible if isinstance(each.agreement, Measured) and each.agreement.estimate >= floor]
    others = " ".join(_otherwise(each) for each in paid if each not in reaching)
    if len(reaching) == 2:
        return _cheaper(reaching, floor, weeks)
    are_all_open = all(each.is_open for each in paid)
    if not reaching and (not possible or not are_all_open):
        return None, f"Open: agreement is below {_floor(floor, paid)}. {others}"
    if not reaching:
        return None, f"Nothing is expected to reach {_floor(floor, paid)}. {others}"
    only = reaching[0]
    price = "" if only.first_year is None else f", for {only.first_year:,.2f} in the first year"
    expected = f"expected to reach {_floor(floor, paid)}: {_expected(only)}{price}."
    noun = _NOUNS[only.way]
    found = f"Only {noun} is {expected}" if are_all_open else f"{noun.capitalize()} alone is open, and {expected}"
    return only.way, f"{found}{_unsure(only, floor)} {others}"


def _cheaper(reaching: Sequence[Option], floor: float, weeks: float | Unmeasured) -> tuple[Way | None, str]:
    route, retrain = reaching
    one, other = route.first_year, retrain.first_year
    if one is None or other is None:
        both = f"Both ways are expected to reach {_floor(floor, reaching)}: {_listed(reaching)}."
        return None, f"{both} Prices decide which is cheaper."
    chosen = route if one < other else retrain
    amounts = f"{min(one, other):,.2f} against {max(one, other):,.2f}"
    noun = _NOUNS[chosen.way].capitalize()
    found = f"{noun} is the cheaper way to {_floor(floor, reaching)} in the first year: {amounts}."
    pays = "" if isinstance(weeks, Unmeasured) else f" Retraining costs {_weeks(weeks)} of routing."
    return chosen.way, f"{found}{pays} Expected: {_listed(reaching)}.{_unsure(chosen, floor)}"


def _otherwise(option: Option) -> str:
    noun = _NOUNS[option.way].capitalize()
    if isinstance(option.agreement, Unmeasured):
        return f"{noun}: {option.agreement.reason}"
    if not option.is_open:
        return f"{noun}: {option.note}"
    return f"{noun} is expected to give {_expected(option)}."


def _listed(options: Sequence[Option]) -> str:
    return ", ".join(f"{_NOUNS[option.way]} {_expected(option)}" for option in options)


def _expected(option: Option) -> str:
    assert isinstance(option.agreement, Measured)
    return f"{option.agreement.figure()}{' at best' if option.way == 'retrain' else ''}"


def _floor(floor: float, options: Sequence[Option]) -> str:
    is_share = any(isinstance(each.agreement, Measured) and each.agreement.is_share for each in options)
    return f"the floor of {figure(floor, is_share=is_share)}"


def _unsure(option: Option, floor: float) -> str:
    below = isinstance(option.agreement, Measured) and option.agreement.low < floor
    return " The interval of that figure reaches below the floor." if below else ""


def _weeks(weeks: float) -> str:
    if weeks < 1:
        return "less than a week"
    return f"as much as {weeks:,.1f} weeks" if weeks < 10 else f"as much as {weeks:,.0f} weeks"
