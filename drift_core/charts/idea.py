"""The idea in one picture: what held-out covers, what today's traffic holds, and a teacher that was revised."""

from typing import Any

import numpy as np
import pandas as pd

from drift_core.charts.theme import DRIFTED_COLOUR, DRIFTED_SHAPE, HELDOUT_GREY, REST_SHAPE, styled

_FAMILIAR = ((1.6, 6.0), (3.8, 4.0), (1.9, 2.0))
_NEW = (7.2, 4.8)
_N_DOTS = 26
_WIDTH = 10.0
# Where the second sketch begins, and what stands above and below each.
_SKETCHES = ((0.0, "At training", "teacher: revision 1"), (12.0, "Today", "teacher: revision 2"))
_KINDS = ("familiar traffic", "new topic")


def idea_picture() -> Any:
    """Draw familiar traffic inside what held-out covers, and a new topic outside it. A sketch, no data."""
    import altair as alt

    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, _SKETCHES[-1][0] + _WIDTH], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.4, 9.8], nice=False))
    dots = alt.Chart(_dots()).mark_point(filled=True, size=44, opacity=0.85)
    frames = pd.DataFrame([{"x": left + 0.2, "x2": left + 5.4, "y": 0.6, "y2": 8.4} for left, *_ in _SKETCHES])
    texts = [
        row
        for left, above, below in _SKETCHES
        for row in (
            {"x": left + 0.2, "y": 9.3, "text": above},
            {"x": left + 0.4, "y": 7.8, "text": "held-out"},
            {"x": left + 0.2, "y": 0.0, "text": below},
        )
    ]
    drawn = alt.layer(
        alt.Chart(frames)
        .mark_rect(fillOpacity=0.08, fill=HELDOUT_GREY, stroke=HELDOUT_GREY, strokeDash=[6, 4], cornerRadius=8)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q"),
        alt.Chart(pd.DataFrame(texts)).mark_text(align="left", fontSize=13).encode(x=x, y=y, text=alt.Text("text:N")),
        dots.encode(
            x=x,
            y=y,
            color=alt.Color("kind:N", scale=_scale([HELDOUT_GREY, DRIFTED_COLOUR]), title=None, legend=_legend()),
            shape=alt.Shape("kind:N", scale=_scale([REST_SHAPE, DRIFTED_SHAPE]), title=None),
        ),
    )
    description = (
        "Two sketches. When the student was trained, three groups of traffic lie inside what held-out covers, and the "
        "teacher is revision 1. Today the same groups are there, a new topic lies outside what held-out covers, and "
        "the teacher is revision 2."
    )
    return styled(drawn, description=description, height=280)


def _scale(values: list[str]) -> Any:
    import altair as alt

    return alt.Scale(domain=list(_KINDS), range=values)


def _legend() -> Any:
    import altair as alt

    return alt.Legend(orient="bottom")


def _dots() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    familiar = [(left, centre, _KINDS[0]) for left, *_ in _SKETCHES for centre in _FAMILIAR]
    tables = []
    for left, (across, up), kind in [*familiar, (_SKETCHES[-1][0], _NEW, _KINDS[1])]:
        angle, radius = rng.uniform(0, 2 * np.pi, _N_DOTS), np.sqrt(rng.uniform(0, 1, _N_DOTS))
        tables.append(
            pd.DataFrame({"x": left + across + radius * np.cos(angle), "y": up + radius * np.sin(angle), "kind": kind})
        )
    return pd.concat(tables)
