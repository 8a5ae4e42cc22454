"""Settling: what would settle a verdict or overturn it, in pairs, queries and money.

Sizes are planned from the errors seen; how many pairs tell a loss of a given size is in `planner`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from drift_core.agreement.pairs_to_know import pairs_to_know_teacher, width_that_tells
from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.diagnosis.facts import UNLIKE, keeps_open, unlike_share
from drift_core.diagnosis.larger_samples import cost_of, in_price, to_decide
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import names_of
from drift_core.diagnosis.what_would_overturn import what_would_overturn
from drift_core.distributions.both_orders import STUDENT_LEANS
from drift_core.distributions.explained_answers import TO_LOOK_AT
from drift_core.distributions.pinned_traffic import PinnedTraffic
from drift_core.distributions.region_weights import FEWEST
from drift_core.distributions.same_pairs import SamePairs
from drift_core.measured import Measured, Unmeasured, figure
from drift_core.measures.scores import MIN_PINNED
from drift_core.operations.broken_part import BrokenPart
from drift_core.operations.missing_scores import MissingScores
from drift_core.regions.attribution import Attribution
from drift_core.regions.partitions import OF_COLUMN
from drift_core.regions.text_properties import BROKEN
from drift_core.samples.next_in_words import (
    CLOSER_CALLS,
    DRAWN_HOW,
    ORDER_TELLS,
    PINNED_TELL,
    SCORES_OF_NONE,
    TOO_EASY,
    VERSION_BETWEEN,
    VERSIONS_APART,
    VERSIONS_INSIDE,
    is_of_all,
    join_again,
    mend_docs,
    mend_encoding,
    score_again,
    score_docs,
    score_part,
    score_there,
)
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.sample_commands import (
    OWN_HELDOUT,
    draw_and_diagnose,
    draw_command,
    score_and_diagnose,
    split_command,
)
from drift_core.samples.settling import Settling
from drift_core.samples.versions import FINDINGS
from drift_core.wording import counted

if TYPE_CHECKING:
    from drift_core.causes import Cause
    from drift_core.diagnosis.findings import Finding

NOTHING: "Mapping[str, Finding]" = MappingProxyType({})
TOO_WIDE = 0.2  # half an interval of the teacher's part that tells nothing worth its price (ours)


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
    part: BrokenPart | None = None,
    docs_changed: tuple[str, str] = ("", ""),
    options: str = "",
    not_the_teacher: bool = False,
    asks: str = "",
    same: SamePairs | None = None,
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
        Whether another student's scores would show the same, and whether that is left as the revision is not why.
    asks
        What the open verdict asks for before any score is paid: "student", its scores again, or "pairs" that are drawn
        at random; else empty.
    part
        A part of production that broke; a stretch of time is told by a diagnosis of its own.
    docs_changed
        The drifted region whose docs are of another length, and how; empty where there is none.
    same
        Pairs that both samples hold, by which scores of the student that changed come first, and the teacher may be
        cleared.
    """
    if not isinstance(spread.spread, Measured):
        return (Settling(aim="spread", sentence="A larger sample, so that the spread can be measured."),)
    found: list[Settling] = []
    again = score_and_diagnose(heldout, production, options=options)
    if part is not None and part.note:
        found.append(Settling(aim="student", sentence=join_again(part.name)))
    found += [Settling(aim="student", sentence=told[each].sentence) for each in TO_LOOK_AT if each in told]
    if cause == "inconclusive" and missing is not None and keeps_open(missing, spread, rule):
        found.append(_to_complete(missing, price_per_pair))
    if cause == "inconclusive" and "odd_student_scores" in told:
        found.append(Settling(aim="student", sentence=f"{SCORES_OF_NONE} {told['odd_student_scores'].sentence}"))
    proven = same.whose if same is not None else ()
    is_unplaced = not any(region.drifted for region in regions) and unlike_share(regions) < UNLIKE and not found
    is_open_fall = cause == "inconclusive" and spread.reading == "fell" and FINDINGS["student"] not in told
    leans = cause == "inconclusive" and STUDENT_LEANS in told
    is_known = "student" in proven or FINDINGS["teacher"] in told
    if not is_known and not leans and (proven or or_student or not_the_teacher or is_open_fall):
        is_pairwise = production is not None and production.kind.name == "pairwise"
        asked = Settling(aim="drawing", sentence=f"{DRAWN_HOW}{CLOSER_CALLS if is_pairwise else ''}.")
        is_chosen = same is not None and same.is_chosen
        found += [asked] if is_unplaced or is_chosen or (or_student and cause != "inconclusive") else []
    is_students = same is not None and "student" in proven
    is_asked = cause == "inconclusive" and (asks == "student" or "student_value_dropped" in told)
    is_measured = not_the_teacher or (asks == "student" and attribution.is_measured)
    is_too_easy = cause == "inconclusive" and is_measured and not is_students
    if same is not None and is_students and same.is_apart:
        found.append(Settling(aim="student", sentence=score_part(f"the {same.where}"), commands=again))
        is_students = False
    if leans or is_students or is_too_easy or is_asked:
        else_told = ORDER_TELLS if leans else TOO_EASY if is_too_easy else PINNED_TELL
        found.append(Settling(aim="student", sentence=score_again(else_told), commands=again))
    student = told.get(FINDINGS["student"])
    if cause == "inconclusive" and student is not None and spread.reading == "fell":
        apart = f"Of the student, {student.clause}. {VERSIONS_APART}" if student.clause else VERSIONS_INSIDE
        found.append(Settling(aim="student", sentence=apart if student.figures else VERSION_BETWEEN))
    is_served = cause == "query_drift" or (cause == "inconclusive" and or_student)
    served = [region for region in regions if region.is_served and region.drifted and is_served]
    if served:
        name, n_there = names_of(served, n_named=1), counted(served[0].n_production, "pair", "pairs")
        if part is None or not part.note:
            told_of = score_part(f"{name} ({n_there})", is_over=part is not None and part.is_over)
            found.append(Settling(aim="student", sentence=told_of, commands=again))
    if cause == "inconclusive" and (unlike := unlike_share(regions)) >= UNLIKE:
        found.append(_own_heldout(1 - unlike, production))
    elif cause == "inconclusive" and not any(each in told for each in (*TO_LOOK_AT, STUDENT_LEANS)):
        found += to_decide(spread, regions, attribution, rule, price_per_pair, is_chosen=asks == "pairs")
    broken = [each for each in regions if each.drifted and not each.is_value and each.name.endswith(BROKEN)]
    if broken and cause != "healthy":
        found.append(Settling(aim="student", sentence=mend_encoding(names_of(broken, n_named=1)), commands=again))
    if cause == "query_drift" and docs_changed[1]:
        found.append(Settling(aim="student", sentence=mend_docs(docs_changed[0]), commands=again))
    fallen = [each for each in regions if each.is_familiar_fall and cause == "query_drift" and each not in broken]
    others = [region for region in regions if region.drifted and not (region.is_familiar_fall or region.is_served)]
    if fallen and not docs_changed[1] and not (others and attribution.not_pinned is None):
        told_of = score_there(names_of(fallen, n_named=2), is_cleared=not_the_teacher)
        found.append(Settling(aim="student", sentence=told_of, commands=again))
    if cause == "document_drift" and not broken:
        docs = names_of([region for region in regions if region.drifted], n_named=2)
        found.append(Settling(aim="student", sentence=score_docs(docs), commands=again))
    if or_student and not served and "student" not in proven and not any(is_of_all(each.sentence) for each in found):
        found.append(Settling(aim="student", sentence=score_again(PINNED_TELL), commands=again))
    is_open = cause == "inconclusive" and pinned is not None and bool(pinned.told)
    if part is not None and part.start is not None and part.name.startswith("since") and production is not None:
        command = split_command(production, part.start, options=options)
        told_of = f"Compare production before and {part.name}, to see what changed then."
        found.append(Settling(aim="part", sentence=told_of, commands=(command,) if command else ()))
    is_cleared = leans or (same is not None and bool(proven) and "teacher" in same.cleared)
    if cause != "healthy" and not is_cleared and (is_open or not attribution.is_measured):
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
    pairs = counted(n_pairs, "production pair", "production pairs")
    sentence = (
        f"Score the {pairs} that today's teacher {missing.gave}{where}"
        f"{in_price(n_pairs, price)}: then agreement is known on all of it."
    )
    return Settling(aim="missing", sentence=sentence, n_pairs=n_pairs, cost=cost_of(n_pairs, price))


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
    draw: Callable[..., tuple[str, ...]],
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
    place, by = max(fallen, key=lambda each: each.share_production, default=None), ""
    if place is not None:  # so many that they measure the teacher there too
        wanted = max(wanted, math.ceil(MIN_PINNED * docs / place.share_production))
        by = place.partition.removesuffix(OF_COLUMN) if place.is_value else ""
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
            f"pinned revision too{in_price(n_there, price)}: {pinned.share_left_out:.0%} of traffic lies there.",
            n_pairs=n_there,
            n_queries=math.ceil(n_there / docs),
            cost=cost_of(n_there, price),
        )
    is_all = n_pairs == production.n_pairs
    if is_all and aimed * math.sqrt(wanted / n_pairs) > TOO_WIDE:
        few = f"Pinned scores of all these pairs would tell the teacher's part to {width} either way, which is nothing"
        return Settling(aim="queries", sentence=f"{few}: draw a larger production sample, of more queries, first.")
    which, how = ("all ", "") if is_all else ("", f", drawn {f'by {by}' if by else 'at random from all traffic'},")
    if place is not None and not is_all:
        how += f" about {round(place.share_production * n_pairs):,} of them in {place.label},"
    return Settling(
        aim="pinned",
        sentence=f"{why if fallen else ''}Score {which}{counted(n_pairs, 'production pair', 'production pairs')} "
        f"({counted(n_queries, 'query', 'queries')}){how} again with the pinned revision"
        f"{in_price(n_pairs, price)}. That measures the teacher's part to about {width} either way{enough}.",
        n_pairs=n_pairs,
        n_queries=n_queries,
        cost=cost_of(n_pairs, price),
        commands=() if is_all else draw(n_pairs, by=by),
    )
