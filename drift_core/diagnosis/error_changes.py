"""Where errors rose: regions that carry the loss, and the rise that the familiar rest shares.

One region's test is in `region_statistics`; how agreement is shown for it is in `region`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.concentrated_rise import ConcentratedRise, find_concentrated_rise
from drift_core.diagnosis.forward_selection import RegionChange, select_drifted
from drift_core.diagnosis.region_statistics import RegionTests, prepare_tests
from drift_core.diagnosis.shared_rise import harder_regions, shared_rise
from drift_core.measured import Measured
from drift_core.measures.agreement import Coefficient, coefficient_difference, coefficient_of
from drift_core.measures.level_ratios import Rise
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition

PASSES = 2  # the fit of production is renewed without the drifted pairs, so that they do not bend it for the others


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
        regions, drifted = select_drifted(tests, rule)
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
        for index, *_ in harder:
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
    aside, whole = np.zeros(len(production), dtype=bool), coefficient_of(heldout)
    for cut in (each for each in partitions if each.of_production):
        level = 1 - rule.alpha / cut.n_regions
        found = [coefficient_of(production.take(cut.production == each)) for each in range(cut.n_regions)]
        best = max((each for each in found if isinstance(each, Coefficient)), key=lambda c: c.estimate, default=None)
        if best is None:
            continue
        for index, each in enumerate(found):
            falls = [coefficient_difference(other, each, confidence=level) for other in (best, whole)]
            if all(isinstance(fall, Measured) and fall.low > 0 for fall in falls):
                aside |= cut.production == index
    return aside


def _with_few(regions: list[RegionChange], few: ConcentratedRise, n_regions: int) -> list[RegionChange]:
    """The regions, with the few that carry the rise as drifted ones."""
    return [
        replace(
            each,
            drifted=True,
            explained="",
            rise=few.rises[each.index],
            adjusted=min(1.0, few.rises[each.index].p_value * n_regions),
        )
        if each.partition == 0 and each.index in few.rises
        else each
        for each in regions
    ]


def _with_harder(regions: list[RegionChange], place: int, harder: list[tuple[int, Rise, bool]]) -> list[RegionChange]:
    """The regions, with those that grew and were always harder, or are new and are harder, as drifted ones."""
    found = {
        index: RegionChange(
            partition=place,
            index=index,
            is_new=is_new,
            rise=rise,
            adjusted=rise.p_value,
            drifted=True,
            is_harder=not is_new,
        )
        for index, rise, is_new in harder
    }
    others = [each for each in regions if each.partition != place or each.index not in found]
    return [*others, *found.values()]
