"""Which of the regions that rose are drifted: forward selection, so that of overlapping ones one is told.

One region's test is in `region_statistics`; what the rest shares is found in `error_changes`.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.region_statistics import RegionTests
from drift_core.measures.false_discovery import adjust_p_values
from drift_core.measures.level_ratios import Rise

NEW_WEIGHT = 20.0  # prior odds of new traffic, or docs that moved, to carry the loss; fixed before scores are seen
SAME = 0.8  # share of the pairs of two regions that both must hold to be one by two names (ours)
Place = tuple[int, int]  # of a partition, and of the region in it
KIND_ORDER = {"query": 0.0, "slice": 0.5, "doc": 0.5}  # lead in standard errors; of equals, queries are told first


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionChange:
    """The test of one region.

    Attributes
    ----------
    partition, index
        Place of the partition, and of the region in it.
    is_new
        Whether held-out has too little of it to compare it with itself.
    rise
        Rise of the log error: over itself on held-out and over the rise of the rest, whichever shows it less; for a new
        region over the familiar rest. None when it has too few queries.
    adjusted
        p-value adjusted for the false discovery rate over all regions of all partitions; None when not tested.
    drifted
        Whether it carries a part of the loss that no other drifted region explains.
    explained
        The overlapping region whose pairs explain its fall, without which it would be flagged; else empty.
    is_usual
        Whether it is new and agrees less than the rest, but no less than familiar regions do now and then.
    is_harder
        Whether it is of a slice or property that explains what familiar pairs lost, and grew: the student errs more
        there than elsewhere, on held-out too.
    """

    partition: int
    index: int
    is_new: bool
    rise: Rise | None
    adjusted: float | None = None
    drifted: bool = False
    explained: str = ""
    is_usual: bool = False
    is_harder: bool = False


def select_drifted(tests: RegionTests, rule: Rule) -> tuple[list[RegionChange], np.ndarray]:
    """Forward selection of drifted regions; where none is left, of those that a familiar one hid in its fall."""
    nothing = np.zeros(len(tests.known), dtype=bool)
    rises = {(p, i): rise for p in range(len(tests.partitions)) for i, rise in enumerate(tests.rises(p, nothing))}
    adjusted = _adjust({at: rise for at, rise in rises.items() if rise}, tests)
    waiting = _fallen(tests, rises, adjusted, rule)
    flagged, chosen, usual = set(waiting), set[Place](), set[Place]()
    drifted, set_aside = nothing.copy(), nothing.copy()
    while waiting:
        best = max(waiting, key=lambda at: _order(tests, at, waiting[at]))
        named = [best] if tests.is_usual(*best) else _by_column(tests, best, waiting)
        (usual if tests.is_usual(*best) else chosen).update(named)
        for at in named:
            set_aside |= tests.members(*at)
        drifted = np.any([drifted, *(tests.members(*at) for at in chosen)], axis=0)
        waiting = _still_fallen(tests, rises, set(waiting) - set(named), set_aside, rule)
        if not waiting and any(not tests.is_new[place][index] for place, index in chosen):
            again = {place: tests.rises(place, set_aside) for place in range(len(tests.partitions))}
            bare = {at: rises[at] if at in flagged else again[at[0]][at[1]] for at in rises}
            level = _adjust({at: rise for at, rise in bare.items() if rise}, tests)
            waiting = {at: each for at, each in _fallen(tests, bare, level, rule).items() if at not in flagged}
            rises, adjusted = {**rises, **waiting}, adjusted | {at: level[at] for at in waiting}
            flagged |= set(waiting)
    return [
        RegionChange(
            partition=at[0],
            index=at[1],
            is_new=bool(tests.is_new[at[0]][at[1]]),
            rise=rise,
            adjusted=adjusted.get(at),
            drifted=at in chosen,
            explained=_overlapping(tests, at, chosen | usual) if at in flagged and at not in chosen | usual else "",
            is_usual=at in usual,
        )
        for at, rise in rises.items()
    ], drifted


def _fallen(
    tests: RegionTests, rises: Mapping[Place, Rise | None], adjusted: Mapping[Place, float], rule: Rule
) -> dict[Place, Rise]:
    """The regions that rose beyond chance and by what matters."""
    rose = {at: rise for at, rise in rises.items() if rise and adjusted[at] <= rule.alpha}
    return {at: rise for at, rise in rose.items() if tests.fall(*at, rise) >= rule.region_loss}


def _by_column(tests: RegionTests, best: Place, waiting: Mapping[Place, Rise]) -> list[Place]:
    """The values of a column that hold a familiar region's pairs and fell too, by their own name; else the region."""
    if tests.partitions[best[0]].kind != "query" or tests.is_new[best[0]][best[1]]:
        return [best]
    inside = tests.members(*best)
    for place, cut in enumerate(tests.partitions):
        values = [at for at in waiting if at[0] == place and cut.column is not None and not cut.of_production]
        values = [at for at in values if inside[tests.members(*at)].mean() >= SAME]
        held = np.isin(cut.production, [index for _, index in values])
        if values and (held & inside).sum() >= SAME * (held | inside).sum():
            return values
    return [best]


