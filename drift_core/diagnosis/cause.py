"""The cause: what the evidence supports, with the evidence for and against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from drift_core.diagnosis.evidence import Evidence, list_evidence
from drift_core.diagnosis.facts import Cause, Facts
from drift_core.diagnosis.findings import has_mix_moved
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import named, traffic_of
from drift_core.diagnosis.rule import Rule
from drift_core.diagnosis.spread import SpreadTest
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.intervals import p_above_zero
from drift_core.measures.level_ratios import loss_implied
from drift_core.regions.missing_scores import MORE_MISSING
from drift_core.regions.revision_effect import revised_sentence

State = Literal["yes", "perhaps", "no"]
MOST_OF_IT = 0.5  # share of a fall that what is no drift must explain, before a verdict is healthy (ours)
CANNOT_SEE = 0.20  # a loss that a sample would see with the rule's power; above it "healthy" would say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The cause, whether it is inferred, and what it rests on.

    Attributes
    ----------
    cause
        What the evidence supports.
    inferred
        Whether the teacher's part was inferred from other evidence instead of measured on pinned scores.
    summary
        The verdict as one sentence that a stakeholder can repeat.
    evidence
        Lines for and against.
    """

    cause: Cause
    inferred: bool
    summary: str
    evidence: tuple[Evidence, ...]


def decide_cause(facts: Facts, *, rule: Rule) -> Verdict:
    """Decide the cause.

    Notes
    -----
    Regions that fell beyond what all traffic shares point to the queries, or to the docs when a kind of doc is the
    region. What familiar pairs share points to the teacher: measured on the same pairs where pinned scores are there,
    else inferred. Weaker evidence, up to `rule.alpha`, makes the verdict inconclusive.
    A fall that mix, range or new but equally good traffic explains is no drift.
    """
    if isinstance(facts.spread.spread, Unmeasured):
        about = " ".join([*_about_scores(facts), ""])
        reason = f"{about}Inconclusive: the spread could not be measured. {facts.spread.spread.reason}"
        return Verdict(cause="inconclusive", inferred=False, summary=reason, evidence=())
    drifted = [region for region in facts.regions if region.drifted]
    teacher = _teacher(facts, rule)
    local = _local(facts, drifted, rule)
    cause = _or_inconclusive(_name(teacher, local, drifted, facts, rule), facts, rule)
    return Verdict(
        cause=cause,
        inferred=facts.attribution.teacher_inferred and cause != "healthy",
        summary=" ".join(
            [
                *_about_scores(facts),
                _summary(cause, facts, drifted, teacher, rule),
                *filter(None, [revised_sentence(facts.revised) if "teacher" in cause else "", facts.labels.recall]),
            ]
        ),
        evidence=list_evidence(cause, facts, drifted, rule),
    )


def _teacher(facts: Facts, rule: Rule) -> State:
    """Whether the teacher costs agreement: by pairs under both revisions, else by what familiar pairs share."""
    part = facts.attribution.teacher
    if facts.revision is None or part is None or facts.attribution.teacher_inferred:
        rest = _rest(facts, rule)
        # few pairs stand for many; no revision moves a student
        in_doubt = facts.familiar_moved or facts.labels.student or facts.student_changed
        return "perhaps" if rest == "yes" and in_doubt else rest
    if part.standard_error == 0:  # the ranks are the same
        return "no"
    surest = min(facts.revision.p_value, p_above_zero(part))
    return _state(surest, part.estimate, rule)


def _rest(facts: Facts, rule: Rule) -> State:
    """Whether familiar pairs got worse; with pinned scores that is not the teacher's doing."""
    before = facts.spread.heldout
    if facts.shared is None or not isinstance(before, Measured):
        return "no"
    loss = loss_implied(before.estimate, facts.shared.estimate, measure=facts.spread.measure)
    return _state(facts.shared.p_value, loss, rule)


def _state(p_value: float, loss: float, rule: Rule) -> State:
    if loss < rule.smallest_loss or p_value > rule.alpha:
        return "no"
    return "yes" if p_value <= rule.cause_alpha else "perhaps"


def _local(facts: Facts, drifted: Sequence[Region], rule: Rule) -> State:
    """Whether regions drifted; a familiar one needs stronger evidence to be a cause than to be flagged.

    Where all traffic changed its shares, a region that held-out hardly has may always have been weak: what would be a
    cause leaves the verdict open, and weaker evidence says nothing.
    """
    expected = [each for each in drifted if each.is_harder or (each.kind == "doc" and not each.is_new)]
    sure_and_new = [each for each in drifted if each.is_new and (each.adjusted or 0.0) <= rule.new_alpha]
    if not facts.familiar_moved:
        expected += sure_and_new
    familiar = [each for each in drifted if not each.is_new]
    if expected:
        return "yes"
    if any((each.adjusted or 0.0) <= rule.cause_alpha for each in familiar):
        return _not_the_revision(facts, rule)
    if facts.familiar_moved:
        return "perhaps" if familiar or sure_and_new else "no"
    new = [region for region in facts.regions if region.is_new and (region.adjusted or 0.0) > rule.alpha]
    in_doubt = [region for region in new if region.is_in_doubt(rule)]
    return "perhaps" if drifted or any(region.has_fallen(rule) for region in in_doubt) else "no"


