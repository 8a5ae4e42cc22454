"""Values of a scale that one side gave in held-out and no longer gives in production."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import one_line

Side = Literal["teacher", "student"]
MOST_VALUES = 20  # of a scale; more are no grades (ours)
FEW_LEFT = 0.1  # of the usual share, up to which a value is hardly given any more (ours)
NONE_BY_CHANCE, FEW_BY_CHANCE = 10.0, 20.0  # queries with the value to expect, of which none or few are no chance
MOST_DROPPED = 1 / 3  # of the values; where more are gone the scale is another one
STILL_KNOWN = 0.9  # of production's pairs whose value held-out has, likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedValue:
    """A value of the scale that one side (hardly) gives any more, while the other still does.

    `value` is as the file writes it, `share` of held-out's pairs had it, and `n_left` of `n_pairs` in production do.
    """

    side: Side
    value: str
    share: float
    n_left: int
    n_pairs: int

    @property
    def name(self) -> str:
        return f"{self.side}_value_dropped"

    @property
    def clause(self) -> str:
        return f"the {self.side} {'hardly gives' if self.n_left else 'no longer gives'} {one_line(self.value)}"

    @property
    def sentence(self) -> str:
        left = f"{self.n_left:,}" if self.n_left else "none"
        told = f"{self.share:.0%} of held-out pairs have it, {left} of {self.n_pairs:,} production pairs"
        look = "look at its prompt and revision" if self.side == "teacher" else "look at the student that runs"
        return f"{self.clause[:1].upper()}{self.clause[1:]}: {told}; {look}."


def dropped_values(heldout: ScoredPairs, production: ScoredPairs) -> tuple[DroppedValue, ...]:
    """Find the values of a scale of few that one side dropped, the most frequent first.

    A value that both sides give less is one of less traffic of its kind. Queries are counted, not pairs, as chances.
    """
    if heldout.kind.is_answered:
        return ()
    found: list[DroppedValue] = []
    sides: tuple[Side, Side] = ("teacher", "student")
    n_queries = len(np.unique(production.query.astype(str)))
    for side, other in zip(sides, reversed(sides), strict=True):
        before, after = getattr(heldout, side), getattr(production, side)
        values, counts = np.unique(before, return_counts=True)
        if not 2 < len(values) <= MOST_VALUES or np.isin(after, values).mean() < STILL_KNOWN:
            continue
        gone = [
            DroppedValue(
                side=side,
                value=_written(value, heldout),
                share=n / len(before),
                n_left=int((after == value).sum()),
                n_pairs=len(after),
            )
            for value, n in zip(values.tolist(), counts.tolist(), strict=True)
            if _is_dropped(n / len(before), float((after == value).mean()), n_queries)
            and (getattr(production, other) == value).mean() > (getattr(heldout, other) == value).mean() / 2
        ]
        if len(gone) <= MOST_DROPPED * len(values):
            found += sorted(gone, key=lambda each: -each.share)
    return tuple(found)


def _is_dropped(share: float, left: float, n_queries: int) -> bool:
    least = FEW_BY_CHANCE if left else NONE_BY_CHANCE
    return left <= FEW_LEFT * share and share * n_queries >= least


def _written(value: float, sample: ScoredPairs) -> str:
    return str(sample.kind.labels[int(value)]) if sample.kind.is_coded else f"{value:.6g}"
