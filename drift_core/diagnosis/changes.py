"""Where errors rose: regions beyond what all traffic shares, and the rise that the familiar rest shares.

Every region is tested on residual errors; how agreement is shown for it is in `concentration`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from drift_core.diagnosis.rule import Rule
from drift_core.measures.agreement import agreement
from drift_core.measures.discovery import adjust_p_values
from drift_core.measures.estimate import Measured
from drift_core.measures.ratios import (
    BOTH,
    Between,
    ErrorSample,
    Level,
    Rise,
    between_groups,
    loss_implied,
    mixed_level,
    pooled,
    rise_beyond,
    rise_over_time,
    rise_within,
    usual_factors,
)
from drift_core.measures.residuals import residual_errors
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition

NEW_BELOW = 0.25  # a region with few held-out queries is new when held-out's share is below this times production's,
LACKS_BELOW = 0.05  # one with more when it is below this
FEW_QUERIES = 10
LEAST_SHARE = 0.02  # of production pairs; a smaller region carries too little of the loss to be its cause
FIT_ON = 100  # familiar pairs from which production's monotone fit rests on them alone
WHOLE, FAMILIAR = -1, -2  # all of held-out, and its familiar regions
PASSES = 2  # the monotone fit is renewed without the drifted pairs, so that they do not bend it for the others
NEW_WEIGHT = 20.0  # prior odds of a new region to carry the loss beside a familiar one's, fixed before scores are seen
KIND_ORDER = {"query": 0, "slice": 1, "doc": 2}


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
        Whether it would be flagged but for the pairs of drifted regions in it.
    """

    partition: int
    index: int
    is_new: bool
    rise: Rise | None
    adjusted: float | None = None
    drifted: bool = False
    explained: bool = False


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
    """

    regions: tuple[RegionChange, ...]
    drifted: np.ndarray
    known: np.ndarray
    shared: Rise | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Evidence:
    """Errors of both samples, and which production pairs are still unexplained."""

    partitions: Sequence[Partition]
    samples: list[tuple[ErrorSample, ErrorSample]]
    scores: tuple[Scores, Scores]
    is_new: list[np.ndarray]
    known: np.ndarray
    floor: int
    alone: dict[tuple[str, int, int], Level | None] = field(default_factory=dict)


def find_changes(partitions: Sequence[Partition], heldout: Scores, production: Scores, *, rule: Rule) -> Changes:
    """Test every region of every partition, and what the rest has in common.

    Parameters
    ----------
    partitions
        Partitions of both samples; each is one way to cut them.
    heldout, production
        Scores; under the pinned revision where that is known, so that a change of the teacher stays out.

    Notes
    -----
    The false discovery rate over all regions is `rule.alpha` [1]_, by p-values weighted towards new regions [3]_. Of
    regions that overlap, the one with the smallest
    p-value is taken as drifted first and its pairs are set aside; another one is drifted only if it still is
    without them (forward selection). A new region is compared with what familiar regions show, allowing for how much
    these differ from each other anyway (a prediction interval [2]_).

    References
    ----------
    .. [1] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57.
    .. [2] Higgins, J., Thompson, S. and Spiegelhalter, D. (2009). A re-evaluation of random-effects meta-analysis.
       JRSS A 172.
    .. [3] Genovese, C., Roeder, K. and Wasserman, L. (2006). False discovery control with p-value weighting.
       Biometrika 93.
    """
    drifted = np.zeros(len(production), dtype=bool)
    for _ in range(PASSES):
        before = drifted
        evidence = _evidence(partitions, heldout, production, drifted, rule)
        regions, drifted = _select(evidence, rule)
        if np.array_equal(before, drifted):
            break
    known = evidence.known & ~drifted
    for mask in (drifted, known):
        mask.flags.writeable = False
    return Changes(regions=tuple(regions), drifted=drifted, known=known, shared=_shared_rise(evidence, known))


def _evidence(
    partitions: Sequence[Partition], heldout: Scores, production: Scores, drifted: np.ndarray, rule: Rule
) -> _Evidence:
    codes = [s.queries if s.queries is not None else np.arange(len(s)) for s in (heldout, production)]
    is_new = [_new_regions(partition, codes, rule.region_min_queries) for partition in partitions]
    known = ~drifted & _known(partitions, is_new)
    before, after = residual_errors(heldout, production, usual=known if known.sum() >= FIT_ON else None)
    plain = ErrorSample.of(heldout, before), ErrorSample.of(production, after)
    at_mix = _at_the_same_mix(partitions[0], *plain)
    return _Evidence(
        partitions=partitions,
        samples=[plain if place == 0 else at_mix for place in range(len(partitions))],
        scores=(heldout, production),
        is_new=is_new,
        known=known,
        floor=rule.region_min_queries,
    )


def _at_the_same_mix(
    partition: Partition, heldout: ErrorSample, production: ErrorSample
) -> tuple[ErrorSample, ErrorSample]:
    """Errors in units of what held-out shows for like queries, so that a slice's traffic may move among them."""
    groups = partition.fine_heldout, partition.fine_production
    if groups[0] is None or groups[1] is None:
        return heldout, production
    levels = [
        _level(heldout, groups[0] == group, FEW_QUERIES)
        for group in range(int(max(groups[0].max(), groups[1].max())) + 1)
    ]
    factors = usual_factors(levels, heldout.level(np.ones(len(groups[0]), dtype=bool)))
    return heldout.adjusted(factors[groups[0]]), production.adjusted(factors[groups[1]])


