"""What a reader picks on the map: outlines drawn there, or pairs whose texts hold given words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from drift_core.errors import SettingError
from drift_core.regions.projection import MapLayout
from drift_core.regions.selection import points_in_polygon
from drift_core.samples.pairs import ScoredPairs

Outline = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A choice of pairs: inside any of the outlines, or holding all the words.

    Attributes
    ----------
    outlines
        Polygons in the coordinates of the map.
    words
        Text to look for in query and doc, in either case; empty when outlines decide.
    """

    outlines: tuple[Outline, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picked:
    """The pairs of a choice, bool arrays over all pairs of each sample, drawn or not."""

    heldout: np.ndarray
    production: np.ndarray


def outlines_of(selection: Mapping[str, Sequence[Mapping[str, Sequence[float]]]]) -> tuple[Outline, ...]:
    """Take the outlines of lassos and boxes out of what a browser reports as selected; points are left aside."""
    lassos = [tuple(zip(shape["x"], shape["y"], strict=False)) for shape in selection.get("lasso", ())]
    boxes = [box_outline(shape["x"], shape["y"]) for shape in selection.get("box", ())]
    return tuple(tuple((float(x), float(y)) for x, y in outline) for outline in (*lassos, *boxes))


def box_outline(x: Sequence[float], y: Sequence[float]) -> Outline:
    """Corners of a box whose sides are given in any order."""
    left, right, low, high = min(x), max(x), min(y), max(y)
    return ((left, low), (right, low), (right, high), (left, high))


def box_by_share(layout: MapLayout, *, x: tuple[float, float], y: tuple[float, float]) -> Outline:
    """Corners of a box given in fractions of the map's width and height, 0 at the left and at the bottom.

    Raises
    ------
    SettingError
        When a fraction is outside [0, 1].
    """
    if not all(0 <= share <= 1 for share in (*x, *y)):
        raise SettingError(f"The sides of a box must be fractions in [0, 1]; found {x} and {y}.")
    points = np.concatenate([layout.heldout, layout.production]).astype(np.float64)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    slack = 1e-6 * size  # so that the outermost points lie inside a box over the whole map
    sides = (low - slack)[:, None] + np.array([x, y]) * (size + 2 * slack)[:, None]
    return box_outline(sides[0].tolist(), sides[1].tolist())


def find_picked(pick: Pick, layout: MapLayout, heldout: ScoredPairs, production: ScoredPairs) -> Picked:
    """Find the pairs of a choice among all pairs of both samples."""
    if pick.words:
        return Picked(heldout=_with_words(heldout, pick.words), production=_with_words(production, pick.words))
    return Picked(
        heldout=_inside(layout.heldout, pick.outlines),
        production=_inside(layout.production, pick.outlines),
    )


def nearest_pair(layout: MapLayout, x: float, y: float) -> int:
    """Position of the production pair that lies nearest to a place on the map."""
    return int(np.argmin(((layout.production - np.array([x, y])) ** 2).sum(axis=1)))


def _inside(xy: np.ndarray, outlines: tuple[Outline, ...]) -> np.ndarray:
    inside = np.zeros(len(xy), dtype=bool)
    for outline in outlines:
        inside |= points_in_polygon(xy, outline)
    return inside


def _with_words(sample: ScoredPairs, words: str) -> np.ndarray:
    texts = sample.query if sample.doc is None else sample.query + "\n" + sample.doc
    wanted = words.casefold().split()
    return np.array([all(word in text for word in wanted) for text in (text.casefold() for text in texts)], dtype=bool)
