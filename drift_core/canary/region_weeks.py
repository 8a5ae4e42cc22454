"""Regions followed over the weeks: the same partition and name are the same region."""

from collections.abc import Sequence
from dataclasses import dataclass

from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.run import RegionFigure
from drift_core.measured import Measured

MIN_WEEKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionWeek:
    """A region in one week; `agreement` of its figure may be unmeasured."""

    week: WeekAssessment
    figure: RegionFigure


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
        """Weeks in which it was flagged."""
        return sum(each.figure.drifted for each in self.weeks)


def follow_regions(weeks: Sequence[WeekAssessment], *, min_weeks: int = MIN_WEEKS) -> tuple[RegionWeeks, ...]:
    """Match regions by partition and name over the weeks, the one that carries most loss first.

    Parameters
    ----------
    weeks
        Judged weeks in order, their runs with regions.
    min_weeks
        Fewest weeks in which a region must be measured; names of clusters differ from week to week.
    """
    found: dict[tuple[str, str], list[RegionWeek]] = {}
    for week in weeks:
        if week.status == "gap":
            continue
        for figure in week.run.regions:
            found.setdefault((figure.partition, figure.name), []).append(RegionWeek(week=week, figure=figure))
    followed = [
        RegionWeeks(partition=partition, name=name, weeks=tuple(rows), carried=sum(map(_carried, rows)))
        for (partition, name), rows in found.items()
        if sum(isinstance(each.figure.agreement, Measured) for each in rows) >= min_weeks
    ]
    return tuple(sorted(followed, key=lambda each: (-(each.n_drifted > 0), -each.carried, each.name)))


def _carried(each: RegionWeek) -> float:
    now, before = each.figure.agreement, each.figure.agreement_heldout
    if before is None and each.week.baseline is not None:
        before = each.week.baseline.agreement.estimate
    if before is None or not isinstance(now, Measured):
        return 0.0
    return each.figure.share * (before - now.estimate)
