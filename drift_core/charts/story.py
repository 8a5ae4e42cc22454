"""Pictures of the story: where agreement stands between none and full, and what the two samples span in time."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from drift_core.charts.theme import DRIFTED_COLOUR, SAMPLE_COLOURS, SAMPLE_SHAPES, are_shares, styled
from drift_core.measured import Measured
from drift_core.wording import shortened

ROW_HEIGHT = 84
WORDS_SIZE = 17


def agreement_scale(rows: Mapping[str, Measured]) -> Any:
    """Draw agreements on one scale up to 1, each with its interval and its figure, under its name.

    Parameters
    ----------
    rows
        Agreement by what it is of; "held-out" and "production" have their own colours, anything else is a drifted
        region.
    """
    import altair as alt

    table = pd.DataFrame(
        [
            {
                "what": name,
                "agreement": each.estimate,
                "low": each.low,
                "high": each.high,
                "figure": str(each),
                "colour": SAMPLE_COLOURS.get(name, DRIFTED_COLOUR),
                "shape": SAMPLE_SHAPES.get(name, "diamond"),
            }
            for name, each in rows.items()
        ],
        columns=["what", "agreement", "low", "high", "figure", "colour", "shape"],
    )
    left = min([0.0, *(np.floor(each.low * 10) / 10 for each in rows.values())])
    axis = alt.Axis(
        values=[0, 0.25, 0.5, 0.75, 1],
        format="%" if are_shares(rows.values()) else ".2~f",
        labelFontSize=14,
        title="agreement",
        titleFontSize=14,
    )
    scale = alt.Scale(domain=[left, 1.0], nice=False)
    base = alt.Chart(table).encode(
        y=alt.Y("what:N", sort=list(rows), axis=None),
        color=alt.Color("colour:N", scale=None),
    )
    x = alt.X("agreement:Q", scale=scale, axis=axis)
    drawn = alt.layer(
        base.mark_rule(strokeWidth=6, yOffset=14, y2Offset=14).encode(
            x=alt.X("low:Q", scale=scale, axis=axis), x2=alt.X2("high:Q")
        ),
        base.mark_point(filled=True, size=260, opacity=1, yOffset=14).encode(
            x=x, shape=alt.Shape("shape:N", scale=None)
        ),
        alt.Chart(table)
        .mark_text(align="left", fontSize=WORDS_SIZE, dy=-12)
        .encode(x=alt.value(0), y=alt.Y("what:N", sort=list(rows), axis=None), text=alt.Text("what:N")),
        alt.Chart(table)
        .mark_text(align="right", fontSize=WORDS_SIZE, fontWeight="bold", dy=-12)
        .encode(x=alt.value("width"), y=alt.Y("what:N", sort=list(rows), axis=None), text=alt.Text("figure:N")),
        height=alt.Step(ROW_HEIGHT),
    )
    words = "; ".join(f"{name} {each}" for name, each in rows.items())
    described = f"Agreement of student and teacher, 1 is the same order: {words}."
    return styled(drawn, description=described)


def time_line(
    spans: Mapping[str, tuple[np.datetime64, np.datetime64]], arrived: tuple[str, np.datetime64] | None
) -> Any:
    """Draw what the samples span in time, and since when a region is seen.

    Parameters
    ----------
    spans
        First and last time of "held-out" and of "production".
    arrived
        Name of a region and since when it is seen; None draws no mark.
    """
    import altair as alt

    table = pd.DataFrame([{"what": what, "from": ends[0], "to": ends[1]} for what, ends in spans.items()])
    x = alt.X("from:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=4, grid=False, labelFontSize=14))
    y = alt.Y("what:N", sort=list(spans), axis=None)
    colours = alt.Scale(domain=list(SAMPLE_COLOURS), range=list(SAMPLE_COLOURS.values()))
    layers = [
        alt.Chart(table)
        .mark_bar(height=18, yOffset=4, cornerRadius=3, minBandSize=4)
        .encode(x=x, x2=alt.X2("to:T"), y=y, color=alt.Color("what:N", scale=colours, legend=None)),
        alt.Chart(table).mark_text(align="left", fontSize=WORDS_SIZE, dy=-18).encode(x=x, y=y, text=alt.Text("what:N")),
    ]
    described = "; ".join(f"{what} {_day(ends[0])} to {_day(ends[1])}" for what, ends in spans.items())
    if arrived is not None:
        name, first = arrived
        # Of the width, so that the name is not cut off at the end.
        latest = max(ends[1] for ends in spans.values())
        is_late = (first - min(ends[0] for ends in spans.values())) / (latest - min(e[0] for e in spans.values())) > 0.6
        mark = alt.Chart(pd.DataFrame([{"day": first, "name": shortened(name), "what": "production"}])).encode(
            x=alt.X("day:T"), y=y
        )
        layers += [
            mark.mark_tick(orient="vertical", size=26, thickness=5, color=DRIFTED_COLOUR, yOffset=4),
            mark.mark_text(align="right" if is_late else "left", fontSize=WORDS_SIZE, fontWeight="bold", dy=32).encode(
                text=alt.Text("name:N")
            ),
        ]
        described += f"; {name} first seen {_day(first)}"
    drawn = alt.layer(*layers, height=alt.Step(ROW_HEIGHT))
    return styled(drawn, description=f"What the samples span in time: {described}.")


def _day(time: np.datetime64) -> str:
    return f"{pd.Timestamp(time):%d %b %Y}"
