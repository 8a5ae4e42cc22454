"""Selecting on the map: which points lie inside an outline. Edges count as inside."""

from collections.abc import Sequence

import numpy as np

from drift_core.installation import need_extra


def points_in_polygon(xy: np.ndarray, vertices: Sequence[tuple[float, float]] | np.ndarray) -> np.ndarray:
    """Find the points inside a polygon, by coordinates.

    Parameters
    ----------
    xy
        Points, float of shape (n, 2).
    vertices
        Corners in drawing order, shape (k, 2); the polygon is closed by itself and may cross itself. Fewer than three
        corners select nothing.

    Returns
    -------
    numpy.ndarray
        bool of shape (n,).
    """
    need_extra("app", "A pick by lasso")
    import shapely

    corners = np.asarray(vertices, dtype=np.float64).reshape(-1, 2)
    corners = corners[np.isfinite(corners).all(axis=1)]
    if len(corners) < 3 or not len(xy):
        return np.zeros(len(xy), dtype=bool)
    # Every loop of a lasso that crosses itself counts, whichever way round it was drawn.
    polygon = shapely.make_valid(shapely.Polygon(corners), method="structure", keep_collapsed=False)
    shapely.prepare(polygon)
    return np.asarray(shapely.intersects_xy(polygon, xy[:, 0], xy[:, 1]), dtype=bool)
