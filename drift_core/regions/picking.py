"""What a reader picks by hand: an outline on the map, words, days, or single pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from drift_core.errors import InputError
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.projection import MapLayout
from drift_core.regions.selection import points_in_polygon
from drift_core.samples.pairs import ScoredPairs

MAX_CORNERS = 500
FARTHEST = 1e6  # no map reaches so far
Outline = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A choice of pairs: those for which all holds that is given.

    Attributes
    ----------
    outline
        Corners of a polygon in the coordinates of the map.
    words
        Text to look for in query and doc, in either case.
    days
        First and last day, in UTC, of production's pairs; held-out, which is older, is not cut.
    rows
        Positions of production pairs.
    map_of
        Which map the outline was drawn on.
    """

    outline: Outline = ()
    words: str = ""
    days: tuple[date, date] | None = None
    rows: tuple[int, ...] = ()
    map_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picked:
    """The pairs of a choice, bool arrays over all pairs of each sample, drawn or not."""

    heldout: np.ndarray
    production: np.ndarray


def read_outline(corners: object) -> Outline:
    """Take an outline from a browser.

    Raises
    ------
    InputError
        When it is not 3 to 500 places of two finite numbers.
    """
    fault = f"An outline on the map has 3 to {MAX_CORNERS} corners of two numbers each. Draw it again."
    if not isinstance(corners, Sequence) or not 3 <= len(corners) <= MAX_CORNERS:
        raise InputError(fault)
    return tuple(read_place(corner, fault) for corner in corners)


def read_place(place: object, fault: str = "A place on the map is two numbers. Click again.") -> tuple[float, float]:
    """Take a place on the map from a browser; raises an InputError with `fault` when it is not two finite numbers."""
    if not isinstance(place, Sequence) or len(place) != 2:
        raise InputError(fault)
    x, y = place
    if not all(type(value) in (int, float) and abs(value) < FARTHEST for value in (x, y)):
        raise InputError(fault)
    return float(x), float(y)


def find_picked(pick: Pick, layout: MapLayout, heldout: ScoredPairs, production: ScoredPairs) -> Picked:
    """Find the pairs of a choice among all pairs of both samples."""
    inside_heldout, inside = np.ones(len(heldout), dtype=bool), np.ones(len(production), dtype=bool)
    if pick.outline:
        inside_heldout &= points_in_polygon(layout.heldout, pick.outline)
        inside &= points_in_polygon(layout.production, pick.outline)
    if pick.words:
        inside_heldout &= with_words(heldout, pick.words)
        inside &= with_words(production, pick.words)
    if pick.days and production.timestamp is not None:
        day = production.timestamp.astype("datetime64[D]")
        inside &= (day >= np.datetime64(pick.days[0])) & (day <= np.datetime64(pick.days[1]))
    if pick.rows:
        inside_heldout[:] = False
        inside &= np.isin(np.arange(len(production)), pick.rows)
    return Picked(heldout=inside_heldout, production=inside)


def nearest_pair(layout: MapLayout, x: float, y: float) -> int:
    """Position of the production pair that lies nearest to a place on the map."""
    return int(np.argmin(((layout.production - np.array([x, y])) ** 2).sum(axis=1)))


def nearest_pairs(embeddings: QueryEmbeddings, position: int, *, n: int = 10) -> np.ndarray:
    """Positions of the production pairs whose queries are most like that of one pair, nearest first, without it."""
    likeness = embeddings.vectors @ embeddings.vectors[embeddings.production[position]]
    order = np.argsort(-likeness[embeddings.production], kind="stable")
    return order[order != position][:n]


def with_words(sample: ScoredPairs, words: str) -> np.ndarray:
    """Mark the pairs whose query and doc hold all words, in either case."""
    texts = sample.query if sample.doc is None else sample.query + "\n" + sample.doc
    wanted = words.casefold().split()
    return np.array([all(word in text for word in wanted) for text in (text.casefold() for text in texts)], dtype=bool)
