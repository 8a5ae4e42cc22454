"""The verdict in words: the headline of every cause, which says what happened and where, and the reason under it."""

from collections.abc import Sequence
from dataclasses import replace

from drift_core.agreement.rule import Rule
from drift_core.causes import Cause, cause_in_words
from drift_core.diagnosis.facts import (
    Facts,
    State,
    is_or_student,
    rest_of,
    served_of,
)
from drift_core.diagnosis.findings import has_mix_moved
from drift_core.diagnosis.open_verdict_in_words import (
    EITHER,
    Told,
    less_in,
    most_of,
    served_in_words,
    share_of,
    tell_open,
)
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import named, names_of
from drift_core.distributions.comparable_part import of_part
from drift_core.measured import Measured, figures_apart
from drift_core.regions.moved_docs import DOC_KIND
from drift_core.regions.revision_effect import revised_sentence
from drift_core.wording import in_quotes


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
    part, served = facts.part, served_in_words(facts, rule)
    is_told = bool(served) and served in told.reason
    same = facts.same.sentence if facts.same and facts.same.changed else ""
    more = [
        "" if same in told.reason else same,
        part.sentence if part and (part.kind == "time" or not is_told) else "",
        "" if part or is_told else served,
        revised_sentence(facts.revised) if "teacher" in cause else "",
        facts.labels.recall,
        "" if facts.attribution.score_range else facts.top_fell,  # a narrower range has another top
        *(each.sentence for each in facts.dropped),
    ]
    return replace(
        told,
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
        where = names_of(drifted, n_named=1) if look else most_of(drifted)
        if served := served_of(facts, rule):
            less = f"{less_in(served, 1)} ({share_of(served)}) with queries like the rest's"
            hold = f"{hold} and of how {names_of(served, n_named=1)} ({share_of(served)}) was served"
            where = f"{where} ({share_of(drifted)} of today's traffic), and {less}"
        left_open = f"{_left(facts, rule)}{left_open}"
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
        share = facts.revised_share
        spread = " everywhere" if is_all and share is None else "" if share is None else f" in {share:.0%} of pairs"
        most = f"{spread}, most in {first}" if first else spread if share is not None else ""
        less, old = "on familiar traffic the two go together less", "the student follows the old teacher"
        follows, either = (less, f": {EITHER}") if or_student else (old, "")
        since = f" {facts.part.name}" if facts.part is not None and facts.part.name.startswith("since") else ""
        too = " too" if any(each.is_new or each.drifted for each in facts.regions) else ""
        part = facts.attribution.teacher
        is_open = facts.attribution.teacher_inferred and part is not None and part.low <= 0
        cost = f" The error surely rose; what that costs is open, {part:+.3f}." if is_open else ""
        reason = f"{moved} on familiar traffic{too}{either}.{cost}"
        return Told(headline=f"{words}{since}{most}: {follows}.", reason=reason)
    if cause == "query_and_teacher_drift":
        either = f": {EITHER}" if or_student else ""
        if rest_of(facts, rule) == "no" and facts.revised and (new := [each for each in drifted if each.is_new]):
            more = f" and {len(facts.revised) - 1} more" if len(facts.revised) > 1 else ""
            headline = f"{words}: {most_of(new)}; a revision in {first}{more}. The rest held."
            return Told(headline=headline, reason=f"{moved}, because of {hold}{either}.")
        headline = f"{words}: all fell, most of all {most_of(drifted)}."
        return Told(headline=headline, reason=f"{moved}; all fell, most of all {hold}{either}.")
    if cause == "document_drift":
        kinds = [each for each in drifted if each.kind == "doc" and each.newness]
        kind = max(kinds, key=lambda each: each.share_production, default=None)
        others = [each for each in drifted if each.kind != "doc"]
        more = f", and {most_of(others)}" if others else ""
        if kind is None or (kind.partition == DOC_KIND and facts.docs is not None and facts.docs.moved):
            headline = f"{words}: docs are of a kind that the student does not know{more and f'{more} fell too'}."
            too = f"; {named(others)} ({share_of(others)} of today's traffic) fell too" if others else ""
            return Told(headline=headline, reason=f"{moved}{too}.{_left(facts, rule)}")
        has = "lacks" if kind.newness == "new" else "hardly has"
        where = f"{kind.name} ({kind.share_production:.0%} of today's traffic), a kind that held-out {has}"
        where += f", and {named(others)} ({share_of(others)})" if others else ""
        why = f"because of {where}" if fell else f"as a whole, but is lower in {where}"
        reason = f"{moved}{', ' if fell else ' '}{why}.{_left(facts, rule)}"
        return Told(headline=f"{words}: {in_quotes(kind.name)}{more}.", reason=reason)
    return tell_open(facts, drifted, moved, teacher, rule)


def _left(facts: Facts, rule: Rule) -> str:
    """What production surely lost outside the drifted regions, where that matters; else empty."""
    left = facts.left
    if not (isinstance(left, Measured) and left.low > 0 and left.estimate >= rule.material_loss):
        return ""
    return f" Outside what is named, agreement is still {left.figure('-')} below held-out."


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


def _healthy(moved: str, facts: Facts, rule: Rule) -> Told:
    """No drift, with what moved all the same; ranks tell nothing of what a probability means."""
    change = "" if facts.calibration is None else facts.calibration.change
    but, narrowed = [each for each in (change, facts.scale_moved) if each], ""
    if facts.attribution.score_range is not None:
        narrowed = f" {facts.attribution.score_range.sentence}"
        is_chosen = facts.attribution.score_range.is_selected
        why = "production's pairs look chosen by a score" if is_chosen else "production's scores cover a narrower range"
        but.insert(0, f"{why} ({moved.replace('Agreement went', 'agreement')})")
    if has_mix_moved(facts.attribution, rule):
        mix = facts.attribution.mix.figure("+.3f")  # type: ignore[union-attr]
        but.insert(0, f"traffic moved to regions that were always weaker ({mix})")
    elif facts.labels.cost >= rule.smallest_loss:
        but.insert(0, facts.labels.teacher)
    if drifted := [each for each in facts.regions if each.drifted and not each.is_harder]:
        but.append(f"{most_of(drifted)} may agree less")
    harder = [each for each in facts.regions if each.is_harder]
    if harder and not has_mix_moved(facts.attribution, rule):
        but.insert(0, f"{most_of(harder)}, always weaker")
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