def _not_the_revision(facts: Facts, rule: Rule) -> State:
    """Whether familiar regions fell otherwise than by a revision that falls on them alone.

    Under the pinned revision of all pairs they did; where some pairs have it, what is left inside regions says so.
    """
    left = facts.attribution.within
    if facts.is_pinned:
        return "yes"
    if facts.revision is None:
        return "perhaps" if facts.teacher_changed else "yes"
    if _teacher(facts, rule) == "no" or (left is not None and left.low > 0):
        return "yes"
    return "perhaps" if left is None or left.estimate >= rule.smallest_loss else "no"


def _name(teacher: State, local: State, drifted: Sequence[Region], facts: Facts, rule: Rule) -> Cause:
    docs_moved = facts.docs is not None and facts.docs.moved
    rest = _rest(facts, rule)
    if drifted and not any(region.is_new for region in drifted) and not facts.is_pinned and rest == "yes":
        local = "no"  # all fell, and no new traffic: one cause that falls unevenly
    if local == "yes" and facts.labels.student and not any(region.is_new for region in drifted):
        local = "perhaps"  # the student gave other labels there
    if local == "yes":
        if _lost_on_docs(drifted):
            return "document_drift"
        return "query_and_teacher_drift" if teacher == "yes" else "query_drift"
    if docs_moved and rest == "yes":
        return "document_drift"
    if teacher == "yes" and local == "no":
        return "teacher_drift"
    rose = rest == "yes" or (rest == "perhaps" and facts.spread.reading == "fell")
    if "perhaps" in (local, teacher) or (facts.is_pinned and rose):
        return "inconclusive"
    unseen = facts.shared is None and facts.spread.reading == "fell"  # nothing familiar is left to compare
    is_open = _sees_too_little(facts.spread, rule) or _is_unexplained(facts, rule) or _may_be_stricter(facts, rule)
    return "inconclusive" if unseen or is_open else "healthy"


def _is_unexplained(facts: Facts, rule: Rule) -> bool:
    """Whether agreement fell beyond chance, and what is no drift leaves clearly some of it, or most at a like mix."""
    fall, left = facts.spread.spread, facts.unexplained
    if not (isinstance(fall, Measured) and isinstance(left, Measured)) or fall.low <= 0:
        return False
    is_left = left.low > 0 or (not facts.familiar_moved and left.estimate > MOST_OF_IT * fall.estimate)
    return is_left and min(fall.estimate, left.estimate) >= rule.smallest_loss


def _may_be_stricter(facts: Facts, rule: Rule) -> bool:
    """Whether the teacher's labels moved in like queries and that costs what matters, which a revision may have done.

    Scores of the pinned revision that show no such cost rule it out.
    """
    fall, part = facts.spread.spread, facts.attribution.teacher
    if not (facts.labels.is_material and isinstance(fall, Measured) and fall.estimate >= rule.material_loss):
        return False
    return part is None or facts.attribution.teacher_inferred or part.high >= rule.material_loss


def _or_inconclusive(cause: Cause, facts: Facts, rule: Rule) -> Cause:
    """The cause, unless what is missing or set aside could turn it, or agreement did not even fall."""
    if cause == "healthy" and (facts.student_aside >= MORE_MISSING or facts.labels.student):
        return "inconclusive"
    if cause == "teacher_drift" and _has_not_fallen(facts):
        return "inconclusive"
    missing, before = facts.missing, facts.spread.heldout
    if missing is None or not isinstance(before, Measured):
        return cause
    could_fall = before.estimate - missing.lowest >= rule.material_loss
    if cause == "healthy" and could_fall:
        return "inconclusive"
    is_inferred = facts.attribution.teacher_inferred
    return "inconclusive" if cause == "teacher_drift" and is_inferred and missing.region is not None else cause


def _has_not_fallen(facts: Facts) -> bool:
    """Whether familiar errors rose although agreement did not fall; without pinned scores that is no revision yet."""
    spread = facts.spread.spread
    return facts.attribution.teacher_inferred and isinstance(spread, Measured) and spread.estimate <= 0


def _about_scores(facts: Facts) -> list[str]:
    """What is wrong with the scores themselves, which comes before any cause."""
    return [*facts.odd] if facts.missing is None else [*facts.odd, facts.missing.sentence]


