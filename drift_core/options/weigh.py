"""Retrain, route or leave: the share of traffic that goes to the teacher, the price and the agreement of each.

Which agreement to expect is found in `expected_agreement`; amounts follow from prices that the user enters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drift_core import markup
from drift_core.measured import Measured, Unmeasured, figure
from drift_core.options.costs import WEEKS_A_YEAR, Prices, canary_costs
from drift_core.options.expected_agreement import NOISE_THERE, NOISE_UNKNOWN, Expectation, Way, expect_agreement
from drift_core.options.option import Option, known
from drift_core.options.recommend import recommend
from drift_core.retrain_list.sampling_frame import count_drawable
from drift_core.retraining.settings import LEAST_PAIRS
from drift_core.samples.only_given import only_diagnosis
from drift_core.tables.problem import RANGE_CUT
from drift_core.wording import counted

if TYPE_CHECKING:
    from drift_core.agreement.rule import Rule
    from drift_core.diagnosis.diagnosis import Diagnosis
    from drift_core.diagnosis.region import Region

NO_PRICES = "Enter the teacher's price, the student's price and the calls a week."
NONE_TO_DRAW = (
    "Held-out, or a file left out, has every production pair, so there is none to retrain on. Draw a fresh sample."
)
TITLES: dict[Way, str] = {
    "nothing": "Leave",
    "route": "Route",
    "retrain": "Retrain",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options side by side, and which is the cheapest that reaches the floor.

    Attributes
    ----------
    options
        Leaving it, routing, retraining, in this order.
    floor
        Agreement to be reached.
    cheapest
        The way that costs least in the first year among those expected to reach the floor; None where that is open.
    break_even_weeks
        Weeks of routing that cost as much as retraining once.
    sentence
        The answer.
    """

    options: tuple[Option, ...]
    floor: float
    cheapest: Way | None
    break_even_weeks: float | Unmeasured
    sentence: str

    @property
    def assumptions(self) -> dict[str, str]:
        """What each expected figure assumes, by the title of its way; ways without a figure assume nothing."""
        return {option.title: option.assumes for option in self.options if option.assumes}

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of the prices."""
        return tuple(option.note for option in self.options if option.note)

    @property
    def table(self) -> pd.DataFrame:
        """Expected agreement, share of calls to the teacher, price, and what the figure assumes, an option a row."""
        rows = [
            (option.title, str(option.agreement), f"{option.teacher_share:.0%}", option.price, option.assumes)
            for option in self.options
        ]
        return pd.DataFrame(rows, columns=["Way", "Agreement", "Routed", "Price", "Assumes"])

    def _repr_html_(self) -> str:
        return markup.page(self.sentence, markup.table(self.table), *map(markup.paragraph, self.notes))

    def to_json(self) -> dict[str, object]:
        """Plain values; what is unmeasured is null."""
        return {
            "sentence": self.sentence,
            "floor": self.floor,
            "cheapest": self.cheapest,
            "break_even_weeks": known(self.break_even_weeks),
            "choices": [option.to_json() for option in self.options],
        }


def weigh_options(
    diagnosis: "Diagnosis",
    *,
    prices: Prices | None = None,
    floor: float | None = None,
    expected: Sequence[Expectation] | None = None,
    n_drawable: int | None = None,
) -> Options:
    """Hold leaving the student, routing the drifted regions and retraining against each other.

    Parameters
    ----------
    diagnosis
        The diagnosis; its drifted pairs are what would be routed.
    prices
        What the user enters; the drifted share in it gives way to the diagnosis's. None leaves amounts out.
    floor
        Agreement to be reached, in (-1, 1); by default the spread's `floor`.
    expected
        What `expect_agreement` gives for this diagnosis, where it is at hand.
    n_drawable
        What `count_drawable` gives for its samples, where it is at hand.

    Notes
    -----
    Prices are those of `canary_costs`: a routed call costs the teacher's price less the student's, a retraining one
    teacher score for each pair of the list, and for no more pairs than production has and held-out lacks; with fewer
    than `retrain` takes it has no price and is not recommended. The share holds as long as traffic stays as it is in
    the production sample.
    """
    only_diagnosis(diagnosis)
    expected = expect_agreement(diagnosis) if expected is None else expected
    share = drifted_share(diagnosis)
    most = count_drawable(diagnosis.heldout, diagnosis.production) if n_drawable is None else n_drawable
    hindrance = _hindrance(prices, most)
    amounts: dict[Way, tuple[float, float]] = {"nothing": (0.0, 0.0)}
    note = hindrance
    if prices is not None:
        note = hindrance or _fewer(prices.retrain_pairs, most)
        priced = replace(prices, retrain_pairs=min(prices.retrain_pairs, most))
        costs = canary_costs(priced)
        amounts |= {"route": (0.0, share * costs.teacher_a_year), "retrain": (costs.retrain, 0.0)}  # once, and a year
    options = tuple(_option(each, share, amounts, note=note, hindrance=hindrance) for each in expected)
    limit = diagnosis.spread.floor(diagnosis.settings.rule, floor)
    weeks = _break_even(options)
    cause, before = diagnosis.verdict.cause, diagnosis.spread.heldout
    is_cut = any(each.name == RANGE_CUT for each in diagnosis.findings)
    broken = _stays_broken(diagnosis.regions.drifted, diagnosis.settings.rule)
    top = "" if is_cut or diagnosis.attribution.score_range else diagnosis.top_k.fall
    cheapest, sentence = recommend(
        cause, options, floor=limit, weeks=weeks, heldout=before, is_cut=is_cut, broken=broken, top=top
    )
    is_noise_known = diagnosis.ceiling.measured_on == "production"
    may_be_noise = "teacher" in cause or (
        cause != "healthy" and any(each.is_harder for each in diagnosis.regions.drifted)
    )
    if may_be_noise and not is_noise_known and not isinstance(options[-1].agreement, Unmeasured):
        sentence = f"{sentence} {NOISE_UNKNOWN if 'teacher' in cause else NOISE_THERE}"
    return Options(options=options, floor=limit, cheapest=cheapest, break_even_weeks=weeks, sentence=sentence)


def drifted_share(diagnosis: "Diagnosis") -> float:
    """Share of the calls that lie in drifted regions, in 0..1, by the weights of production's pairs."""
    return float(np.average(diagnosis.drifted, weights=diagnosis.production.weight))


