"""Settling: what would settle a verdict or overturn it, in pairs, queries and money.

Sizes are planned from the errors seen; how many pairs tell a loss of a given size is in `planner`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
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
from drift_core.samples.versions import FINDINGS
from drift_core.wording import chance_in_words, counted

if TYPE_CHECKING:
    from drift_core.diagnosis.causes import Cause
    from drift_core.diagnosis.findings import Finding

N_NAMED = 2
NOTHING: "Mapping[str, Finding]" = MappingProxyType({})
LEAST_MORE = 0.05  # of the pairs at hand; a plan that asks for fewer more is not that exact (ours)
TOO_WIDE = 0.2  # half an interval of the teacher's part that tells nothing worth its price (ours)
_VERSIONS_INSIDE = (
    "Diagnose the versions of the student apart: the pairs of each as a production sample of its own, against held-out "
    "scored by that version."
)
_SCORES_OF_NONE = "Find out why the student answers so, and score these rows again with it:"
_PINNED_TELL = "scores of the pinned revision tell whether the teacher was revised"
_TOO_EASY = "held-out was easier for the student: see whether it was trained on some of held-out's pairs"
_VERSION_BETWEEN = "Score held-out with the student that runs now: that tells what its change costs."


def what_would_settle(
    cause: "Cause",
    *,
    spread: SpreadTest,
    regions: Sequence[Region],
    attribution: Attribution,
    rule: Rule,
    missing: MissingScores | None = None,
    told: "Mapping[str, Finding]" = NOTHING,
    price_per_pair: float | None = None,
    heldout: ScoredPairs | None = None,
    production: ScoredPairs | None = None,
    pinned: PinnedTraffic | None = None,
    or_student: bool = False,
    options: str = "",
    not_the_teacher: bool = False,
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
    told
        Findings by name. What is a student's doing that changed, or gives scores that are none, comes next; the
        pinned scores come first where the teacher dropped a value of its scale.
    price_per_pair
        Price of one teacher score; without it sizes stand alone.
    heldout, production, options
        Whose files the commands that draw and diagnose pairs name, and with which options; no command without files.
    pinned
        The scores of the pinned revision that are there, and what traffic they hardly reach.
    or_student, not_the_teacher
        Whether another student's scores would show the same, and whether that is left when the revision is not why.
    """
    if not isinstance(spread.spread, Measured):
        return (Settling(aim="spread", sentence="A larger sample, so that the spread can be measured."),)
    found: list[Settling] = []
    again = score_and_diagnose(heldout, production, options=options)
    if cause == "inconclusive" and missing is not None and keeps_open(missing, spread, rule):
        found.append(_to_complete(missing, price_per_pair))
    if cause == "inconclusive" and "odd_student_scores" in told:
        found.append(Settling(aim="student", sentence=f"{_SCORES_OF_NONE} {told['odd_student_scores'].sentence}"))
    if cause == "inconclusive" and not_the_teacher:
        found.append(_of_this_student(again, else_told=_TOO_EASY))
    if cause == "inconclusive" and "student_value_dropped" in told:
        found.append(Settling(aim="student", sentence=_of_this_student(heldout, production, else_told=_PINNED_TELL)))
    student = told.get(FINDINGS["student"])
    if cause == "inconclusive" and student is not None and spread.reading == "fell":
        found.append(Settling(aim="student", sentence=_VERSIONS_INSIDE if student.figures else _VERSION_BETWEEN))
    if cause == "inconclusive" and (unlike := unlike_share(regions)) >= UNLIKE:
        found.append(_own_heldout(1 - unlike, production))
    elif cause == "inconclusive":
        found += _to_decide(spread, regions, attribution, rule, price_per_pair)
    if or_student:
        found.append(_of_this_student(again, else_told=_PINNED_TELL))
    is_open = cause == "inconclusive" and pinned is not None and bool(pinned.told)
    if cause != "healthy" and (attribution.teacher is None or attribution.teacher_inferred or is_open):
        fallen = [region for region in regions if region.is_familiar_fall and cause == "query_drift"]
        draw = partial(draw_and_diagnose, heldout, production, options=options)
        found.append(_to_measure_teacher(spread, fallen, rule, price_per_pair, draw, pinned or PinnedTraffic()))
    if "teacher_value_dropped" in told:
        found.sort(key=lambda each: each.aim not in ("missing", "pinned"))
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


def _of_this_student(commands: tuple[str, ...], *, else_told: str) -> Settling:
    return Settling(
        aim="student",
        sentence="Score production again with the student itself, which costs no call of the teacher. If agreement is "
        f"back, these were another student's scores, or stale; if not, {else_told}.",
        commands=commands,
    )


def _own_heldout(familiar: float, production: ScoredPairs | None) -> Settling:
    command = draw_command(production, 0 if production is None else -(-len(production) // 2), out=OWN_HELDOUT)
    then = "Hold the traffic to come against it; labels, or the pinned revision's scores, tell whether today is good."
    told = f"Draw a held-out from production, as this one has regions of {familiar:.0%} of today's traffic. {then}"
    return Settling(aim="heldout", sentence=told, commands=(command,) if command else ())


def _to_measure_teacher(
    spread: SpreadTest,
    fallen: Sequence[Region],
    rule: Rule,
    price: float | None,
    draw: Callable[[int], tuple[str, ...]],
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
        commands=() if is_all else draw(n_pairs),
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
    if plan.more_pairs < LEAST_MORE * spread.production.n_pairs:
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
        f"it carries the loss (now {region.n_production:,} pairs; chance shows as much in "
        f"{chance_in_words(region.p_value or 0)} of cases).",
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