def _overlapping(tests: RegionTests, at: Place, others: Set[Place]) -> str:
    """Name of the one of some regions that holds most pairs of a region."""
    place, index = max(sorted(others), key=lambda each: int((tests.members(*each) & tests.members(*at)).sum()))
    cut = tests.partitions[place]
    return f"{cut.name} {cut.regions[index]}" if cut.kind == "slice" else cut.regions[index]


def _still_fallen(
    tests: RegionTests, rises: Mapping[Place, Rise | None], asked: Set[Place], set_aside: np.ndarray, rule: Rule
) -> dict[Place, Rise]:
    """Of the regions asked for, those that fell without the pairs set aside too, among all that were tested.

    One that holds hardly any other pair is what was set aside by another name.
    """
    asked = {at for at in asked if set_aside[tests.members(*at)].mean() < SAME}
    again = {place: tests.rises(place, set_aside) for place in {at[0] for at in asked}}
    bare = {at: again[at[0]][at[1]] if at in asked else rise for at, rise in rises.items()}
    fallen = _fallen(tests, bare, _adjust({at: rise for at, rise in bare.items() if rise}, tests), rule)
    return {at: rise for at, rise in fallen.items() if at in asked}


def _order(tests: RegionTests, at: Place, rise: Rise) -> tuple[bool, float]:
    """New regions first, then by standard errors of the rise, less the lead that other kinds have."""
    clear = rise.estimate / max(rise.standard_error, 1e-9)
    return bool(tests.is_new[at[0]][at[1]]), clear - KIND_ORDER[tests.partitions[at[0]].kind]


def _adjust(rises: dict[Place, Rise], tests: RegionTests) -> dict[Place, float]:
    """Adjusted p-values, kinds of docs that moved and new regions weighted up.

    A scan is one hypothesis of a new region's weight, with the smallest of its chances; the others follow step by step.
    """
    scanned = {at: chance for at in rises if (chance := tests.chance(*at)) is not None}
    others = [at for at in rises if at not in scanned]
    is_new = np.array([tests.is_new[place][index] or tests.partitions[place].kind == "doc" for place, index in others])
    weights = np.where(is_new, NEW_WEIGHT, 1.0)
    p_values = np.array([rises[at].p_value for at in others])
    if scanned or not is_new.any():  # the share of the error rate that new traffic has stays unspent without one
        weights = np.append(weights, NEW_WEIGHT)
        p_values = np.append(p_values, min(scanned.values(), default=1.0))
    found = adjust_p_values(np.minimum(1.0, p_values * weights.mean() / weights))
    adjusted = dict(zip(others, found.tolist(), strict=False))
    return adjusted | {at: max(float(found[-1]), chance, rises[at].p_value) for at, chance in scanned.items()}
