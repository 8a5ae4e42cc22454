"""The map as a still picture for paper: held-out as known ground, production on it, drifted regions named."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from drift_core.charts.map import label_places
from drift_core.charts.theme import DRIFTED_COLOUR, DRIFTED_SHAPE, REST_SHAPE, SAMPLE_COLOURS, SAMPLE_SHAPES, styled
from drift_core.regions.projection import MapLayout
from drift_core.wording import shortened

MAX_POINTS = 1_500  # of a sample; more only make the file larger
HEIGHT = 300
MARKS = {
    "held-out": (SAMPLE_COLOURS["held-out"], SAMPLE_SHAPES["held-out"]),
    "production": (SAMPLE_COLOURS["production"], REST_SHAPE),
    "production, drifted": (DRIFTED_COLOUR, DRIFTED_SHAPE),
}


def map_picture(
    layout: MapLayout, drifted: Mapping[str, np.ndarray], *, ground: str = "#FFFFFF", is_named: bool = True
) -> Any:
    """Draw every pair, or an even sample of them, and name the drifted regions.

    Parameters
    ----------
    layout
        Where the pairs lie.
    drifted
        Names of the drifted regions, with whether each production pair lies in it, bool of shape (n_production,).
    is_named
        Whether their names stand on the map.
    ground
        Colour that the picture stands on; it parts a name from the points under it.
    """
    import altair as alt

    points = pd.concat([_points(layout, drifted), _heldout_points(layout)]).sort_values("what", kind="stable")
    x, y = (alt.X("x:Q", axis=None), alt.Y("y:Q", axis=None))
    kinds = list(MARKS)
    colours, shapes = ([mark[place] for mark in MARKS.values()] for place in (0, 1))
    legend = alt.Legend(title=None, orient="bottom", direction="horizontal", labelFontSize=13, symbolSize=90)
    marks = (
        alt.Chart(points)
        .mark_point(filled=True, opacity=0.75)
        .encode(
            x,
            y,
            size=alt.condition("datum.what == 'production, drifted'", alt.value(60), alt.value(24)),
            color=alt.Color("what:N", scale=alt.Scale(domain=kinds, range=colours), legend=legend),
            shape=alt.Shape("what:N", scale=alt.Scale(domain=kinds, range=shapes), legend=legend),
        )
    )
    names = alt.Chart(_labels(layout, drifted if is_named else {})).encode(x, y, text=alt.Text("name:N"))
    labels = alt.layer(
        names.mark_text(fontSize=15, fontWeight="bold", dy=-12, stroke=ground, strokeWidth=5, strokeJoin="round"),
        names.mark_text(fontSize=15, fontWeight="bold", dy=-12),
    )
    listed = ", ".join(shortened(name) for name in drifted)
    finding = f"Drifted: {listed}." if drifted else "No region drifted."
    return styled(alt.layer(marks, labels), description=f"Map of the queries. {finding}", height=HEIGHT)


def _points(layout: MapLayout, drifted: Mapping[str, np.ndarray]) -> pd.DataFrame:
    place = layout.production
    inside = np.zeros(len(place), dtype=bool)
    for mask in drifted.values():
        inside |= mask
    rows = _some(len(place), layout.seed)
    what = np.where(inside[rows], "production, drifted", "production")
    return pd.DataFrame({"x": place[rows, 0].round(3), "y": place[rows, 1].round(3), "what": what})


def _heldout_points(layout: MapLayout) -> pd.DataFrame:
    place, rows = layout.heldout, _some(len(layout.heldout), layout.seed)
    return pd.DataFrame({"x": place[rows, 0].round(3), "y": place[rows, 1].round(3), "what": "held-out"})


def _labels(layout: MapLayout, drifted: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Each name above its pairs."""
    rows = [(shortened(name, 28), *label_places(layout, mask)[0]) for name, mask in drifted.items() if mask.any()]
    return pd.DataFrame(rows, columns=["name", "x", "y"])


def _some(n: int, seed: int) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).permutation(n)[:MAX_POINTS])
