"""The cause: what the evidence supports, with the evidence for and against it."""

from collections.abc import Sequence
from dataclasses import dataclass

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.causes import Cause
from drift_core.diagnosis.evidence import Evidence, list_evidence
from drift_core.diagnosis.facts import (
    UNLIKE,
    Facts,
    State,
    could_have_fallen,
    explained_by_name,
    has_not_fallen,
    is_not_the_teacher,
    is_open_to_others,
    is_or_student,
    is_unexplained,
    may_be_stricter,
    may_be_student,
    rest_of,
    served_of,
    state_of,
    unlike_share,
)
from drift_core.diagnosis.open_verdict_in_words import Asks
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.verdict_in_words import tell_unmeasured, tell_verdict
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.intervals import p_above_zero
from drift_core.operations.missing_scores import MORE_MISSING

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
    or_student
        Whether another student, or a stale one's scores, would show what the teacher is named for.
    not_the_teacher
        Whether familiar traffic, or a region of it, got worse and no measured revision is why, but student or held-out.
    headline
        The verdict as one sentence that a stakeholder can repeat: the cause, and where.
    reason
        What it is told from, with its figures.
    evidence
        Lines for and against.
    """

    cause: Cause
    inferred: bool
    headline: str
    evidence: tuple[Evidence, ...]
    reason: str = ""
    or_student: bool = False
    not_the_teacher: bool = False
    asks: Asks = ""

    @property
    def summary(self) -> str:
        """The headline with the reason for it."""
        return f"{self.headline} {self.reason}".rstrip()


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
        told = tell_unmeasured(facts, facts.spread.spread.reason)
        return Verdict(cause="inconclusive", inferred=False, headline=told.headline, reason=told.reason, evidence=())
    fallen = [region for region in facts.regions if region.drifted]
    drifted = [region for region in fallen if not region.is_served]
    teacher = _teacher(facts, rule)
    local = _local(facts, drifted, rule)
    cause = _or_inconclusive(_name(teacher, local, drifted, facts, rule), facts, rule)
    told, is_open = tell_verdict(cause, facts, is_teacher=teacher, rule=rule), cause == "inconclusive"
    return Verdict(
        cause=cause,
        inferred=facts.attribution.teacher_inferred and cause != "healthy",
        headline=told.headline,
        reason=told.reason,
        evidence=list_evidence(cause, facts, fallen, rule),
        or_student=is_or_student(cause, facts) or (is_open and bool(served_of(facts, rule))),
        not_the_teacher=facts.is_cleared if cause == "query_drift" else is_open and is_not_the_teacher(facts, rule),
        asks=told.asks,
    )


def _teacher(facts: Facts, rule: Rule) -> State:
    """Whether the teacher costs agreement: by pairs under both revisions, else by what familiar pairs share."""
    part = facts.attribution.teacher
    if facts.revision is None or part is None or facts.attribution.teacher_inferred:
        rest = rest_of(facts, rule)
        # few pairs stand for many; no revision moves a student
        in_doubt = facts.familiar_moved or facts.labels.student or facts.student_changed
        in_doubt = in_doubt or unlike_share(facts.regions) >= UNLIKE or is_open_to_others(facts, rule)
        return "perhaps" if rest == "yes" and in_doubt else rest
    if part.standard_error == 0:  # the ranks are the same
        return "no"
    surest = min(facts.revision.p_value, p_above_zero(part))
    return state_of(surest, part.estimate, rule)


def _local(facts: Facts, drifted: Sequence[Region], rule: Rule) -> State:
    """Whether regions drifted; a familiar one needs stronger evidence to be a cause than to be flagged.

    It needs more where agreement as a whole held: among all regions one falls by chance now and then.
    Where all traffic changed its shares, a region that held-out hardly has may always have been weak: what would be a
    cause leaves the verdict open, and weaker evidence says nothing. More of what was always weaker is another mix, a
    cause only of an agreement that fell or may have.
    """
    if facts.spread.reading == "held":
        drifted = [each for each in drifted if not each.is_harder]
    expected = [each for each in drifted if each.is_harder or (each.kind == "doc" and not each.is_new)]
    sure_and_new = [each for each in drifted if each.is_new and (each.adjusted or 0.0) <= rule.new_alpha]
    if not facts.familiar_moved:
        expected += sure_and_new
    familiar = [each for each in drifted if not each.is_new]
    if expected:
        return "yes"
    level = rule.cause_alpha
    if facts.spread.reading == "held" and facts.missing is None:  # the whole is known: as rare as both falls together
        level *= rule.alpha
    if any((each.adjusted or 0.0) <= level for each in familiar):
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
    rest = rest_of(facts, rule)
    if may_be_student(facts, teacher, rule) and "yes" in (local, rest):
        return "inconclusive"  # new or fallen regions do not tell what the student did to all the rest
    if drifted and not any(region.is_new for region in drifted) and not facts.is_pinned and rest == "yes":
        local = "no"  # all fell, and no new traffic: one cause that falls unevenly
    if local == "yes" and facts.labels.student and not any(region.is_new for region in drifted):
        local = "perhaps"  # the student gave other labels there
    if local == "yes":
        if _lost_on_docs(drifted):
            return "document_drift"
        return "query_and_teacher_drift" if teacher == "yes" else "query_drift"
    if docs_moved and rest == "yes" and not facts.labels.leans:
        return "document_drift"
    is_measured, lost = facts.is_pinned and not facts.attribution.teacher_inferred, facts.attribution
    is_most = is_measured and lost.total and lost.teacher and 2 * lost.teacher.estimate >= lost.total.estimate
    if teacher == "yes" and (local == "no" or (local == "perhaps" and is_most and not facts.labels.student)):
        return "teacher_drift"
    rose = rest == "yes" or (rest == "perhaps" and facts.spread.reading == "fell")
    if "perhaps" in (local, teacher) or (facts.is_pinned and rose):
        return "inconclusive"
    unseen = facts.shared is None and facts.spread.reading == "fell"  # nothing familiar is left to compare
    is_open = _sees_too_little(facts.spread, rule) or is_unexplained(facts, rule) or may_be_stricter(facts, rule)
    return "inconclusive" if unseen or is_open else "healthy"


def _or_inconclusive(cause: Cause, facts: Facts, rule: Rule) -> Cause:
    """The cause, unless what is missing or set aside could turn it, or agreement did not even fall."""
    is_left = facts.student_aside >= MORE_MISSING or facts.labels.student or any(r.is_served for r in facts.regions)
    is_left = is_left or (facts.same is not None and facts.same.changed)
    if (cause == "healthy" and is_left) or explained_by_name(facts):
        return "inconclusive"
    if cause == "teacher_drift" and has_not_fallen(facts):
        return "inconclusive"
    missing = facts.missing
    if missing is None:
        return cause
    if cause == "healthy" and could_have_fallen(missing, facts.spread, rule):
        return "inconclusive"
    is_inferred = facts.attribution.teacher_inferred
    return "inconclusive" if cause == "teacher_drift" and is_inferred and missing.region is not None else cause


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
