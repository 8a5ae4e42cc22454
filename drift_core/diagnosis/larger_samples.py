"""What more pairs or queries decide an inconclusive verdict, with their price."""

import math
from collections.abc import Sequence

from drift_core.agreement.planner import plan_sample
from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.diagnosis.region import Region
from drift_core.measured import Measured, figure
from drift_core.regions.attribution import Attribution
from drift_core.samples.settling import Settling
from drift_core.wording import chance_in_words

N_NAMED = 2
LEAST_MORE = 0.05  # of the pairs at hand; a plan that asks for fewer more is not that exact (ours)


def to_decide(
    spread: SpreadTest,
    regions: Sequence[Region],
    attribution: Attribution,
    rule: Rule,
    price: float | None,
    *,
    is_chosen: bool = False,
) -> list[Settling]:
    """What decides; where production's pairs look chosen by a score, no more of such pairs, but others."""
    found = [_larger_sample(spread, rule, price, is_chosen=is_chosen)]
    doubtful = [region for region in regions if not region.drifted and region.is_in_doubt(rule)]
    unseen = [region for region in doubtful if region.newness == "new"]
    if unseen:
        found.append(_more_of(min(unseen, key=lambda r: r.p_value or 0.0), rule, price))
    grown = [region for region in regions if region.newness == "grown" and region.has_fallen(rule)]
    if grown:
        found.insert(0, _more_held_out(grown))
    found += _enough_queries(spread, rule)
    return [each for each in found if each.sentence]


def _larger_sample(spread: SpreadTest, rule: Rule, price: float | None, *, is_chosen: bool) -> Settling:
    assert isinstance(spread.spread, Measured)
    assert isinstance(spread.production, Measured)
    loss = max(rule.material_loss, min(abs(spread.spread.estimate), rule.spread_confirmed))
    plan = plan_sample(spread, loss=loss, rule=rule, price_per_pair=price)
    aim = f"a loss of {figure(loss, '-.3f', is_share=not spread.is_ranked)} from none at {rule.power:.0%} power"
    if plan.n_pairs is None or plan.n_queries is None or plan.more_pairs is None:
        return Settling(
            aim="spread", sentence=f"A larger held-out sample: with this one no production sample tells {aim}."
        )
    if is_chosen:
        drawn = (
            f"{plan.n_pairs:,} pairs of {plan.n_queries:,} queries, drawn at random from all traffic and by no score"
        )
        return Settling(
            aim="spread",
            sentence=f"A fresh production sample of {drawn}{in_price(plan.n_pairs, price)}, tells {aim}.",
            n_pairs=plan.n_pairs,
            n_queries=plan.n_queries,
            cost=cost_of(plan.n_pairs, price),
        )
    if plan.more_pairs < LEAST_MORE * spread.production.n_pairs:
        again = f"A fresh production sample of this size{in_price(spread.production.n_pairs, price)} tells {aim}"
        return Settling(
            aim="spread",
            sentence=f"{again}, and shows whether the change repeats.",
            n_pairs=spread.production.n_pairs,
            n_queries=spread.production.n_queries,
            cost=cost_of(spread.production.n_pairs, price),
        )
    more_queries = max(1, plan.n_queries - spread.production.n_queries)
    return Settling(
        aim="spread",
        sentence=f"{plan.more_pairs:,} more production pairs of {more_queries:,} more queries"
        f"{in_price(plan.more_pairs, price)} tell {aim}.",
        n_pairs=plan.more_pairs,
        n_queries=more_queries,
        cost=plan.cost,
    )


def _more_of(region: Region, rule: Rule, price: float | None) -> Settling:
    """How many more pairs of a region in doubt would decide about it; its error and size stay as seen."""
    from scipy.special import ndtri

    fall = region.fall
    needed = float(ndtri(1 - rule.alpha) + ndtri(rule.power))
    if not isinstance(fall, Measured) or fall.estimate <= 0:
        return Settling(aim="region", sentence="")
    grown = (needed * fall.standard_error / max(fall.estimate, rule.region_loss)) ** 2
    more = max(1, math.ceil(region.n_production * max(grown - 1, 0.0)))
    return Settling(
        aim="region",
        sentence=f"About {more:,} more pairs of the new region {region.label}{in_price(more, price)} decide whether "
        f"it carries the loss (now {region.n_production:,} pairs; chance shows as much in "
        f"{chance_in_words(region.p_value or 0)} of cases).",
        n_pairs=more,
        cost=cost_of(more, price),
    )


def _more_held_out(grown: Sequence[Region]) -> Settling:
    """Pairs of what held-out hardly has and production has much of; only there the student's old error shows."""
    ordered = sorted(grown, key=lambda region: -region.share_production)
    named = ", ".join(region.label for region in ordered[:N_NAMED])
    more = f" and {len(grown) - N_NAMED} more" if len(grown) > N_NAMED else ""
    has, share = sum(region.n_heldout for region in grown), sum(region.share_production for region in grown)
    return Settling(
        aim="region",
        sentence=f"More held-out pairs of what grew, {named}{more}: held-out has {has:,} for {share:.0%} of today's "
        "traffic. They tell whether the student always erred as much there.",
    )


def _enough_queries(spread: SpreadTest, rule: Rule) -> list[Settling]:
    sides = (("held-out", spread.heldout), ("production", spread.production))
    few = {name: side.n_queries for name, side in sides if side.n_queries < rule.few_queries}
    if not few:
        return []
    has = " and ".join(f"{name} has {n:,}" for name, n in few.items())
    return [
        Settling(
            aim="queries",
            sentence=f"More queries rather than more docs a query: {has}, and {rule.few_queries:,} are the least that "
            "give a steady interval.",
            n_queries=max(rule.few_queries - n for n in few.values()),
        )
    ]


def cost_of(n_pairs: int, price: float | None) -> float | None:
    return None if price is None else n_pairs * price


def in_price(n_pairs: int, price: float | None) -> str:
    return "" if price is None else f" (price {n_pairs * price:,.2f})"
