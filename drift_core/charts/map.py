"""The map: every pair as a point, drifted ones apart by colour and shape; Plotly, because a lasso is needed."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from drift_core.charts.theme import DRIFTED_COLOUR, DRIFTED_SHAPE, PALETTE, REST_COLOUR, SAMPLE_COLOURS, SAMPLE_SHAPES
from drift_core.installation import need_extra
from drift_core.regions.projection import MapLayout

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_DRAWN = 20_000  # measured: about 30 ms a frame at this many points, 100 ms at five times as many
HEIGHT, TOOLS_HEIGHT = 580, 28
TEXT_LENGTH = 70
MAX_LABELS = 12
LABEL_SIZE = (0.36, 0.045)  # fraction of the map's width and height that a name takes
GROUND_CELLS, GROUND_SMOOTHING, GROUND_EDGE, LEAST_GROUND = 90, 2.0, 0.08, 50  # cells, cells, share of a side, pairs
PALE = 0.12  # opacity of what was not chosen
LABEL_SHARE = 0.03  # a smaller region that did not drift goes without its name on the map
# Only what needs neither another host nor an account.
CONFIG = {
    "displaylogo": False,
    "displayModeBar": True,
    "modeBarButtons": [["lasso2d", "select2d", "pan2d"], ["zoomIn2d", "zoomOut2d", "resetScale2d"]],
}
Colouring = Literal["drift", "group", "disagreement", "sample"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapView:
    """What the map shows. Arrays have one entry a production pair.

    Attributes
    ----------
    layout
        Where the pairs lie.
    texts
        What a point is called when pointed at.
    group, group_names
        Region or slice value of each pair, and their names.
    drifted
        Whether the pair lies in a drifted region.
    disagreement
        Distance of the two ranks as a fraction in 0..1.
    colouring
        What the colour tells.
    chosen
        Pairs that are brought forward, or None.
    with_heldout
        Whether held-out is laid under.
    """

    layout: MapLayout
    texts: np.ndarray
    group: np.ndarray
    group_names: tuple[str, ...]
    drifted: np.ndarray
    disagreement: np.ndarray
    colouring: Colouring = "drift"
    chosen: np.ndarray | None = None
    with_heldout: bool = False


def map_chart(view: MapView) -> "go.Figure":
    """Draw the map; its description stands in ``figure.layout.meta["description"]``."""
    need_extra("app", "The map")
    import plotly.graph_objects as go

    drawn, drawn_heldout = _drawn(view)
    traces = [_heldout_trace(view, drawn_heldout)] if len(drawn_heldout) else _heldout_ground(view.layout)
    for layer in _layers(view):
        inside = drawn[layer.mask[drawn]]
        if len(inside):
            traces.append(_trace(view, layer, inside))
    figure = go.Figure(traces)
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 0, "r": 0, "t": TOOLS_HEIGHT, "b": 0},
        dragmode="lasso",
        uirevision="map",
        showlegend=True,
        legend={"orientation": "h", "yanchor": "top", "y": 0.0, "x": 0.0, "itemsizing": "constant", "title": None},
        coloraxis=_COLOUR_AXIS,
        annotations=[*_labels(view), *_note(view, len(drawn) + len(drawn_heldout))],
        meta={"description": describe_map(view)},
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def describe_map(view: MapView) -> str:
    """State what the map shows as text."""
    n, n_drifted = len(view.group), int(view.drifted.sum())
    place = "apart from the rest" if n_drifted and _is_apart(view) else "among the rest"
    drifted = f"{n_drifted:,} lie in drifted regions, mostly {place}" if n_drifted else "none lies in a drifted region"
    counts = np.bincount(view.group, minlength=len(view.group_names))
    largest = [f"{view.group_names[i]} ({counts[i]:,})" for i in np.argsort(-counts, kind="stable")[:6] if counts[i]]
    named = ", ".join(largest)
    return f"Map of {n:,} production pairs, like queries close together; {drifted}. Largest groups: {named}."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Layer:
    """Production pairs of one look; without a colour it follows the disagreement."""

    name: str
    mask: np.ndarray
    colour: str | None
    is_drifted: bool = False


def _layers(view: MapView) -> list[_Layer]:
    """The looks of a colouring, drifted pairs on top."""
    kept = ~view.drifted
    if view.colouring == "drift":
        return [
            _Layer(name="production", mask=kept, colour=SAMPLE_COLOURS["production"]),
            _Layer(name="production, drifted", mask=view.drifted, colour=DRIFTED_COLOUR, is_drifted=True),
        ]
    if view.colouring == "disagreement":
        return [
            _Layer(name="production", mask=kept, colour=None),
            _Layer(name="production, drifted", mask=view.drifted, colour=None, is_drifted=True),
        ]
    if view.colouring == "sample":
        everyone = np.ones_like(kept)
        return [_Layer(name="production", mask=everyone, colour=SAMPLE_COLOURS["production"], is_drifted=True)]
    return [*_group_layers(view, kept, False), *_group_layers(view, view.drifted, True)]


def _group_layers(view: MapView, among: np.ndarray, is_drifted: bool) -> list[_Layer]:
    """One look for each of the largest groups; what goes beyond the palette shares the grey."""
    order = np.argsort(-np.bincount(view.group, minlength=len(view.group_names)), kind="stable")
    named, rest = order[: len(PALETTE) - 1], order[len(PALETTE) - 1 :]
    mark = ", drifted" if is_drifted else ""
    layers = [
        _Layer(name=view.group_names[i] + mark, mask=among & (view.group == i), colour=colour, is_drifted=is_drifted)
        for i, colour in zip(named, PALETTE, strict=False)
    ]
    others = among & np.isin(view.group, rest)
    return [*layers, _Layer(name=f"other{mark}", mask=others, colour=REST_COLOUR, is_drifted=is_drifted)]


def _trace(view: MapView, layer: _Layer, inside: np.ndarray) -> Any:
    import plotly.graph_objects as go

    by_value = layer.colour is None
    opacity = 0.85 if layer.is_drifted or by_value else 0.55
    return go.Scattergl(
        x=view.layout.production[inside, 0],
        y=view.layout.production[inside, 1],
        mode="markers",
        name=_shown(layer.name, 40),
        text=[f"{_shown(view.texts[i])}<br>{_shown(view.group_names[view.group[i]])}" for i in inside],
        hovertemplate="%{text}<extra></extra>",
        marker={
            "symbol": DRIFTED_SHAPE if layer.is_drifted else "circle",
            "size": 7 if layer.is_drifted else 5,
            "opacity": opacity if view.chosen is None else np.where(view.chosen[inside], 0.95, PALE),
            "color": view.disagreement[inside].astype(np.float32) if by_value else layer.colour,
            **({"coloraxis": "coloraxis"} if by_value else {}),
        },
    )


def _heldout_ground(layout: MapLayout) -> list[Any]:
    """Where held-out is dense, as contours: what the student knows, so that new land stands out."""
    import plotly.graph_objects as go
    from scipy.ndimage import gaussian_filter

    if len(layout.heldout) < LEAST_GROUND:
        return []
    both = np.concatenate([layout.heldout, layout.production])
    low, high = both.min(axis=0), both.max(axis=0)
    edge = GROUND_EDGE * (high - low)
    span = np.column_stack([low - edge, high + edge])
    counts, x, y = np.histogram2d(layout.heldout[:, 0], layout.heldout[:, 1], bins=GROUND_CELLS, range=span)
    density = gaussian_filter(counts, GROUND_SMOOTHING)
    top = float(density.max())
    return [
        go.Contour(
            x=(x[:-1] + x[1:]) / 2,
            y=(y[:-1] + y[1:]) / 2,
            z=density.T.astype(np.float32),
            contours={"coloring": "none", "start": 0.04 * top, "end": 0.64 * top, "size": 0.15 * top},
            line={"color": SAMPLE_COLOURS["held-out"], "width": 1, "smoothing": 1.3},
            opacity=0.7,
            name="held-out, where it is dense",
            showlegend=True,
            hoverinfo="skip",
        )
    ]


def _heldout_trace(view: MapView, drawn: np.ndarray) -> Any:
    import plotly.graph_objects as go

    return go.Scattergl(
        x=view.layout.heldout[drawn, 0],
        y=view.layout.heldout[drawn, 1],
        mode="markers",
        name="held-out",
        hoverinfo="skip",
        marker={
            "symbol": SAMPLE_SHAPES["held-out"],
            "size": 5,
            "opacity": 0.45,
            "color": SAMPLE_COLOURS["held-out"],
        },
    )


_COLOUR_AXIS = {
    "colorscale": "Cividis",
    "cmin": 0.0,
    "cmax": 0.5,
    "colorbar": {"title": {"text": "ranks apart"}, "tickformat": ".0%", "thickness": 12, "len": 0.6, "x": 1.0},
}


def _drawn(view: MapView) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs of production and held-out are drawn: all up to the limit, else a sample by the layout's seed."""
    sizes = (len(view.group), len(view.layout.heldout) if view.with_heldout or view.colouring == "sample" else 0)
    share = min(1.0, MAX_DRAWN / max(1, sum(sizes)))
    rng = np.random.default_rng(view.layout.seed)
    production, heldout = (np.sort(rng.permutation(n)[: int(np.ceil(n * share))]) for n in sizes)
    return production, heldout