def _stays_broken(drifted: Sequence["Region"], rule: "Rule") -> str:
    """Say what stays as it is where nothing is done: the drifted region of the lowest agreement, and how many more."""
    found = [(each.production, each) for each in drifted if isinstance(each.production, Measured)]
    if not found:
        return ""
    lowest, region = min(found, key=lambda each: each[0].estimate)
    at, least = lowest.figure(".2f"), figure(rule.region_suspect, ".2f", is_share=lowest.is_share)
    under = f", under the {least} of a region" if lowest.estimate < rule.region_suspect else ""
    more = f"; so {'does' if len(found) == 2 else 'do'} {len(found) - 1} more" if len(found) > 1 else ""
    how = "weaker" if region.is_harder else "drifted"
    return f"{region.label} ({region.share_production:.0%} of traffic) stays {how} at {at}{under}{more}"


def _hindrance(prices: Prices | None, most: int) -> str:
    """Say why no retraining is possible; empty where it is."""
    if not most:
        return NONE_TO_DRAW
    if most < LEAST_PAIRS:
        has = counted(most, "pair that held-out lacks", "pairs that held-out lacks")
        return f"Your sample has {has}, and a retraining needs at least {LEAST_PAIRS}. Draw a larger sample."
    if prices is not None and prices.retrain_pairs < LEAST_PAIRS:
        listed = f"The retrain list is entered with {prices.retrain_pairs:,.0f} of them"
        return f"A retraining needs at least {LEAST_PAIRS} pairs. {listed}; enter more."
    return ""


def _fewer(asked: float, most: int) -> str:
    """Say that fewer pairs are priced than asked for; empty where they are not."""
    if asked <= most:
        return ""
    has = f"your sample has {most:,} pairs that held-out lacks"
    return f"Retraining is priced for what can be drawn: {has}; draw more for {asked:,.0f}."


def _option(
    each: Expectation, share: float, amounts: dict[Way, tuple[float, float]], *, note: str, hindrance: str
) -> Option:
    is_retraining, is_known = each.way == "retrain", not isinstance(each.agreement, Unmeasured)
    is_open = not (is_retraining and hindrance)
    unknown = Unmeasured(reason=NO_PRICES if is_open else hindrance)
    if each.way != "nothing" and isinstance(each.agreement, Unmeasured):
        unknown = Unmeasured(reason=each.agreement.reason)
    is_priced = each.way == "nothing" or (is_known and is_open)
    once, a_year = amounts.get(each.way, (unknown, unknown)) if is_priced else (unknown, unknown)
    return Option(
        way=each.way,
        title=TITLES[each.way],
        teacher_share=share if each.way == "route" else 0.0,
        once=once,
        a_year=a_year,
        agreement=each.agreement,
        assumes=each.assumes,
        note=note if is_retraining and is_known else "",
        is_open=is_open,
        is_noise=each.is_noise,
    )


def _break_even(options: Sequence[Option]) -> float | Unmeasured:
    by_way = {option.way: option for option in options}
    a_year, once = by_way["route"].a_year, by_way["retrain"].once
    for amount in (a_year, once):
        if isinstance(amount, Unmeasured):
            return amount
    assert isinstance(a_year, float)
    assert isinstance(once, float)
    if a_year <= 0:
        return Unmeasured(reason="A call of the student costs no less than one of the teacher, or no call is routed.")
    return once / (a_year / WEEKS_A_YEAR)
