"""What the cause is decided from, and what it can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from drift_core.calibration.calibration_test import CalibrationTest
from drift_core.diagnosis.attribution import Attribution
from drift_core.diagnosis.label_moves import NO_MOVES, LabelMoves
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.spread import SpreadTest
from drift_core.measured import Measurement
from drift_core.measures.level_ratios import Rise
from drift_core.regions.missing_scores import MissingScores
from drift_core.regions.moved_docs import DocsTest
from drift_core.regions.revision_effect import RevisedRegion

Cause = Literal["healthy", "query_drift", "document_drift", "teacher_drift", "query_and_teacher_drift", "inconclusive"]
CAUSE_WORDS: dict[str, str] = {
    "healthy": "healthy",
    "query_drift": "query drift",
    "document_drift": "document drift",
    "teacher_drift": "teacher drift",
    "query_and_teacher_drift": "query and teacher drift",
    "inconclusive": "inconclusive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the cause is decided from.

    `shared` is the rise of the log error over familiar pairs, under the pinned revision where all pairs have its score
    (`is_pinned`); `docs` is None when docs are absent or could not be compared. `revision` is the rise of the error
    between both revisions on the same pairs, None without pinned scores, and `revised` are the regions in which they
    differ more than elsewhere. `unexplained` is the fall that neither the mix
    of traffic, nor the range of the teacher's scores, nor coarser scores, nor new traffic that is usually weaker
    explains. `familiar_moved` tells whether the familiar regions changed their shares among themselves by much, so that
    a region that held-out hardly has may be part of that, and `student_changed` that a column names another student.
    `missing` are scores that today's teacher did not give; `odd`
    says which scores were no answers of a judge and are set aside, or came in another unit, and `student_aside` is the
    share of production's pairs that were set aside for the student's scores. `labels` says how the shares of labels
    moved, and `calibration` whether probabilities did, which is no cause.
    """

    spread: SpreadTest
    regions: Sequence[Region]
    shared: Rise | None
    attribution: Attribution
    docs: DocsTest | None
    is_pinned: bool
    revision: Rise | None = None
    revised: Sequence[RevisedRegion] = ()
    unexplained: Measurement | None = None
    familiar_moved: bool = False
    student_changed: bool = False
    missing: MissingScores | None = None
    odd: tuple[str, ...] = ()
    student_aside: float = 0.0
    labels: LabelMoves = NO_MOVES
    calibration: CalibrationTest | None = None
