"""Where names of regions stand on a map: at their largest island, beside its points, joined by a line where apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drift_core.regions.projection import MapLayout

CELLS = 28  # a side; cells that touch are one island
REACHES = (10, 22, 36, 52, 72, 96, 124)  # pixels from the island's middle to its name, the nearest first
SIDES = ((0, -1), (1, -1), (-1, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (0, 1))  # of the middle, the best first
COVERED = 3  # reaches that a name goes further so that it covers a point less
EDGE = 4  # pixels


@dataclass(frozen=True, slots=True)
class PlacedName:
    """A name's middle, and the end of the line that leads to it; in pixels, y downwards."""

    middle: tuple[float, float]
    line_end: tuple[float, float]
    is_apart: bool


def anchor(layout: MapLayout, mask: np.ndarray) -> np.ndarray:
    """The production pair in the middle of the densest part of the largest island of some pairs, shape (2,)."""
    from scipy import ndimage

    places, low = layout.production.astype(np.float64), layout.production.min(axis=0).astype(np.float64)
    size = np.maximum(np.ptp(layout.production, axis=0), 1e-12)
    cells = np.minimum((places[mask] - low) / size * CELLS, CELLS - 1).astype(int)
    counts = np.zeros((CELLS, CELLS))
    np.add.at(counts, tuple(cells.T), 1)
    islands = ndimage.label(counts, structure=np.ones((3, 3)))[0]
    largest = np.argmax(np.bincount(islands.ravel(), weights=counts.ravel())[1:]) + 1
    on_it = np.where(islands == largest, counts, 0)
    dense = np.argmax(np.where(on_it > 0, ndimage.uniform_filter(on_it, 3, mode="constant"), 0))
    near = (np.abs(cells - np.unravel_index(dense, counts.shape)) <= 1).all(axis=1)
    inside = places[mask][near & (islands[tuple(cells.T)] == largest)]
    middle = np.median(inside, axis=0)
    return np.asarray(inside[np.argmin((((inside - middle) / size) ** 2).sum(axis=1))])


def place_names(
    anchors: np.ndarray, widths: Sequence[float], height: float, points: np.ndarray, size: tuple[float, float]
) -> list[PlacedName | None]:
    """Place names one after the other where they cover no other and fewest points; None where there is no room.

    Parameters
    ----------
    anchors
        Where each name belongs, shape (n_names, 2), in pixels with y downwards, as are the rest.
    widths, height
        Of the names.
    points
        What is to be seen, shape (n_points, 2).
    size
        Width and height of the map.
    """
    taken: list[np.ndarray] = []
    placed: list[PlacedName | None] = []
    for (x, y), width in zip(anchors, widths, strict=True):
        best, found = np.inf, None
        for step, reach in enumerate(REACHES):
            for turn, (right, down) in enumerate(SIDES):
                middle = np.array([x + right * (reach + width / 2), y + down * (reach + height / 2)])
                half = np.array([width / 2, height / 2])
                middle = np.clip(middle, half + EDGE, np.array(size) - half - EDGE)
                box = np.stack([middle - half, middle + half])
                if any((box[0] < other[1]).all() and (other[0] < box[1]).all() for other in taken):
                    continue
                covered = int(((points > box[0] - 3) & (points < box[1] + 3)).all(axis=1).sum())
                cost = COVERED * covered + step + turn / len(SIDES)
                if cost < best:
                    best, found = cost, box
        if found is None:
            placed.append(None)
            continue
        taken.append(found)
        end = np.clip((x, y), *found)
        apart = float(np.hypot(*(end - (x, y)))) > REACHES[0] + 2
        placed.append(PlacedName(tuple(found.mean(axis=0).tolist()), tuple(end.tolist()), apart))
    return placed
