"""Labels whose shares moved: a teacher that gives another mix, a student that gives one alone, or one less often."""

from dataclasses import dataclass

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.findings import Finding
from drift_core.distributions.both_orders import STUDENT_LEANS, came_to_lean
from drift_core.distributions.label_measures import LabelMeasures
from drift_core.measured import Measured, Measurement, figure
from drift_core.measures.agreement import agreement_difference
from drift_core.measures.influence import influence_of
from drift_core.measures.label_shares import RisenLabel, cost_of_shares, label_shares, risen_label
from drift_core.measures.scores import Scores
from drift_core.regions.query_move import MOVED_P, MOVED_SHARE
from drift_core.wording import counted, one_line

COLLAPSED = 0.1  # of the share that a student's other labels had, below which it gives one label alone (ours)
MOST_OF_IT = 0.5  # share of the fall that verdicts which hang on the order must come to, to be what is told (ours)
TEACHER_KEEPS = 0.5  # of what the teacher gave of those labels, above which it still gives them (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMoves:
    """What moved in the shares of labels.

    Attributes
    ----------
    teacher
        How the teacher's shares moved, as a clause; empty where they did not surely.
    cost
        Agreement that the teacher's shares cost by themselves, beyond what the mix of traffic explains; 0 where they
        did not surely move.
    is_material
        Whether that is a material loss, or part of a sure one that the mix does not explain.
    student
        The label that the student gives alone, or by which place of an answer it now goes, as a clause; else empty.
    recall
        The label of the teacher that the student gives back surely less often than on held-out, as a sentence; the one
        that fell most, and empty where none did.
    findings
        Teacher and student as findings.
    """

    teacher: str = ""
    cost: float = 0.0
    is_material: bool = False
    student: str = ""
    recall: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def leans(self) -> str:
        """Which place of an answer the student alone came to prefer; empty where none."""
        return next((each.clause for each in self.findings if each.name == STUDENT_LEANS), "")


NO_MOVES = LabelMoves()


def student_leans(measured: LabelMeasures | None, fall: Measurement, rule: Rule) -> Finding | None:
    """Find that the student alone came to prefer a place of the answers, and that this makes most of the fall.

    Of a comparison that the student answers otherwise in each order, one of two verdicts is not a steady teacher's.
    """
    before, after = (None, None) if measured is None else (measured.heldout.orders, measured.production.orders)
    if before is None or after is None or not isinstance(fall, Measured) or fall.estimate < rule.smallest_loss:
        return None
    more = came_to_lean(before, after)
    if more is None or more / 2 < MOST_OF_IT * fall.estimate:
        return None
    now, then = after.student, before.student
    return Finding(
        name=STUDENT_LEANS,
        sentence=f"Asked in both orders, the student gives one answer in {now.consistent:.0%} of comparisons, in "
        f"{then.consistent:.0%} on held-out, and the answer shown first wins {now.first:.0%}; the teacher is as steady "
        f"as before: {after.teacher.consistent:.0%}, {before.teacher.consistent:.0%} on held-out.",
        figures={"more_inconsistent": more},
        clause=f"the student leans to the answer shown {now.leans}, the teacher does not",
    )


def find_label_moves(
    heldout: Scores,
    production: Scores,
    *,
    at_mix: tuple[Scores, Scores],
    fall: float,
    labels: tuple[str, ...],
    rule: Rule,
) -> LabelMoves:
    """Find how the shares of labels moved; nothing for scores that rank.

    Parameters
    ----------
    heldout, production
        Labels of both samples.
    at_mix
        Both of like queries: held-out's weighted to production's mix of traffic; see `at_production_mix`.
    fall
        Held-out agreement minus production agreement.
    labels
        What the codes stand for.
    """
    if heldout.is_ranked:
        return NO_MOVES
    teacher, like_queries = (_teacher_moved(*each, rule) for each in ((heldout, production), at_mix))
    student = _student_collapsed(heldout, production, labels, rule)
    told = teacher or like_queries
    clause = "" if told is None else _clause(told, labels)
    cost = 0.0 if like_queries is None else cost_of_shares(*at_mix)
    findings = (None if teacher is None else _shares_moved(heldout, production, teacher, clause, fall, rule), student)
    return LabelMoves(
        teacher=clause,
        cost=cost,
        is_material=cost >= rule.material_loss or (cost >= rule.smallest_loss and _fell(*at_mix, rule)),
        student="" if student is None else student.sentence.removesuffix(".").replace("The", "the", 1),
        recall=_recall_fell(heldout, production, labels, rule),
        findings=tuple(each for each in findings if each),
    )