def _new_regions(partition: Partition, codes: list[np.ndarray], floor: int) -> np.ndarray:
    """Regions that held-out lacks, or has too few queries of; one that only grew is compared with itself."""
    n = partition.n_regions
    shares = [np.bincount(side, minlength=n) / max(1, len(side)) for side in (partition.heldout, partition.production)]
    queries = [_n_queries(*side, n) for side in zip((partition.heldout, partition.production), codes, strict=True)]
    below = np.where(queries[0] < FEW_QUERIES, NEW_BELOW, LACKS_BELOW)
    return (shares[0] < below * shares[1]) & (queries[1] >= floor)


def _known(partitions: Sequence[Partition], is_new: list[np.ndarray]) -> np.ndarray:
    """Production pairs that no partition calls new."""
    return ~np.any([new[p.production] for p, new in zip(partitions, is_new, strict=True)], axis=0)


def _n_queries(labels: np.ndarray, queries: np.ndarray, n_regions: int) -> np.ndarray:
    seen = np.unique(labels * (int(queries.max()) + 1) + queries) // (int(queries.max()) + 1)
    return np.bincount(seen, minlength=n_regions)


def _select(evidence: _Evidence, rule: Rule) -> tuple[list[RegionChange], np.ndarray]:
    """Forward selection of drifted regions."""
    regions = _test_all(evidence, np.zeros(len(evidence.known), dtype=bool))
    q_values = _adjust(regions)
    waiting = [i for i, q in enumerate(q_values) if q is not None and q <= rule.alpha]
    waiting = [i for i in waiting if _fall(evidence, regions[i]) >= rule.region_loss]
    limit = max((regions[i].rise.p_value for i in waiting), default=0.0)  # type: ignore[union-attr]
    drifted, chosen = np.zeros(len(evidence.known), dtype=bool), []
    strength = {i: regions[i].rise for i in waiting}
    while strength:
        best = min(strength, key=lambda i: _rank(strength[i], evidence.partitions[regions[i].partition].kind))  # type: ignore[arg-type]
        chosen.append(best)
        drifted |= _members(evidence, regions[best])
        del strength[best]
        again = {i: _test(evidence, regions[i].partition, regions[i].index, drifted) for i in strength}
        strength = {i: rise for i, rise in again.items() if rise and rise.p_value <= limit}
    return [
        RegionChange(
            partition=region.partition,
            index=region.index,
            is_new=region.is_new,
            rise=region.rise,
            adjusted=q_values[i],
            drifted=i in chosen,
            explained=i in waiting and i not in chosen,
        )
        for i, region in enumerate(regions)
    ], drifted


def _fall(evidence: _Evidence, region: RegionChange) -> float:
    """Fall of agreement that the rise of the error comes to, from held-out's or, for a new one, the familiar rest's."""
    partition, is_new = evidence.partitions[region.partition], evidence.is_new[region.partition]
    reference = evidence.scores[0].take(partition.heldout == region.index)
    if region.is_new:
        reference = evidence.scores[1].take(~is_new[partition.production])
    before = agreement(reference)
    if region.rise is None or not isinstance(before, Measured):
        return 0.0
    return loss_implied(before.estimate, region.rise.estimate)


def _rank(rise: Rise, kind: str) -> tuple[float, int]:
    return -rise.estimate / max(rise.standard_error, 1e-9) + KIND_ORDER[kind], KIND_ORDER[kind]


def _adjust(regions: list[RegionChange]) -> list[float | None]:
    """Adjusted p-values, new regions weighted up."""
    tested = [region for region in regions if region.rise]
    if not tested:
        return [None] * len(regions)
    weights = np.array([NEW_WEIGHT if region.is_new else 1.0 for region in tested])
    p_values = np.array([region.rise.p_value for region in tested if region.rise])
    if not any(region.is_new for region in tested):  # the share of the error rate that new traffic has stays unspent
        weights, p_values = np.append(weights, NEW_WEIGHT), np.append(p_values, 1.0)
    adjusted = iter(adjust_p_values(np.minimum(1.0, p_values * weights.mean() / weights)))
    return [float(next(adjusted)) if region.rise else None for region in regions]


