"""A range of the teacher's scores that is narrower than held-out's: the same errors then cost more rank agreement."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from drift_core.measured import Measured
from drift_core.measures.scores import Scores
from drift_core.measures.unexplained_fall import cost_of_range

NARROWER = 0.85  # of the spread of the teacher's scores, as sd, up to which production's range is narrower (ours)
ALSO = 0.95  # of the student's, likewise: pairs of a narrower range narrow both, another scale but its own (ours)
NARROWED = 0.7  # of it, that is left of a region's range beside all pairs'
LEAST_IN_RANGE = 10  # pairs from which the range of a region is told
MOSTLY = 0.5  # of a part of the loss, that the range must cost before the part is called its own (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class NarrowedRange:
    """What a narrower range of the teacher's scores costs, and the share of held-out's range (sd) that is left.

    With `is_selected` both sides' scores moved as those of pairs do that are chosen by a score.
    """

    part: Measured
    left: float
    is_selected: bool = False

    def to_json(self) -> dict[str, object]:
        return {**self.part.to_json(), "share_left": self.left}

    @property
    def sentence(self) -> str:
        if self.is_selected:
            return (
                "Production's pairs look chosen by a score: both sides' scores moved as on held-out's pairs of such "
                f"scores, and among these the same errors cost more rank agreement ({self.part.figure('+.2f')})."
            )
        return (
            f"The teacher's scores lie closer together than on held-out (standard deviation {self.left:.0%} of that "
            "there), and the error did not rise: inside a narrower range the same errors cost more rank agreement "
            f"({self.part.figure('+.2f')})."
        )


def narrowed_range(
    heldout: Scores,
    production: Scores,
    *,
    groups: tuple[np.ndarray, np.ndarray],
    lost: Measured | None,
    is_selected: bool = False,
) -> NarrowedRange | None:
    """What of the agreement `lost` a narrower range costs by itself, at most all; None where that is little of it.

    Of pairs that look chosen by a score (`is_selected`) little is told too, as their errors may have risen beside it.
    `groups` are small groups of like queries, one entry a pair of each sample, whose mix is made equal first. Two
    answers and labels have no range.
    """
    has_range = heldout.is_ranked and not heldout.is_answered and np.ptp(heldout.teacher) > 0
    if not has_range or lost is None or lost.low <= 0:
        return None
    left = float(production.teacher.std() / heldout.teacher.std())
    if not is_selected and (left > NARROWER or production.student.std() > ALSO * heldout.student.std()):
        return None
    cost = cost_of_range(heldout, production, groups=groups, confidence=lost.confidence, is_selected=is_selected)
    if cost is None or cost.estimate <= (0 if is_selected else MOSTLY * lost.estimate):
        return None
    part = cost.moved(min(0.0, lost.estimate - cost.estimate))
    return NarrowedRange(part=part, left=left, is_selected=is_selected)


def narrowed_region(
    names: Mapping[int, str], labels: tuple[np.ndarray, np.ndarray], heldout: Scores, production: Scores
) -> tuple[str, float] | None:
    """The region whose range of teacher scores narrowed most beside all pairs', and the share of its sd left.

    None if none did clearly: a scale that changed by one factor narrows every region alike, and no agreement. `labels`
    are the region of each pair, by the numbers that have `names`.
    """
    everywhere = float(production.teacher.std() / heldout.teacher.std()) if np.ptp(heldout.teacher) > 0 else 1.0
    found = []
    for index, name in names.items():
        before, after = heldout.teacher[labels[0] == index], production.teacher[labels[1] == index]
        if min(len(before), len(after)) >= LEAST_IN_RANGE and np.ptp(before) > 0:
            found.append((name, float(after.std() / before.std())))
    narrowest = min(found, key=lambda each: each[1], default=None)
    return narrowest if narrowest and narrowest[1] <= NARROWED * min(everywhere, 1.0) else None