def _teacher_moved(heldout: Scores, production: Scores, rule: Rule) -> RisenLabel | None:
    risen = risen_label(heldout, production, side="teacher", confidence=1 - MOVED_P)
    matters = risen.rise >= MOVED_SHARE or abs(cost_of_shares(heldout, production)) >= rule.smallest_loss
    return risen if risen.is_sure and matters else None


def _fell(heldout: Scores, production: Scores, rule: Rule) -> bool:
    fall = agreement_difference(heldout, production, confidence=rule.confidence)
    return isinstance(fall, Measured) and fall.low > 0 and fall.estimate >= rule.material_loss


def _clause(risen: RisenLabel, labels: tuple[str, ...]) -> str:
    name = one_line(labels[risen.code])
    return f"the teacher gives '{name}' to {risen.after:.0%} of production, {risen.before:.0%} of held-out"


def _shares_moved(
    heldout: Scores, production: Scores, risen: RisenLabel, clause: str, fall: float, rule: Rule
) -> Finding:
    cost = cost_of_shares(heldout, production)
    if abs(cost) < rule.smallest_loss:
        comes_to = f"that alone changes agreement by less than {figure(rule.smallest_loss, '-', is_share=True)}"
    elif min(cost, fall) >= rule.smallest_loss:
        comes_to = f"that explains {figure(min(cost, fall), '-', is_share=True)} of the fall"
    else:
        comes_to = (
            f"that alone {'lowers' if cost > 0 else 'raises'} agreement by {figure(abs(cost), '-', is_share=True)}"
        )
    return Finding(
        name="label_shares_moved",
        sentence=f"{clause[0].upper()}{clause[1:]}: at the student's errors by label {comes_to}.",
        figures={"share_heldout": risen.before, "share_production": risen.after, "cost": cost},
    )


def _recall_fell(heldout: Scores, production: Scores, labels: tuple[str, ...], rule: Rule) -> str:
    """Tested label by label, each at its part of alpha (Bonferroni)."""
    fell = []
    for code, label in enumerate(labels):
        sides = [scores.take(scores.teacher == code) for scores in (heldout, production)]
        fall = agreement_difference(*sides, confidence=1 - rule.alpha / len(labels))
        if isinstance(fall, Measured) and fall.low > 0 and fall.estimate >= rule.material_loss:
            fell.append((fall.estimate, code, label, [1 - influence_of(side).estimate for side in sides]))
    if not fell:
        return ""
    _, code, label, (before, after) = max(fell)
    other = f"'{one_line(labels[1 - code])}'" if len(labels) == 2 else "another label"
    return (
        f"Of 100 pairs to which the teacher gives '{one_line(label)}', the student gives {100 * after:.0f} {other}, "
        f"where it was {100 * before:.0f} on held-out."
    )


def _student_collapsed(heldout: Scores, production: Scores, labels: tuple[str, ...], rule: Rule) -> Finding | None:
    """The label that the student gives to all of production or nearly, which neither held-out nor the teacher show."""
    risen = risen_label(heldout, production, side="student", confidence=1 - MOVED_P)
    others = 1 - risen.before, 1 - risen.after
    teacher = [1 - each[risen.code] for each in label_shares(heldout, production, side="teacher")]
    is_alone = others[1] < COLLAPSED * others[0] and teacher[1] >= TEACHER_KEEPS * teacher[0] > 0
    if not (risen.is_sure and is_alone and others[0] >= rule.material_loss):
        return None
    to = "every production pair" if others[1] == 0 else f"{risen.after:.1%} of production pairs"
    n_labels = counted(len(np.unique(heldout.student)), "label", "labels")
    return Finding(
        name="student_gives_one_label",
        sentence=f"The student gives '{one_line(labels[risen.code])}' to {to}; on held-out it gives {n_labels}, this "
        f"one to {risen.before:.0%}.",
        figures={"share_heldout": risen.before, "share_production": risen.after},
    )
