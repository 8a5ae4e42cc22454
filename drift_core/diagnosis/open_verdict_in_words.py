"""An open verdict in words: what keeps it open, and what of production agrees less as it was served."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.facts import (
    UNLIKE,
    Facts,
    State,
    explained_by_name,
    has_not_fallen,
    is_not_the_teacher,
    is_unexplained,
    keeps_open,
    may_be_stricter,
    may_be_student,
    rest_of,
    served_of,
    unlike_share,
)
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import named, names_of
from drift_core.measured import Measured
from drift_core.operations.missing_scores import MORE_MISSING
from drift_core.regions.text_properties import WEEK
from drift_core.wording import chance_in_words, counted

Asks = Literal["", "student", "pairs"]
EITHER = (
    "the teacher was revised, these scores are not those of the student that was measured, or the samples were not "
    "drawn alike"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A verdict in words: the cause and where in one sentence, and what it is told from.

    `asks` is what an open one asks for that costs no score of the teacher: the student's scores again, or other pairs.
    """

    headline: str
    reason: str
    asks: Asks = ""


def tell_open(facts: Facts, drifted: Sequence[Region], moved: str, teacher: State, rule: Rule) -> Told:
    """What keeps a verdict open, the first that is so."""

    def told(why: str, reason: str = "", asks: Asks = "") -> Told:
        return Told(headline=f"Inconclusive: {why}.", reason=f"{moved}{reason}.", asks=asks)

    is_measured = facts.revision is not None and facts.attribution.is_measured

    if renamed := explained_by_name(facts):
        return Told(headline=f"Inconclusive: {renamed.clause}.", reason=f"{moved}.")
    if facts.missing is not None and keeps_open(facts.missing, facts.spread, rule):
        return told(f"scores of today's teacher are missing{facts.missing.where}", " on the pairs that have scores")
    if facts.student_aside >= MORE_MISSING:
        return told("many of the student's scores are no scores", " on the pairs that have scores")
    if facts.same is not None and facts.same.is_chosen:
        reason = f"{facts.same.sentence} A teacher that is only asked again, and not revised, shows the same"
        return told("held-out's pairs look chosen, as ones on which both agreed", f". {reason}")
    if served := served_of(facts, rule):
        if not drifted and facts.part and facts.part.is_over and rest_of(facts, rule) == "no":
            name, served_told = facts.part.name, served_in_words(facts, rule)
            span = f"{'from ' if ' to ' in name else '' if name.startswith('until') else 'on '}{name}"
            return told(f"broken {span}, the rest held", f". {served_told}".removesuffix("."))
        why = ", as rows were joined one off" if facts.part and facts.part.note else ", with queries like the rest's"
        less, more = less_in(served, 1), ""
        if drifted:
            less = f"{less} ({share_of(served)})"
            more = f"; {most_of(drifted)} fell too ({share_of(drifted)} of today's traffic)"
        return Told(
            headline=f"Inconclusive: {less}{why}{more}.", reason=f"{moved}. {served_in_words(facts, rule)}".rstrip()
        )
    if facts.labels.student:
        reason = f"{facts.labels.student}. No revision of the teacher does that: look at the student that runs"
        return told(facts.labels.leans or "the student's labels moved", f"; {reason}")
    if facts.same is not None and facts.same.changed:
        ask = "" if facts.same.changed == "teacher" else ": score again with the student"
        return told(f"{facts.same.clause}{ask}", f". {facts.same.sentence}".removesuffix("."))
    if facts.teacher_changed and facts.revision is None and drifted and not any(region.is_new for region in drifted):
        reason = f"{named(drifted)} fell, and the teacher changed: pinned scores tell whether that is why"
        return told(f"{most_of(drifted)} fell, and the teacher changed", f"; {reason}")
    if may_be_student(facts, teacher, rule) and facts.version_less:
        why = f"of the student, {facts.version_less}"
        return told(why, "; that points to a release of the student, not to the queries or the teacher")
    if may_be_student(facts, teacher, rule):
        got = "got worse" if rest_of(facts, rule) == "yes" else "may have got worse"
        more, fell = (
            (f", most of all {most_of(drifted)}", f"; {named(drifted)} fell more than the rest")
            if drifted
            else ("", "")
        )
        why = f"the student changed, and all familiar traffic {got} since{more}"
        return told(why, f"{fell}. Diagnose each version of the student apart")
    if (unlike := unlike_share(facts.regions)) >= UNLIKE:
        where = f"{unlike:.0%} of today's traffic is in regions that held-out hardly has"
        reason = f"{where}, and how the student did there before is unknown"
        return told("held-out says nothing of this traffic", f"; {reason}: draw a held-out from production")
    if facts.familiar_moved and any(region.is_new for region in drifted):
        new = [region for region in drifted if region.is_new]
        kind = " and ".join(sorted({region.newness for region in new}, reverse=True))
        weaker = f"{named(new)} {'agrees' if len(new) == 1 else 'agree'} less"
        reason = "all traffic changed its shares, and whether they always did, held-out cannot tell"
        return told(f"{kind} traffic agrees less, but all traffic changed its shares", f"; {weaker}, but {reason}")
    if teacher == "yes" and has_not_fallen(facts):
        reason = "the error on familiar traffic rose, but agreement did not fall; pinned scores would tell why"
        return told("the error rose, but agreement did not fall", f"; {reason}")
    if may_be_stricter(facts, rule):
        reason = "with labels this cannot be told from a stricter teacher; pinned scores would tell"
        return told("the teacher's labels moved", f"; {facts.labels.teacher}; {reason}")
    if is_not_the_teacher(facts, rule):
        part = facts.attribution.teacher
        assert part is not None
        costs = f"costs {part.figure('.2f')} of it" if part.estimate > 0 else "costs nothing of it"
        closer = ", or pairs are closer calls than held-out's" if facts.is_pairwise else ""
        reason = (
            f"the revision {costs} on the same pairs, so these are not the scores of the student that was measured, or "
            "the samples were not drawn alike: production by where both disagree, or a held-out that was easier for "
            f"it, as clean pairs are and those that it was trained on{closer}"
        )
        return told("all familiar traffic got worse, and the teacher is not why", f"; {reason}")
    if facts.dropped:
        fell = "agreement fell, and " if facts.spread.reading == "fell" else ""
        return told(f"{fell}{facts.dropped[0].clause}", f"; {facts.dropped[0].look}")
    if facts.selection.along == "yes" and (rest_of(facts, rule) != "no" or is_unexplained(facts, rule)):
        reason = (
            "both sides' scores moved as on held-out's pairs of such scores, and among these agreement is low by "
            "construction; whether the error rose as well is open"
        )
        return told("production's pairs look chosen by a score", f"; {reason}", "pairs")
    if facts.selection.student_moved and teacher == "perhaps":
        reason = (
            "the student's scores moved too, which no revision of the teacher does: production was drawn otherwise, or "
            "another student answers"
        )
        fall = facts.spread.spread
        rose = "agreement fell" if isinstance(fall, Measured) and fall.estimate > 0 else "errors rose"
        return told(f"{rose}, and the student's scores moved", f"; {reason}", "student")
    if facts.is_pairwise and teacher == "perhaps":
        tell = "tell" if not is_measured else "that are there leave open"
        reason = (
            f"{EITHER}: pairs that are closer calls, as of models that became alike, show the same; pinned scores "
            f"{tell} whether it is the teacher"
        )
        return told("agreement fell, as a revision or closer calls make it", f"; {reason}", "student")
    if teacher == "no" and (new := [region for region in drifted if region.is_new]):
        surest = min(new, key=lambda region: region.adjusted or 0.0)
        found = f"{chance_in_words(surest.adjusted or 0.0)} of such finds are chance"
        reason = f"{named(new)} fell, but {found}, and a cause takes {chance_in_words(rule.new_alpha)} at most"
        return told(f"{surest.newness} traffic may agree less, {surest.label}", f"; {reason}")
    if is_unexplained(facts, rule):
        is_ranked, part = facts.spread.is_ranked, facts.attribution.teacher
        mix = (
            "neither its mix nor the range of its scores explains that"
            if is_ranked
            else "its mix does not explain that"
        )
        if facts.spread.reading != "fell":
            return told("agreement may have fallen", f"; {mix}, and this sample cannot tell it from chance")
        is_cleared = is_measured and part and part.high < rule.material_loss
        either = "the student or" if is_cleared else "the teacher, the student or"
        reason = f"{mix}, and no test tells whether {either} how both samples were drawn does"
        return told("agreement fell, and no test tells why", f"; {reason}", "student")
    if drifted and facts.spread.reading == "held":
        return told(f"{most_of(drifted)} may have fallen, while agreement as a whole held")
    return told("this sample cannot tell the cause from chance")


