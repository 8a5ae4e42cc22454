"""The verdict in words: the headline of every cause, which says what happened and where, and the reason under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from drift_core.agreement.rule import Rule
from drift_core.causes import Cause, cause_in_words
from drift_core.diagnosis.facts import (
    UNLIKE,
    Facts,
    State,
    explained_by_name,
    has_not_fallen,
    is_not_the_teacher,
    is_or_student,
    is_unexplained,
    keeps_open,
    may_be_stricter,
    may_be_student,
    rest_of,
    served_of,
    unlike_share,
)
from drift_core.diagnosis.findings import has_mix_moved
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import named, names_of
from drift_core.distributions.comparable_part import of_part
from drift_core.measured import Measured, figures_apart
from drift_core.operations.missing_scores import MORE_MISSING
from drift_core.regions.moved_docs import DOC_KIND
from drift_core.regions.revision_effect import revised_sentence
from drift_core.wording import chance_in_words, counted, in_quotes

EITHER = "the teacher was revised, or these scores are not those of the student that was measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A verdict in words: the cause and where in one sentence, and what it is told from."""

    headline: str
    reason: str


def tell_unmeasured(facts: Facts, why: str) -> Told:
    """Tell that there is no spread to name a cause from."""
    reason = " ".join([*_about_scores(facts), why])
    return Told(headline=of_part("Inconclusive: the spread could not be measured.", facts.odd), reason=reason)


def tell_verdict(cause: Cause, facts: Facts, *, is_teacher: State, rule: Rule) -> Told:
    """Tell a verdict; `is_teacher` is whether the teacher costs agreement."""
    spread, drifted = facts.spread, [region for region in facts.regions if region.drifted and not region.is_served]
    assert isinstance(spread.heldout, Measured)
    assert isinstance(spread.production, Measured)
    moved = "from {} to {}".format(*figures_apart(spread.heldout, spread.production))
    moved += "" if spread.is_ranked else " of pairs"
    told = _told(cause, facts, drifted, f"Agreement went {moved}", is_teacher, rule)
    part, served = facts.part, _served(facts, rule)
    is_told = bool(served) and served in told.reason
    more = [
        part.sentence if part and (part.kind == "time" or not is_told) else "",
        "" if part or is_told else served,
        revised_sentence(facts.revised) if "teacher" in cause else "",
        facts.labels.recall,
        *(each.sentence for each in facts.dropped),
    ]
    return Told(
        headline=of_part(told.headline, facts.odd),
        reason=" ".join(filter(None, [*_about_scores(facts), told.reason, *more])),
    )


def _about_scores(facts: Facts) -> list[str]:
    """What is wrong with the scores themselves, which comes before any figure."""
    odd = [sentence for _, sentence in facts.odd]
    return odd if facts.missing is None else [*odd, facts.missing.sentence]


