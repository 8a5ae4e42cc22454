"""The charts of a history, drawn once and not on every click; what stands beside them is in `canary_panel`."""

import math
from dataclasses import dataclass
from typing import Any

from drift_core.canary.collapse import entropy_by_version
from drift_core.canary.region_weeks import RegionWeeks, follow_regions
from drift_core.charts.canary import overlap_timeline, timeline_chart
from drift_core.charts.canary_entropy import entropy_timeline
from drift_core.charts.canary_regions import region_weeks_chart
from drift_core.charts.specification import specified
from drift_core.measured import Measured
from pages.components.canary.canary_history import CanaryReading
from pages.components.session import cached

N_REGIONS = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CanaryCharts:
    """Specifications of the charts. Of `n_followed` regions those `shown` have one each."""

    timeline: dict[str, Any]
    overlap: dict[str, Any]
    entropy: dict[str, Any] | None
    shown: tuple[RegionWeeks, ...]
    regions: tuple[dict[str, Any], ...]
    n_followed: int


def charts(read: CanaryReading) -> CanaryCharts:
    """Draw the charts of a history with weeks."""
    return cached.result_by_key("canary_charts", read.key, (), lambda: _draw(read), is_shipped=read.is_shipped)


def _draw(read: CanaryReading) -> CanaryCharts:
    followed = follow_regions(read.weeks)
    shown = followed[:N_REGIONS]
    period = read.weeks[0].run.at, read.weeks[-1].run.at
    lowest = _lowest(shown)
    drawn = (region_weeks_chart(region, lowest=lowest, period=period) for region in shown)
    return CanaryCharts(
        timeline=specified(timeline_chart(read.weeks, read.events, withdrawn=read.withdrawn)),
        overlap=specified(overlap_timeline(read.weeks)),
        entropy=specified(entropy_timeline(read.weeks)) if entropy_by_version(read.weeks) else None,
        shown=shown,
        regions=tuple(map(specified, drawn)),
        n_followed=len(followed),
    )


def _lowest(shown: tuple[RegionWeeks, ...]) -> float:
    """The lower end of all axes: the tenth under the lowest figure."""
    seen = [each.figure.agreement for region in shown for each in region.weeks]
    least = min((each.estimate for each in seen if isinstance(each, Measured)), default=0.0)
    return max(-1.0, math.floor(least * 10) / 10)