def _labels(view: MapView) -> list[dict[str, Any]]:
    """Names of the groups that matter, drifted ones first; one that would cover another is left out."""
    if len(view.group_names) < 2:
        return []
    counts = np.bincount(view.group, minlength=len(view.group_names))
    drifted = np.bincount(view.group, weights=view.drifted, minlength=len(counts)) > counts / 2
    matters = np.flatnonzero(drifted | (counts >= LABEL_SHARE * len(view.group)))
    order = matters[np.lexsort((-counts[matters], ~drifted[matters]))][:MAX_LABELS]
    size = np.maximum(np.ptp(view.layout.production, axis=0), 1e-12)
    placed: list[np.ndarray] = []
    labels = []
    for group in order:
        place = _label_place(view, int(group))
        if all((np.abs(place - other) / size > LABEL_SIZE).any() for other in placed):
            placed.append(place)
            labels.append(_label(view.group_names[group], place))
    return labels


def _label_place(view: MapView, group: int) -> np.ndarray:
    """Above the group's densest part, so that the name covers few of its points."""
    inside = view.layout.production[view.group == group]
    return np.array([np.median(inside[:, 0]), np.quantile(inside[:, 1], 0.9)])


def _label(name: str, place: np.ndarray) -> dict[str, Any]:
    return {
        "x": float(place[0]),
        "y": float(place[1]),
        "yanchor": "bottom",
        "yshift": 8,
        "text": _shown(name, 26),
        "font": {"size": 11},
        "showarrow": False,
        "captureevents": False,
    }


