"""Charts of test 1: agreement on both samples over the bands, where ranks scatter, which pairs change side."""

from typing import Any

import numpy as np
import pandas as pd

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.charts.theme import (
    BAND_COLOURS,
    BLUE,
    HELDOUT_GREY,
    SAMPLE_COLOURS,
    SAMPLE_SHAPES,
    number_format,
    sample_scale,
    styled,
)
from drift_core.measured import Measured
from drift_core.measures.scores import Scores
from drift_core.measures.threshold_crossings import SideChanges

N_CELLS = 24  # cells a side of the density
MARGIN, LEAST_SHOWN = 0.05, 0.8  # of agreement


def agreement_intervals(test: SpreadTest, *, bands: Rule | None = None) -> Any:
    """Draw agreement on held-out and on production, with intervals, on one axis.

    Parameters
    ----------
    bands
        The rule whose textbook bands are laid under; none without it.
    """
    import altair as alt

    samples = {"held-out": test.heldout, "production": test.production}
    measured = {name: value for name, value in samples.items() if isinstance(value, Measured)}
    rows = [{"sample": name, "agreement": m.estimate, "low": m.low, "high": m.high} for name, m in measured.items()]
    table = pd.DataFrame(rows, columns=["sample", "agreement", "low", "high"])
    shown = _edges(bands, test.is_ranked)[0] - MARGIN if bands else LEAST_SHOWN
    left = max(-1.0 if test.measure == "Spearman" else 0.0, min([shown, *(m.low for m in measured.values())]) - MARGIN)
    axis = alt.Scale(domain=[left, 1.0], nice=False, zero=False)
    name = f"agreement ({test.measure})"
    ground = [_bands(_edges(bands, test.is_ranked), left, axis, name)] if bands else []
    drawn = alt.layer(
        *ground,
        _intervals(table, axis, name, is_share=not test.is_ranked),
        resolve=alt.Resolve(scale={"color": "independent"}),
    )
    words = "; ".join(f"{name} {m}" for name, m in measured.items())
    return styled(drawn, description=f"Agreement with intervals: {words}.", height=250)


def _intervals(table: pd.DataFrame, axis: Any, name: str, *, is_share: bool) -> Any:
    import altair as alt

    shapes = alt.Scale(domain=list(SAMPLE_SHAPES), range=list(SAMPLE_SHAPES.values()))
    base = alt.Chart(table).encode(
        y=alt.Y("sample:N", title=None, sort=list(SAMPLE_SHAPES), axis=alt.Axis(labelFontSize=14, ticks=False)),
        color=alt.Color("sample:N", scale=sample_scale(), legend=None),
    )
    number = number_format(".2f", is_share=is_share)
    figures = [alt.Tooltip(f"{figure}:Q", format=number) for figure in ("agreement", "low", "high")]
    point = alt.X("agreement:Q", scale=axis, title=name, axis=alt.Axis(tickCount=8, format="%" if is_share else "f"))
    return alt.layer(
        base.mark_rule(strokeWidth=5).encode(x=alt.X("low:Q", scale=axis), x2=alt.X2("high:Q")),
        base.mark_point(filled=True, size=200, opacity=1).encode(
            x=point, shape=alt.Shape("sample:N", scale=shapes, legend=None), tooltip=[alt.Tooltip("sample:N"), *figures]
        ),
        alt.Chart(table)
        .mark_text(dy=-20, fontSize=15, fontWeight="bold")
        .encode(
            x=point,
            y=alt.Y("sample:N", sort=list(SAMPLE_SHAPES)),
            text=alt.Text("agreement:Q", format=number),
        ),
    )


def _edges(rule: Rule, is_ranked: bool) -> tuple[float, float]:
    """Where the textbook's bands meet."""
    return (rule.agreement_suspect, rule.agreement_healthy) if is_ranked else (rule.labels_suspect, rule.labels_healthy)


def _bands(between: tuple[float, float], left: float, axis: Any, name: str) -> Any:
    import altair as alt

    edges = [left, *between, 1.0]
    table = pd.DataFrame({"band": ["confirmed", "suspect", "healthy"], "from": edges[:-1], "to": edges[1:]})
    table["middle"] = (table["from"] + table["to"]) / 2
    scale = alt.Scale(domain=list(BAND_COLOURS), range=list(BAND_COLOURS.values()))
    start = alt.X("from:Q", scale=axis, title=name, axis=alt.Axis(tickCount=8))
    return alt.layer(
        alt.Chart(table)
        .mark_rect(opacity=0.16)
        .encode(x=start, x2=alt.X2("to:Q"), color=alt.Color("band:N", scale=scale, legend=None)),
        alt.Chart(table)
        .mark_text(fontSize=12, dy=-10)
        .encode(x=alt.X("middle:Q", scale=axis), y=alt.value("height"), text=alt.Text("band:N")),
    )


