"""Drawing: from a frame and settings to the drawn pairs and the probability of each.

What a pair is worth is in `informative`, how many pairs a region gives in `quotas`.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.retrain_list.quotas import STRATA, ListSettings, Quota, Stratum, allocate, why_cut
from drift_core.retrain_list.sampling_frame import CHOSEN, DRIFTED, SamplingFrame

N_STRATA = len(STRATA)
# Half of each draw stays even, so that no weight is above twice an even draw's (Hesterberg, 1995, section 2.1).
EVEN_PART = 0.5


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
    floor = np.maximum(max(settings.floor, 1), least)
    shares = allocate(settings.n, available=available.sum(axis=1), mass=mass.sum(axis=1), floor=floor, least=least)
    drawn = np.zeros_like(available)
    for i, total in enumerate(shares.total):
        at_least = np.array([1, 1, available[i, CHOSEN]])  # one at least, so that no stratum goes unseen
        drawn[i] = allocate(int(total), available=available[i], mass=mass[i], floor=at_least).total
    return ListPlan(traffic=traffic, available=available, drawn=drawn, floor=shares.floor)


def plan_quotas(frame: SamplingFrame, settings: ListSettings) -> tuple[Quota, ...]:
    """Plan how many pairs each region gives; takes no time, so a page can call it while a slider moves.

    Notes
    -----
    Every region gets its floor, or all of it; the rest is shared by traffic, in which a drifted pair counts
    `drifted_weight` times. Pairs chosen by hand, and one of each stratum, come before the floor. Floors above the list
    are cut to one level.
    """
    plan = plan_list(frame, settings)
    total = plan.drawn.sum(axis=1)
    n_drawn, n_traffic = int(total.sum()), plan.traffic.sum()
    return tuple(
        Quota(
            region=name,
            drifted=bool(2 * plan.traffic[i, DRIFTED:].sum() > plan.traffic[i].sum()),
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


def draw(
    frame: SamplingFrame, numbers: np.ndarray, settings: ListSettings, worth: Mapping[str, np.ndarray] | None = None
) -> Draw:
    """Draw the planned number of pairs from each cell, a stratum of a region.

    Parameters
    ----------
    numbers
        A number a pair from seed and content, uint64.
    worth
        What makes a pair worth its price, arrays of 0 or more; None draws evenly.
    """
    plan = plan_list(frame, settings)
    candidates = np.flatnonzero(frame.may_be_drawn)
    candidates = candidates[np.argsort(numbers[candidates], kind="stable")]
    cell = frame.region[candidates] * N_STRATA + frame.stratum[candidates]
    drawn, available = plan.drawn.ravel(), plan.available.ravel()
    if worth is None:
        is_drawn = pd.Series(cell).groupby(cell).cumcount().to_numpy() < drawn[cell]
        probability = (drawn / np.maximum(available, 1))[cell]
        return Draw(rows=candidates[is_drawn], probability=probability[is_drawn])
    is_drawn, probability = np.zeros(len(cell), dtype=bool), np.zeros(len(cell))
    for code in np.unique(cell):
        members = np.flatnonzero(cell == code)
        sizes = mixed_sizes([each[candidates[members]] for each in worth.values()])
        probability[members] = inclusion_probabilities(sizes, int(drawn[code]))
        region = frame.partition.regions[code // N_STRATA]
        is_drawn[members] = systematic(probability[members], start=_start(settings.seed, region, code % N_STRATA))
    return Draw(rows=candidates[is_drawn], probability=probability[is_drawn])


def mixed_sizes(worth: list[np.ndarray]) -> np.ndarray:
    """Mix an even share with the shares by each kind of worth, which weigh alike; adds up to 1."""
    even = np.full(len(worth[0]), 1 / len(worth[0]))
    shares = [each / each.sum() if each.sum() > 0 else even for each in worth]
    return np.asarray(EVEN_PART * even + (1 - EVEN_PART) * np.mean(shares, axis=0))


def inclusion_probabilities(sizes: np.ndarray, n: int) -> np.ndarray:
    """Probabilities in proportion to sizes that add up to `n`; what would pass 1 is taken for certain.

    Examples
    --------
    >>> inclusion_probabilities(np.array([6.0, 1.0, 1.0]), 2)
    array([1. , 0.5, 0.5])
    """
    probability = np.zeros(len(sizes))
    is_certain = np.zeros(len(sizes), dtype=bool)
    while n > is_certain.sum():
        rest = ~is_certain
        probability[rest] = (n - is_certain.sum()) * sizes[rest] / sizes[rest].sum()
        over = rest & (probability >= 1)
        if not over.any():
            break
        is_certain |= over
        probability[is_certain] = 1.0
    return probability


def systematic(probability: np.ndarray, *, start: float) -> np.ndarray:
    """Mark a systematic sample in the order given: each pair with its probability, as many as they add up to.

    Parameters
    ----------
    probability
        In [0, 1], adding up to a whole number.
    start
        Uniform in [0, 1).

    References
    ----------
    .. [1] Madow, W. G. (1949). On the theory of systematic sampling, II. Annals of Mathematical Statistics 20.

    Examples
    --------
    >>> systematic(np.array([0.5, 0.5, 0.25, 0.75]), start=0.6)
    array([False,  True, False,  True])
    """
    rest = np.flatnonzero(probability < 1)
    ends = np.cumsum(probability[rest])
    passed = np.ceil(ends - start)
    if len(ends):
        total = np.round(ends[-1])  # sums of fractions may miss the whole number by rounding
        passed = np.append(np.minimum(passed[:-1], total), total)
    marked = probability >= 1
    marked[rest] = np.diff(passed, prepend=0.0) > 0
    return np.asarray(marked)


def _start(seed: int, region: str, stratum: int) -> float:
    return float(np.random.default_rng([seed, zlib.crc32(region.encode()), stratum]).random())
