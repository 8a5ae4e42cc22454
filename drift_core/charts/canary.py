"""Charts of the canary: weekly agreement against its baseline with what happened, and overlap beside held-out's.

Channels are written out: of each that is a string Altair finds the class anew, which takes five milliseconds.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pandas as pd

from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.events import Event
from drift_core.canary.status import newest_sentence
from drift_core.canary.withdrawals import Withdrawal
from drift_core.charts.canary_events import LANE_HEIGHT, event_layers, n_lanes, time_axis
from drift_core.charts.theme import BLUE, GREY, HELDOUT_GREY, ORANGE, are_shares, number_format, styled
from drift_core.measured import Measured
from drift_core.wording import counted

if TYPE_CHECKING:
    import altair as alt

HALF_WEEK = timedelta(days=3.5)
MARGIN = 0.02
STATUS_COLOURS = {"quiet": BLUE, "alarm": ORANGE, "gap": GREY}
STATUS_SHAPES = {"quiet": "circle", "alarm": "diamond", "gap": "circle"}
CROSS = "M-1,-1L1,1M-1,1L1,-1"  # a withdrawn record
HEIGHT, SMALL_HEIGHT = 420, 190


def timeline_chart(
    weeks: Sequence[WeekAssessment], events: Sequence[Event] = (), *, withdrawn: Sequence[Withdrawal] = ()
) -> Any:
    """Draw weekly agreement with intervals, the baseline with its band, each week's limit, alarms, gaps and events.

    Parameters
    ----------
    weeks
        Judged weeks in order.
    events
        What happened; each becomes a rule with its letter, and where the chart is wide with a word on what it was.
    withdrawn
        Records that do not count; each is a cross on the axis with the word.

    Notes
    -----
    A gap is an empty mark on the axis, never a figure; so is what was withdrawn.
    """
    import altair as alt

    is_share = are_shares(week.run.agreement for week in weeks)
    number = number_format(".2f", is_share=is_share)
    low, high = _span(weeks)
    lanes = n_lanes(events) * LANE_HEIGHT
    # The lanes take their share of the height above the highest figure.
    y = alt.Scale(domain=[low, high + (high - low) * lanes / HEIGHT], nice=False, zero=False)
    happened = event_layers(events, _time(weeks[0]) - HALF_WEEK, _time(weeks[-1]) + HALF_WEEK) if weeks else []
    measure = weeks[-1].run.measure if weeks else ""
    layers = [
        *_baselines(weeks, y, number),
        *happened,
        *_weeks(weeks, y, measure, number),
        *_withdrawn(withdrawn, weeks),
    ]
    chart = alt.layer(*layers, resolve=alt.Resolve(scale={"color": "independent", "shape": "independent"}))
    return styled(chart, description=describe_timeline(weeks, events, withdrawn=withdrawn), height=HEIGHT + lanes)


def overlap_timeline(weeks: Sequence[WeekAssessment]) -> Any:
    """Draw weekly overlap at K over the range that held-out shows at the same size and K."""
    import altair as alt

    rows = pd.DataFrame(
        [
            {
                "at": _time(week),
                "overlap": week.run.overlap.estimate,
                "low": week.run.overlap.low,
                "high": week.run.overlap.high,
                "normal_low": week.run.overlap_normal_low,
                "normal_high": week.run.overlap_normal_high,
            }
            for week in weeks
            if week.status != "gap" and week.run.has_overlap and isinstance(week.run.overlap, Measured)
        ],
        columns=["at", "overlap", "low", "high", "normal_low", "normal_high"],
    )
    rows["from"], rows["to"] = rows["at"] - HALF_WEEK, rows["at"] + HALF_WEEK
    y, at = alt.Scale(domain=[0, 1]), alt.X("at:T")
    base = alt.Chart(rows)
    shown = [alt.Tooltip("at:T", title="week of", format="%d %b %Y"), alt.Tooltip("overlap:Q", format=".2f")]
    chart = alt.layer(
        base.mark_rect(color=HELDOUT_GREY, opacity=0.25).encode(
            x=_time_axis("from:T", weeks),
            x2=alt.X2("to:T"),
            y=alt.Y("normal_low:Q", scale=y),
            y2=alt.Y2("normal_high:Q"),
        ),
        base.mark_rule(color=BLUE, strokeWidth=2).encode(x=at, y=alt.Y("low:Q", scale=y), y2=alt.Y2("high:Q")),
        base.mark_point(filled=True, color=BLUE, size=45, opacity=1).encode(
            x=at, y=alt.Y("overlap:Q", scale=y, title="overlap at K"), tooltip=shown
        ),
    )
    return styled(chart, description=describe_overlap(weeks), height=SMALL_HEIGHT)


def describe_timeline(
    weeks: Sequence[WeekAssessment], events: Sequence[Event] = (), *, withdrawn: Sequence[Withdrawal] = ()
) -> str:
    """State the finding of the time line as text."""
    n = {status: sum(week.status == status for week in weeks) for status in STATUS_COLOURS}
    gaps = counted(n["gap"], "gap", "gaps")
    counts = f"{counted(len(weeks), 'week', 'weeks')}: {n['quiet']} quiet, {n['alarm']} with an alarm, {gaps}."
    happened = "; ".join(f"{each.at:%Y-%m-%d} {each.label}" for each in events)
    told = [f"{newest_sentence(weeks)} {counts}", *([f"Events: {happened}."] if happened else [])]
    return " ".join([*told, *(each.sentence for each in withdrawn)])


def describe_overlap(weeks: Sequence[WeekAssessment]) -> str:
    """State how many weeks lie below what held-out shows."""
    known = [
        (week.run.overlap, week.run.overlap_normal_low)
        for week in weeks
        if week.status != "gap"
        and week.run.has_overlap
        and isinstance(week.run.overlap, Measured)
        and week.run.overlap_normal_low is not None
    ]
    below = sum(overlap.estimate < low for overlap, low in known)
    return f"Overlap lies below the range of held-out at the same size in {below} of {len(known)} weeks."


def _rows(weeks: Sequence[WeekAssessment]) -> pd.DataFrame:
    columns = ["at", "status", "agreement", "low", "high", "limit", "from", "to", "pairs", "why"]
    return pd.DataFrame([_row(week) for week in weeks], columns=columns)


def _row(week: WeekAssessment) -> dict[str, object]:
    at, now = _time(week), week.run.agreement
    figures = {"agreement": now.estimate, "low": now.low, "high": now.high} if isinstance(now, Measured) else {}
    return {
        "at": at,
        "status": week.status,
        **({} if week.status == "gap" else figures),
        "limit": week.limit,
        "from": at - HALF_WEEK,
        "to": at + HALF_WEEK,
        "pairs": week.run.n_pairs,
        "why": " ".join(week.reasons),
    }


def _weeks(weeks: Sequence[WeekAssessment], y: "alt.Scale", measure: str, number: str) -> list[Any]:
    import altair as alt

    rows = _rows(weeks)
    measured, gaps = alt.Chart(rows[rows["status"] != "gap"]), alt.Chart(rows[rows["status"] == "gap"])
    states = list(STATUS_COLOURS)
    colour = alt.Color("status:N", scale=alt.Scale(domain=states, range=list(STATUS_COLOURS.values())), legend=None)
    shape = alt.Shape("status:N", scale=alt.Scale(domain=states, range=list(STATUS_SHAPES.values())), legend=None)
    week = alt.Tooltip("at:T", title="week of", format="%d %b %Y")
    about = [week, *(alt.Tooltip(each) for each in ("status:N", "pairs:Q", "why:N"))]
    figures = [alt.Tooltip(f"{name}:Q", format=number) for name in ("agreement", "low", "high", "limit")]
    axis = alt.Axis(tickCount=6, format="%" if number.endswith("%") else alt.Undefined)
    return [
        measured.mark_rule(color=ORANGE, strokeWidth=1.5).encode(
            x=_time_axis("from:T", weeks), x2=alt.X2("to:T"), y=alt.Y("limit:Q", scale=y)
        ),
        measured.mark_rule(strokeWidth=2).encode(
            x=alt.X("at:T"), y=alt.Y("low:Q", scale=y), y2=alt.Y2("high:Q"), color=colour
        ),
        measured.mark_point(filled=True, opacity=1).encode(
            x=alt.X("at:T"),
            y=alt.Y("agreement:Q", scale=y, title=f"agreement ({measure})", axis=axis),
            color=colour,
            shape=shape,
            size=alt.condition(alt.datum.status == "alarm", alt.value(130), alt.value(60)),
            tooltip=[*about, *figures],
        ),
        gaps.mark_point(size=90, color=GREY, strokeWidth=2, filled=False).encode(
            x=alt.X("at:T"), y=alt.value("height"), tooltip=about
        ),
    ]


def _withdrawn(withdrawn: Sequence[Withdrawal], weeks: Sequence[WeekAssessment]) -> list[Any]:
    """A cross on the axis with the word above it, on its side so that neighbours stay apart."""
    import altair as alt

    if not withdrawn:
        return []
    # One dated far off by mistake stands at the end, so that the weeks keep their room.
    first, last = _time(weeks[0]) - 2 * HALF_WEEK, _time(weeks[-1]) + 2 * HALF_WEEK
    on = [pd.Timestamp(each.run.at).tz_localize(None) for each in withdrawn]
    rows = pd.DataFrame(
        {
            "at": [min(max(each, first), last) for each in on],
            "on": on,
            "status": "withdrawn",
            "why": [each.sentence for each in withdrawn],
        }
    )
    shown = [alt.Tooltip("on:T", title="week of", format="%d %b %Y"), alt.Tooltip("status:N"), alt.Tooltip("why:N")]
    base = alt.Chart(rows).encode(x=_time_axis("at:T", weeks), y=alt.value("height"), tooltip=shown)
    return [
        base.mark_point(shape=CROSS, size=90, color=GREY, strokeWidth=2, filled=False),
        base.mark_text(angle=270, align="left", dx=9, fontSize=11).encode(text=alt.Text("status:N")),
    ]


def _baselines(weeks: Sequence[WeekAssessment], y: "alt.Scale", number: str) -> list[Any]:
    """One band for the weeks in a row that share a baseline."""
    import altair as alt

    rows = []
    for baseline, shared in groupby(weeks, key=lambda week: week.baseline):
        spanned = [_time(week) for week in shared]
        if baseline is not None:
            own = baseline.agreement
            span = {"from": spanned[0] - HALF_WEEK, "to": spanned[-1] + HALF_WEEK}
            rows.append({**span, "baseline": own.estimate, "low": own.low, "high": own.high})
    base = alt.Chart(pd.DataFrame(rows, columns=["from", "to", "baseline", "low", "high"]))
    figures = [alt.Tooltip(f"{name}:Q", format=number) for name in ("baseline", "low", "high")]
    return [
        base.mark_rect(color=HELDOUT_GREY, opacity=0.22).encode(
            x=_time_axis("from:T", weeks),
            x2=alt.X2("to:T"),
            y=alt.Y("low:Q", scale=y),
            y2=alt.Y2("high:Q"),
            tooltip=figures,
        ),
        base.mark_rule(color=HELDOUT_GREY, strokeWidth=2).encode(
            x=alt.X("from:T"), x2=alt.X2("to:T"), y=alt.Y("baseline:Q", scale=y)
        ),
    ]


def _span(weeks: Sequence[WeekAssessment]) -> tuple[float, float]:
    """Lowest and highest agreement to show, limits and baselines included."""
    seen: list[float] = []
    for week in weeks:
        if week.status != "gap" and isinstance(week.run.agreement, Measured):
            seen += [week.run.agreement.low, week.run.agreement.high]
        if week.baseline is not None:
            seen += [week.baseline.agreement.low, week.baseline.agreement.high]
        if week.limit is not None:
            seen.append(week.limit)
    return (min(seen) - MARGIN, min(1.0, max(seen) + MARGIN)) if seen else (0.0, 1.0)


def _time_axis(field: str, weeks: Sequence[WeekAssessment]) -> Any:
    import altair as alt

    axis = time_axis(_time(weeks[0]) - HALF_WEEK, _time(weeks[-1]) + HALF_WEEK) if weeks else alt.Undefined
    return alt.X(field, title=None, axis=axis)


def _time(week: WeekAssessment) -> pd.Timestamp:
    return pd.Timestamp(week.run.at).tz_localize(None)