def _told(cause: Cause, facts: Facts, drifted: Sequence[Region], moved: str, teacher: State, rule: Rule) -> Told:
    or_student = is_or_student(cause, facts)
    words = cause_in_words(cause, drifted, or_student=or_student).capitalize()
    hold = f"{named(drifted)} ({facts.drifted_share:.0%} of today's traffic)" if drifted else ""
    fell = isinstance(fall := facts.spread.spread, Measured) and fall.estimate > 0 and facts.spread.reading != "held"
    if cause == "healthy":
        return _healthy(moved, facts, rule)
    if cause == "query_drift":
        left_open = " Whether the teacher moved too is open." if teacher == "perhaps" else ""
        look = _where_to_look(facts) if words != "Query drift" else ""
        where = names_of(drifted, n_named=1) if look else _most(drifted)
        why = f"{moved}, because of {hold}." if fell else f"{moved} as a whole, and is lower in {hold}."
        alone = ", and not by the teacher" if look and facts.is_cleared else ""
        return Told(headline=f"{words}: {where}{alone}.", reason=f"{why}{look}{left_open}")
    first = in_quotes(facts.revised[0].name) if facts.revised else ""
    if cause == "teacher_drift":
        if facts.revised_alone:
            where = f"{first} and {len(facts.revised) - 1} more" if len(facts.revised) > 1 else first
            follows = "the student follows the old teacher there; elsewhere nothing fell beyond chance"
            return Told(headline=f"{words} in {where}: {follows}.", reason=f"{moved}.")
        is_all = bool(first) and not facts.revised[0].are_ranks and facts.revised[0].elsewhere.low > 0
        most = f"{' everywhere' if is_all else ''}, most in {first}" if first else ""
        less, old = "on familiar traffic the two go together less", "the student follows the old teacher"
        follows, either = (less, f": {EITHER}") if or_student else (old, "")
        since = f" {facts.part.name}" if facts.part is not None and facts.part.name.startswith("since") else ""
        too = " too" if any(each.is_new or each.drifted for each in facts.regions) else ""
        reason = f"{moved} on familiar traffic{too}{either}."
        return Told(headline=f"{words}{since}{most}: {follows}.", reason=reason)
    if cause == "query_and_teacher_drift":
        either = f": {EITHER}" if or_student else ""
        if rest_of(facts, rule) == "no" and facts.revised and (new := [each for each in drifted if each.is_new]):
            more = f" and {len(facts.revised) - 1} more" if len(facts.revised) > 1 else ""
            headline = f"{words}: {_most(new)}; a revision in {first}{more}. The rest held."
            return Told(headline=headline, reason=f"{moved}, because of {hold}{either}.")
        headline = f"{words}: all fell, most of all {_most(drifted)}."
        return Told(headline=headline, reason=f"{moved}; all fell, most of all {hold}{either}.")
    if cause == "document_drift":
        kinds = [each for each in drifted if each.kind == "doc" and each.newness]
        kind = max(kinds, key=lambda each: each.share_production, default=None)
        if kind is None or (kind.partition == DOC_KIND and facts.docs is not None and facts.docs.moved):
            return Told(headline=f"{words}: docs are of a kind that the student does not know.", reason=f"{moved}.")
        has = "lacks" if kind.newness == "new" else "hardly has"
        where = f"{kind.name} ({kind.share_production:.0%} of today's traffic), a kind that held-out {has}"
        why = f"because of {where}" if fell else f"as a whole, but is lower in {where}"
        return Told(headline=f"{words}: {in_quotes(kind.name)}.", reason=f"{moved}{', ' if fell else ' '}{why}.")
    return _inconclusive(facts, drifted, moved, teacher, rule)


def _most(drifted: Sequence[Region]) -> str:
    """The drifted region that carries most, and how many more there are."""
    return named(drifted, n_named=1)


def _served(facts: Facts, rule: Rule) -> str:
    """What of production agrees less without queries of its own, and what that points to; else empty."""
    served = served_of(facts, rule)
    if not served or (facts.part is not None and facts.part.note):
        return ""  # rows that were joined wrongly were not served at all
    first = max(served, key=lambda each: each.share_production)
    figure = f"{first.production.figure()} on " if isinstance(first.production, Measured) else ""
    figure = f"{first.label} {figure}" if len(served) > 1 else figure
    pairs = counted(first.n_production, "pair", "pairs")
    less = _less(served, 2)
    return (
        f"{less[:1].upper()}{less[1:]} ({figure}{pairs}), with queries like the rest's: no query drift, but how these "
        "pairs were served, by another student, a cache, an index or a prompt."
    )


def _less(served: Sequence[Region], n_named: int) -> str:
    is_one = len(served) == 1 and not served[0].name.startswith("rows ")
    of = "traffic " if served[0].name.startswith("until ") else ""
    return f"{of}{names_of(served, n_named=n_named)} {'agrees' if is_one else 'agree'} less"


def _where_to_look(facts: Facts) -> str:
    name, how = facts.docs_changed
    if how:
        return f" In {name} {how}. Look at what makes the docs there first."
    docs_held = facts.docs is not None and not facts.docs.differ
    if facts.is_cleared:
        as_pinned = (
            "agreement fell under the pinned scores too" if facts.is_pinned else "the pinned scores there are equal"
        )
        why = f"Held-out has such pairs too, and {as_pinned}"
        shown = "" if docs_held else ", or of other docs"
        return f" {why}: most likely the student's scores there are not those that were measured{shown}."
    may = ["the student", *([] if docs_held else ["the docs"]), *([] if facts.is_pinned else ["the teacher"])]
    changed = " or ".join(filter(None, [", ".join(may[:-1]), may[-1]]))
    return f" Held-out has such pairs too, so look at what changed there: {changed}."


