"""A part of production that broke: since a day, at some hours or weekdays, or in a stretch of its rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from drift_core.measured import Measured, Measurement
from drift_core.measures.agreement import agreement
from drift_core.measures.level_ratios import rise_of, usual_factors
from drift_core.measures.residual_levels import ErrorSample
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition

Kind = Literal["time", "hours", "days", "rows"]
# Columns whose values are ways to serve; a new market or tenant that asks as others do is a cohort all the same.
WAYS = (
    "arm|variant|experiment|bucket|treatment|model|ranker|version|release|index|cache|shard|host|server|backend|route"
)
SERVING = re.compile(rf"(?<![a-z])({WAYS})(?![a-z])", re.IGNORECASE)
LEAST_QUERIES_ON_A_SIDE = 10  # on a side of a part, in a region of a mix, and in a step of held-out's hours


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BrokenPart:
    """Pairs of production that agree less than the others although their queries are of the same mix.

    Attributes
    ----------
    kind
        Whether a stretch of time, hours of the day, days of the week or a stretch of rows.
    name, others
        What it is called, and the others.
    inside
        Whether each production pair lies in it, bool of shape (n_production,).
    within, outside
        Agreement on both sides.
    chance
        That any part shows so much where none differs, over all that were looked at.
    start
        First time of it where it is a stretch of time, or rows come in the order of their times.
    note
        What more is seen in it; empty where nothing is.
    """

    kind: Kind
    name: str
    others: str
    inside: np.ndarray
    within: Measurement
    outside: Measurement
    chance: float
    start: np.datetime64 | None = None
    note: str = ""

    @property
    def sentence(self) -> str:
        """Where and how much less, and what more is seen."""
        told = f"Agreement, {self.name}: {figure_of(self.within)}; {self.others}: {figure_of(self.outside)}"
        return f"{told}{f'; {self.note}' if self.note else ''}."

    @property
    def figures(self) -> dict[str, float]:
        sides = {"within": self.within, "outside": self.outside}
        found = {name: side.estimate for name, side in sides.items() if isinstance(side, Measured)}
        return {"chance": self.chance, "n_pairs": float(self.inside.sum())} | found

    @property
    def fall(self) -> float:
        """How much less the pairs inside agree; 0 where a side could not be measured."""
        sides = [each.estimate for each in (self.outside, self.within) if isinstance(each, Measured)]
        return sides[0] - sides[1] if len(sides) == 2 else 0.0

    def among(self, pairs: np.ndarray, where: str, scores: Scores) -> "BrokenPart":
        """The part of some pairs alone, such as those of a region, named with them."""
        inside, outside = pairs & self.inside, pairs & ~self.inside
        sides = agreement(scores.take(inside)), agreement(scores.take(outside))
        return replace(self, name=f"{where} {self.name}", inside=inside, within=sides[0], outside=sides[1])

    @property
    def is_over(self) -> bool:
        """Whether it is a stretch of time that ended before production does: an incident."""
        return self.kind == "time" and " since " not in f" {self.name}"

    def cut(self, n_heldout: int) -> Partition:
        """Production cut in two by it."""
        names = {"hours": "hours of the day (UTC)", "days": "days of the week (UTC)", "time": "stretch of time"}
        name = names.get(self.kind, "order of rows")
        regions = (self.name, self.others)
        return Partition(
            name=name,
            kind="slice",
            regions=regions,
            terms=tuple((each,) for each in regions),
            heldout=np.zeros(n_heldout, dtype=np.int64),
            production=np.where(self.inside, 0, 1),
            reason=f"A scan along the {name}: so clear a part is found by chance at a rate of {self.chance:.2g}.",
        )

    def to_json(self) -> dict[str, object]:
        start = None if self.start is None else str(self.start)
        return {"kind": self.kind, "name": self.name, "sentence": self.sentence, "start": start, **self.figures}


def day_of(time: np.datetime64) -> str:
    stamp = pd.Timestamp(time)
    return f"{stamp.day} {stamp:%b %Y}"


def days_of(start: np.datetime64, end: np.datetime64) -> str:
    """A stretch of days, without what both ends share."""
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    if first.date() == last.date():
        return day_of(end)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_of(end)}"
    return f"{day_of(start)} to {day_of(end)}"


def figure_of(value: Measurement) -> str:
    return value.figure() if isinstance(value, Measured) else "unmeasured"


def is_of_its_mix(
    samples: tuple[ErrorSample, ErrorSample],
    cuts: Sequence[Partition],
    inside: np.ndarray,
    others: np.ndarray,
    *,
    side: int,
    alpha: float,
) -> bool:
    """Whether pairs err no more than held-out does, or others do, at their mix of the regions of some other cut."""
    heldout, production = samples
    every = np.ones(len(heldout.errors), dtype=bool)
    for cut in cuts:
        levels = heldout.levels(cut.heldout, cut.n_regions, every)
        enough = [each if each and each.n_queries >= LEAST_QUERIES_ON_A_SIDE else None for each in levels]
        factors = usual_factors(enough, heldout.level(every))
        after, before = production.adjusted(factors[cut.production]), heldout.adjusted(factors[cut.heldout])
        usual = [before.level(every), *([after.level(others)] if others.any() else [])]
        if any(rise_of(after.level(inside), each, side=side).p_value > alpha for each in usual):
            return True
    return False
