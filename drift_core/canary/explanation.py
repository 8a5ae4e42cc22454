"""What an alarm is about: since when, which regions moved, and what happened at that time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from drift_core.agreement.rule import Rule
from drift_core.canary.assessment import WeekAssessment, blamed_regions
from drift_core.canary.change_point import ChangePoint
from drift_core.canary.decision import Decision
from drift_core.canary.events import Event, find_events
from drift_core.canary.fall import Fall, place_fall
from drift_core.canary.figures import OwnRegion
from drift_core.canary.region_moves import RegionMove
from drift_core.canary.run import CanaryRun
from drift_core.canary.students import recorded_rule
from drift_core.regions.named_region import DRAWN

NEAR = timedelta(days=7)  # an event shows in the first run after it
CAUSES = ("teacher_revision", "student_release", "new_region")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the newest alarm is about.

    Attributes
    ----------
    week
        The newest alarmed week.
    change
        Since when agreement lies below its baseline; None where it does not, as after a bridge has moved the baseline.
    fall
        Where it lies: the regions that drifted or alarmed since, and whether it lies in none.
    coinciding
        Revisions, releases and new regions within the change's interval, or about its week where there is none, that
        came no later than its first alarm; of new regions those that the week has.
    ended
        The first quiet week after it; None where it stands.
    accepted
        The run whose level was accepted as the new baseline, where that ended it.
    """

    week: WeekAssessment
    change: ChangePoint | None
    fall: Fall
    coinciding: tuple[Event, ...]
    ended: datetime | None = None
    accepted: CanaryRun | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it alarmed, in the past once it is over, with its end."""
        if self.ended is None:
            return self.week.reasons
        if self.accepted is not None:
            level = f"The level of the week of {self.accepted.at:%Y-%m-%d}, {self.accepted.agreement},"
            return (*self.week.past_reasons, f"{level} was accepted as the baseline from then on, which ended it.")
        return (*self.week.past_reasons, f"It is over: the week of {self.ended:%Y-%m-%d} was quiet.")

    @property
    def regions(self) -> tuple[RegionMove, ...]:
        """Regions that drifted or alarmed since: those that surely fell more than the rest first, new ones ahead."""
        return self.fall.moves

    @property
    def places(self) -> tuple[RegionMove, ...]:
        """The regions that surely fell more than the rest."""
        return self.fall.places

    @property
    def own_new(self) -> tuple[OwnRegion, ...]:
        """New regions that the diagnosis of the alarmed week blames, where no region of these weeks is a new place."""
        known = any(each.is_new for each in self.places)
        return () if known else tuple(each for each in blamed_regions(self.week.run) if each.is_new)

    @property
    def no_region(self) -> str:
        """Why no region is named; empty where one is, or the reasons say so already."""
        if (
            self.own_new
            or any(self.fall.nowhere in each for each in self.reasons)
            or not self.fall.lies_nowhere(self.week)
        ):
            return ""
        if not self.fall.n_compared:
            return "The weeks since carry no regions, so where it fell is unknown."
        own = "; ".join(each.told for each in blamed_regions(self.week.run))
        if not own:
            return self.fall.nowhere
        named = "names" if self.ended is None else "named"
        return f"{self.fall.nowhere} By itself {self._by_itself} {named}: {own}."

    @property
    def sentence(self) -> str:
        if self.change is None:
            return " ".join(self.reasons)
        where = f" {self.where}" if self.where else ""
        beside = f" It coincides with: {'; '.join(each.label for each in self.coinciding)}." if self.coinciding else ""
        return self.change.told("is" if self.ended is None else "was") + where + beside

    @property
    def where(self) -> str:
        """The regions that it lies in; empty where it lies in none."""
        if self.own_new:
            lies = "lies" if self.ended is None else "lay"
            return f"By {self._by_itself} it {lies} in the {'; '.join(each.told for each in self.own_new)}."
        return f"{self.fall.leading}." if self.places else ""

    @property
    def _by_itself(self) -> str:
        """The diagnosis of the alarmed week, which need not be the newest."""
        return f"the diagnosis of the week of {self.week.run.at:%Y-%m-%d}"


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
    ended = next((each for each in weeks[places[-1] + 1 :] if each.status == "quiet"), None)
    is_accepted = ended is not None and ended.baseline != week.baseline and _is_accepted(ended)
    weeks = weeks if of is None else weeks[: places[-1] + 1]
    own = [each.run for each in weeks if each.run.student_version == week.run.student_version]
    fall = place_fall(weeks[: places[-1] + 1], week, rule=rule or recorded_rule(own))
    alike = [each for each in weeks[: places[-1] + 1] if each.baseline == week.baseline]
    change = _from_birth(fall.change, fall.moves, alike)
    return Explanation(
        week=week,
        change=change,
        fall=fall,
        ended=None if ended is None else ended.run.at,
        accepted=ended.run if ended is not None and is_accepted else None,
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
    there = {each.about for each in find_events([week.run], decisions) if each.kind == "new_region"}
    return tuple(
        each
        for each in find_events(runs, decisions)
        if each.kind in CAUSES and first <= each.at <= last and (each.kind != "new_region" or each.about in there)
    )


def _from_birth(
    change: ChangePoint | None, moves: Sequence[RegionMove], weeks: Sequence[WeekAssessment]
) -> ChangePoint | None:
    """Let the interval reach back to the week that first showed the new region in which it fell most."""
    leads = next((each for each in moves if each.is_place and each.is_new and each.partition != DRAWN), None)
    if change is None or change.low is None or leads is None:
        return change
    births = [week.run.at for week in weeks if f"{week.run.at:%Y-%m-%d}" == leads.since]
    return replace(change, low=min([change.low, *births]))


def _is_accepted(week: WeekAssessment) -> bool:
    return week.baseline is not None and week.baseline.source == "accepted"