def _note(view: MapView, n_drawn: int) -> list[dict[str, Any]]:
    """Say on the map that not all pairs are drawn."""
    n = len(view.group) + (len(view.layout.heldout) if view.with_heldout or view.colouring == "sample" else 0)
    if n_drawn >= n:
        return []
    text = f"{n_drawn:,} of {n:,} pairs drawn (seed {view.layout.seed}); a selection counts all"
    return [{"text": text, "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "showarrow": False}]


def _is_apart(view: MapView) -> bool:
    """Whether most drifted pairs have a drifted pair as nearest other place on the map."""
    from scipy.spatial import cKDTree

    step = -(-len(view.drifted) // MAX_DRAWN)
    places, first = np.unique(view.layout.production[::step], axis=0, return_index=True)
    drifted = np.asarray(view.drifted[::step][first])
    if drifted.sum() < 2 or len(places) < 2:
        return False
    nearest = np.asarray(cKDTree(places).query(places[drifted], k=2)[1])[:, 1]
    return bool(drifted[nearest].mean() > 0.5)


def _shown(text: str, at_most: int = TEXT_LENGTH) -> str:
    """A user's text, shortened and made harmless: Plotly reads tags in labels."""
    flat = " ".join(str(text)[: 2 * at_most].split())
    return escape(flat if len(flat) <= at_most else flat[: at_most - 1] + "…", quote=False)