def _lost_on_docs(drifted: Sequence[Region]) -> bool:
    """Whether the regions of docs carry most of the loss, or are the only ones."""
    if all(region.kind == "doc" for region in drifted):
        return True
    lost = {"doc": 0.0, "query": 0.0, "slice": 0.0}
    for region in drifted:
        fall = region.fall.estimate if isinstance(region.fall, Measured) else 0.0
        lost[region.kind] += region.share_production * fall
    return lost["doc"] > max(lost["query"], lost["slice"])


def _sees_too_little(spread: SpreadTest, rule: Rule) -> bool:
    from scipy.special import ndtri

    if isinstance(spread.spread, Unmeasured):
        return True
    return float(ndtri(1 - rule.alpha) + ndtri(rule.power)) * spread.spread.standard_error > CANNOT_SEE


def _summary(cause: Cause, facts: Facts, drifted: Sequence[Region], teacher: State, rule: Rule) -> str:
    spread = facts.spread
    assert isinstance(spread.heldout, Measured)
    assert isinstance(spread.production, Measured)
    moved = f"from {spread.heldout.figure()} to {spread.production.figure()}{'' if spread.is_ranked else ' of pairs'}"
    share = max((traffic_of(drifted, partition) for partition in {r.partition for r in drifted}), default=0.0)
    if cause == "healthy":
        return _healthy(moved, facts, rule)
    if cause == "query_drift":
        left_open = " Whether the teacher moved too is open." if teacher == "perhaps" else ""
        reason = f"because of {named(drifted)} ({share:.0%} of today's traffic)."
        return f"Query drift: agreement went {moved}, {reason}{left_open}"
    if cause == "teacher_drift":
        return f"Teacher drift: agreement went {moved} on familiar traffic too; the student follows the old teacher."
    if cause == "query_and_teacher_drift":
        more = f"{named(drifted)} ({share:.0%} of today's traffic) more"
        return f"Query and teacher drift: agreement went {moved}; all fell, and {more}."
    if cause == "document_drift":
        return f"Document drift: agreement went {moved} on docs of a kind that the student does not know."
    if facts.missing is not None or facts.student_aside >= MORE_MISSING:
        return f"Inconclusive: agreement went {moved} on the pairs that have scores."
    if facts.labels.student:
        reason = f"{facts.labels.student}. No revision of the teacher does that: look at the student that runs."
        return f"Inconclusive: agreement went {moved}; {reason}"
    if facts.teacher_changed and facts.revision is None and drifted and not any(region.is_new for region in drifted):
        reason = f"{named(drifted)} fell, and the teacher changed: pinned scores tell whether that is why."
        return f"Inconclusive: agreement went {moved}; {reason}"
    if facts.student_changed and teacher == "perhaps":
        return f"Inconclusive: agreement went {moved}; the student changed, and familiar traffic got worse since."
    if facts.familiar_moved and any(region.is_new for region in drifted):
        weaker = f"{named([region for region in drifted if region.is_new])} agree less"
        reason = "all traffic changed its shares, and whether they always did, held-out cannot tell."
        return f"Inconclusive: agreement went {moved}; {weaker}, but {reason}"
    if teacher == "yes" and _has_not_fallen(facts):
        reason = "the error on familiar traffic rose, but agreement did not fall; pinned scores would tell why."
        return f"Inconclusive: agreement went {moved}; {reason}"
    if _may_be_stricter(facts, rule):
        reason = "with labels this cannot be told from a stricter teacher; pinned scores would tell."
        return f"Inconclusive: agreement went {moved}; {facts.labels.teacher}; {reason}"
    if _is_unexplained(facts, rule):
        reason = "neither its mix nor the range of its scores explains that, and no test tells the cause."
        return f"Inconclusive: agreement went {moved}; {reason}"
    return f"Inconclusive: agreement went {moved}, and this sample cannot tell the cause from chance."


def _healthy(moved: str, facts: Facts, rule: Rule) -> str:
    """No drift, with what moved all the same; ranks tell nothing of what a probability means."""
    change = "" if facts.calibration is None else facts.calibration.change
    but = [change] if change else []
    if has_mix_moved(facts.attribution, rule):
        mix = facts.attribution.mix.figure("+.2f")  # type: ignore[union-attr]
        but.insert(0, f"traffic moved to regions that were always weaker ({mix})")
    elif facts.labels.cost >= rule.smallest_loss:
        but.insert(0, facts.labels.teacher)
    rest = "by rank nothing" if change else "nothing"
    opening = f"Healthy, but {' and '.join(but)}" if but else "Healthy"
    return f"{opening}: agreement went {moved}, and {rest} that the student knew got worse."
