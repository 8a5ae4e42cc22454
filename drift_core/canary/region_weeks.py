"""Regions followed over the weeks: the same partition and name are the same region, see `registry`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from drift_core.canary.assessment import PooledRegion, WeekAssessment, each_sample_once
from drift_core.canary.figures import RegionFigure
from drift_core.measured import Measured
from drift_core.regions.named_region import DRAWN
from drift_core.wording import counted

Flag = Literal["as before", "drifted", "alarm", "not compared"]
NOTHING_TO_COMPARE = "its pairs are too few, or held-out is not the one of the baseline"
MIN_WEEKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionWeek:
    """A region in one week; `agreement` of its figure may be unmeasured."""

    week: WeekAssessment
    figure: RegionFigure

    @property
    def pooled(self) -> PooledRegion | None:
        """What its weeks up to this one say together; None where that was not asked."""
        key = (self.figure.partition, self.figure.name)
        return next((each for each in self.week.regions if (each.partition, each.name) == key), None)

    @property
    def flag(self) -> Flag:
        """Whether it alarmed, or was flagged by the diagnosis of its week, which knows no named region."""
        if self.pooled is not None and self.pooled.is_alarm:
            return "alarm"
        if self.pooled is None and self.figure.partition == DRAWN:
            return "not compared"
        return "drifted" if self.figure.drifted else "as before"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionWeeks:
    """One region over the weeks that have it.

    Attributes
    ----------
    partition, name
        Which region.
    weeks
        Its weeks in order, those in which it was too small to be measured included.
    carried
        Share of traffic times what it lost against held-out, summed over its weeks; a region that held-out lacks is
        held against the week's baseline.
    """

    partition: str
    name: str
    weeks: tuple[RegionWeek, ...]
    carried: float

    @property
    def n_drifted(self) -> int:
        """Weeks in which it was flagged or alarmed."""
        return sum(each.flag in ("drifted", "alarm") for each in self.weeks)

    @property
    def is_compared(self) -> bool:
        """Whether any of its weeks was held against anything."""
        return any(each.flag != "not compared" for each in self.weeks)

    @property
    def drifted_in_words(self) -> str:
        """Of all weeks that have it: an alarm is of its errors, and stands where its agreement is unmeasured."""
        return f"{self.n_drifted} of {counted(len(self.weeks), 'week', 'weeks')}"

    @property
    def since(self) -> str:
        """Day of the run that showed it first."""
        return self.weeks[0].figure.since or f"{self.weeks[0].week.run.at:%Y-%m-%d}"

    @property
    def sentence(self) -> str:
        """First and last seen, and what the weeks up to the last say together."""
        newest = self.weeks[-1]
        seen = f"{counted(len(self.weeks), 'week', 'weeks')} from {self.since} to {newest.week.run.at:%Y-%m-%d}"
        told = f"Region {self.name} ({self.partition}): {seen}"
        if newest.pooled is None:
            apart = f"; not compared in the last: {NOTHING_TO_COMPARE}" if newest.flag == "not compared" else ""
            return f"{told}{apart}."
        pooled = newest.pooled
        over = "week" if pooled.n_weeks == 1 else f"{pooled.n_weeks} weeks"
        told = f"{told}; over the last {over}, {counted(pooled.n_pairs, 'pair', 'pairs')}, its error was"
        surely = "not surely more" if newest.flag == "as before" else newest.flag
        return f"{told} {pooled.level / pooled.usual:.2f} times the usual: {surely}."


def follow_regions(weeks: Sequence[WeekAssessment], *, min_weeks: int = MIN_WEEKS) -> tuple[RegionWeeks, ...]:
    """Match regions by partition and name over the weeks, those flagged most often first, then by the loss they carry.

    Parameters
    ----------
    weeks
        Judged weeks in order, their runs with regions.
    min_weeks
        Fewest weeks in which a region must be measured; in weeks of earlier versions names of clusters changed.
    """
    found: dict[tuple[str, str], list[RegionWeek]] = {}
    for week in each_sample_once(weeks):
        if week.status == "gap":
            continue
        for figure in week.run.regions:
            found.setdefault((figure.partition, figure.name), []).append(RegionWeek(week=week, figure=figure))
    followed = [
        RegionWeeks(partition=partition, name=name, weeks=tuple(rows), carried=sum(map(_carried, rows)))
        for (partition, name), rows in found.items()
        if sum(isinstance(each.figure.agreement, Measured) for each in rows) >= min_weeks
    ]
    return tuple(sorted(followed, key=lambda each: (-each.n_drifted, -each.carried, each.name)))


def _carried(each: RegionWeek) -> float:
    now, before = each.figure.agreement, each.figure.agreement_heldout
    if before is None and each.week.baseline is not None:
        before = each.week.baseline.agreement.estimate
    if before is None or not isinstance(now, Measured):
        return 0.0
    return each.figure.share * (before - now.estimate)
