"""What familiar pairs lost together, at the same mix: the teacher's doing, unless a property of queries explains it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.region_statistics import LEAST_APART, LEFT_OVER, RegionTests
from drift_core.distributions.odd_scores import find_odd_scores
from drift_core.measured import Measured
from drift_core.measures.agreement import Coefficient, agreement, coefficient_difference, coefficient_of
from drift_core.measures.fisher import NORMAL, apart
from drift_core.measures.intervals import p_above_zero
from drift_core.measures.level_ratios import Rise, loss_implied, mixed_level, rise_by_mix, rise_of
from drift_core.measures.residual_levels import Level
from drift_core.measures.score_units import few_values
from drift_core.measures.unexplained_fall import at_mix, at_range_and_mix
from drift_core.regions.partitions import Partition, follows
from drift_core.regions.query_move import MOVED_P, chance_of_move

EXPLAINED = 0.5  # share of a rise that is left at the mix of a property, below which the property explains it (ours)
GROWN, LEFT = 0.02, 0.6  # share by which a teacher's value grew, and of a rise that is left without it (ours)
Among = np.ndarray | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedRise:
    """What familiar pairs share: the rise of their log error, and what explains the rise that topics alone show."""

    rise: Rise | None
    explained_by: Partition | None = None


def _least_clear(rises: Iterable[Rise | None]) -> Rise | None:
    return max((rise for rise in rises if rise), key=lambda rise: rise.p_value, default=None)


def shared_rise(tests: RegionTests, known: np.ndarray, *, properties: Sequence[Partition], rule: Rule) -> SharedRise:
    """Rise over familiar pairs, and the slice or property of the texts that explains it.

    It is the least clear of the rises at the mix of each partition, of fine groups and of each property. One that
    rests on a single region, so that the others alone do not show it, is no shared one; one of which little is left
    without a value that the teacher gives more often now is in doubt: it may stand for failed answers. A rise that goes
    away at the mix of a property is explained by it where the rise is clear, or where held-out alone shows that its
    errors are larger at that mix, and then one that is not clear by itself is too; else the rise stays in doubt. Where
    held-out shows it as clearly as a cause must be, what is left beside the property may be in doubt, but no cause. So
    does what is left beside a property that clearly has a part in it, because its steps are coarse, and a rise that is
    no longer clear at the mix of one.
    """
    topics = _least_clear(_shared_at(tests, cut, known) for cut in _topic_cuts(tests))
    if topics is None:
        return SharedRise(rise=None)
    slices = [p for p in tests.partitions[1:] if p.kind == "slice" and not follows(p, tests.partitions[0])]  # no topics
    at_mix = [(p, _shared_at(tests, (p.heldout, p.production), known)) for p in (*slices, *properties)]
    harder = [_chance_of_harder(tests, p, known, rule) * len(at_mix) if rise else 1.0 for p, rise in at_mix]
    rose = topics.p_value <= rule.alpha
    explaining = [
        (rise.estimate, place)
        for place, (_, rise) in enumerate(at_mix)
        if rise and rise.p_value > (rule.cause_alpha if harder[place] <= rule.cause_alpha else rule.alpha)
        if harder[place] <= (rule.alpha if rose else rule.cause_alpha)
        or (rose and rise.estimate < EXPLAINED * topics.estimate)
        if rose or (topics.estimate > 0 and rise.p_value < 1 - rule.alpha)  # held-out shows it, nothing gainsays it
        if place >= len(slices) or _has_moved(tests, at_mix[place][0])
    ]
    if explaining:
        place = min(explaining)[1]
        if topics.p_value > rule.cause_alpha and harder[place] > rule.alpha:  # both at alpha are as rare as its square
            return SharedRise(rise=topics)
        return SharedRise(rise=at_mix[place][1], explained_by=at_mix[place][0])
    least = _least_clear([topics, *(rise for _, rise in at_mix)])
    is_part = least is not None and max(least.p_value, min(harder, default=1.0)) <= rule.cause_alpha
    if least and (is_part or topics.p_value <= rule.alpha < least.p_value):
        least = replace(least, p_value=rule.alpha)
    if least and least.p_value <= rule.alpha:
        without = _least_clear(_without_carriers(tests, known, least, rule))
        if without and without.p_value > rule.alpha:  # a part of the traffic carries it
            least = replace(least, p_value=without.p_value)
    if least and least.p_value <= rule.cause_alpha:
        rests = _without_values(tests, known)
        in_doubt = any(rest.estimate < LEFT * least.estimate for rest in rests) or _may_be_failed_calls(tests)
        least = replace(least, p_value=rule.alpha) if in_doubt else least
    return SharedRise(rise=least)


def _has_moved(tests: RegionTests, partition: Partition) -> bool:
    """Whether traffic moved by more than chance between the values of a slice, as between those of a property."""
    before, after = (np.arange(len(s)) if s.queries is None else s.queries for s in tests.scores)
    return chance_of_move(partition, (before, after)) <= MOVED_P


def _topic_cuts(tests: RegionTests) -> list[tuple[np.ndarray, np.ndarray]]:
    cuts = [(p.heldout, p.production) for p in tests.partitions if p.kind != "slice"]
    first = tests.partitions[0]
    if first.fine_heldout is not None and first.fine_production is not None:
        cuts.append((first.fine_heldout, first.fine_production))
    return cuts


def _without_carriers(tests: RegionTests, known: np.ndarray, shared: Rise, rule: Rule) -> Iterator[Rise | None]:
    """The rise without each region that rose beyond the rest or carries half of it; without others less is seen."""
    cut = tests.partitions[0].heldout, tests.partitions[0].production
    for place, partition in enumerate(tests.partitions):
        n, rises = partition.n_regions, tests.rises(place, ~known)
        left = known.sum() - np.bincount(partition.production[known], minlength=n)
        for index in np.flatnonzero((left < known.sum()) & (left >= LEFT_OVER * known.sum())):
            rest, beyond = _shared_at(tests, cut, known & (partition.production != index)), rises[index]
            is_beyond = beyond is not None and beyond.p_value <= rule.alpha
            if is_beyond or (rest and rest.estimate < EXPLAINED * shared.estimate):
                yield rest


def _without_values(tests: RegionTests, known: np.ndarray) -> Iterator[Rise]:
    """The rise without the pairs of each of a teacher's few values that grew."""
    (heldout, production), cut = tests.scores, (tests.partitions[0].heldout, tests.partitions[0].production)
    for value in few_values(heldout.teacher) if heldout.measure == "Spearman" else ():
        before, after = heldout.teacher == value, production.teacher == value
        grown = after[known].mean() - before.mean() >= GROWN
        if grown and (rise := _shared_at(tests, cut, known & ~after, among=~before)):
            yield rise


