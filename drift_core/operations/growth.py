"""Whether a part of production grew over its time: its share of the queries at the start and at the end."""

from dataclasses import dataclass

import numpy as np

ENDS = 4  # of production's queries in order of time, the first and the last such part are compared (ours)
FEWEST = 20  # queries at an end
CLEAR, TIMES = 4.0, 2.0  # standard errors, and how many times the first share the last one must be (ours)
NONE = 0.005  # share below which it was not there at the start


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Share at the start and at the end of production's time, in 0..1, and the day on which it was first seen."""

    first: float
    last: float
    seen: str

    @property
    def clause(self) -> str:
        if self.first < NONE:
            return f"first seen on {self.seen}, and {self.last:.0%} of the queries at the end"
        return f"its share grew from {self.first:.0%} to {self.last:.0%} over the time of production"

    def to_json(self) -> dict[str, object]:
        return {"first": self.first, "last": self.last, "seen": self.seen}


def find_growth(inside: np.ndarray, times: np.ndarray | None, queries: np.ndarray | None) -> Growth | None:
    """Say how a part of production grew; None without times, with few queries, or where it did not clearly.

    Parameters
    ----------
    inside
        Whether each pair lies in it, bool of shape (n,).
    times
        Time of each pair, datetime64 of shape (n,), NaT where it is unknown.
    queries
        Query of each pair; by default each is its own. Each counts once, at the time of its first pair.
    """
    if times is None or not (known := ~np.isnat(times)).any() or not inside[known].any():
        return None
    rows = np.flatnonzero(known)[np.argsort(times[known], kind="stable")]
    rows = rows if queries is None else rows[np.sort(np.unique(queries[rows], return_index=True)[1])]
    size = len(rows) // ENDS
    if size < FEWEST or times[rows[0]] == times[rows[-1]]:
        return None
    first, last = float(inside[rows[:size]].mean()), float(inside[rows[-size:]].mean())
    both = max((first + last) / 2, 1 / size)
    if last < TIMES * first or last - first < CLEAR * float(np.sqrt(2 * both * (1 - both) / size)):
        return None
    return Growth(first=first, last=last, seen=str(times[known & inside].min().astype("datetime64[D]")))
