"""Why what familiar pairs lost may not be the teacher's, where the pinned revision did not score them."""

from collections.abc import Sequence

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.diagnosis.facts import leaves_labels_open, rise_state
from drift_core.diagnosis.label_moves import NO_MOVES, LabelMoves
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import names_of
from drift_core.measures.level_ratios import Rise
from drift_core.measures.selection import NO_SELECTION, Selection

DOCS_MOVED = "the docs moved: a fall on familiar queries can be theirs"
STUDENT_CHANGED = "the student changed: a fall on familiar queries can be its own"
STUDENT_MOVED = "the student's scores moved too, which no revision does"
FEW_FOR_MANY = (
    "familiar traffic changed its shares by much: few held-out pairs stand for many, and what changed inside regions "
    "can be mix"
)


def doubt_of_teacher(
    regions: Sequence[Region],
    shared: Rise | None,
    spread: SpreadTest,
    *,
    docs_moved: bool,
    student_changed: bool,
    familiar_moved: bool,
    rule: Rule,
    selection: Selection = NO_SELECTION,
    labels: LabelMoves = NO_MOVES,
    is_pairwise: bool = False,
) -> str:
    """Say why the teacher's part is not inferred from familiar pairs, as a clause; empty where nothing speaks against.

    A familiar region that fell is none of the pairs that it is inferred from, and yet the teacher may have changed
    there alone; where all the others rose too, they show at least what it did to all.
    """
    fallen = [region for region in regions if region.is_familiar_fall]
    may_be_the_teachers = bool(fallen) and rise_state(shared, spread, rule) != "yes"
    doubts = (
        (docs_moved, DOCS_MOVED),
        (student_changed, STUDENT_CHANGED),
        (familiar_moved, FEW_FOR_MANY),
        (leaves_labels_open(labels, selection), f"{labels.teacher}, which costs agreement by itself"),
        (selection.student_moved, STUDENT_MOVED),
        (is_pairwise, "pairs that are closer calls would show the same"),
        (may_be_the_teachers, f"the fall of {names_of(fallen, n_named=1)} may be the teacher's"),
    )
    return next((reason for is_there, reason in doubts if is_there), "")
