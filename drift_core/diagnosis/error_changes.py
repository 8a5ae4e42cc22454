"""Where errors rose: regions that carry the loss, and the rise that the familiar rest shares.

One region's test is in `region_statistics`; how agreement is shown for it is in `region`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.diagnosis.concentrated_rise import ConcentratedRise, find_concentrated_rise
from drift_core.diagnosis.region_statistics import RegionTests, prepare_tests
from drift_core.diagnosis.rule import Rule
from drift_core.diagnosis.shared_rise import harder_regions, shared_rise
from drift_core.measured import Measured
from drift_core.measures.agreement import Coefficient, coefficient_difference, coefficient_of
from drift_core.measures.false_discovery import adjust_p_values
from drift_core.measures.level_ratios import Rise
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition

PASSES = 2  # the fit of production is renewed without the drifted pairs, so that they do not bend it for the others
NEW_WEIGHT = 20.0  # prior odds of new traffic, or docs that moved, to carry the loss; fixed before scores are seen
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
        Whether it would be flagged but for pairs that other regions explain.
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
    explained: bool = False
    is_usual: bool = False
    is_harder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changes:
    """What rose where.

    Attributes
    ----------
    regions
        One entry a region of each partition, in order.
    drifted
        Production pairs in drifted regions, bool of shape (n_production,).
    known
        Production pairs that no partition calls new and that did not drift, bool of shape (n_production,).
    shared
        Rise of the log error over these, mix adjusted, by the partition that shows it least; None when
        nothing familiar is left.
    partitions
        The partitions tested, and the property of the texts that explains what familiar pairs lost, if one does.
    tests
        The errors that they rest on.
    """

    regions: tuple[RegionChange, ...]
    drifted: np.ndarray
    known: np.ndarray
    shared: Rise | None
    partitions: tuple[Partition, ...] = ()
    tests: RegionTests | None = None


def find_changes(
    partitions: Sequence[Partition],
    heldout: Scores,
    production: Scores,
    *,
    rule: Rule,
    properties: Sequence[Partition] = (),
) -> Changes:
    """Test every region of every partition, and what the rest has in common.

    Parameters
    ----------
    partitions
        Partitions of both samples; each is one way to cut them.
    heldout, production
        Scores; under the pinned revision where that is known, so that a change of the teacher stays out.
    properties
        Further partitions, by properties that every text has, along which traffic moved; their regions are not tested,
        but a rise that goes away at their mix is theirs.

    Notes
    -----
    The false discovery rate over all regions is `rule.alpha` [1]_, by p-values weighted towards new regions [2]_. Of
    regions that overlap, new ones first, the one with the clearest rise is taken as drifted and its pairs are set
    aside; another one is drifted only if it still is without them (forward selection). A new region that agrees no
    less than familiar ones do now and then is set aside too, but not flagged.

    References
    ----------
    .. [1] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57.
    .. [2] Genovese, C., Roeder, K. and Wasserman, L. (2006). False discovery control with p-value weighting.
       Biometrika 93.
    """
    aside = _fallen_values(partitions, heldout, production, rule)
    for _ in range(PASSES):
        tests = prepare_tests(partitions, heldout, production, set_aside=aside, rule=rule)
        regions, drifted = _select(tests, rule)
        if not np.any(tests.known & drifted) and not np.any(aside & ~drifted):  # new regions never were in the fit
            break
        aside = drifted
    known = tests.known & ~drifted
    shared = shared_rise(tests, known, properties=properties, rule=rule)
    if shared.rise is not None and shared.rise.p_value <= rule.cause_alpha:
        few = find_concentrated_rise(tests, known, shared.rise, properties=properties, rule=rule)
        if few is not None:
            regions, drifted = _with_few(regions, few, partitions[0].n_regions), drifted | few.members
            known, shared = few.known, few.shared
    tested = tuple(partitions)
    if shared.explained_by is not None:
        tested = tested if shared.explained_by in tested else (*tested, shared.explained_by)
        place = tested.index(shared.explained_by)
        harder = harder_regions(tests, shared.explained_by, known)
        regions, drifted = _with_harder(regions, place, harder), drifted.copy()
        for index, _ in harder:
            drifted |= shared.explained_by.production == index
        known = known & ~drifted
    for mask in (drifted, known):
        mask.flags.writeable = False
    return Changes(
        regions=tuple(regions), drifted=drifted, known=known, shared=shared.rise, partitions=tested, tests=tests
    )


def _fallen_values(partitions: Sequence[Partition], heldout: Scores, production: Scores, rule: Rule) -> np.ndarray:
    """Production pairs of values of a column of its own that surely agree less than held-out and than another value.

    Where they are most of production, its fit would be theirs and show no error.
    """
    aside = np.zeros(len(production), dtype=bool)
    for cut in (each for each in partitions if each.of_production):
        found = [coefficient_of(production.take(cut.production == each)) for each in range(cut.n_regions)]
        best = max((each for each in found if isinstance(each, Coefficient)), key=lambda c: c.estimate, default=None)
        if best is None:
            continue
        for index, each in enumerate(found):
            falls = [
                coefficient_difference(other, each, confidence=1 - rule.alpha / cut.n_regions)
                for other in (best, coefficient_of(heldout))
            ]
            if all(isinstance(fall, Measured) and fall.low > 0 for fall in falls):
                aside |= cut.production == index
    return aside


def _with_few(regions: list[RegionChange], few: ConcentratedRise, n_regions: int) -> list[RegionChange]:
    """The regions, with the few that carry the rise as drifted ones."""
    return [
        replace(
            each,
            drifted=True,
            explained=False,
            rise=few.rises[each.index],
            adjusted=min(1.0, few.rises[each.index].p_value * n_regions),
        )
        if each.partition == 0 and each.index in few.rises
        else each
        for each in regions
    ]


def _with_harder(regions: list[RegionChange], place: int, harder: list[tuple[int, Rise]]) -> list[RegionChange]:
    """The regions, with those that grew and were always harder as drifted ones."""
    found = {
        index: RegionChange(
            partition=place,
            index=index,
            is_new=False,
            rise=rise,
            adjusted=rise.p_value,
            drifted=True,
            is_harder=True,
        )
        for index, rise in harder
    }
    others = [each for each in regions if each.partition != place or each.index not in found]
    return [*others, *found.values()]


def _select(tests: RegionTests, rule: Rule) -> tuple[list[RegionChange], np.ndarray]:
    """Forward selection of drifted regions."""
    nothing = np.zeros(len(tests.known), dtype=bool)
    rises = {(p, i): rise for p in range(len(tests.partitions)) for i, rise in enumerate(tests.rises(p, nothing))}
    adjusted = _adjust({at: rise for at, rise in rises.items() if rise}, tests)
    waiting = {
        at: rise
        for at, rise in rises.items()
        if rise and adjusted[at] <= rule.alpha and tests.fall(*at, rise) >= rule.region_loss
    }
    limit = max((rise.p_value for rise in waiting.values()), default=0.0)
    flagged, chosen, usual = set(waiting), set(), set()
    drifted, set_aside = nothing.copy(), nothing.copy()
    while waiting:
        best = max(waiting, key=lambda at: _order(tests, at, waiting[at]))
        if tests.is_usual(*best):
            usual.add(best)
        else:
            chosen.add(best)
            drifted |= tests.members(*best)
        set_aside |= tests.members(*best)
        waiting = _still_rising(tests, set(waiting) - {best}, set_aside, limit)
    return [
        RegionChange(
            partition=at[0],
            index=at[1],
            is_new=bool(tests.is_new[at[0]][at[1]]),
            rise=rise,
            adjusted=adjusted.get(at),
            drifted=at in chosen,
            explained=at in flagged and at not in chosen | usual,
            is_usual=at in usual,
        )
        for at, rise in rises.items()
    ], drifted


def _still_rising(tests: RegionTests, asked: set[Place], set_aside: np.ndarray, limit: float) -> dict[Place, Rise]:
    """Of the regions asked for, those that still rise without the pairs set aside."""
    rises = {place: tests.rises(place, set_aside) for place in {at[0] for at in asked}}
    again = {at: rises[at[0]][at[1]] for at in sorted(asked)}
    return {at: rise for at, rise in again.items() if rise and rise.p_value <= limit}


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
