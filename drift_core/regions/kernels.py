"""The two inner loops of the map, compiled by numba: nearest neighbours of a block, and one round of the layout.

Imported only inside functions, as numba takes a while. No thread pool of numba's own: its default one ends the process
when two visitors draw at once. Both loops release the interpreter lock instead, and the way rows are split over threads
changes no bit of the result.
"""

import numpy as np
from numba import njit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
HALF = np.uint64(32)
ONE = np.float32(1.0)
PULL = np.float32(4.0)
PUSH = np.float32(2.0)
SOFTENING = np.float32(0.001)
LARGEST_STEP = np.float32(4.0)
# Pull towards the middle (Jacomy et al., 2014), or a small group of its own flies off and the rest shrinks to a dot.
GRAVITY = np.float32(0.01)


@njit(cache=True, nogil=True)
def keep_nearest(similarity, first_row, indices, values):  # type: ignore[no-untyped-def]
    """Fill `indices` and `values` with each row's most similar columns, itself left out, best first."""
    n_kept = indices.shape[1]
    for row in range(similarity.shape[0]):
        n_found = 0
        for column in range(similarity.shape[1]):
            value = similarity[row, column]
            if column == first_row + row or (n_found == n_kept and value <= values[row, n_kept - 1]):
                continue
            place = min(n_found, n_kept - 1)
            while place > 0 and values[row, place - 1] < value:
                values[row, place] = values[row, place - 1]
                indices[row, place] = indices[row, place - 1]
                place -= 1
            values[row, place] = value
            indices[row, place] = column
            n_found = min(n_found + 1, n_kept)


@njit(cache=True, nogil=True)
def mix(state):  # type: ignore[no-untyped-def]
    """Scramble a 64-bit counter (Steele et al., 2014, splitmix64)."""
    state = (state ^ (state >> np.uint64(30))) * MIX_1
    state = (state ^ (state >> np.uint64(27))) * MIX_2
    return state ^ (state >> np.uint64(31))


@njit(cache=True, nogil=True)
def clip(value):  # type: ignore[no-untyped-def]
    return max(-LARGEST_STEP, min(LARGEST_STEP, value))


@njit(cache=True, nogil=True, error_model="numpy")
def move_points(old, new, first, last, starts, ends, period, epoch, alpha, n_repelled, seed):  # type: ignore[no-untyped-def]
    """Move the points first..last by one epoch of stochastic gradient descent, the others held where they were.

    UMAP's curve with a = b = 1, which saves a power for each pair and hardly changes the picture (Böhm, Berens and
    Kobak, 2022, Attraction-repulsion spectra).
    """
    n_points = np.uint64(old.shape[0])
    for point in range(first, last):
        x = old[point, 0]
        y = old[point, 1]
        state = mix(seed + GOLDEN * (np.uint64(epoch) * n_points + np.uint64(point) + np.uint64(1)))
        for edge in range(starts[point], starts[point + 1]):
            # An edge of weight w is used in a fraction w of the epochs, at even distances.
            if np.floor((epoch + ONE) / period[edge]) == np.floor(epoch / period[edge]):
                continue
            dx = x - old[ends[edge], 0]
            dy = y - old[ends[edge], 1]
            # Twice the gradient of log(1 + d^2), as an edge pulls at its point from either end.
            pull = PULL / (ONE + dx * dx + dy * dy)
            x -= clip(pull * dx) * alpha
            y -= clip(pull * dy) * alpha
            for _ in range(n_repelled):
                state += GOLDEN
                other = ((mix(state) >> HALF) * n_points) >> HALF
                dx = x - old[other, 0]
                dy = y - old[other, 1]
                distance = dx * dx + dy * dy
                push = PUSH / ((SOFTENING + distance) * (ONE + distance))
                x += clip(push * dx) * alpha
                y += clip(push * dy) * alpha
        new[point, 0] = x - alpha * GRAVITY * x
        new[point, 1] = y - alpha * GRAVITY * y