def _may_be_failed_calls(tests: RegionTests) -> bool:
    """Whether one of two answers, without which nothing is left to rank, stands where failed calls would put it."""
    odd = find_odd_scores(*tests.scores) if tests.scores[0].is_answered else ()
    return any(each.side == "teacher" and each.in_production and each.is_known for each in odd)


def harder_regions(tests: RegionTests, partition: Partition, known: np.ndarray) -> list[tuple[int, Rise, bool]]:
    """Regions that grew and where the student errs more than on held-out as a whole, and whether held-out lacks them.

    Of those that held-out has, the ones where it erred more then too.
    """
    n, (heldout, production) = partition.n_regions, tests.samples[0]
    shares = [
        np.bincount(side, weights=weights, minlength=n) / max(1.0, weights.sum())
        for side, weights in (
            (partition.heldout, np.ones(len(partition.heldout))),
            (partition.production, known * 1.0),
        )
    ]
    everywhere = np.ones(len(partition.heldout), dtype=bool)
    whole, before = heldout.level(everywhere), heldout.levels(partition.heldout, n, everywhere)
    after = production.levels(partition.production, n, known)
    rises = [(i, rise_of(level, whole, side=tests.side)) for i, level in enumerate(after) if level]
    grown = [(i, rise) for i, rise in rises if shares[1][i] > shares[0][i] and rise.estimate > 0]
    was = {
        i: rise_of(level, whole, side=tests.side).estimate > 0
        for i, level in enumerate(before)
        if level and level.n_queries >= tests.floor
    }
    return [(i, rise, i not in was) for i, rise in grown if was.get(i, True)]