def _members(evidence: _Evidence, region: RegionChange) -> np.ndarray:
    return np.asarray(evidence.partitions[region.partition].production == region.index)


def _test_all(evidence: _Evidence, drifted: np.ndarray) -> list[RegionChange]:
    return [
        RegionChange(
            partition=place,
            index=index,
            is_new=bool(evidence.is_new[place][index]),
            rise=_test(evidence, place, index, drifted),
        )
        for place, partition in enumerate(evidence.partitions)
        for index in range(partition.n_regions)
    ]


def _test(evidence: _Evidence, place: int, index: int, drifted: np.ndarray) -> Rise | None:
    partition, is_new = evidence.partitions[place], evidence.is_new[place]
    inside = (partition.production == index) & ~drifted
    rest = ~is_new[partition.production] & (partition.production != index) & ~drifted
    after, usual = (
        _level(evidence.samples[place][1], inside, evidence.floor),
        _level(evidence.samples[place][1], rest, evidence.floor),
    )
    if after is None or after.n_pairs < LEAST_SHARE * len(inside):
        return None
    if is_new[index]:
        if usual is None:
            return None
        known = _heldout_level(evidence, place, FAMILIAR)
        return rise_within(after, pooled(usual, known) if known else usual, between=_between(evidence, place, usual))
    before = _heldout_level(evidence, place, index)
    if before is None or before.n_queries < evidence.floor:
        return None
    own = rise_over_time(after, before)
    usual_before = _level(evidence.samples[place][0], ~is_new[partition.heldout] & (partition.heldout != index), evidence.floor)
    if usual is None or usual_before is None:
        return own
    excess = rise_beyond(after, before, usual, usual_before)
    return max(own, excess, key=lambda rise: rise.p_value)


def _level(sample: ErrorSample, chosen: np.ndarray, floor: int) -> Level | None:
    if chosen.sum() < floor:
        return None
    level = sample.level(chosen)
    return level if level.n_queries >= floor else None


def _heldout_level(evidence: _Evidence, place: int, index: int) -> Level | None:
    """Level of a region on held-out, or of more of it; these never change, so they are kept."""
    key = ("heldout", place, index)
    if key not in evidence.alone:
        labels = evidence.partitions[place].heldout
        chosen = {WHOLE: labels >= 0, FAMILIAR: ~evidence.is_new[place][labels]}
        evidence.alone[key] = _level(evidence.samples[place][0], chosen.get(index, labels == index), 1)
    return evidence.alone[key]


def _between(evidence: _Evidence, place: int, usual: Level) -> Between:
    """How much familiar regions of a partition differ on held-out, at the level of error that production has.

    What adds the same error to all, as a revision of the teacher does, keeps differences and makes ratios smaller.
    """
    levels = [_heldout_level(evidence, place, index) for index in np.flatnonzero(~evidence.is_new[place])]
    whole = _heldout_level(evidence, place, WHOLE)
    assert whole is not None
    growth = float(np.exp(max(usual.log_mean[BOTH] - whole.log_mean[BOTH], 0.0)))
    found = between_groups([level for level in levels if level and level.n_queries >= evidence.floor])
    return replace(found, variance=found.variance / growth**2)


def _shared_rise(evidence: _Evidence, known: np.ndarray) -> Rise | None:
    """Rise over familiar pairs at the mix of each partition, and of fine groups; the least clear one."""
    cuts = [(p.heldout, p.production) for p in evidence.partitions]
    first = evidence.partitions[0]
    if first.fine_heldout is not None and first.fine_production is not None:
        cuts.append((first.fine_heldout, first.fine_production))
    rises = [_shared_at(evidence, cut, known) for cut in cuts]
    return max((rise for rise in rises if rise), key=lambda rise: rise.p_value, default=None)


def _shared_at(evidence: _Evidence, cut: tuple[np.ndarray, np.ndarray], familiar: np.ndarray) -> Rise | None:
    heldout, production = evidence.samples[0]
    n_regions = int(max(cut[0].max(), cut[1].max())) + 1
    familiar = familiar & (np.bincount(cut[0], minlength=n_regions) > 0)[cut[1]]
    after = _level(production, familiar, evidence.floor)
    if after is None:
        return None
    counts = np.bincount(cut[1][familiar], minlength=n_regions)
    parts = [(counts[i] / counts.sum(), heldout.level(cut[0] == i)) for i in np.flatnonzero(counts)]
    return rise_over_time(after, mixed_level(parts))
