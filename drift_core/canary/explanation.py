"""What an alarm is about: since when, which regions moved, and what happened at that time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from drift_core.agreement.rule import Rule
from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.change_point import ChangePoint, find_change
from drift_core.canary.decision import Decision
from drift_core.canary.events import Event, find_events
from drift_core.canary.figures import RegionFigure
from drift_core.measured import Measured, figure
from drift_core.regions.named_region import DRAWN
from drift_core.wording import in_a_row, in_quotes

NEAR = timedelta(days=7)  # an event shows in the first run after it
CAUSES = ("teacher_revision", "student_release", "new_region")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionMove:
    """A region since the change: agreement on held-out, and on its pairs of the weeks since, which `n_weeks` counts.

    `share` is of the traffic of these weeks, at the weights of their samples; `since` is the day that showed it first.
    """

    partition: str
    name: str
    share: float
    before: float | None
    now: float
    n_pairs: int
    n_weeks: int
    is_new: bool
    is_share: bool = False
    since: str | None = None

    @property
    def levels(self) -> tuple[str, str]:
        """Agreement before and now as they are told; "new" where held-out has too little of it."""
        before = "new" if self.before is None or self.is_new else figure(self.before, is_share=self.is_share)
        return before, figure(self.now, is_share=self.is_share)

    @property
    def carried(self) -> float:
        """Share of traffic times what it lost; for a new region its disagreement stands for the loss."""
        return self.share * ((1.0 if self.before is None else self.before) - self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the newest alarm is about.

    Attributes
    ----------
    week
        The newest alarmed week.
    change
        Since when agreement lies below its baseline; None where it does not, as after a bridge has moved the baseline.
    regions
        Regions that drifted or alarmed since, the one that carries most first.
    coinciding
        Revisions, releases and new regions within the change's interval, or about its week where there is none, that
        came no later than its first alarm; of new regions those that the week has.
    ended
        The first quiet week after it; None where it stands.
    n_compared
        Regions that were measured in its weeks.
    """

    week: WeekAssessment
    change: ChangePoint | None
    regions: tuple[RegionMove, ...]
    coinciding: tuple[Event, ...]
    ended: datetime | None = None
    n_compared: int = 0

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it alarmed, in the past once it is over, with its end."""
        if self.ended is None:
            return self.week.reasons
        return (*self.week.past_reasons, f"It is over: the week of {self.ended:%Y-%m-%d} was quiet.")

    @property
    def no_region(self) -> str:
        """Why no region is named; empty where one is."""
        if self.regions:
            return ""
        if not self.n_compared:
            return "The weeks since carry no regions, so where it fell is unknown."
        regions = "the one region" if self.n_compared == 1 else f"any of the {self.n_compared} regions"
        return f"The fall cannot be placed in {regions}: none was flagged, so it fell across all, or in too few pairs."

    @property
    def sentence(self) -> str:
        if self.change is None:
            return " ".join(self.reasons)
        where = f" Most of it: {self._leading}." if self.regions else ""
        beside = f" It coincides with: {'; '.join(each.label for each in self.coinciding)}." if self.coinciding else ""
        return self.change.told("is" if self.ended is None else "was") + where + beside

    @property
    def _leading(self) -> str:
        """The region that carries most, and those as new: a topic may be cut, and which part leads changes."""
        first, *others = self.regions
        is_born = first.is_new and first.since is not None and first.partition != DRAWN
        alike = (first.partition, True, first.since)
        beside = [each.name for each in others if is_born and (each.partition, each.is_new, each.since) == alike]
        told = " (new in the same week; they may be parts of one topic)" if beside else ""
        return in_a_row([in_quotes(name) for name in (first.name, *beside)]) + told


def explain_alarm(
    weeks: Sequence[WeekAssessment],
    decisions: Sequence[Decision] = (),
    *,
    rule: Rule | None = None,
    of: WeekAssessment | None = None,
) -> Explanation | None:
    """Explain the newest alarm or another, or give None where there is none.

    Parameters
    ----------
    weeks
        All judged weeks in order, their runs with regions where regions are wanted.
    decisions
        What people decided.
    rule
        Its confidence level is that of the change-point, and its effect floor the least fall that has one.
    of
        The alarmed week to explain, where it is not the newest.
    """
    places = [place for place, week in enumerate(weeks) if week.status == "alarm" and (of is None or week is of)]
    if not places:
        return None
    week = weeks[places[-1]]
    ended = next((each.run.at for each in weeks[places[-1] + 1 :] if each.status == "quiet"), None)
    weeks = weeks if of is None else weeks[: places[-1] + 1]
    alike = [each for each in weeks[: places[-1] + 1] if each.baseline == week.baseline]
    rule = rule or Rule()
    change = find_change(alike, confidence=rule.confidence)
    if change is not None and change.fall < rule.alarm_loss:
        change = None
    since = week.run.at if change is None else change.at
    inside = [each for each in alike if each.run.at >= since]
    return Explanation(
        week=week,
        change=change,
        regions=_moved(inside),
        ended=ended,
        n_compared=len({(r.partition, r.name) for each in inside for r in each.run.regions if _is_measured(r)}),
        coinciding=_coinciding(weeks, decisions, change, week=week),
    )


def _coinciding(
    weeks: Sequence[WeekAssessment], decisions: Sequence[Decision], change: ChangePoint | None, *, week: WeekAssessment
) -> tuple[Event, ...]:
    """Events about the change that came no later than its first alarm; a new region only where the week has it too."""
    if change is None:
        return ()
    student = week.run.student_version
    runs = [each.run for each in weeks if each.run.student_version == student]
    alarms = [each.run.at for each in weeks if each.status == "alarm" and each.run.student_version == student]
    first, last = (change.low or change.at) - NEAR, (change.high or change.at) + NEAR
    last = min(last, *(at for at in alarms if change.at <= at <= week.run.at))
    there = {each.label for each in find_events([week.run], decisions) if each.kind == "new_region"}
    return tuple(
        each
        for each in find_events(runs, decisions)
        if each.kind in CAUSES and first <= each.at <= last and (each.kind != "new_region" or each.label in there)
    )


def _is_measured(region: RegionFigure) -> bool:
    return isinstance(region.agreement, Measured)


def _moved(weeks: Sequence[WeekAssessment]) -> tuple[RegionMove, ...]:
    figures: dict[tuple[str, str], list[RegionFigure]] = {}
    traffic: dict[tuple[str, str], float] = {}
    for week in weeks:
        for each in week.run.regions:
            if _is_measured(each):
                key = (each.partition, each.name)
                figures.setdefault(key, []).append(each)
                traffic[key] = traffic.get(key, 0.0) + round(each.share * week.run.n_pairs, 9)  # whole without weights
    total = sum(week.run.n_pairs for week in weeks)
    alarmed = {(each.partition, each.name) for week in weeks for each in week.regions if each.is_alarm}
    moves = [
        _move(rows, traffic[key] / total)
        for key, rows in figures.items()
        if key in alarmed or any(each.drifted for each in rows)
    ]
    return tuple(sorted(moves, key=lambda move: -move.carried))


def _move(rows: Sequence[RegionFigure], share: float) -> RegionMove:
    size, newest = sum(each.n_pairs for each in rows), rows[-1].agreement
    mean = sum(each.n_pairs * each.agreement.estimate for each in rows if isinstance(each.agreement, Measured)) / size
    return RegionMove(
        partition=rows[0].partition,
        name=rows[0].name,
        share=share,
        before=rows[-1].agreement_heldout,
        now=mean,
        n_pairs=size,
        n_weeks=len(rows),
        is_new=rows[-1].is_new,
        is_share=isinstance(newest, Measured) and newest.is_share,
        since=rows[-1].since,
    )
