"""Values of a scale that one side gave in held-out and no longer gives in production, on traffic that both have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import numpy as np

from drift_core.measures.scores import Scores, Side
from drift_core.wording import one_line

MOST_VALUES = 20  # of a scale; more are no grades (ours)
FEW_LEFT = 0.1  # of the usual share, up to which a value is hardly given any more (ours)
NONE_BY_CHANCE, FEW_BY_CHANCE = 10.0, 20.0  # queries with the value to expect, of which none or few are no chance
SURELY = 3.0  # standard errors that held-out's own share is taken lower
MOST_DROPPED = 1 / 3  # of the values; where more are gone the scale is another one
LEAST_CHANGED, NEARLY_ALL = 10, 0.8  # pairs that a revision changed, and share of them that one grade must have (ours)
STILL_KNOWN = 0.9  # of production's pairs whose value held-out has, likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedValue:
    """A value of the scale that one side (hardly) gives any more, while the other still does.

    `share` of production's pairs would have it, by held-out's at the same mix, and `n_left` of `n_pairs` do.
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
        told = f"by held-out {self.share:.0%} of familiar traffic would have it, {left} of {self.n_pairs:,} pairs do"
        return f"{self.clause[:1].upper()}{self.clause[1:]}: {told}."

    @property
    def figures(self) -> dict[str, float]:
        return {"share": self.share, "n_left": float(self.n_left)}

    @property
    def look(self) -> str:
        """Where to look first."""
        return "look at its prompt and revision" if self.side == "teacher" else "look at the student that runs"


def grade_moved(old: np.ndarray, new: np.ndarray) -> str:
    """Say which grade a revision gives in place of another, where nearly all that it changed is that; else empty.

    `old` and `new` are both revisions' scores of the same pairs, shape (n,), of a scale of few values.
    """
    changed = old != new
    if changed.sum() < LEAST_CHANGED or len(np.unique(np.concatenate([old, new]))) > MOST_VALUES:
        return ""
    moves, counts = np.unique(np.column_stack([old, new])[changed], axis=0, return_counts=True)
    most = int(np.argmax(counts))
    if counts[most] < NEARLY_ALL * changed.sum():
        return ""
    before, after = moves[most]
    n = int((old == before).sum())
    return f" {before:.6g} became {after:.6g} in {counts[most]:,} of {n:,} pairs ({counts[most] / n:.0%})."


def dropped_values(
    heldout: Scores,
    production: Scores,
    *,
    regions: tuple[np.ndarray, np.ndarray],
    pinned: tuple[Scores, Scores] | None = None,
    named: Callable[[float], str] = "{:.6g}".format,
) -> tuple[DroppedValue, ...]:
    """Find the values of a scale of few that one side dropped, the most frequent of each side first.

    Parameters
    ----------
    heldout, production
        Scores of both samples, where they are ranks or labels.
    regions
        Region of each pair in either sample; negative ones, which only one sample has, are left out.
    pinned
        Scores of the pinned and of today's revision: a value that the pinned one does not give either left with its
        traffic.
    named
        How a value is called.

    Notes
    -----
    What production would have is held-out's share at production's mix of regions, less some standard errors of it,
    which count queries; and queries, not pairs, are the chances in production. A value that both sides give less is
    one of less traffic of its kind.
    """
    if heldout.is_answered:
        return ()
    familiar = [np.flatnonzero(each >= 0) for each in regions]
    before, after = (sample.take(rows) for sample, rows in zip((heldout, production), familiar, strict=True))
    labels = [each[rows] for each, rows in zip(regions, familiar, strict=True)]
    found: list[DroppedValue] = []
    sides: tuple[Side, ...] = get_args(Side)
    for side, other in zip(sides, reversed(sides), strict=True):
        values = np.unique(getattr(heldout, side))
        if not (2 < len(values) <= MOST_VALUES and len(after) and len(before)):
            continue
        if np.isin(getattr(production, side), values).mean() < STILL_KNOWN:
            continue
        weights = _at_mix(labels, (before, after))
        gone = []
        for value in values.tolist():
            given = [getattr(each, side) == value for each in (before, after)]
            share, low = _share(given[0], weights, before.queries)
            left = float(after.relative_weights @ given[1]) / len(after)
            least = FEW_BY_CHANCE if given[1].any() else NONE_BY_CHANCE
            if left > FEW_LEFT * share or low * after.n_queries < least:
                continue
            others = [getattr(each, other) == value for each in (before, after)]
            usual, _ = _share(others[0], weights, before.queries)
            if float(after.relative_weights @ others[1]) / len(after) <= usual / 2:
                continue
            if side == "teacher" and pinned is not None and (pinned[0].teacher == value).mean() <= FEW_LEFT * share:
                continue
            n_left = int(given[1].sum())
            gone.append(DroppedValue(side=side, value=named(value), share=share, n_left=n_left, n_pairs=len(after)))
        if len(gone) <= MOST_DROPPED * len(values):
            found += sorted(gone, key=lambda each: -each.share)
    return tuple(found)


def _at_mix(labels: list[np.ndarray], samples: tuple[Scores, Scores]) -> np.ndarray:
    """Weights of held-out's pairs at production's shares of regions, with a sum of one where held-out has them all."""
    n = int(max(each.max() for each in labels)) + 1
    sizes = [
        np.bincount(each, weights=sample.relative_weights, minlength=n)
        for each, sample in zip(labels, samples, strict=True)
    ]
    weights = samples[0].relative_weights * (sizes[1] / np.maximum(sizes[0], 1e-9))[labels[0]]
    return np.asarray(weights / max(float(sizes[1].sum()), 1e-9))


def _share(given: np.ndarray, weights: np.ndarray, queries: np.ndarray | None) -> tuple[float, float]:
    """Weighted share, and what it surely is: of regions that held-out lacks nothing is counted."""
    share = float(weights @ given)
    off = weights * (given - share / max(float(weights.sum()), 1e-9))
    error = float(np.linalg.norm(off if queries is None else np.bincount(queries, weights=off)))
    return share, share - SURELY * error
