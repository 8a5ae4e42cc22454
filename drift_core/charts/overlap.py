"""Charts of test 2: overlap at every K beside what held-out shows, and overlap inside each query."""

from typing import Any

import numpy as np
import pandas as pd

from drift_core.charts.theme import SAMPLE_COLOURS, sample_scale, styled
from drift_core.diagnosis.rule import Rule
from drift_core.diagnosis.top_k import OverlapCurves, read_top_k
from drift_core.measures.tops import QueryOverlap

FLOOR_GREY = "#7B8794"


def overlap_curve_chart(curves: OverlapCurves, *, k: int, rule: Rule) -> Any:
    """Draw overlap on production over all K, held-out's normal range at the same size, the floor and chance."""
    import altair as alt

    grid = curves.interval.k
    x = alt.X("k:Q", title="K, size of the top (log scale)", scale=alt.Scale(type="log", nice=False), axis=_log_axis())
    y = alt.Y("overlap:Q", title="overlap", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5))
    normal = pd.DataFrame(
        {"k": curves.normal.k, "low": curves.normal.low, "high": curves.normal.high, "overlap": curves.normal.middle}
    ).assign(sample="held-out")
    own = pd.DataFrame(
        {
            "k": grid,
            "overlap": curves.production[grid - 1],
            "low": np.minimum(curves.interval.low, curves.production[grid - 1]),
            "high": np.maximum(curves.interval.high, curves.production[grid - 1]),
        }
    ).assign(sample="production")
    table = pd.concat([normal, own])
    colour = alt.Color(
        "sample:N",
        scale=sample_scale(),
        title=None,
        legend=alt.Legend(orient="top", labelExpr="datum.label == 'held-out' ? 'held-out, normal at this size' : datum.label"),
    )
    base = alt.Chart(table)
    areas = base.mark_area(opacity=0.22).encode(x=x, y=alt.Y("low:Q", title="overlap"), y2="high:Q", color=colour)
    dash = alt.StrokeDash(
        "sample:N", scale=alt.Scale(domain=list(SAMPLE_COLOURS), range=[[6, 4], [1, 0]]), legend=None
    )
    lines = base.mark_line(strokeWidth=2.5).encode(
        x=x,
        y=y,
        color=colour,
        strokeDash=dash,
        tooltip=["sample:N", "k:Q", *(alt.Tooltip(f"{name}:Q", format=".2f") for name in ("overlap", "low", "high"))],
    )
    chance = pd.DataFrame({"k": grid, "overlap": grid / curves.n_pairs})
    drawn = alt.layer(
        areas,
        alt.Chart(chance).mark_line(strokeDash=[1, 3], color=FLOOR_GREY).encode(x=x, y=y),
        *_floor(rule, y),
        lines,
        alt.Chart(pd.DataFrame({"k": [k]})).mark_rule(strokeWidth=1.5, color=FLOOR_GREY).encode(x=x),
    )
    return styled(drawn, description=_in_words(curves, k, rule), height=320)


def _log_axis() -> Any:
    import altair as alt

    return alt.Axis(values=[10**e * d for e in range(7) for d in (1, 2, 5)], format="~s", labelOverlap=True)


def _floor(rule: Rule, y: Any) -> list[Any]:
    import altair as alt

    table = pd.DataFrame({"overlap": [rule.overlap_healthy], "word": [f"textbook floor {rule.overlap_healthy:.2f}"]})
    base = alt.Chart(table)
    return [
        base.mark_rule(strokeDash=[8, 3], color=FLOOR_GREY).encode(y=y),
        base.mark_text(align="left", dx=6, dy=-7, fontSize=11, color=FLOOR_GREY).encode(
            y=y, x=alt.value(0), text="word:N"
        ),
    ]


def _in_words(curves: OverlapCurves, k: int, rule: Rule) -> str:
    test = read_top_k(curves, k, rule=rule)
    return f"Overlap over all K on production, beside held-out's range at the same size. {test.sentence}"


def query_overlaps(heldout: QueryOverlap | None, production: QueryOverlap) -> Any:
    """Draw the distribution of the overlap inside each query, on both samples where both have it at the same K."""
    import altair as alt

    sides = {"production": production}
    if heldout is not None and heldout.k == production.k:
        sides = {"held-out": heldout, "production": production}
    edges = (np.arange(min(production.k, 10) + 2) - 0.5) / min(production.k, 10)
    table = pd.concat(
        pd.DataFrame(
            {
                "sample": name,
                "overlap": (edges[:-1] + edges[1:]) / 2,
                "share": np.histogram(side.overlaps, bins=edges)[0] / len(side.overlaps),
            }
        )
        for name, side in sides.items()
    )
    drawn = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=alt.X("overlap:O", title=f"overlap inside a query, top {production.k}", axis=alt.Axis(format=".0%", labelAngle=0)),
            xOffset="sample:N",
            y=alt.Y("share:Q", title="share of queries", axis=alt.Axis(format="%", tickCount=4)),
            color=alt.Color("sample:N", scale=sample_scale(), title=None, legend=alt.Legend(orient="top")),
            tooltip=["sample:N", alt.Tooltip("overlap:O", format=".0%"), alt.Tooltip("share:Q", format=".0%")],
        )
    )
    words = "; ".join(f"{name} mean {side.overlaps.mean():.2f}" for name, side in sides.items())
    return styled(drawn, description=f"Overlap inside each query, top {production.k}: {words}.", height=200)
