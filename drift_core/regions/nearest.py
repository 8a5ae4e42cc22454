"""The nearest others of each row, from a table of likenesses."""

import numpy as np


def nearest_of_each(likeness: np.ndarray, n_nearest: int) -> np.ndarray:
    """Whether each column is among the `n_nearest` largest of each row, bool of the same shape.

    Where several are as large as the last, so many of them that there are `n_nearest`.
    """
    place = likeness.shape[1] - n_nearest
    near = likeness >= np.partition(likeness, place, axis=1)[:, place, None]
    tied = np.flatnonzero(np.count_nonzero(near, axis=1) > n_nearest)
    chosen = np.argpartition(-likeness[tied], n_nearest - 1, axis=1)[:, :n_nearest]
    near[tied] = False
    near[tied[:, None], chosen] = True
    return near
