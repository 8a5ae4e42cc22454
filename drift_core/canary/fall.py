"""A fall of agreement placed: since when, in which regions, or across all. Canary, history and gate tell it by this."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from drift_core.agreement.rule import Rule
from drift_core.canary.assessment import PooledRegion, WeekAssessment, blamed_regions, each_sample_once
from drift_core.canary.change_point import ChangePoint, find_change
from drift_core.canary.figures import RegionFigure
from drift_core.canary.region_moves import (
    TINY,
    RegionMove,
    error_of,
    is_measured,
    level_of,
    moved_regions,
    usual_of,
    widest,
)
from drift_core.regions.named_region import DRAWN
from drift_core.wording import counted, in_quotes

MOST = 0.5  # of the fall, from which "most of it" is true
PARTS = "first seen in the same week; they may be parts of one topic"
NAMED = 3  # of the regions of a fall that lies in none


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """Where a fall lies, for all who tell it.

    Attributes
    ----------
    change
        Since when agreement lies below its baseline; None where it does not.
    moves
        Regions that drifted or alarmed since, in the order of `moved_regions`.
    n_compared
        Regions that were measured in its weeks.
    regions, n_worse, n_lacking
        Names of the regions that stand for all traffic, the one with most of it first, how many of them are worse, and
        of how many held-out has too little.
    is_blamed
        Whether the diagnosis of its last week blames a region, by its own weeks.
    """

    change: ChangePoint | None
    moves: tuple[RegionMove, ...] = ()
    n_compared: int = 0
    regions: tuple[str, ...] = ()
    n_worse: int = 0
    n_lacking: int = 0
    is_blamed: bool = False

    @property
    def places(self) -> tuple[RegionMove, ...]:
        """The regions that surely fell more than the rest."""
        return tuple(each for each in self.moves if each.is_place)

    @property
    def is_across(self) -> bool:
        """Whether all regions fell and none more than the rest."""
        return not self.places and not self.is_blamed and 1 < len(self.regions) == self.n_worse

    def lies_nowhere(self, week: WeekAssessment) -> bool:
        """Whether an alarm is to say that its fall lies in no region: one of all traffic, or one where all fell."""
        return self.change is not None and not self.places and ("agreement" in week.signals or self.is_across)

    def told_nowhere(self, week: WeekAssessment) -> str:
        """That it lies in no region, for the alarm itself; empty where it does, or regions cannot be counted."""
        return self.nowhere if self.lies_nowhere(week) and len(self.regions) > 1 else ""

    @property
    def lacking(self) -> str:
        """Of how many of the regions held-out has too little, which a fall across all does not show; else empty."""
        of = "any" if self.n_lacking == len(self.regions) else f"{self.n_lacking} of them"
        return f"held-out has too little of {of}" if self.n_lacking else ""

    @property
    def leading(self) -> str:
        """The region that carries most, and those as new: a topic may be cut, and which part leads changes."""
        first, *others = self.places
        parts = [first, *(each for each in others if are_parts(first, each))]
        is_most = sum(each.carried for each in parts) >= MOST
        told = f" ({PARTS})" if len(parts) > 1 else ""
        names = names_together([in_quotes(each.name) for each in parts])
        return f"{'Most of it: ' if is_most else 'It fell most in '}{names}{told}"

    @property
    def nowhere(self) -> str:
        """That no region fell more than the rest, and how many fell; for a fall that has no place."""
        if self.n_compared == 1:
            return "Only one region is measured in these weeks, so no part of the traffic can be held against the rest."
        if len(self.regions) <= 1:
            regions = f"any of the {self.n_compared} regions"
            none = "none fell surely more than the rest" if self.moves else "none was flagged"
            return f"The fall cannot be placed in {regions}: {none}, so it fell across all, or in too few pairs."
        n = len(self.regions)
        if not self.is_across:
            fell = counted(n, "region", "regions")
            return f"No region fell surely more than the rest: {self.n_worse} of {fell} got worse."
        names = "; ".join(self.regions[:NAMED])  # names have commas
        more = f"; and {n - NAMED} more" if n > NAMED else ""
        lacking = f", and {self.lacking}" if self.lacking else ""
        told = f"It fell across all {n} regions, none surely more than the rest{lacking}"
        return f"{told}; by their traffic: {names}{more}."


def are_parts(first: RegionMove | PooledRegion, other: RegionMove | PooledRegion) -> bool:
    """Whether two regions that held-out has too little of came in the same week, as parts of one topic may."""
    alike = all((each.partition, each.is_new) == (first.partition, True) for each in (first, other))
    return alike and first.since is not None and first.since == other.since and first.partition != DRAWN


def names_together(names: Sequence[str]) -> str:
    """Name regions told as one, whose names may have commas: ``x; y and z``."""
    return " and ".join(filter(None, ("; ".join(names[:-1]), *names[-1:])))


def place_fall(weeks: Sequence[WeekAssessment], week: WeekAssessment, *, rule: Rule) -> Fall:
    """Say since when and where agreement fell, by the weeks up to one that alarms.

    Parameters
    ----------
    weeks
        Judged weeks in order, `week` the last; only those that share its baseline count.
    week
        The one that alarms.
    rule
        Its confidence level is that of the change-point and of places, and its effect floor the least fall that has
        one.
    """
    alike = [each for each in weeks if each.baseline == week.baseline]
    change = find_change(alike, confidence=rule.confidence)
    if change is not None and change.fall < rule.alarm_loss:
        change = None
    since = week.run.at if change is None else change.at
    inside = each_sample_once([each for each in alike if each.run.at >= since and each.status != "gap"])
    rows = _large(inside, rule) if inside else {}
    rises = [_rise(own, inside) for own in rows.values()]
    # by chance all regions but one exceed it once in twenty, where these are as usual
    limit = max(0.0, NormalDist().inv_cdf(1 - (1 - rule.confidence) ** (1 / max(1, len(rises) - 1))))
    return Fall(
        change=change,
        moves=moved_regions(inside, confidence=rule.confidence),
        n_compared=len({(r.partition, r.name) for w in inside for r in w.run.regions if is_measured(r)}),
        regions=tuple(rows),
        n_worse=sum(each > limit for each in rises),
        n_lacking=sum(own[-1].is_new for own in rows.values()),
        is_blamed=bool(blamed_regions(week.run)),
    )


def _large(weeks: Sequence[WeekAssessment], rule: Rule) -> dict[str, list[RegionFigure]]:
    """The large regions of the widest partition over the weeks, the one with most of the traffic first."""
    rows: dict[str, list[tuple[float, RegionFigure]]] = {}
    for traffic, each in widest(weeks):
        rows.setdefault(each.name, []).append((traffic, each))
    ordered = sorted(rows.items(), key=lambda row: -sum(traffic for traffic, _ in row[1]))
    found = {name: [each for _, each in own] for name, own in ordered}
    least = rule.region_min_queries
    return {name: own for name, own in found.items() if sum(each.n_queries or 0 for each in own) >= least}


def _rise(rows: Sequence[RegionFigure], weeks: Sequence[WeekAssessment]) -> float:
    """Rise of a region's error in its standard errors."""
    return math.log(max(level_of(rows), TINY) / usual_of(rows, weeks)) / error_of(rows, weeks)
