"""Charts of test 2: overlap at every K beside what held-out shows, and overlap inside each query."""

from typing import Any

import numpy as np
import pandas as pd

from drift_core.agreement.rule import Rule
from drift_core.agreement.top_k import OverlapCurves, read_top_k
from drift_core.charts.theme import HELDOUT_GREY, SAMPLE_COLOURS, sample_scale, styled
from drift_core.measures.top_k_chances import QueryOverlap

N_STEPS = 10  # bars of overlap inside a query, at most


def overlap_curve_chart(curves: OverlapCurves, *, k: int, rule: Rule, with_floor: bool = False) -> Any:
    """Draw overlap on production over all K, held-out's normal range at the same size and chance.

    Parameters
    ----------
    with_floor
        Whether the textbook's floor is drawn too.

    Notes
    -----
    A click gives the selection "k" with the K of the curve that lies nearest.
    """
    import altair as alt

    x = alt.X("k:Q", title="K, size of the top (log scale)", scale=alt.Scale(type="log", nice=False), axis=_log_axis())
    y = alt.Y("overlap:Q", title="overlap", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5))
    grid = curves.interval.k
    chance = pd.DataFrame({"k": grid, "overlap": grid / curves.n_pairs})
    drawn = alt.layer(
        *_curves(curves, x, y),
        alt.Chart(chance).mark_line(strokeDash=[1, 3], color=HELDOUT_GREY).encode(x=x, y=y),
        *(_floor(rule, y) if with_floor else []),
        alt.Chart(pd.DataFrame({"k": [k]})).mark_rule(strokeWidth=1.5, color=HELDOUT_GREY).encode(x=x),
    )
    description = (
        "Overlap over all K on production, beside held-out's range at the same size and chance. "
        + read_top_k(curves, k, rule=rule).sentence
    )
    return styled(drawn, description=description, height=420)


def _curves(curves: OverlapCurves, x: Any, y: Any) -> list[Any]:
    import altair as alt

    label = "datum.label == 'held-out' ? 'held-out, normal' : datum.label"
    # Opaque: else the signs are as faint as the areas.
    line: dict[str, Any] = {"symbolType": "stroke", "symbolStrokeWidth": 2.5, "symbolOpacity": 1}
    legend = alt.Legend(orient="top", labelExpr=label, labelLimit=300, **line)
    colour = alt.Color("sample:N", scale=sample_scale(), title=None, legend=legend)
    dashes = alt.Scale(domain=list(SAMPLE_COLOURS), range=[[6, 4], [1, 0]])
    figures = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("overlap", "low", "high")]
    base = alt.Chart(_curve_table(curves))
    return [
        base.mark_area(opacity=0.2).encode(x=x, y=alt.Y("low:Q", title="overlap"), y2=alt.Y2("high:Q"), color=colour),
        base.mark_line(strokeWidth=2.5).encode(
            x=x,
            y=y,
            color=colour,
            strokeDash=alt.StrokeDash("sample:N", scale=dashes, title=None, legend=legend),
        ),
        base.mark_point(opacity=0, size=120)
        .encode(x=x, y=y, tooltip=[alt.Tooltip("sample:N"), alt.Tooltip("k:Q", title="K"), *figures])
        .add_params(alt.selection_point(name="k", fields=["k"], nearest=True, empty=False)),
    ]


def _curve_table(curves: OverlapCurves) -> pd.DataFrame:
    normal, own = curves.normal, curves.interval
    overlap = curves.production[own.k - 1]
    tables = {
        "held-out": pd.DataFrame({"k": normal.k, "overlap": normal.middle, "low": normal.low, "high": normal.high}),
        "production": pd.DataFrame(
            {
                "k": own.k,
                "overlap": overlap,
                "low": np.minimum(own.low, overlap),
                "high": np.maximum(own.high, overlap),
            }
        ),
    }
    return pd.concat(table.assign(sample=name) for name, table in tables.items())


def _log_axis() -> Any:
    import altair as alt

    return alt.Axis(values=[10**e * d for e in range(7) for d in (1, 2, 5)], format="~s", labelOverlap=True)


def _floor(rule: Rule, y: Any) -> list[Any]:
    import altair as alt

    table = pd.DataFrame({"overlap": [rule.overlap_healthy], "word": [f"textbook floor {rule.overlap_healthy:.0%}"]})
    label = alt.Chart(table).mark_text(align="left", dx=6, dy=-7, fontSize=11)
    return [
        alt.Chart(table).mark_rule(strokeDash=[8, 3], color=HELDOUT_GREY).encode(y=y),
        label.encode(y=y, x=alt.value(0), text=alt.Text("word:N")),
    ]


def query_overlaps(heldout: QueryOverlap | None, production: QueryOverlap) -> Any:
    """Draw the distribution of the overlap inside each query, on both samples where both have it at the same K."""
    import altair as alt

    sides = {"production": production}
    if heldout is not None and heldout.k == production.k:
        sides = {"held-out": heldout, "production": production}
    n_steps = min(production.k, N_STEPS)
    edges = (np.arange(n_steps + 2) - 0.5) / n_steps
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
            x=alt.X(
                "overlap:O",
                title=f"overlap inside a query, top {production.k}",
                axis=alt.Axis(format=".0%", labelAngle=0),
            ),
            xOffset=alt.XOffset("sample:N"),
            y=alt.Y("share:Q", title="share of queries", axis=alt.Axis(format="%", tickCount=4)),
            color=alt.Color("sample:N", scale=sample_scale(), title=None, legend=alt.Legend(orient="top")),
            tooltip=[
                alt.Tooltip("sample:N"),
                alt.Tooltip("overlap:O", format=".0%"),
                alt.Tooltip("share:Q", format=".0%"),
            ],
        )
    )
    words = "; ".join(f"{name} mean {side.overlaps.mean():.2f}" for name, side in sides.items())
    return styled(drawn, description=f"Overlap inside each query, top {production.k}: {words}.", height=280)
