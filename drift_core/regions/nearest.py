"""The nearest others of each row, from a table of likenesses."""

import numpy as np


def nearest_of_each(likeness: np.ndarray, n_nearest: int) -> np.ndarray:
    """Whether each column is among the `n_nearest` largest of each row, bool of the same shape.

    Where several are as large as the last, the first of them, so that there are `n_nearest`.
    """
    place = likeness.shape[1] - n_nearest
    last = np.partition(likeness, place, axis=1)[:, place, None]
    near = likeness >= last
    tied = np.flatnonzero(np.count_nonzero(near, axis=1) > n_nearest)
    above = likeness[tied] > last[tied]
    equal = near[tied] & ~above
    near[tied] = above | (equal & (np.cumsum(equal, axis=1) <= n_nearest - np.count_nonzero(above, axis=1)[:, None]))
    return near
