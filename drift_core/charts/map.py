"""The map as a browser draws it: every pair a point, drifted ones apart by colour and shape, held-out as ground."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from drift_core.charts.map_labels import anchor
from drift_core.charts.theme import (
    DRIFTED_COLOUR,
    DRIFTED_SHAPE,
    ON_DARK,
    PALETTE,
    REST_COLOUR,
    SAMPLE_COLOURS,
    SAMPLE_SHAPES,
)
from drift_core.regions.picking import Outline
from drift_core.regions.projection import MapLayout
from drift_core.wording import shortened

MAX_DRAWN = 20_000  # a browser draws so many in one frame
TEXT_LENGTH = 70
MAX_LABELS = 12
LABEL_SHARE = 0.03  # a smaller region that did not drift goes without its name on the map
GROUND_CELLS, GROUND_SMOOTHING, EDGE, LEAST_GROUND = 90, 2.0, 0.08, 50  # cells, cells, share of a side, pairs
# How far the student puts a pair from where the teacher does; colours by ColorBrewer's RdBu (Brewer, 2003).
STEPS = (
    (-0.3, "student lower by 30% of the ranks or more", "#2166AC"),
    (-0.1, "lower by 10% to 30%", "#67A9CF"),
    (0.1, "within 10%", "#9AA5B1"),
    (0.3, "higher by 10% to 30%", "#EF8A62"),
    (np.inf, "higher by 30% or more", "#B2182B"),
)
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
        How much higher the student ranks the pair than the teacher, as a fraction in -1..1; 0 or 1 where scores are
        labels, which are equal or not.
    is_ranked
        Whether scores rank pairs.
    colouring
        What the colour tells.
    chosen
        Pairs that are brought forward, or None.
    outline
        The line that was drawn around them.
    with_heldout
        Whether held-out's pairs are drawn as points.
    is_named
        Whether the groups are regions of the map, whose names stand on it.
    named
        Regions drawn by hand and their pairs, bool, whose names stand on it whatever else does.
    """

    layout: MapLayout
    texts: np.ndarray
    group: np.ndarray
    group_names: tuple[str, ...]
    drifted: np.ndarray
    disagreement: np.ndarray
    is_ranked: bool = True
    colouring: Colouring = "drift"
    chosen: np.ndarray | None = None
    outline: Outline = ()
    with_heldout: bool = False
    is_named: bool = True
    named: tuple[tuple[str, np.ndarray], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    """Production pairs of one colour and shape."""

    name: str
    mask: np.ndarray
    colour: str
    is_drifted: bool = False


def map_ground(view: MapView) -> dict[str, Any]:
    """State what stays of a map whatever is chosen on it or told by its colours: most of what a browser draws it from.

    Returns
    -------
    dict
        ``low`` and ``high``, the corners of the ground; ``points``, places of the drawn pairs between them as
        little-endian uint16 in base64; ``n_heldout``, how many of them are held-out's; ``texts`` for pointing;
        ``ground``, how dense held-out lies.
    """
    frame, (drawn, drawn_heldout) = map_frame(view.layout), _drawn(view)
    points = np.concatenate([view.layout.heldout[drawn_heldout], view.layout.production[drawn]])
    return {
        "low": frame[0].tolist(),
        "high": frame[1].tolist(),
        "points": _packed(np.rint((points - frame[0]) / (frame[1] - frame[0]) * 65_535), "<u2"),
        "n_heldout": len(drawn_heldout),
        "texts": [_on_one_line(text, TEXT_LENGTH) for text in view.texts[drawn]],
        "ground": _ground(view.layout, frame),
    }


def map_drawing(view: MapView) -> dict[str, Any]:
    """State the rest of the map, which changes with what is chosen and with the colours.

    Returns
    -------
    dict
        ``look`` and ``chosen``, a uint8 and a bit for each point of `map_ground`; ``group``, a little-endian uint16,
        and ``apart``, the disagreement in per cent as int8, None where scores are labels, for each production point;
        all in base64. ``looks`` and ``groups`` say what they are, ``drifted`` is a colour, ``on_dark``
        tells which stand for which on a dark ground, the rest is drawn as it is.
    """
    drawn, drawn_heldout = _drawn(view)
    looks = _looks(view)
    look = np.select([each.mask[drawn] for each in looks], range(1, len(looks) + 1))
    chosen = None if view.chosen is None else np.concatenate([np.ones(len(drawn_heldout)), view.chosen[drawn]])
    return {
        "look": _packed(np.concatenate([np.zeros(len(drawn_heldout)), look]), "u1"),
        "chosen": None if chosen is None else _packed(np.packbits(chosen.astype(bool), bitorder="little"), "u1"),
        "looks": [_look_of_heldout(view), *(_look_in_words(each) for each in looks)],
        "groups": [shortened(name, 40) for name in view.group_names],
        "group": _packed(view.group[drawn], "<u2"),
        "apart": _packed(np.rint(100 * view.disagreement[drawn]), "i1") if view.is_ranked else None,
        "drifted": DRIFTED_COLOUR,
        "on_dark": dict(ON_DARK),
        "labels": _labels(view),
        "outline": view.outline,
        "note": _note(view, len(drawn) + len(drawn_heldout)),
        "description": describe_map(view),
    }


def describe_map(view: MapView) -> str:
    """State what the map shows as text."""
    n, n_drifted = len(view.group), int(view.drifted.sum())
    place = "apart from the rest" if n_drifted and _is_apart(view) else "among the rest"
    drifted = f"{n_drifted:,} lie in drifted regions, mostly {place}" if n_drifted else "none lies in a drifted region"
    counts = np.bincount(view.group, minlength=len(view.group_names))
    largest = [f"{view.group_names[i]} ({counts[i]:,})" for i in np.argsort(-counts, kind="stable")[:6] if counts[i]]
    named = ", ".join(largest)
    return f"Map of {n:,} production pairs, like queries close together; {drifted}. Largest groups: {named}."


def _looks(view: MapView) -> list[_Look]:
    """The looks of a colouring, drifted pairs last, so that they lie on top."""
    kept, blue = ~view.drifted, SAMPLE_COLOURS["production"]
    if view.colouring == "drift":
        both = (
            _Look(name="production", mask=kept, colour=blue),
            _Look(name="production, drifted", mask=view.drifted, colour=DRIFTED_COLOUR, is_drifted=True),
        )
        return [look for look in both if look.mask.any()]
    if view.colouring == "sample":
        return [_Look(name="production", mask=np.ones_like(kept), colour=blue)]
    by = _steps(view) if view.colouring == "disagreement" else _groups(view)
    return [
        _Look(name=name + mark, mask=among & mask, colour=colour, is_drifted=is_drifted)
        for among, mark, is_drifted in ((kept, "", False), (view.drifted, ", drifted", True))
        for name, mask, colour in by
        if (among & mask).any()
    ]


def _steps(view: MapView) -> list[tuple[str, np.ndarray, str]]:
    if not view.is_ranked:
        differ = view.disagreement != 0
        return [("same label", ~differ, STEPS[2][2]), ("other label", differ, STEPS[-1][2])]
    step = np.searchsorted([edge for edge, _, _ in STEPS[:-1]], view.disagreement)
    return [(name, step == i, colour) for i, (_, name, colour) in enumerate(STEPS)]


def _groups(view: MapView) -> list[tuple[str, np.ndarray, str]]:
    """The largest groups; what goes beyond the palette shares the grey."""
    order = np.argsort(-np.bincount(view.group, minlength=len(view.group_names)), kind="stable")
    named, rest = order[: len(PALETTE) - 1], order[len(PALETTE) - 1 :]
    own = [(view.group_names[i], view.group == i, colour) for i, colour in zip(named, PALETTE, strict=False)]
    return [*own, ("other", np.isin(view.group, rest), REST_COLOUR)]


def _look_in_words(look: _Look) -> dict[str, Any]:
    shape, size = (DRIFTED_SHAPE, 9) if look.is_drifted else ("circle", 6.5)
    opacity = 0.92  # under which a mark reads no more on a dark ground
    return {"name": shortened(look.name, 40), "colour": look.colour, "shape": shape, "size": size, "opacity": opacity}


def _look_of_heldout(view: MapView) -> dict[str, Any]:
    name = "held-out" if _has_heldout_points(view) else "held-out, where it is dense"
    return {
        "name": name,
        "colour": SAMPLE_COLOURS["held-out"],
        "shape": SAMPLE_SHAPES["held-out"],
        "size": 5,
        "opacity": 0.6,
    }


def _has_heldout_points(view: MapView) -> bool:
    return view.with_heldout or view.colouring == "sample"


def map_frame(layout: MapLayout) -> np.ndarray:
    """Lower left and upper right corner of what is drawn, shape (2, 2): all pairs and an edge around them."""
    both = np.concatenate([layout.heldout, layout.production]).astype(np.float64)
    low, high = both.min(axis=0), both.max(axis=0)
    edge = np.maximum(EDGE * (high - low), 1e-9)
    return np.stack([low - edge, high + edge])


def _ground(layout: MapLayout, frame: np.ndarray) -> str | None:
    """How dense held-out lies, what the student knows, so that new land stands out; rows from the bottom, uint8."""
    from scipy.ndimage import gaussian_filter

    if len(layout.heldout) < LEAST_GROUND:
        return None
    counts = np.histogram2d(layout.heldout[:, 1], layout.heldout[:, 0], bins=GROUND_CELLS, range=frame.T[::-1])[0]
    density = gaussian_filter(counts, GROUND_SMOOTHING)
    return _packed(np.rint(density / density.max() * 255), "u1")


def _drawn(view: MapView) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs of production and held-out are drawn: all up to the limit, else a sample by the layout's seed."""
    sizes = (len(view.group), len(view.layout.heldout) if _has_heldout_points(view) else 0)
    share = min(1.0, MAX_DRAWN / max(1, sum(sizes)))
    rng = np.random.default_rng(view.layout.seed)
    production, heldout = (np.sort(rng.permutation(n)[: int(np.ceil(n * share))]) for n in sizes)
    return production, heldout


def _labels(view: MapView) -> list[dict[str, Any]]:
    """Names of the groups that matter and where they belong, drifted ones first; the browser finds room beside that."""
    labels = [_label(view, name, mask) for name, mask in view.named if mask.any()]
    if len(view.group_names) < 2 or not view.is_named:
        return labels
    counts = np.bincount(view.group, minlength=len(view.group_names))
    drifted = np.bincount(view.group, weights=view.drifted, minlength=len(counts)) > counts / 2
    matters = np.flatnonzero(drifted | (counts >= LABEL_SHARE * len(view.group)))
    order = matters[np.lexsort((-counts[matters], ~drifted[matters]))][:MAX_LABELS]
    return labels + [
        _label(view, view.group_names[group], view.group == group, is_drifted=bool(drifted[group])) for group in order
    ]


def _label(view: MapView, name: str, mask: np.ndarray, *, is_drifted: bool = False) -> dict[str, Any]:
    return {
        "text": _on_one_line(name, 26),
        "place": anchor(view.layout, mask).tolist(),
        "is_drifted": is_drifted,
    }


def _note(view: MapView, n_drawn: int) -> str:
    """Say on the map that not all pairs are drawn."""
    n = len(view.group) + (len(view.layout.heldout) if _has_heldout_points(view) else 0)
    if n_drawn >= n:
        return ""
    return f"{n_drawn:,} of {n:,} pairs drawn (seed {view.layout.seed}); a selection counts all"


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


def _on_one_line(text: object, at_most: int) -> str:
    return shortened(str(text)[: 2 * at_most], at_most)


def _packed(values: np.ndarray, dtype: str) -> str:
    return b64encode(values.astype(dtype).tobytes()).decode("ascii")
