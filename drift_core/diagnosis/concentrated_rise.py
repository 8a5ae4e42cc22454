"""A rise that looks shared because a few large regions carry it: they bend the fit, and so the errors of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.region_statistics import RegionTests, prepare_tests
from drift_core.diagnosis.shared_rise import EXPLAINED, SharedRise, shared_rise
from drift_core.measures.level_ratios import Rise
from drift_core.regions.partitions import Partition

MOST_OF_IT = 0.5  # share of the production pairs that a few regions may hold at most; more of them are the traffic
MOST_REGIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConcentratedRise:
    """Regions of the first partition that carry a rise, and what is left without them.

    Attributes
    ----------
    rises
        Rise of each region beyond that of the rest, by its index; its p-value is adjusted for all regions.
    members
        Production pairs in them, bool of shape (n_production,).
    known
        Familiar production pairs that are left.
    shared
        What these share.
    """

    rises: dict[int, Rise]
    members: np.ndarray
    known: np.ndarray
    shared: SharedRise


def find_concentrated_rise(
    tests: RegionTests, known: np.ndarray, shared: Rise, *, properties: Sequence[Partition], rule: Rule
) -> ConcentratedRise | None:
    """Find the fewest regions without which nothing is shared any more; None where the rise is everybody's.

    Parameters
    ----------
    tests, known
        The tests of all regions, and the familiar production pairs that have not drifted.
    shared
        The rise that these share.

    Notes
    -----
    Production's fit rests on all familiar pairs, so that regions that got worse raise the errors of the others. The
    regions that rose most are set aside, one more at a time, and the fit is renewed without them. They are accepted
    when the rest has no rise to speak of and each of them clearly has one beyond the rest, at `rule.cause_alpha` over
    all regions (Bonferroni), which allows for having picked the largest. Where the rest is clean without one region
    that is not that clear, it is the rise that is in doubt: its p-value becomes that of the rest.
    """
    doubt = None
    for place in range(1, MOST_REGIONS + 1):
        candidates = _by_rise(tests, known)[:place]
        found = _without(tests, candidates, known, properties, rule)
        if len(candidates) < place or found.members.sum() > MOST_OF_IT * len(known):
            break
        if not _is_clean(found.shared.rise, shared, rule):
            continue
        clear = [index for index, rise in found.rises.items() if rise.p_value <= rule.cause_alpha / _n(tests)]
        if clear and len(clear) < place:
            found = _without(tests, clear, known, properties, rule)
        if clear and _is_clean(found.shared.rise, shared, rule):
            return found
        if place == 1:
            doubt = found.shared.rise
    if doubt is None:
        return None
    nothing = np.zeros(len(known), dtype=bool)
    unsure = SharedRise(rise=replace(shared, p_value=max(shared.p_value, doubt.p_value)))
    return ConcentratedRise(rises={}, members=nothing, known=known, shared=unsure)


def _n(tests: RegionTests) -> int:
    return tests.partitions[0].n_regions


def _is_clean(rest: Rise | None, shared: Rise, rule: Rule) -> bool:
    """Whether the rest has no rise to speak of."""
    return rest is not None and rest.p_value > rule.alpha and rest.estimate <= EXPLAINED * shared.estimate


def _without(
    tests: RegionTests, regions: list[int], known: np.ndarray, properties: Sequence[Partition], rule: Rule
) -> ConcentratedRise:
    """Set regions aside and renew the fit: what is left, and how far each of them rose beyond it."""
    chosen = known & np.isin(tests.partitions[0].production, regions)
    left = known & ~chosen
    renewed = prepare_tests(tests.partitions, *tests.scores, set_aside=~left, rule=rule)
    beyond = {each: renewed.rises(0, ~(left | tests.members(0, each)))[each] for each in regions}
    return ConcentratedRise(
        rises={each: rise for each, rise in beyond.items() if rise},
        members=chosen,
        known=left,
        shared=shared_rise(renewed, left, properties=properties, rule=rule),
    )


def _by_rise(tests: RegionTests, known: np.ndarray) -> list[int]:
    """Familiar regions of the first partition, those whose error rose most over their own past first."""
    partition, (heldout, production) = tests.partitions[0], tests.samples[0]
    before = heldout.levels(partition.heldout, partition.n_regions, np.ones(len(partition.heldout), dtype=bool))
    after = production.levels(partition.production, partition.n_regions, known)
    rises = {
        index: float(now.log_mean[tests.side] - then.log_mean[tests.side])
        for index, (then, now) in enumerate(zip(before, after, strict=True))
        if tests.enough(then) and tests.enough(now) and then and now
    }
    return sorted(rises, key=lambda index: -rises[index])
