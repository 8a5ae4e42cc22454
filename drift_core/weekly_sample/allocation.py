"""How many queries the weekly sample takes from each stratum: in proportion to traffic, with a floor."""

import numpy as np

from drift_core.retrain_list.quotas import allocate

# Pairs that a sample needs to be read at all; a stratum of fewer says nothing on its own.
DEFAULT_FLOOR = 20


def queries_per_stratum(n: int, *, n_rows: np.ndarray, n_queries: np.ndarray, floor: int | None = None) -> np.ndarray:
    """Share out a sample of `n` pairs, in whole queries.

    Parameters
    ----------
    n
        Pairs wanted, at least the number of strata.
    n_rows, n_queries
        Rows and queries of each stratum, 1 or more.
    floor
        Pairs that each stratum gets at least; by default 20, cut so that floors take at most half of the sample.

    Returns
    -------
    numpy.ndarray
        Queries to draw from each stratum, int64, at least one: its pairs divided by its mean rows a query, rounded so
        that the expected number of pairs comes nearest to `n` without the floors falling short.

    Notes
    -----
    Strata whose share of the traffic gives less than the floor get the floor, the others share the rest in proportion
    to their rows [1]_.

    References
    ----------
    .. [1] Cochran, W. G. (1977). Sampling Techniques, 3rd ed., chapter 5: proportional allocation.

    Examples
    --------
    >>> queries_per_stratum(100, n_rows=np.array([9_000, 950, 50]), n_queries=np.array([9_000, 950, 25]), floor=10)
    array([80, 10,  5])
    """
    if n >= n_rows.sum():
        return n_queries.astype(np.int64)
    least = min(DEFAULT_FLOOR, n // (2 * len(n_rows))) if floor is None else floor
    floors = np.minimum(max(least, 1), n_rows)
    if floors.sum() >= n:
        pairs, is_low = (
            allocate(n, available=n_rows, mass=n_rows, floor=floors).total,
            np.zeros(len(n_rows), dtype=bool),
        )
    else:
        pairs, is_low = _with_floors(n, n_rows, floors)
    docs = n_rows / n_queries
    exact = np.where(is_low, np.ceil(pairs / docs - 1e-9), pairs / docs)
    return _rounded(n, np.minimum(exact, n_queries), docs)


def _with_floors(n: int, n_rows: np.ndarray, floors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of each stratum, and which of them get their floor."""
    is_low = np.zeros(len(n_rows), dtype=bool)
    while True:
        share = (n - floors[is_low].sum()) * n_rows / max(n_rows[~is_low].sum(), 1)
        falls = ~is_low & (share < floors)
        if not falls.any():
            return np.where(is_low, floors, share), is_low
        is_low |= falls


def _rounded(n: int, exact: np.ndarray, docs: np.ndarray) -> np.ndarray:
    """Round to whole queries, the largest remainders up while that brings the expected pairs nearer to `n`."""
    whole = np.maximum(np.floor(exact + 1e-9), 1).astype(np.int64)
    remainder = exact - whole
    for stratum in np.argsort(-np.round(remainder, 9), kind="stable"):
        if remainder[stratum] > 1e-9 and whole @ docs + docs[stratum] / 2 <= n + 1e-9:
            whole[stratum] += 1
    return whole
