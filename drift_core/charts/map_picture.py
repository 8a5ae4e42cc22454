"""The map as a still picture for paper: held-out as known ground, production on it, drifted regions named."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from drift_core.charts.map import map_frame
from drift_core.charts.map_labels import anchor, place_names
from drift_core.charts.theme import DRIFTED_COLOUR, DRIFTED_SHAPE, REST_SHAPE, SAMPLE_COLOURS, SAMPLE_SHAPES, styled
from drift_core.regions.projection import MapLayout
from drift_core.wording import shortened

MAX_POINTS = 1_500  # of a sample; more only make the file larger
WIDTH, HEIGHT = 520, 300
WORDS, LETTER = 15, 7.6  # pixels: height of a name, width of a letter
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
    frame = map_frame(layout)
    x, y = (
        axis(f"{name}:Q", axis=None, scale=alt.Scale(domain=frame[:, place].tolist(), nice=False, zero=False))
        for place, (name, axis) in enumerate((("x", alt.X), ("y", alt.Y)))
    )
    kinds = [kind for kind in MARKS if (points["what"] == kind).any()]
    colours, shapes = ([MARKS[kind][place] for kind in kinds] for place in (0, 1))
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
    table = _labels(layout, drifted if is_named else {}, points, frame)
    names = alt.Chart(table).encode(x, y, text=alt.Text("name:N"))
    lines = alt.Chart(table[table["is_apart"]]).encode(x=alt.X("at_x:Q", axis=None), y=alt.Y("at_y:Q", axis=None))
    lines = lines.encode(x2=alt.X2("end_x:Q"), y2=alt.Y2("end_y:Q"))
    labels = alt.layer(
        lines.mark_rule(strokeWidth=4, stroke=ground),
        lines.mark_rule(strokeWidth=1.5),
        names.mark_text(fontSize=WORDS, fontWeight="bold", stroke=ground, strokeWidth=5, strokeJoin="round"),
        names.mark_text(fontSize=WORDS, fontWeight="bold"),
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


def _labels(
    layout: MapLayout, drifted: Mapping[str, np.ndarray], points: pd.DataFrame, frame: np.ndarray
) -> pd.DataFrame:
    """Each name beside the largest island of its pairs, on a picture of the usual size, and a line there."""
    size = np.array([WIDTH, HEIGHT])

    def to_pixels(places: np.ndarray) -> np.ndarray:
        share = (places - frame[0]) / (frame[1] - frame[0])
        return np.column_stack([share[:, 0], 1 - share[:, 1]]) * size

    def to_map(place: tuple[float, float]) -> tuple[float, float]:
        share = np.array([place[0] / WIDTH, 1 - place[1] / HEIGHT])
        x, y = frame[0] + share * (frame[1] - frame[0])
        return float(x), float(y)

    words = {shortened(name, 28): mask for name, mask in drifted.items() if mask.any()}
    anchors = np.array([anchor(layout, mask) for mask in words.values()]).reshape(-1, 2)
    production = points.loc[points["what"] != "held-out", ["x", "y"]].to_numpy()
    widths = [LETTER * len(name) for name in words]
    placed = place_names(to_pixels(anchors), widths, WORDS + 2, to_pixels(production), (WIDTH, HEIGHT))
    rows = [
        (name, *to_map(each.middle), *at, *to_map(each.line_end), each.is_apart)
        for name, at, each in zip(words, anchors, placed, strict=True)
        if each is not None
    ]
    return pd.DataFrame(rows, columns=["name", "x", "y", "at_x", "at_y", "end_x", "end_y", "is_apart"]).astype(
        {"is_apart": bool}
    )


def _some(n: int, seed: int) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).permutation(n)[:MAX_POINTS])
