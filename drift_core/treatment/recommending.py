"""Which way of treating drift is the cheapest that reaches the floor, in one sentence."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from drift_core.measures.estimate import Measured, Unmeasured

if TYPE_CHECKING:
    from drift_core.diagnosis.cause import Cause
    from drift_core.treatment.expected import Way
    from drift_core.treatment.routes import Option

_VERBS = {"route": "Routing", "retrain": "Retraining"}


def recommend(
    cause: "Cause", options: "Sequence[Option]", *, floor: float, weeks: float | Unmeasured
) -> "tuple[Way | None, str]":
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
        weak = "" if reaches else f" It is below the floor of {floor:.2f}, which is not drift's doing."
        paying = f"Nothing needs paying: no drift was found, and agreement is {now.estimate:.2f}.{weak}"
        return ("nothing" if reaches else None), paying
    if reaches:
        return "nothing", _stays(options, now, floor)
    kept = f"Leaving it keeps agreement at {now.estimate:.2f}, below the floor of {floor:.2f}."
    way, sentence = _to_the_floor(options, floor, weeks)
    return way, f"{kept} {sentence}"


def _stays(options: "Sequence[Option]", now: Measured, floor: float) -> str:
    best = [f"{_VERBS[o.way].lower()} {_expected(o)}" for o in options[1:] if isinstance(o.agreement, Measured)]
    more = f" Expected otherwise: {', '.join(best)}." if best else ""
    return f"Leaving it costs nothing and keeps the floor of {floor:.2f}: agreement is {now.estimate:.2f}.{more}"


def _to_the_floor(options: "Sequence[Option]", floor: float, weeks: float | Unmeasured) -> "tuple[Way | None, str]":
    paid = options[1:]
    reaching = [o for o in paid if isinstance(o.agreement, Measured) and o.agreement.estimate >= floor]
    unknown = [o for o in paid if isinstance(o.agreement, Unmeasured)]
    if not reaching:
        told = " ".join(
            f"{_VERBS[o.way]}: {o.agreement.reason}" for o in unknown if isinstance(o.agreement, Unmeasured)
        )
        known = [f"{_VERBS[o.way].lower()} {_expected(o)}" for o in paid if o not in unknown]
        short = (
            f"Nothing is expected to reach it: {', '.join(known)}." if known else "What would reach it is not known."
        )
        return None, f"{short} {told}".strip()
    if len(reaching) == 1:
        only = reaching[0]
        other = next(o for o in paid if o is not only)
        why = (
            other.agreement.reason
            if isinstance(other.agreement, Unmeasured)
            else f"{_VERBS[other.way]} is expected to give {_expected(other)}."
        )
        return (
            only.way,
            f"{_VERBS[only.way]} is expected to reach {_expected(only)}{_price(only)}. {why}{_unsure(only, floor)}",
        )
    return _cheaper(reaching, floor, weeks)


def _cheaper(reaching: "Sequence[Option]", floor: float, weeks: float | Unmeasured) -> "tuple[Way | None, str]":
    route, retrain = reaching
    both = f"routing ({_expected(route)}) and retraining ({_expected(retrain)})"
    one, other = route.first_year, retrain.first_year
    if one is None or other is None:
        return None, f"Both {both} are expected to reach it; prices decide which is cheaper."
    chosen = route if one < other else retrain
    cheaper = f"Both {both} are expected to reach it; {_VERBS[chosen.way].lower()} is cheaper in the first year"
    pays = "" if isinstance(weeks, Unmeasured) else f" Retraining costs as much as {_weeks(weeks)} of routing."
    return (
        chosen.way,
        f"{cheaper} ({min(one, other):,.2f} against {max(one, other):,.2f}).{pays}{_unsure(chosen, floor)}",
    )


def _expected(option: "Option") -> str:
    assert isinstance(option.agreement, Measured)
    return f"{option.agreement.estimate:.2f}{' at best' if option.way == 'retrain' else ''}"


def _price(option: "Option") -> str:
    return "" if option.first_year is None else f" for {option.first_year:,.2f} in the first year"


def _unsure(option: "Option", floor: float) -> str:
    below = isinstance(option.agreement, Measured) and option.agreement.low < floor
    return " The interval of that figure reaches below the floor." if below else ""


def _weeks(weeks: float) -> str:
    return f"{weeks:,.1f} weeks" if weeks < 10 else f"{weeks:,.0f} weeks"
