"""A look-alike as a result, and its check for narrowed ranges."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pandas as pd

from drift_core.diagnosis.region import Region
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition

NARROWED = 0.7  # of the range of the teacher's scores, as sd, that is left
LEAST_IN_RANGE = 10  # pairs from which the range of a region is told


Status = Literal["points_to", "ruled_out", "not_checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """One look-alike and what the data say about it.

    Attributes
    ----------
    name, title
        Stable name; the same in words.
    status
        "points_to", "ruled_out" or "not_checked".
    sentence
        Why, with its figure; for one that is not checked, which data would allow it.
    look_next
        What to look at if it is this.
    """

    name: str
    title: str
    status: Status
    sentence: str
    look_next: str

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def lookalikes_table(lookalikes: Sequence[Lookalike], *statuses: Status) -> pd.DataFrame:
    """Tabulate the look-alikes of some statuses."""
    rows = [(each.title, each.sentence) for each in lookalikes if each.status in statuses]
    return pd.DataFrame(rows, columns=["Look-alike", "Why"])


def narrowed_region(
    regions: Sequence[Region], partition: Partition, heldout: Scores, production: Scores
) -> tuple[str, float] | None:
    """The region whose range of teacher scores narrowed most beside all pairs', and the share of its sd left.

    None if none did clearly: a scale that changed by one factor narrows every region alike, and no agreement.
    """
    everywhere = float(production.teacher.std() / heldout.teacher.std()) if np.ptp(heldout.teacher) > 0 else 1.0
    found = []
    for region in regions:
        before = heldout.teacher[partition.heldout == region.index]
        after = production.teacher[partition.production == region.index]
        if min(len(before), len(after)) >= LEAST_IN_RANGE and np.ptp(before) > 0:
            found.append((region.name, float(after.std() / before.std())))
    narrowest = min(found, key=lambda each: each[1], default=None)
    return narrowest if narrowest and narrowest[1] <= NARROWED * min(everywhere, 1.0) else None
