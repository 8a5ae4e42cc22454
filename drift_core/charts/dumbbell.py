"""Marks of a dumbbell: what a row was and what it is on one line, joined, each with its interval."""

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from drift_core.charts.theme import GREY, number_format

if TYPE_CHECKING:
    import altair as alt

OFFSET = 14  # pixels under the middle of the row, where name and caption stand above
Marks = Mapping[str, tuple[str, str]]


def dumbbells(
    ends: pd.DataFrame, *, y: "alt.Y", marks: Marks, first: str, words: tuple[str, str], title: str, is_share: bool
) -> list[Any]:
    """Draw both ends of each row with their intervals.

    Parameters
    ----------
    ends
        A row an end, with the columns "name", "what", "estimate", "low", "high", "n_pairs" and that of `y`.
    marks
        Colour and shape of each thing that "what" may be; the legend names those that are drawn.
    first
        What the left end of the story is; its interval is wide and pale, so that the other one is seen on it.
    words
        What "name" and "what" are called where one points.
    title
        Of the axis, which reaches from under the lowest figure to 1.
    """
    import altair as alt

    kinds = [kind for kind in marks if (ends["what"] == kind).any()]
    colours, shapes = (alt.Scale(domain=kinds, range=[marks[kind][place] for kind in kinds]) for place in (0, 1))
    legend = alt.Legend(title=None, orient="top", columns=2, symbolOpacity=1)  # else as pale as the wide interval
    number = number_format(".2f", is_share=is_share)
    tooltip = [
        alt.Tooltip("name:N", title=words[0]),
        alt.Tooltip("what:N", title=words[1]),
        alt.Tooltip("estimate:Q", title="agreement", format=number),
        alt.Tooltip("low:Q", title="from", format=number),
        alt.Tooltip("high:Q", title="to", format=number),
        alt.Tooltip("n_pairs:Q", title="pairs", format=",d"),
    ]
    scale = alt.Scale(domain=list(_domain(ends)))
    axis = alt.Axis(tickCount=6, format="%" if is_share else alt.Undefined)
    colour = alt.Color("what:N", scale=colours, legend=legend)
    base = alt.Chart(ends).encode(y=y, tooltip=tooltip)
    row: Any = y.to_dict()
    ends_of_rows: dict[str, Any] = {"lower": "min(estimate)", "upper": "max(estimate)", "groupby": [row["field"]]}
    joined = (
        alt.Chart(ends)
        .transform_aggregate(**ends_of_rows)
        .mark_rule(strokeWidth=1, color=GREY, yOffset=OFFSET, y2Offset=OFFSET)
        .encode(y=y, x=alt.X("lower:Q", scale=scale), x2=alt.X2("upper:Q"))
    )
    span: dict[str, Any] = {"x": alt.X("low:Q", scale=scale), "x2": alt.X2("high:Q"), "color": colour}
    line: dict[str, Any] = {"clip": True, "yOffset": OFFSET, "y2Offset": OFFSET}
    name = json.dumps(first)
    before = base.transform_filter(f"datum.what === {name}").mark_rule(strokeWidth=7, opacity=0.35, **line)
    after = base.transform_filter(f"datum.what !== {name}").mark_rule(strokeWidth=2, **line)
    # The first is the larger, so that it is seen as a ring where the other lies on it.
    points = base.mark_point(filled=True, opacity=1, yOffset=OFFSET).encode(
        x=alt.X("estimate:Q", title=title, scale=scale, axis=axis),
        color=colour,
        shape=alt.Shape("what:N", scale=shapes, legend=legend),
        size=alt.condition(f"datum.what === {name}", alt.value(220), alt.value(110)),
    )
    return [joined, before.encode(**span), after.encode(**span), points]


def _domain(ends: pd.DataFrame) -> tuple[float, float]:
    """From a little under the lowest agreement to 1; a wide interval of a small part is cut off."""
    lowest = float(max(ends["low"].min(), ends["estimate"].min() - 0.15)) if len(ends) else 0.0
    return (math.floor(lowest * 10) / 10, 1.0)
