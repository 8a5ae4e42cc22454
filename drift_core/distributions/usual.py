"""What distances held-out alone shows: whole queries are drawn from it, as many as both samples have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from drift_core.distributions.cells import Cells, cells_of_mass
from drift_core.distributions.distances import areas_between, jensen_shannon
from drift_core.measures.scores import Scores, Side

SIDES: tuple[Side, Side] = ("student", "teacher")
BESIDE, AGAIN = "beside", "again"
N_DRAWS = 399  # so that the 95th percentile of the draws is one of them
MOST_QUERIES = 4_000  # that a draw has; distances of larger samples are scaled by the root of their sizes
MOST_AT_ONCE = 2_000_000  # queries of a block of draws
N_POINTS = 64  # on the scale of scores, at which Wasserstein's distances of draws are summed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Usual:
    """Distances of held-out's own draws, each of shape (draws,)."""

    jensen_shannon: np.ndarray
    wasserstein: np.ndarray

    @classmethod
    def of(cls, drawn: np.ndarray) -> "Usual":
        return cls(jensen_shannon=drawn[0], wasserstein=drawn[1])


def usual_distances(
    heldout: Scores, n_other: int, cells: Mapping[Side, Cells], both: Cells | None, *, rng: np.random.Generator
) -> dict[str, Usual]:
    """Draw distances of each side between two samples of held-out, and between both sides in one ("beside").

    Parameters
    ----------
    heldout
        The sample that is drawn from, in an order of its own.
    n_other
        Queries of the other sample.
    cells, both
        What outputs of each side are counted over, and what those of both are; None where sides are not compared.

    Notes
    -----
    The one sample of "beside" is drawn from a sample drawn from held-out, so that it scatters as both samples do. What
    each drawing adds to the square of a distance, and held-out's own drawing added before, is taken off again.
    """
    whole, heldout = heldout.n_queries, _few_queries(heldout, rng)
    n, few = heldout.n_queries, min(n_other, MOST_QUERIES)
    scale = float(np.sqrt((1 / whole + 1 / n_other) / (1 / n + 1 / few)))
    tables = {side: _tables(heldout, (side,), cells[side])[0] for side in SIDES}
    beside = None if both is None else _tables(heldout, SIDES, both)
    found: dict[str, list[np.ndarray]] = {name: [] for name in (*SIDES, BESIDE, AGAIN)}
    for again, other, nested in _draw_queries(n, few, rng):
        for side, table in tables.items():
            found[side].append(_between(table.shares(again), table.shares(other), table.points))
        if beside is not None:
            for name, counts in ((AGAIN, again), (BESIDE, nested)):
                found[name].append(_of_both(beside, counts))
    drawn = {name: np.concatenate(blocks, axis=1) for name, blocks in found.items() if blocks}
    usual: dict[str, Usual] = {side: Usual.of(scale * drawn[side]) for side in SIDES}
    if beside is None:
        return usual
    own = _of_both(beside, np.ones((1, n)))
    added = (drawn[AGAIN] ** 2).mean(axis=1, keepdims=True) - own**2
    true, nested = (np.sqrt(np.maximum(each, 0)) for each in (own**2 - added, drawn[BESIDE] ** 2 - 2 * added))
    return usual | {BESIDE: Usual.of(true + scale * (nested - true))}


def _few_queries(scores: Scores, rng: np.random.Generator) -> Scores:
    """A sample of at most `MOST_QUERIES` queries with codes without gaps, drawn where there are more."""
    codes = np.arange(len(scores)) if scores.queries is None else np.unique(scores.queries, return_inverse=True)[1]
    n = int(codes.max()) + 1
    kept = np.ones(n, dtype=bool)
    if n > MOST_QUERIES:
        kept[:] = False
        kept[rng.choice(n, MOST_QUERIES, replace=False)] = True
    rows = kept[codes]
    return Scores(
        student=scores.student[rows],
        teacher=scores.teacher[rows],
        queries=(np.cumsum(kept) - 1)[codes[rows]],
        weights=scores.relative_weights[rows],
    )


def _draw_queries(
    n: int, n_other: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """How often each of `n` queries was drawn, in blocks of draws, each of shape (draws, n).

    As many as the sample has; independent of that, as many as another has; and as many as that from the first.
    """
    step = max(1, MOST_AT_ONCE // max(n, n_other))
    for first in range(0, N_DRAWS, step):
        n_draws = min(step, N_DRAWS - first)
        again, other, of_again = (rng.integers(n, size=(n_draws, size)) for size in (n, n_other, n_other))
        nested = np.take_along_axis(again, of_again, axis=1)
        yield _counts(again, n), _counts(other, n), _counts(nested, n)


def _counts(drawn: np.ndarray, n: int) -> np.ndarray:
    places = drawn + n * np.arange(len(drawn))[:, None]
    return np.bincount(places.ravel(), minlength=n * len(drawn)).reshape(len(drawn), n).astype(np.float32)


Shares = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Table:
    """Weights of each query's outputs of one side in cells, and at points of their scale."""

    in_cells: np.ndarray
    at_points: np.ndarray
    points: np.ndarray

    def shares(self, counts: np.ndarray) -> Shares:
        """Shares of cells and of points in each draw."""
        found = [(counts @ each).astype(float) for each in (self.in_cells, self.at_points)]
        near, far = (each / each.sum(axis=1, keepdims=True) for each in found)
        return near, far


def _tables(scores: Scores, sides: tuple[Side, ...], cells: Cells) -> tuple[_Table, ...]:
    """A table a side, all at the same points."""
    values, weights = [getattr(scores, side) for side in sides], scores.relative_weights
    pooled = np.concatenate(values)
    fine = cells_of_mass(pooled, np.ones(len(pooled)), n_cells=N_POINTS)
    place = fine.place(pooled)
    points = np.bincount(place, weights=pooled, minlength=fine.n) / np.bincount(place, minlength=fine.n)
    return tuple(
        _Table(
            in_cells=_weights_in(cells.place(each), cells.n, scores.queries, weights),
            at_points=_weights_in(fine.place(each), fine.n, scores.queries, weights),
            points=points,
        )
        for each in values
    )


def _weights_in(places: np.ndarray, n_places: int, queries: np.ndarray | None, weights: np.ndarray) -> np.ndarray:
    assert queries is not None
    n = int(queries.max()) + 1
    counts = np.bincount(queries * n_places + places, weights=weights, minlength=n * n_places)
    return counts.reshape(n, n_places).astype(np.float32)  # twice as fast, and exact enough for what chance shows


def _of_both(tables: tuple[_Table, ...], counts: np.ndarray) -> np.ndarray:
    """Distances of both sides of one sample in each draw, shape (2, draws)."""
    student, teacher = (each.shares(counts) for each in tables)
    return _between(student, teacher, tables[0].points)


def _between(one: Shares, two: Shares, points: np.ndarray) -> np.ndarray:
    """Both distances in each draw, shape (2, draws)."""
    return np.array([jensen_shannon(one[0], two[0]), areas_between(one[1], two[1], points)])
