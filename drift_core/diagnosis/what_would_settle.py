"""Settling: what would settle a verdict or overturn it, in pairs, queries and money.

Sizes are planned from the errors seen; how many pairs tell a loss of a given size is in `planner`.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from drift_core.diagnosis.facts import UNLIKE, keeps_open, unlike_share
from drift_core.diagnosis.planner import plan_sample
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import names_of
from drift_core.diagnosis.rule import Rule
from drift_core.diagnosis.settling import Settling
from drift_core.diagnosis.spread import SpreadTest
from drift_core.diagnosis.what_would_overturn import what_would_overturn
from drift_core.distributions.pinned_traffic import PinnedTraffic
from drift_core.distributions.region_weights import FEWEST
from drift_core.measured import Measured, Unmeasured, figure
from drift_core.measures.pairs_to_know import pairs_to_know_teacher, width_that_tells
from drift_core.measures.scores import MIN_PINNED
from drift_core.operations.missing_scores import MissingScores
from drift_core.regions.attribution import Attribution
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.sample_commands import OWN_HELDOUT, draw_and_diagnose, draw_command, score_and_diagnose
from drift_core.wording import counted

if TYPE_CHECKING:
    from drift_core.diagnosis.causes import Cause
    from drift_core.diagnosis.findings import Finding

N_NAMED = 2
TOO_WIDE = 0.2  # half an interval of the teacher's part that tells nothing worth its price (ours)
_VERSIONS_INSIDE = (
    "Diagnose the versions of the student apart: the pairs of each as a production sample of its own, against held-out "
    "scored by that version."
)
_VERSION_BETWEEN = "Score held-out with the student that runs now: that tells what its change costs."


def what_would_settle(
    cause: "Cause",
    *,
    spread: SpreadTest,
    regions: Sequence[Region],
    attribution: Attribution,
    rule: Rule,
    missing: MissingScores | None = None,
    student: "Finding | None" = None,
    price_per_pair: float | None = None,
    heldout: ScoredPairs | None = None,
    production: ScoredPairs | None = None,
    pinned: PinnedTraffic | None = None,
    or_student: bool = False,
) -> tuple[Settling, ...]:
    """List what would settle the verdict, then what would overturn it.

    Parameters
    ----------
    cause
        The verdict.
    spread, regions, attribution
        What it rests on.
    rule
        Error rates, power, and the material loss.
    missing
        Pairs that today's teacher gave no score; they come first where the verdict is open.
    student
        That a column tells another student; what is its doing comes next, where agreement fell.
    price_per_pair
        Price of one teacher score; without it sizes stand alone.
    heldout, production
        Whose files the commands that draw and diagnose pairs name; no command without.
    pinned
        The scores of the pinned revision that are there, and what traffic they hardly reach.
    or_student
        Whether another student's scores would show the same.
    """
    if not isinstance(spread.spread, Measured):
        return (Settling(aim="spread", sentence="A larger sample, so that the spread can be measured."),)
    found: list[Settling] = []
    if cause == "inconclusive" and missing is not None and keeps_open(missing, spread, rule):
        found.append(_to_complete(missing, price_per_pair))
    if cause == "inconclusive" and student is not None and spread.reading == "fell":
        found.append(Settling(aim="student", sentence=_VERSIONS_INSIDE if student.figures else _VERSION_BETWEEN))
    if cause == "inconclusive" and (unlike := unlike_share(regions)) >= UNLIKE:
        found.append(_own_heldout(1 - unlike, production))
    elif cause == "inconclusive":
        found += _to_decide(spread, regions, attribution, rule, price_per_pair)
    if or_student:
        found.append(Settling(aim="student", sentence=_of_this_student(heldout, production)))
    is_open = cause == "inconclusive" and pinned is not None and bool(pinned.told)
    if cause != "healthy" and (attribution.teacher is None or attribution.teacher_inferred or is_open):
        fallen = [region for region in regions if region.is_familiar_fall and cause == "query_drift"]
        found.append(
            _to_measure_teacher(spread, fallen, rule, price_per_pair, (heldout, production), pinned or PinnedTraffic())
        )
    return (
        *found,
        *(
            Settling(aim="overturn", sentence=line)
            for line in what_would_overturn(cause, spread, regions, attribution, rule)
        ),
    )


def _to_complete(missing: MissingScores, price: float | None) -> Settling:
    n_pairs, where = missing.n_missing, missing.where
    sentence = (
        f"Score the {counted(n_pairs, 'production pair', 'production pairs')} that today's teacher gave no score{where}"
        f"{_for_price(n_pairs, price)}: then agreement is known on all of it."
    )
    return Settling(aim="missing", sentence=sentence, n_pairs=n_pairs, cost=_cost(n_pairs, price))


def _of_this_student(heldout: ScoredPairs | None, production: ScoredPairs | None) -> str:
    commands = score_and_diagnose(heldout, production)
    how = ": {}, then: {}".format(*commands) if commands else ""
    tells = "If agreement is back, these were another student's scores, or stale; if not, the teacher was revised."
    return f"Score production again with the student itself, which costs no call of the teacher{how}. {tells}"


def _own_heldout(familiar: float, production: ScoredPairs | None) -> Settling:
    n_pairs = 0 if production is None else math.ceil(len(production) / 2)
    command = draw_command(production, n_pairs, out=OWN_HELDOUT)
    why = f"this one has regions of {familiar:.0%} of today's traffic"
    then = "Hold the traffic to come against it; labels, or the pinned revision's scores, tell whether today is good."
    sentence = f"Draw a held-out from production, as {why}{f': {command}' if command else ''}. {then}"
    return Settling(aim="heldout", sentence=sentence)


def _to_measure_teacher(
    spread: SpreadTest,
    fallen: Sequence[Region],
    rule: Rule,
    price: float | None,
    samples: tuple[ScoredPairs | None, ScoredPairs | None],
    pinned: PinnedTraffic,
) -> Settling:
    heldout, production = spread.heldout, spread.production
    assert isinstance(heldout, Measured)
    assert isinstance(production, Measured)
    docs = production.n_pairs / production.n_queries
    loss = 0.0 if isinstance(spread.spread, Unmeasured) else min(spread.spread.estimate, rule.spread_confirmed)
    told = width_that_tells(loss, alpha=rule.cause_alpha, power=rule.power, confidence=production.confidence)
    aimed = max(rule.material_loss, told)
    wanted = max(pairs_to_know_teacher(heldout, production, width=aimed), math.ceil(MIN_PINNED * docs))
    n_pairs = min(wanted, production.n_pairs)
    width, fall = (
        figure(each, "-.2f", is_share=not spread.is_ranked) for each in (aimed * math.sqrt(wanted / n_pairs), loss)
    )
    enough = f", enough to tell a part of {fall} from none" if wanted == n_pairs and aimed > rule.material_loss else ""
    n_queries = max(1, min(production.n_queries, math.ceil(n_pairs / docs)))
    why = f"The fall of {names_of(fallen, n_named=1)} may be the teacher's, and a retraining would copy it. "
    if pinned.left_out:
        n_there = max(math.ceil(pinned.share_left_out * n_pairs), math.ceil(FEWEST * docs))
        return Settling(
            aim="pinned",
            sentence=f"Score {counted(n_there, 'pair', 'pairs')} of {pinned.left_out}, drawn at random there, with the "
            f"pinned revision too{_for_price(n_there, price)}: {pinned.share_left_out:.0%} of traffic lies there.",
            n_pairs=n_there,
            n_queries=math.ceil(n_there / docs),
            cost=_cost(n_there, price),
        )
    is_all = n_pairs == production.n_pairs
    if is_all and aimed * math.sqrt(wanted / n_pairs) > TOO_WIDE:
        few = f"Pinned scores of all these pairs would tell the teacher's part to {width} either way, which is nothing"
        return Settling(aim="queries", sentence=f"{few}: draw a larger production sample, of more queries, first.")
    which, at_random = ("all ", "") if is_all else ("", ", drawn at random from all traffic,")
    return Settling(
        aim="pinned",
        sentence=f"{why if fallen else ''}Score {which}{counted(n_pairs, 'production pair', 'production pairs')} "
        f"({counted(n_queries, 'query', 'queries')}){at_random} again with the pinned revision"
        f"{_for_price(n_pairs, price)}. That measures the teacher's part to about {width} either way{enough}.",
        n_pairs=n_pairs,
        n_queries=n_queries,
        cost=_cost(n_pairs, price),
        commands=() if is_all else draw_and_diagnose(*samples, n_pairs),
    )


def _to_decide(
    spread: SpreadTest, regions: Sequence[Region], attribution: Attribution, rule: Rule, price: float | None
) -> list[Settling]:
    found = [_larger_sample(spread, rule, price)]
    doubtful = [region for region in regions if not region.drifted and region.is_in_doubt(rule)]
    unseen = [region for region in doubtful if region.newness == "new"]
    if unseen:
        found.append(_more_of(min(unseen, key=lambda r: r.p_value or 0.0), rule, price))
    grown = [region for region in regions if region.newness == "grown" and region.has_fallen(rule)]
    if grown:
        found.insert(0, _more_held_out(grown))
    found += _enough_queries(spread, rule)
    return [each for each in found if each.sentence]


def _larger_sample(spread: SpreadTest, rule: Rule, price: float | None) -> Settling:
    assert isinstance(spread.spread, Measured)
    assert isinstance(spread.production, Measured)
    loss = max(rule.material_loss, min(abs(spread.spread.estimate), rule.spread_confirmed))
    plan = plan_sample(spread, loss=loss, rule=rule, price_per_pair=price)
    aim = f"a loss of {figure(loss, '-.3f', is_share=not spread.is_ranked)} from none at {rule.power:.0%} power"
    if plan.n_pairs is None or plan.n_queries is None or plan.more_pairs is None:
        return Settling(
            aim="spread", sentence=f"A larger held-out sample: with this one no production sample tells {aim}."
        )
    if not plan.more_pairs:
        again = f"A fresh production sample of this size{_for_price(spread.production.n_pairs, price)} tells {aim}"
        return Settling(
            aim="spread",
            sentence=f"{again}, and shows whether the change repeats.",
            n_pairs=spread.production.n_pairs,
            n_queries=spread.production.n_queries,
            cost=_cost(spread.production.n_pairs, price),
        )
    more_queries = max(1, plan.n_queries - spread.production.n_queries)
    return Settling(
        aim="spread",
        sentence=f"{plan.more_pairs:,} more production pairs of {more_queries:,} more queries"
        f"{_for_price(plan.more_pairs, price)} tell {aim}.",
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
        sentence=f"About {more:,} more pairs of the new region {region.name}{_for_price(more, price)} decide whether "
        f"it carries the loss (now {region.n_production:,} pairs, p = {region.p_value:.2f}).",
        n_pairs=more,
        cost=_cost(more, price),
    )


def _more_held_out(grown: Sequence[Region]) -> Settling:
    """Pairs of what held-out hardly has and production has much of; only there the student's old error shows."""
    ordered = sorted(grown, key=lambda region: -region.share_production)
    named = "; ".join(region.name for region in ordered[:N_NAMED])
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


def _cost(n_pairs: int, price: float | None) -> float | None:
    return None if price is None else n_pairs * price


def _for_price(n_pairs: int, price: float | None) -> str:
    return "" if price is None else f" (price {n_pairs * price:,.2f})"
