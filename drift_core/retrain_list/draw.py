"""Drawing: from a frame and settings to the drawn pairs and the probability of each.

How many pairs a region gives is in `quotas`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.retrain_list.quotas import STRATA, Quota, Stratum, allocate, why_cut
from drift_core.retrain_list.sampling_frame import CHOSEN, SamplingFrame
from drift_core.retrain_list.settings import LARGEST_USUAL, SMALLEST_USUAL, USUAL_FLOOR, ListSettings

N_STRATA = len(STRATA)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListPlan:
    """How many pairs each region and stratum gives; integer arrays of shape (n_regions, 3), `floor` of (n_regions,)."""

    traffic: np.ndarray
    available: np.ndarray
    drawn: np.ndarray
    floor: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draw:
    """Rows of the drawn pairs in the order of their numbers, and the probability of each."""

    rows: np.ndarray
    probability: np.ndarray


def plan_list(frame: SamplingFrame, settings: ListSettings) -> ListPlan:
    """Share the list among regions and, within a region, among its strata."""
    available, traffic = _cells(frame)
    mass = traffic * [1.0, settings.drifted_weight, settings.drifted_weight]
    given = available.sum(axis=1)
    n = min(size_of(frame, settings), int(given.sum()))
    asked = np.minimum(floor_of(frame, settings), given)
    floor = _raised(_before_floors(frame, n), asked, n, by=np.ones(len(given)))
    total = _raised(floor, given, n, by=mass.sum(axis=1))
    drawn = np.zeros_like(available)
    for i, size in enumerate(total):
        by_hand = np.array([0, 0, available[i, CHOSEN]])
        shares = allocate(int(size), available=available[i], mass=mass[i], floor=np.maximum(by_hand, 1), least=by_hand)
        drawn[i] = shares.total
    return ListPlan(traffic=traffic, available=available, drawn=drawn, floor=floor)


def floor_of(frame: SamplingFrame, settings: ListSettings) -> int:
    """The floor that is asked for, else the usual one."""
    return usual_floor(frame, size_of(frame, settings)) if settings.floor is None else settings.floor


def size_of(frame: SamplingFrame, settings: ListSettings) -> int:
    """The size that is asked for, else the usual one, as far as there are so many."""
    if settings.n is not None:
        return settings.n
    return min(usual_size(frame.n_different), int(frame.may_be_drawn.sum()))


def usual_size(n_different: int) -> int:
    """The size of a list unless another is asked for: half of the different pairs, all of few, at most the largest.

    Near-duplicates count among them, so that the size, and what it costs, is known before they are looked for.

    All of it would give each region its share of the traffic. From half, with a weight of two, a drifted region can get
    up to twice that.

    Examples
    --------
    >>> [usual_size(n) for n in (300, 800, 1400, 50_000)]
    [300, 500, 700, 5000]
    """
    return min(LARGEST_USUAL, max(n_different // 2, min(n_different, SMALLEST_USUAL)))


def usual_floor(frame: SamplingFrame, n: int) -> int:
    """The floor of a list of this size unless another is asked for: the usual one, or what the list holds everywhere.

    Floors take at most half of what is left after what comes before them, so that regions still differ by traffic.
    """
    n = min(n, int(frame.may_be_drawn.sum()))
    left = n - int(_before_floors(frame, n).sum())
    n_regions = len(np.unique(frame.region[frame.may_be_drawn]))
    return min(USUAL_FLOOR, left // (2 * n_regions))


def _cells(frame: SamplingFrame) -> tuple[np.ndarray, np.ndarray]:
    """Pairs available and pairs of the traffic, by region and stratum."""
    return frame.count(frame.may_be_drawn), frame.count(np.ones(len(frame.region), dtype=bool))


def _before_floors(frame: SamplingFrame, n: int) -> np.ndarray:
    """What each region gets first: pairs chosen by hand, a drifted region's share of the traffic, one a stratum."""
    available, traffic = _cells(frame)
    given, weight, even = available.sum(axis=1), traffic.sum(axis=1), np.ones(len(available))
    total = np.zeros_like(given)
    for least, by in (
        (available[:, CHOSEN], even),
        (np.where(frame.is_drifted, np.ceil(n * weight / weight.sum()).astype(np.int64), 0), weight),
        (available[:, CHOSEN] + (available[:, :CHOSEN] > 0).sum(axis=1), even),  # no stratum goes unseen
    ):
        total = _raised(total, np.minimum(least, given), n, by=by)
    return total


def _raised(total: np.ndarray, least: np.ndarray, n: int, *, by: np.ndarray) -> np.ndarray:
    """Raise each region to a least, as far as the list has room; what does not fit is shared out by a weight."""
    room = np.maximum(least - total, 0)
    return np.asarray(total + allocate(n - int(total.sum()), available=room, mass=by, floor=np.zeros_like(room)).total)


def plan_quotas(frame: SamplingFrame, settings: ListSettings) -> tuple[Quota, ...]:
    """Plan how many pairs each region gives; takes no time, so a page can call it while a slider moves.

    Notes
    -----
    Pairs chosen by hand come first, then a drifted region's share of the traffic, then one of each stratum, then the
    floors: of what does not fit, each gets a part. The rest is shared by traffic, in which a drifted pair counts
    `drifted_weight` times. So a drifted region has less than its share of the traffic only where it has no more pairs
    to give, where pairs chosen by hand take the room, or by less than a pair.
    """
    plan, asked = plan_list(frame, settings), floor_of(frame, settings)
    total = plan.drawn.sum(axis=1)
    n_drawn, n_traffic, is_drifted = int(total.sum()), plan.traffic.sum(), frame.is_drifted
    return tuple(
        Quota(
            region=name,
            drifted=bool(is_drifted[i]),
            n_production=int(plan.traffic[i].sum()),
            n_available=int(plan.available[i].sum()),
            n_drawn=int(total[i]),
            floor=int(plan.floor[i]),
            traffic_share=float(plan.traffic[i].sum() / n_traffic),
            list_share=float(total[i] / n_drawn),
            floor_asked=asked,
            floor_cut=why_cut(int(plan.floor[i]), asked, n_available=int(plan.available[i].sum())),
            strata=tuple(
                Stratum(name=stratum, n_available=int(plan.available[i, j]), n_drawn=int(plan.drawn[i, j]))
                for j, stratum in enumerate(STRATA)
                if plan.available[i, j]
            ),
        )
        for i, name in enumerate(frame.partition.regions)
        if plan.traffic[i].sum()
    )


def draw(frame: SamplingFrame, numbers: np.ndarray, settings: ListSettings) -> Draw:
    """Draw the planned number of pairs from each cell, a stratum of a region: those with its smallest numbers.

    Parameters
    ----------
    numbers
        A number a pair from seed and content, uint64.
    """
    plan = plan_list(frame, settings)
    candidates = np.flatnonzero(frame.may_be_drawn)
    candidates = candidates[np.argsort(numbers[candidates], kind="stable")]
    cell = frame.region[candidates] * N_STRATA + frame.stratum[candidates]
    drawn, available = plan.drawn.ravel(), plan.available.ravel()
    is_drawn = pd.Series(cell).groupby(cell).cumcount().to_numpy() < drawn[cell]
    probability = (drawn / np.maximum(available, 1))[cell]
    return Draw(rows=candidates[is_drawn], probability=probability[is_drawn])
