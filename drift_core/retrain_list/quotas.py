"""Quotas: how many pairs the retrain list takes from each region.

Which pairs those are is in `manifest`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

REGIONS_NAMED = 5  # in one sentence
MOST_BY_FLOORS = 0.9  # of a list; more leaves the weight of drifted pairs nothing to share out (ours)
Count = Annotated[int, Field(ge=0, le=10**15)]  # as a manifest on file may have it
STRATA = ("other", "drifted", "by hand")  # of a region, numbered as in `sampling_frame`


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A part of a region that is drawn by itself: other, drifted or by hand, with its pairs available and drawn."""

    name: str
    n_available: Count
    n_drawn: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One region's part of the list.

    Attributes
    ----------
    region
        Name of the region.
    drifted
        Whether most of its pairs drifted.
    n_production, n_available, n_drawn
        Its pairs in production, those that may be drawn, and those that are.
    floor
        What it gets before the rest is shared out; smaller than asked when the region or the list is.
    traffic_share, list_share
        Its fraction of production and of the list.
    floor_asked
        The floor that was asked for.
    floor_cut
        Why the floor is below what was asked; empty where it is not.
    strata
        What each part of the region gave.
    """

    region: str
    drifted: bool
    n_production: Count
    n_available: Count
    n_drawn: Count
    floor: Count
    traffic_share: float
    list_share: float
    floor_asked: int = 0
    floor_cut: str = ""
    strata: tuple[Stratum, ...] = ()


ABOVE_THE_LIST = "All floors together are more than the list holds."


def why_cut(floor: int, asked: int, *, n_available: int) -> str:
    """Say why a region's floor is below what was asked; empty where it is not."""
    if floor >= asked:
        return ""
    if floor >= n_available:
        return f"The region has {n_available:,} pairs to draw from." if n_available else "No pair is left to draw from."
    return ABOVE_THE_LIST


def cut_floors_sentence(quotas: Sequence[Quota]) -> str:
    """Say which floors are below what was asked, and why, and where they leave drifted regions no more than others."""
    small = [quota for quota in quotas if quota.floor_cut and quota.floor_cut != ABOVE_THE_LIST]
    cut = [quota for quota in quotas if quota.floor_cut == ABOVE_THE_LIST]
    parts = []
    if cut:
        least, most = min(quota.floor for quota in cut), max(quota.floor for quota in cut)
        levels = f"{most:,}" if least == most else f"{least:,} {'or' if most - least == 1 else 'to'} {most:,}"
        parts.append(f"{ABOVE_THE_LIST} They are {levels} in place of the {cut[0].floor_asked:,} asked for.")
    if small:
        named = ", ".join(f"{quota.region} ({quota.n_available:,})" for quota in small[:REGIONS_NAMED])
        more = f" and {len(small) - REGIONS_NAMED:,} more" if len(small) > REGIONS_NAMED else ""
        parts.append(f"Smaller than the floor, so given whole: {named}{more}.")
    floors, drawn = sum(quota.floor for quota in quotas), sum(quota.n_drawn for quota in quotas)
    if len({quota.drifted for quota in quotas}) > 1 and floors > MOST_BY_FLOORS * drawn:
        parts.append(
            f"Floors take {floors:,} of the {drawn:,} pairs, so drifted regions hardly weigh more than others: choose "
            "a lower floor or a longer list."
        )
    return " ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Allocation:
    """Whole numbers per stratum: what each gets in all, and its floor within that."""

    total: np.ndarray
    floor: np.ndarray


def allocate(
    n: int,
    *,
    available: Sequence[int] | np.ndarray,
    mass: Sequence[float] | np.ndarray,
    floor: Sequence[int] | np.ndarray,
    least: Sequence[int] | np.ndarray = (),
) -> Allocation:
    """Share `n` among strata: first the floors, then the rest in proportion to mass.

    Parameters
    ----------
    n
        What there is to share out; what goes beyond all that is available is not.
    available
        What each stratum can take at most.
    mass
        Weight of each stratum in the rest, 0 or more.
    floor
        What each gets first, at most what is available. Floors that add up to more than `n` are cut to one level.
    least
        What is given before floors are cut, at most the floor; by default nothing.

    Examples
    --------
    >>> allocate(100, available=[500, 500, 10], mass=[3, 1, 1], floor=[20, 20, 20]).total
    array([58, 32, 10])
    """
    caps = np.asarray(available, dtype=np.int64)
    floors = np.minimum(np.asarray(floor, dtype=np.int64), caps)
    n = min(n, int(caps.sum()))
    if floors.sum() >= n:
        first = np.minimum(np.asarray(least, dtype=np.int64), floors) if len(least) else np.zeros_like(floors)
        first = first if first.sum() <= n else _share_out(n, np.ones(len(caps)), first)
        floors = first + _share_out(n - int(first.sum()), np.ones(len(caps)), floors - first)
        return Allocation(total=floors, floor=floors)
    rest = _share_out(n - int(floors.sum()), np.asarray(mass, dtype=np.float64), caps - floors)
    return Allocation(total=floors + rest, floor=floors)


def _share_out(n: int, weights: np.ndarray, caps: np.ndarray) -> np.ndarray:
    """Give `n` in proportion to the weights, none above its cap; whole numbers by largest remainder."""
    weights = np.where(caps > 0, np.maximum(weights, 1e-12), 0.0)
    exact = np.zeros(len(caps))
    is_open = caps > 0
    while is_open.any():
        left = n - caps[~is_open].sum()
        exact[is_open] = left * weights[is_open] / weights[is_open].sum()
        is_over = is_open & (exact >= caps)
        exact[is_over] = caps[is_over]
        if not is_over.any():
            break
        is_open &= ~is_over
    whole = np.minimum(np.floor(exact + 1e-9).astype(np.int64), caps)
    remainder = np.where(whole < caps, exact - whole, -1.0)
    order = np.argsort(-np.round(remainder, 9), kind="stable")
    whole[order[: n - int(whole.sum())]] += 1
    return np.asarray(whole, dtype=np.int64)
