"""Drawing: from a frame and settings to the drawn pairs and the probability of each.

How many pairs a region gives is in `quotas`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.retrain_list.quotas import STRATA, Quota, Stratum, allocate, why_cut
from drift_core.retrain_list.sampling_frame import CHOSEN, DRIFTED, SamplingFrame
from drift_core.retrain_list.settings import ListSettings

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
    available, traffic = frame.count(frame.may_be_drawn), frame.count(np.ones(len(frame.region), dtype=bool))
    mass = traffic * [1.0, settings.drifted_weight, settings.drifted_weight]
    least = available[:, CHOSEN] + (available[:, :CHOSEN] > 0).sum(axis=1)  # no pair chosen by hand is left for a floor
    least = np.maximum(least, np.where(_is_drifted(traffic), _shares(settings.n, available, traffic), 0))
    floor = np.maximum(max(settings.floor, 1), least)
    shares = allocate(settings.n, available=available.sum(axis=1), mass=mass.sum(axis=1), floor=floor, least=least)
    drawn = np.zeros_like(available)
    for i, total in enumerate(shares.total):
        at_least = np.array([1, 1, available[i, CHOSEN]])  # one at least, so that no stratum goes unseen
        drawn[i] = allocate(int(total), available=available[i], mass=mass[i], floor=at_least).total
    return ListPlan(traffic=traffic, available=available, drawn=drawn, floor=shares.floor)


def _is_drifted(traffic: np.ndarray) -> np.ndarray:
    """Regions of whose pairs most drifted; boolean of shape (n_regions,)."""
    return np.asarray(2 * traffic[:, DRIFTED:].sum(axis=1) > traffic.sum(axis=1))


def _shares(n: int, available: np.ndarray, traffic: np.ndarray) -> np.ndarray:
    """What each region has of a list by traffic alone, at most what it has to give; integers of shape (n_regions,)."""
    per_region, given = traffic.sum(axis=1), available.sum(axis=1)
    n = min(n, int(given.sum()))
    return np.minimum(np.ceil(n * per_region / max(1, per_region.sum())).astype(np.int64), given)


def plan_quotas(frame: SamplingFrame, settings: ListSettings) -> tuple[Quota, ...]:
    """Plan how many pairs each region gives; takes no time, so a page can call it while a slider moves.

    Notes
    -----
    Every region gets its floor, or all of it; the rest is shared by traffic, in which a drifted pair counts
    `drifted_weight` times. Pairs chosen by hand, one of each stratum, and a drifted region's share of the traffic come
    before the floors. Floors above the list are cut to one level.
    """
    plan = plan_list(frame, settings)
    total = plan.drawn.sum(axis=1)
    n_drawn, n_traffic, is_drifted = int(total.sum()), plan.traffic.sum(), _is_drifted(plan.traffic)
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
            floor_asked=settings.floor,
            floor_cut=why_cut(int(plan.floor[i]), settings.floor, n_available=int(plan.available[i].sum())),
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
