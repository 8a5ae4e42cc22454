"""Why what familiar pairs lost may not be the teacher's, where the pinned revision did not score them."""

from collections.abc import Sequence

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.diagnosis.facts import rise_state
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import names_of
from drift_core.measures.level_ratios import Rise

DOCS_MOVED = "the docs moved: a fall on familiar queries can be theirs"
STUDENT_CHANGED = "the student changed: a fall on familiar queries can be its own"
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
        (may_be_the_teachers, f"the fall of {names_of(fallen, n_named=1)} may be the teacher's"),
    )
    return next((reason for is_there, reason in doubts if is_there), "")
