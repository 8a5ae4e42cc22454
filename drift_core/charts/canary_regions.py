"""One small chart a region: its agreement week by week, beside what held-out shows of it."""

from datetime import datetime
from typing import Any

import pandas as pd

from drift_core.canary.region_weeks import RegionWeek, RegionWeeks
from drift_core.charts.canary_events import time_axis
from drift_core.charts.theme import BLUE, DRIFTED_COLOUR, GREY, HELDOUT_GREY, are_shares, number_format, styled
from drift_core.measured import Measured

HEIGHT = 180
SHAPES = {
    "as before": ("circle", BLUE),
    "drifted": ("diamond", DRIFTED_COLOUR),
    "alarm": ("triangle-up", DRIFTED_COLOUR),
    "not compared": ("square", GREY),
}


def region_weeks_chart(
    region: RegionWeeks, *, lowest: float = 0.0, period: tuple[datetime, datetime] | None = None
) -> Any:
    """Draw one region over the weeks; weeks in which it was too small are left out, never zero.

    A dashed rule marks the week that showed it first, where that is not the first of all.

    Parameters
    ----------
    lowest
        Lower end of the axis, the same for charts that stand beside each other; an interval is cut there.
    period
        First and last time of the axis; by default those of the region.
    """
    import altair as alt

    rows = pd.DataFrame(
        [_row(each, period) for each in region.weeks if isinstance(each.figure.agreement, Measured)],
        columns=["at", "agreement", "low", "high", "before", "flag", "pairs", "share", "is_first"],
    )
    y = alt.Scale(domain=[lowest, 1.0], clamp=True)
    words = list(SHAPES)
    colour = alt.Color("flag:N", scale=alt.Scale(domain=words, range=[SHAPES[each][1] for each in words]), legend=None)
    shape = alt.Shape("flag:N", scale=alt.Scale(domain=words, range=[SHAPES[each][0] for each in words]), legend=None)
    span = alt.Undefined if period is None else [f"{each:%Y-%m-%d}" for each in period]
    ends = rows["at"] if period is None else pd.Series(period)
    time = time_axis(ends.min(), ends.max(), n_days=3, labelOverlap="greedy", labelSeparation=12, labelBound=True)
    base = alt.Chart(rows).encode(x=alt.X("at:T", title=None, axis=time, scale=alt.Scale(domain=span, type="utc")))
    about = [alt.Tooltip("at:T", title="week of", format="%d %b %Y"), alt.Tooltip("flag:N"), alt.Tooltip("pairs:Q")]
    is_share = are_shares(each.figure.agreement for each in region.weeks)
    number, ticks = number_format(".2f", is_share=is_share), "%" if is_share else alt.Undefined
    figures = [alt.Tooltip(f"{name}:Q", format=number) for name in ("agreement", "low", "high", "before")]
    born = base.transform_filter("datum.is_first").encode(x=alt.X("at:T", title=None, axis=time))
    chart = alt.layer(
        born.mark_rule(strokeDash=[4, 3], color=GREY, strokeWidth=1.5, aria=False),
        base.mark_line(color=HELDOUT_GREY, strokeWidth=2, interpolate="step").encode(y=alt.Y("before:Q", scale=y)),
        base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", scale=y), y2=alt.Y2("high:Q"), color=colour),
        base.mark_point(filled=True, size=45, opacity=1).encode(
            y=alt.Y("agreement:Q", scale=y, title=None, axis=alt.Axis(tickCount=3, format=ticks)),
            color=colour,
            shape=shape,
            tooltip=[*about, alt.Tooltip("share:Q", format=".0%", title="of traffic"), *figures],
        ),
    )
    return styled(chart, description=describe_region_weeks(region), height=HEIGHT)


def describe_region_weeks(region: RegionWeeks) -> str:
    """State how often the region drifted, and its newest figure."""
    measured = [each for each in region.weeks if isinstance(each.figure.agreement, Measured)]
    flagged = f"drifted in {region.drifted_in_words}" if region.is_compared else "not compared in any week"
    drifted = f"{region.name}: {flagged}"
    newest = measured[-1].figure.agreement
    assert isinstance(newest, Measured)
    return f"{drifted}; first seen {region.since}; agreement {newest.figure()} on {measured[-1].week.run.at:%Y-%m-%d}."


def _row(each: RegionWeek, period: tuple[datetime, datetime] | None) -> dict[str, object]:
    now, figure = each.figure.agreement, each.figure
    assert isinstance(now, Measured)
    return {
        "at": pd.Timestamp(each.week.run.at).tz_localize(None),
        "agreement": now.estimate,
        "low": now.low,
        "high": now.high,
        "before": figure.agreement_heldout,
        "flag": each.flag,
        "pairs": figure.n_pairs,
        "share": figure.share,
        "is_first": figure.since == f"{each.week.run.at:%Y-%m-%d}" and (period is None or each.week.run.at > period[0]),
    }
