"""What the cause is decided from, and what it can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.calibration.calibration_test import CalibrationTest
from drift_core.diagnosis.label_moves import NO_MOVES, LabelMoves
from drift_core.diagnosis.region import Region
from drift_core.distributions.dropped_values import DroppedValue
from drift_core.distributions.other_names import OtherName
from drift_core.distributions.same_pairs import SamePairs
from drift_core.measured import Measured, Measurement
from drift_core.measures.intervals import p_above_zero
from drift_core.measures.level_ratios import Rise, loss_implied
from drift_core.measures.selection import NO_SELECTION, Selection
from drift_core.operations.broken_part import BrokenPart
from drift_core.operations.missing_scores import MissingScores
from drift_core.regions.attribution import Attribution
from drift_core.regions.moved_docs import DocsTest
from drift_core.regions.revision_effect import RevisedRegion

State = Literal["yes", "perhaps", "no"]
UNLIKE = 0.8  # of production in regions that held-out hardly has, from which held-out says nothing of it (ours)
MOST_OF_IT = 0.5  # share of a fall that what is no drift must explain, before a verdict is healthy (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the cause is decided from.

    `shared` is the rise of the log error over familiar pairs, under the pinned revision where all pairs have its score
    (`is_pinned`); `docs` is None when docs are absent or could not be compared. `revision` is the rise of the error
    between both revisions on the same pairs, None without pinned scores, and `revised` are the regions in which they
    differ more than elsewhere, `revised_alone` where nothing rose beyond chance outside them. `unexplained` is the fall
    that neither the mix of traffic, nor the range of the teacher's scores, nor coarser scores, nor new traffic that is
    usually weaker explains. `familiar_moved` tells whether the familiar regions changed their shares among themselves
    by much, so that a region that held-out hardly has may be part of that, and `student_changed` and `teacher_changed`
    that a column names another student, or another version of the teacher, or pinned scores of few pairs show one.
    `missing` are scores that today's teacher did not give; `odd`
    says by name and sentence which scores are no answers of a judge, or came in another unit, and what was set aside to
    compare like with like, and `student_aside` is the share of production's pairs that were set aside for the
    student's scores. `dropped` are values of the scale that one side no longer gives, and answers under another name.
    `labels` says how the shares of labels moved, and `calibration` whether probabilities did, which is no cause; `part`
    is a part of production that broke, and `docs_changed` the drifted region whose docs are of another length, and how.
    `is_cleared` tells that no teacher is why familiar regions fell, and `drifted_share` is production's share in all
    drifted regions together; `version_less` says which version of the student agrees less than another. `selection`
    tells whether production looks chosen by a score, `is_pairwise` that judges say which of two is better,
    `scale_moved` which scale moved, which ranks do not see, `same` what happened on pairs that both samples hold,
    `left` how far production's pairs in no drifted region agree less than held-out, and `top_fell` how far the overlap
    of the tops fell, where that is clear. `revised_share` is the share of pairs to which a revision gave another score
    where all others kept theirs to the digit.
    """

    spread: SpreadTest
    regions: Sequence[Region]
    shared: Rise | None
    attribution: Attribution
    docs: DocsTest | None
    is_pinned: bool
    revision: Rise | None = None
    revised: Sequence[RevisedRegion] = ()
    revised_alone: bool = False
    unexplained: Measurement | None = None
    familiar_moved: bool = False
    student_changed: bool = False
    teacher_changed: bool = False
    missing: MissingScores | None = None
    odd: tuple[tuple[str, str], ...] = ()
    dropped: tuple[DroppedValue | OtherName, ...] = ()
    student_aside: float = 0.0
    labels: LabelMoves = NO_MOVES
    calibration: CalibrationTest | None = None
    part: BrokenPart | None = None
    docs_changed: tuple[str, str] = ("", "")
    is_cleared: bool = False
    drifted_share: float = 0.0
    version_less: str = ""
    selection: Selection = NO_SELECTION
    is_pairwise: bool = False
    scale_moved: str = ""
    same: SamePairs | None = None
    left: Measurement | None = None
    top_fell: str = ""
    revised_share: float | None = None


