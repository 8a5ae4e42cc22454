"""What the newest canary says of the regions that somebody named: followed beforehand, so told whatever they say."""

from typing import TYPE_CHECKING

from drift_core.canary.named_regions import followed_regions
from drift_core.gate.context import GateContext, on_day
from drift_core.regions.named_region import DRAWN
from drift_core.wording import counted, one_line

if TYPE_CHECKING:
    from drift_core.canary.assessment import PooledRegion, WeekAssessment


def alarmed_by_name(context: GateContext) -> tuple[str, ...]:
    """Names of these regions that alarm in the newest week that could be measured."""
    week = context.measured
    if week is None:
        return ()
    return tuple(one_line(each.name) for each in week.regions if each.partition == DRAWN and each.is_alarm)


def notes_on_named(context: GateContext) -> tuple[str, ...]:
    """Say of each region that is followed how it stands in the newest week that could be measured."""
    week = context.measured
    names = [each.name for each in followed_regions(context.decisions)]
    return () if week is None else tuple(_note(name, week) for name in names)


def _note(name: str, week: "WeekAssessment") -> str:
    told, of_week = f"The named region {one_line(name)}", f"in the canary of {on_day(week.run.at)}"
    found = next((each for each in week.regions if (each.partition, each.name) == (DRAWN, name)), None)
    if found is not None:
        return f"{told} {'alarms' if found.is_alarm else 'is as before'} {of_week}: {_figures(found)}."
    if any((each.partition, each.name) == (DRAWN, name) for each in week.run.regions):
        return f"{told} is compared with nothing {of_week}."
    return f"{told} is not {of_week}: it was named later, or the sample has none of its pairs."


def _figures(region: "PooledRegion") -> str:
    weeks = counted(region.n_weeks, "week", "weeks")
    pairs = counted(region.n_pairs, "pair", "pairs")
    return f"its error is {region.level / region.usual:.1f} times the usual, over {weeks} with {pairs}"