def rank_density(scores: Scores, *, name: str, is_clickable: bool = False) -> Any:
    """Draw where the student's ranks lie against the teacher's, as density; on the diagonal both agree.

    Ranks are shares of the sample, 0 at the bottom. Equal scores are spread over their ranks by a fixed draw. Where
    cells can be clicked, a click adds one of `rank_cells` to the selection "cell", and another click lets it go.
    """
    import altair as alt

    ranks = _spread_ranks(scores)
    cells = _cells(ranks)
    shown, counts = np.unique(cells, return_counts=True)
    step, (column, row) = 1 / N_CELLS, np.divmod(shown, N_CELLS)
    density = counts / len(cells) * N_CELLS**2
    table = pd.DataFrame(
        {
            "cell": shown,
            "x": column * step,
            "x2": (column + 1) * step,
            "y": row * step,
            "y2": (row + 1) * step,
            "pairs": counts,
            "density": density,
        }
    )
    percent = alt.Axis(format="%", tickCount=3, grid=False)
    domain = alt.Scale(domain=[0, 1])
    top = float(np.quantile(np.append(density, np.zeros(N_CELLS**2 - len(density))), 0.98))
    drawn = (
        alt.Chart(table)
        .mark_rect(color=SAMPLE_COLOURS.get(name, BLUE), cursor="pointer" if is_clickable else "default")
        .encode(
            x=alt.X("x:Q", title="teacher's rank", axis=percent, scale=domain),
            x2="x2:Q",
            y=alt.Y("y:Q", title="student's rank", axis=percent, scale=domain),
            y2="y2:Q",
            fillOpacity=alt.FillOpacity(
                "density:Q", scale=alt.Scale(domain=[0, max(top, 1.0)], range=[0.04, 1], clamp=True), legend=None
            ),
            tooltip=[
                alt.Tooltip("pairs:Q", title="pairs"),
                alt.Tooltip("density:Q", format=".1f", title="times the density of chance"),
            ],
        )
    )
    if is_clickable:
        chosen = alt.selection_point(name="cell", fields=["cell"], toggle="true", empty=False)
        edge = alt.condition(chosen, alt.value("currentColor"), alt.value("transparent"))
        drawn = drawn.encode(stroke=edge, strokeWidth=alt.value(2)).add_params(chosen)
    diagonal = alt.Chart(pd.DataFrame({"x": [0, 1], "y": [0, 1]})).mark_line(
        strokeDash=[4, 4], strokeWidth=1, color=HELDOUT_GREY
    )
    near = float(np.mean(np.abs(ranks[0] - ranks[1]) <= 0.1))
    description = f"Student's against teacher's rank on {name}: {near:.0%} of pairs lie within a tenth of the diagonal."
    return styled(
        alt.layer(drawn, diagonal.encode(x=alt.X("x:Q"), y=alt.Y("y:Q"))), description=description, height=360
    )


def rank_cells(scores: Scores) -> np.ndarray:
    """Cell of `rank_density` that each pair lies in, counted up a column of one teacher's rank; int64, shape (n,)."""
    return _cells(_spread_ranks(scores))


def _cells(ranks: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    teacher, student = ((each * N_CELLS).astype(np.int64) for each in ranks)
    return teacher * N_CELLS + student


def _spread_ranks(scores: Scores) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the sample below each pair, by the teacher's scores and by the student's, equal ones drawn apart."""
    n, ranks = len(scores), []
    drawn = np.random.default_rng(0).permutation(n)
    for values in (scores.teacher, scores.student):
        ranks.append(np.empty(n))
        ranks[-1][np.lexsort((drawn, values))] = (np.arange(n) + 0.5) / n
    return ranks[0], ranks[1]


def side_changes(changes: SideChanges, *, threshold: float) -> Any:
    """Draw the share of pairs that changed side over all thresholds, with a rule at the chosen one."""
    import altair as alt

    table = pd.concat(
        pd.DataFrame({"sample": name, "threshold": changes.thresholds, "share": share})
        for name, share in (("held-out", changes.heldout), ("production", changes.production))
    )
    scale = alt.Scale(zero=False, nice=False)  # of two answers there is one threshold
    axis = alt.Axis(format="f", tickCount=8)
    x = alt.X("threshold:Q", title="threshold, in the teacher's score", scale=scale, axis=axis)
    dashes = alt.Scale(domain=["held-out", "production"], range=[[5, 4], [1, 0]])
    lines = (
        alt.Chart(table)
        .mark_line(strokeWidth=2.5, point=len(changes.thresholds) <= N_CELLS)
        .encode(
            x=x,
            y=alt.Y("share:Q", title="pairs that changed side", axis=alt.Axis(format="%", tickCount=4)),
            color=alt.Color("sample:N", scale=sample_scale(), title=None, legend=alt.Legend(orient="top")),
            strokeDash=alt.StrokeDash("sample:N", scale=dashes, title=None, legend=alt.Legend(orient="top")),
            tooltip=[
                alt.Tooltip("sample:N"),
                alt.Tooltip("threshold:Q", format=".3g"),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
    )
    mark = alt.Chart(pd.DataFrame({"threshold": [threshold]})).mark_rule(strokeWidth=1.5, color=HELDOUT_GREY)
    place = changes.nearest(threshold)
    description = (
        f"Share of pairs that changed side at each threshold. At {threshold:.3g}: held-out "
        f"{changes.heldout[place]:.0%}, production {changes.production[place]:.0%}."
    )
    return styled(alt.layer(lines, mark.encode(x=x)), description=description, height=320)