def unlike_share(regions: Sequence[Region]) -> float:
    """Share of production in regions of the first partition that held-out hardly has."""
    return sum(each.share_production for each in regions if each.is_new and each.partition == regions[0].partition)


def rest_of(facts: Facts, rule: Rule) -> State:
    """Whether familiar pairs got worse; with pinned scores that is not the teacher's doing.

    Pairs chosen by one side's score err more by the other's, so that there the fall among like scores must say so too;
    where it cannot tell a material loss from none, a sure rise stays in doubt.
    """
    rose, left = rise_state(facts.shared, facts.spread, rule), facts.selection.left
    if facts.selection.along == "yes" and left is None:  # the shares of labels explain it
        return "no"
    if not isinstance(left, Measured):
        return rose
    order: tuple[State, ...] = ("no", "perhaps", "yes")
    alike = state_of(p_above_zero(left), left.estimate, rule)
    if rose == "yes" and alike == "no" and left.high >= rule.material_loss:
        return "perhaps"
    return min(rose, alike, key=order.index)


def rise_state(shared: Rise | None, spread: SpreadTest, rule: Rule) -> State:
    """Whether what familiar pairs share is a rise that costs agreement."""
    if shared is None or not isinstance(spread.heldout, Measured):
        return "no"
    return state_of(
        shared.p_value, loss_implied(spread.heldout.estimate, shared.estimate, measure=spread.measure), rule
    )


def state_of(p_value: float, loss: float, rule: Rule) -> State:
    """Whether a loss is there, by its chance and its size."""
    if loss < rule.smallest_loss or p_value > rule.alpha:
        return "no"
    return "yes" if p_value <= rule.cause_alpha else "perhaps"


def may_be_student(facts: Facts, teacher: State, rule: Rule) -> bool:
    """Whether the student changed and familiar traffic got worse, or may have, which no measured revision explains."""
    is_revision = teacher == "yes" and not facts.is_pinned
    return facts.student_changed and not is_revision and rest_of(facts, rule) != "no"


def is_or_student(cause: str, facts: Facts) -> bool:
    """Whether the teacher is named by what familiar pairs lost alone, which another student's scores lose as well."""
    part = facts.attribution.teacher
    is_measured = facts.revision is not None and part is not None and not facts.attribution.teacher_inferred
    return "teacher" in cause and not is_measured and not facts.teacher_changed


def served_of(facts: Facts, rule: Rule) -> tuple[Region, ...]:
    """Parts of production that surely agree less although their queries are like the rest's.

    None where the rest are pairs of a held-out that looks chosen.
    """
    if facts.same is not None and facts.same.is_chosen:
        return ()
    drifted = (each for each in facts.regions if each.is_served and each.drifted)
    return tuple(each for each in drifted if (each.adjusted or 0.0) <= rule.new_alpha)


def explained_by_name(facts: Facts) -> OtherName | None:
    """What explains the answers without drift, for sure or where no measured revision does and nothing else drifted."""
    part, others = facts.attribution.teacher, [each.label for each in facts.regions if each.drifted]
    is_revised = facts.revision is not None and part is not None and part.low > 0
    for each in (each for each in facts.dropped if isinstance(each, OtherName)):
        is_alone = all(label in each.clause or not each.where for label in others)
        is_open = not is_revised and is_alone and facts.spread.reading != "held"
        if each.only_raises:
            is_open = not others and facts.spread.reading != "fell"
        if each.is_sure or is_open:
            return each
    return None