def _inconclusive(facts: Facts, drifted: Sequence[Region], moved: str, teacher: State, rule: Rule) -> Told:
    def told(why: str, reason: str = "") -> Told:
        return Told(headline=f"Inconclusive: {why}.", reason=f"{moved}{reason}.")

    if renamed := explained_by_name(facts):
        return Told(headline=f"Inconclusive: {renamed.clause}.", reason=f"{moved}.")
    if facts.missing is not None and keeps_open(facts.missing, facts.spread, rule):
        return told(f"scores of today's teacher are missing{facts.missing.where}", " on the pairs that have scores")
    if facts.student_aside >= MORE_MISSING:
        return told("many of the student's scores are no scores", " on the pairs that have scores")
    if (served := served_of(facts, rule)) and not drifted:
        if facts.part and facts.part.is_over and rest_of(facts, rule) == "no":
            name, served_told = facts.part.name, _served(facts, rule)
            span = f"{'from ' if ' to ' in name else '' if name.startswith('until') else 'on '}{name}"
            return told(f"broken {span}, the rest held", f". {served_told}".removesuffix("."))
        why = ", as rows were joined one off" if facts.part and facts.part.note else ", with queries like the rest's"
        return Told(
            headline=f"Inconclusive: {_less(served, 1)}{why}.", reason=f"{moved}. {_served(facts, rule)}".rstrip()
        )
    if facts.labels.student:
        reason = f"{facts.labels.student}. No revision of the teacher does that: look at the student that runs"
        return told(facts.labels.leans or "the student's labels moved", f"; {reason}")
    if facts.teacher_changed and facts.revision is None and drifted and not any(region.is_new for region in drifted):
        reason = f"{named(drifted)} fell, and the teacher changed: pinned scores tell whether that is why"
        return told(f"{_most(drifted)} fell, and the teacher changed", f"; {reason}")
    if may_be_student(facts, teacher, rule) and facts.version_less:
        why = f"of the student, {facts.version_less}"
        return told(why, "; that points to a release of the student, not to the queries or the teacher")
    if may_be_student(facts, teacher, rule):
        got = "got worse" if rest_of(facts, rule) == "yes" else "may have got worse"
        more, fell = (
            (f", most of all {_most(drifted)}", f"; {named(drifted)} fell more than the rest") if drifted else ("", "")
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
        reason = (
            f"the revision {costs} on the same pairs, so these are not the scores of the student that was "
            "measured, or held-out was easier for it, as pairs are that it was trained on"
        )
        return told("all familiar traffic got worse, and the teacher is not why", f"; {reason}")
    if facts.dropped:
        fell = "agreement fell, and " if facts.spread.reading == "fell" else ""
        return told(f"{fell}{facts.dropped[0].clause}", f"; {facts.dropped[0].look}")
    if teacher == "no" and (new := [region for region in drifted if region.is_new]):
        surest = min(new, key=lambda region: region.adjusted or 0.0)
        found = f"{chance_in_words(surest.adjusted or 0.0)} of such finds are chance"
        reason = f"{named(new)} fell, but {found}, and a cause takes {chance_in_words(rule.new_alpha)} at most"
        return told(f"{surest.newness} traffic may agree less, {surest.label}", f"; {reason}")
    if is_unexplained(facts, rule):
        reason = "neither its mix nor the range of its scores explains that, and no test tells the cause"
        return told("agreement fell, and no test tells why", f"; {reason}")
    return told("this sample cannot tell the cause from chance")


def _healthy(moved: str, facts: Facts, rule: Rule) -> Told:
    """No drift, with what moved all the same; ranks tell nothing of what a probability means."""
    change = "" if facts.calibration is None else facts.calibration.change
    but = [change] if change else []
    narrowed = f" {facts.attribution.score_range.sentence}" if facts.attribution.score_range else ""
    if has_mix_moved(facts.attribution, rule):
        mix = facts.attribution.mix.figure("+.3f")  # type: ignore[union-attr]
        but.insert(0, f"traffic moved to regions that were always weaker ({mix})")
    elif facts.labels.cost >= rule.smallest_loss:
        but.insert(0, facts.labels.teacher)
    if drifted := [each for each in facts.regions if each.drifted]:
        but.append(f"{_most(drifted)} may agree less")
    if untold := [each for each in facts.regions if each.is_untold]:
        why = "scores are missing" if any(each.unscored for each in untold) else untold[0].why_untold
        but.append(f"nothing can be told of {names_of(untold, n_named=1)}, where {why.replace('its', 'the')}")
    if facts.part is not None:
        but.append(f"{facts.part.name} agrees less")
    if not but:
        return Told(headline="Healthy: nothing that the student knew got worse.", reason=f"{moved}.{narrowed}")
    rest = f"by {facts.calibration.held_by} nothing" if facts.calibration and change else "nothing"
    headline = f"Healthy, but {' and '.join(but)}."
    return Told(headline=headline, reason=f"{moved}, and {rest} that the student knew got worse.{narrowed}")
