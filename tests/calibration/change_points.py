"""Histories whose baseline is their first week, with a fall in a known week, and how often the interval holds it."""

from dataclasses import dataclass

import numpy as np

from drift_core.canary.alarm import assess
from drift_core.canary.change_point import find_change
from drift_core.canary.run import CanaryRun
from drift_core.measured import Measured
from tests.drift_core.canary.runs_by_hand import measured, week

LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A kind of history: weeks after the baseline's, the one that the fall begins in, and sizes on Fisher's z scale.

    The standard error is known as well as a sample of `n_queries` tells it.
    """

    n_weeks: int = 12
    first: int = 6
    fall: float = 0.3
    error: float = 0.07
    n_queries: int = 100

    def __str__(self) -> str:
        sizes = f"fall of {self.fall:g} at an error of {self.error:g}"
        return f"{sizes} in week {self.first} of {self.n_weeks}, {self.n_queries} queries a week"


def covered(cell: Cell, draws: int, *, seed: int) -> tuple[int, int]:
    """Count the intervals that hold the week, and how many histories have one, of those whose newest week alarms."""
    rng, hits, n = np.random.default_rng(seed), 0, 0
    for _ in range(draws):
        weeks = assess(_history(cell, rng))
        if weeks[-1].status != "alarm":
            continue
        change = find_change(weeks)
        if change is not None and change.low is not None and change.high is not None:
            hits += change.low <= week(cell.first + 1).at <= change.high
            n += 1
    return hits, n


def _history(cell: Cell, rng: np.random.Generator) -> list[CanaryRun]:
    """The week of the baseline, then the others."""
    fallen = np.concatenate(([0.0], np.where(np.arange(cell.n_weeks) >= cell.first, cell.fall, 0.0)))
    z = np.arctanh(LEVEL) - fallen + cell.error * rng.normal(size=len(fallen))
    degrees = cell.n_queries - 1
    known = cell.error * np.sqrt(rng.chisquare(degrees, size=len(z)) / degrees)
    return [
        week(place, agreement=_agreement(value, cell), null_error=error, n_queries=cell.n_queries, heldout=None)
        for place, (value, error) in enumerate(zip(np.tanh(z).tolist(), known.tolist(), strict=True))
    ]


def _agreement(value: float, cell: Cell) -> Measured:
    return measured(value, n_pairs=2 * cell.n_queries)