def most_of(drifted: Sequence[Region]) -> str:
    """The drifted region that carries most, and how many more there are."""
    return named(drifted, n_named=1)


def share_of(regions: Sequence[Region]) -> str:
    """Share of today's traffic in regions; of those that overlap, in the largest."""
    shares = {each.partition: 0.0 for each in regions}
    for each in regions:
        shares[each.partition] += each.share_production
    return f"{max(shares.values()):.0%}"


def served_in_words(facts: Facts, rule: Rule) -> str:
    """What of production agrees less without queries of its own, and what that points to; else empty."""
    served = served_of(facts, rule)
    if not served or (facts.part is not None and facts.part.note):
        return ""  # rows that were joined wrongly were not served at all
    first = max(served, key=lambda each: each.share_production)
    figure = f"{first.production.figure()} on " if isinstance(first.production, Measured) else ""
    figure = f"{first.label} {figure}" if len(served) > 1 else figure
    pairs = counted(first.n_production, "pair", "pairs")
    less = less_in(served, 2)
    return (
        f"{less[:1].upper()}{less[1:]} ({figure}{pairs}), with queries like the rest's: no query drift, but how these "
        "pairs were served, by another student, a cache, an index or a prompt."
    )


def less_in(served: Sequence[Region], n_named: int) -> str:
    is_one = len(served) == 1 and not served[0].name.startswith("rows ")
    of = "traffic " if served[0].name.startswith("until ") else ""
    of = "traffic on " if served[0].name.startswith(WEEK) else of
    return f"{of}{names_of(served, n_named=n_named)} {'agrees' if is_one else 'agree'} less"