def _shared_at(
    tests: RegionTests, cut: tuple[np.ndarray, np.ndarray], known: np.ndarray, *, among: Among = None
) -> Rise | None:
    before, familiar = _compared(tests, cut, known, among=among)
    if not familiar.any():
        return None
    counts = np.bincount(cut[1][familiar], minlength=len(before))
    rise = _at_mix(tests, tests.samples[0][1].level(familiar), counts, before)
    if rise is None or not tests.scores[0].is_answered:
        return rise
    then = np.ones(len(cut[0]), dtype=bool) if among is None else among
    return _of_area(tests, rise, (cut[0][then], cut[1][familiar]), (then, familiar))


def _of_area(
    tests: RegionTests, rise: Rise, groups: tuple[np.ndarray, np.ndarray], chosen: tuple[np.ndarray, np.ndarray]
) -> Rise | None:
    """What the area's fall comes to: the less clear of those among like queries and among like student scores too.

    How far one of two answers scatters at its own rate follows from that rate, so that `rise` tells little of it.
    Closer calls lower the area, but not among like scores; another scale of the student's moves only these.
    """
    before, after = (scores.take(each) for scores, each in zip(tests.scores, chosen, strict=True))
    alike = at_mix(before, after, groups=groups), at_range_and_mix(before, after, groups, ("student",))
    now, *then = (coefficient_of(each) for each in (after, *alike))
    falls = [coefficient_difference(each, now) for each in then]
    known = [(p_above_zero(fall), fall) for fall in falls if isinstance(fall, Measured)]
    if len(known) < len(falls) or not isinstance(now, Coefficient):
        return None
    chance, fall = max(known, key=lambda each: each[0])
    left, usual = (max(apart(area), LEAST_APART) for area in (now.estimate, now.estimate + fall.estimate))
    scatter = 2 / left * fall.standard_error / NORMAL.pdf(left)
    return replace(rise, estimate=2 * math.log(usual / left), standard_error=scatter, p_value=chance)


def _chance_of_harder(tests: RegionTests, partition: Partition, known: np.ndarray, rule: Rule) -> float:
    """Chance that held-out's errors are no larger at the mix of a partition; 1 where they are larger by a trifle."""
    alone, before = _by_mix_alone(tests, partition, known), agreement(tests.scores[0])
    if not isinstance(before, Measured):
        return 1.0
    loss = loss_implied(before.estimate, alone.estimate, measure=tests.scores[0].measure)
    return alone.p_value if loss >= rule.smallest_loss else 1.0


def _by_mix_alone(tests: RegionTests, partition: Partition, known: np.ndarray) -> Rise:
    """How much larger held-out's errors would be if its regions had the shares that known production pairs have.

    Like queries are compared, so that what their topics explain is no property's.
    """
    n = partition.n_regions
    before, familiar = _compared(tests, (partition.heldout, partition.production), known, place=-1)
    shares = [
        np.bincount(each, minlength=n) / len(each) for each in (partition.heldout, partition.production[familiar])
    ]
    parts = [[(share, level) for share, level in zip(each, before, strict=True) if level] for each in shares]
    return rise_by_mix(*parts, side=tests.side)


def _compared(
    tests: RegionTests, cut: tuple[np.ndarray, np.ndarray], known: np.ndarray, *, place: int = 0, among: Among = None
) -> tuple[list[Level | None], np.ndarray]:
    """Held-out's level in each group, of all pairs or `among` some, and the known production pairs of groups it has."""
    n = int(max(cut[0].max(), cut[1].max())) + 1
    before = tests.samples[place][0].levels(cut[0], n, np.ones(len(cut[0]), dtype=bool) if among is None else among)
    return before, known & np.array([level is not None for level in before])[cut[1]]


def _at_mix(tests: RegionTests, after: Level | None, counts: np.ndarray, before: list[Level | None]) -> Rise | None:
    """Rise over held-out with as many pairs of each group; None with too few queries."""
    after = tests.enough(after)
    if after is None:
        return None
    parts = [(count / counts.sum(), level) for count, level in zip(counts, before, strict=True) if level]
    return rise_of(after, mixed_level(parts), side=tests.side)