def is_not_the_teacher(facts: Facts, rule: Rule) -> bool:
    """Whether all familiar traffic got worse, no region more than the rest, and a measured revision is not why."""
    part = facts.attribution.teacher
    if facts.revision is None or part is None or facts.attribution.teacher_inferred:
        return False
    fall = facts.spread.spread
    most = MOST_OF_IT * fall.estimate if isinstance(fall, Measured) else 0.0
    return (
        part.high < max(most, rule.smallest_loss)
        and rest_of(facts, rule) == "yes"
        and not any(region.drifted for region in facts.regions)
    )


def is_unexplained(facts: Facts, rule: Rule) -> bool:
    """Whether what is no drift leaves clearly some of a sure fall, most at a like mix, or one in doubt that matters.

    A fall that is too little to matter leaves nothing to explain. Of one that a narrower range of either side's scores
    costs a part of, the rest is left.
    """
    fall, left = facts.spread.spread, facts.unexplained
    if not (isinstance(fall, Measured) and isinstance(left, Measured)) or facts.spread.reading == "held":
        return False
    narrowed = facts.attribution.score_range
    if narrowed:
        left = left.moved(min(0.0, fall.estimate - narrowed.part.estimate - left.estimate))
    if fall.low <= 0:
        is_likely = p_above_zero(fall) <= (1 - rule.power) / 2  # its 80 % interval lies above zero
        return is_likely and not facts.familiar_moved and min(fall.estimate, left.estimate) >= rule.material_loss
    is_left = left.low > 0 or (not facts.familiar_moved and left.estimate > MOST_OF_IT * fall.estimate)
    return is_left and min(fall.estimate, left.estimate) >= rule.smallest_loss


def may_be_stricter(facts: Facts, rule: Rule) -> bool:
    """Whether the teacher's labels moved in like queries and that costs what matters, which a revision may have done.

    Scores of the pinned revision that show no such cost rule it out, and so do the student's labels where they moved
    along, as other traffic moves both.
    """
    fall, part = facts.spread.spread, facts.attribution.teacher
    if not (isinstance(fall, Measured) and fall.estimate >= rule.material_loss):
        return False
    if not facts.labels.is_material or facts.selection.along == "yes":
        return False
    return part is None or facts.attribution.teacher_inferred or part.high >= rule.material_loss


def leaves_labels_open(labels: LabelMoves, selection: Selection) -> bool:
    """Whether the teacher's labels moved so that like traffic may have moved them; a revision moves them alone."""
    return labels.is_material and selection.along != "no"


def is_open_to_others(facts: Facts, rule: Rule) -> bool:
    """Whether what familiar pairs lost has a reason that speaks against the teacher, or one that nobody can tell."""
    return (
        facts.selection.student_moved
        or (leaves_labels_open(facts.labels, facts.selection) and may_be_stricter(facts, rule))
        or (facts.is_pairwise and not facts.teacher_changed)
        or (facts.same is not None and facts.same.is_chosen)
    )


def has_not_fallen(facts: Facts) -> bool:
    """Whether familiar errors rose although agreement did not fall; without pinned scores that is no revision yet."""
    spread = facts.spread.spread
    return facts.attribution.teacher_inferred and isinstance(spread, Measured) and spread.estimate <= 0


def could_have_fallen(missing: MissingScores, spread: SpreadTest, rule: Rule) -> bool:
    """Whether agreement could have fallen with what is missing: where that is by chance, by more than chance."""
    before, now, fall = spread.heldout, spread.production, spread.spread
    if not (isinstance(before, Measured) and isinstance(now, Measured) and isinstance(fall, Measured)):
        return True
    is_told = not missing.is_by_chance or fall.low + now.estimate - missing.lowest > 0
    return is_told and before.estimate - missing.lowest >= rule.material_loss


def keeps_open(missing: MissingScores | None, spread: SpreadTest, rule: Rule) -> bool:
    """Whether scores are missing that may hide what would be told with them."""
    return missing is not None and (not missing.is_by_chance or could_have_fallen(missing, spread, rule))
