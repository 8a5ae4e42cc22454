"""The test of one region: did its error rise, beyond chance and beyond what all traffic shares?

Which of the regions that rose are drifted, and which only overlap these, is decided in `forward_selection`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.measured import Measured
from drift_core.measures.agreement import agreement
from drift_core.measures.fisher import NORMAL, apart
from drift_core.measures.level_ratios import (
    Rise,
    between_groups,
    loss_implied,
    mixed_level,
    rise_of,
    scales_differ,
    usual_factors,
)
from drift_core.measures.region_rises import Reference, rise_of_known
from drift_core.measures.residual_levels import BOTH, STUDENT, TEACHER, ErrorSample, Level
from drift_core.measures.residuals import Residuals, residual_errors
from drift_core.measures.scores import Scores
from drift_core.regions.candidates import MOST_HELDOUT
from drift_core.regions.partitions import LACKS_BELOW, Partition, queries_by_region

FEW_QUERIES = 10  # with fewer of held-out's, one is new as a set of texts is, below MOST_HELDOUT of its share
LEAST_APART = 0.1  # of an area; under it little is left that chance would not show
LEAST_SHARE = 0.02  # of production pairs; a smaller region carries too little of the loss to be its cause
LEFT_OVER = 0.4  # share of the familiar pairs that must be left when one region is left out
FIT_ON = 50  # familiar pairs from which production's fit rests on them alone


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionTests:
    """Residual errors of both samples, ready to test every region of every partition.

    Attributes
    ----------
    partitions
        Partitions of both samples.
    scores
        Scores of held-out and production.
    samples
        Residual errors of both for each partition; slices are compared at the same mix of queries, and so is the last.
    is_new
        Whether held-out lacks each region of each partition.
    known
        Production pairs in no new region and not set aside, bool of shape (n_production,).
    floor, alpha
        Queries that a region needs on a side, and the error rate that a test of them must be able to reach.
    side
        Whose residual errors are compared: of both, or of the side whose scale did not move.
    reaches
        How much less than the rest a new region may agree and still be usual, for each partition that was asked.
    """

    partitions: Sequence[Partition]
    scores: tuple[Scores, Scores]
    samples: list[tuple[ErrorSample, ErrorSample]]
    is_new: list[np.ndarray]
    known: np.ndarray
    floor: int
    alpha: float = 1.0
    side: int = BOTH
    reaches: dict[int, float] = field(default_factory=dict)

    def rises(self, place: int, set_aside: np.ndarray) -> list[Rise | None]:
        """Rise of each region of a partition without the production pairs set aside; None with too few queries."""
        partition, is_new = self.partitions[place], self.is_new[place]
        n, (heldout, production) = partition.n_regions, self.samples[place]
        familiar = ~is_new[partition.heldout], ~is_new[partition.production] & ~set_aside
        every = np.ones(len(partition.heldout), dtype=bool)
        before, usual_before = heldout.levels_and_rests(partition.heldout, n, every, familiar[0])
        if partition.of_production:
            whole: list[Level | None] = [heldout.level(every)] * n
            before, usual_before = whole, whole
        after, usual = production.levels_and_rests(partition.production, n, ~set_aside, familiar[1])
        alike = self._levels_of_queries() if partition.is_one_kind else [before[i] for i in np.flatnonzero(~is_new)]
        reference = Reference.of(heldout, familiar[0], alike, self.floor)
        found: list[Rise | None] = []
        for index in range(n):
            inside, rest = self.enough(after[index]), self.enough(usual[index])
            if inside is None or inside.n_pairs < LEAST_SHARE * len(set_aside):
                found.append(None)
            elif is_new[index]:
                found.append(reference.rise_of_new(inside, rest, self.side))
            else:
                own, rest_before = self.enough(before[index]), self.enough(usual_before[index])
                others = [each for i, each in enumerate(after) if i != index and self.enough(each)]
                values = others if partition.of_production else []
                found.append(rise_of_known((inside, own, rest, rest_before), self.side, values=values))
        return found

    def _levels_of_queries(self) -> list[Level | None]:
        """Held-out's level in each region of the first partition."""
        first, heldout = self.partitions[0], self.samples[0][0]
        levels = heldout.levels(first.heldout, first.n_regions, np.ones(len(first.heldout), dtype=bool))
        return [level for level, new in zip(levels, self.is_new[0], strict=True) if not new]

    def members(self, place: int, index: int) -> np.ndarray:
        """Production pairs of a region, bool of shape (n_production,)."""
        return np.asarray(self.partitions[place].production == index)

    def chance(self, place: int, index: int) -> float | None:
        """Chance that a scan gave a region that held-out lacks; None for all others."""
        chances = self.partitions[place].chances
        return chances[index] if chances and self.is_new[place][index] else None

    def errs_more(self, one: np.ndarray, two: np.ndarray | None = None, alpha: float | None = None) -> bool | None:
        """Whether production pairs err more than others, or than held-out, at a like mix of the regions of queries.

        None where most of the pairs are in regions that the others have too little of to compare.
        """
        first, (heldout, production) = self.partitions[0], self.samples[0]
        others = heldout, first.heldout, np.ones(len(first.heldout), dtype=bool)
        others = others if two is None else (production, first.production, two)
        asked = (production, first.production, one), others
        sides = (sample.levels(labels, first.n_regions, chosen) for sample, labels, chosen in asked)
        both = [(a, b) for a, b in zip(*sides, strict=True) if a and b and min(a.n_queries, b.n_queries) >= FEW_QUERIES]
        if 2 * sum(a.n_pairs for a, _ in both) <= one.sum():
            return None
        weights = [1 / (1 / a.n_queries + 1 / b.n_queries) for a, b in both]
        after, before = (mixed_level([(w, pair[i]) for w, pair in zip(weights, both, strict=True)]) for i in (0, 1))
        return rise_of(after, before, side=self.side).p_value <= (alpha or self.alpha)

    def enough(self, level: Level | None) -> Level | None:
        """The level, where it rests on enough queries to be tested."""
        return level if level and level.n_queries >= self.floor and level.is_testable(self.alpha) else None

    def fall(self, place: int, index: int, rise: Rise) -> float:
        """Fall of agreement that a rise comes to, from held-out's or, for a new region, the familiar rest's.

        0 where agreement cannot be measured or did not fall at all.
        """
        before = agreement(self._reference(place, index))
        after = agreement(self.scores[1].take(self.members(place, index)))
        if not (isinstance(before, Measured) and isinstance(after, Measured)) or after.estimate >= before.estimate:
            return 0.0
        if self.partitions[place].of_production:  # a fit that most pairs bend tells too little of the others' errors
            cut = self.partitions[place]
            others = [agreement(self.scores[1].take(cut.production == each)) for each in range(cut.n_regions)]
            best = max((each.estimate for each in others if isinstance(each, Measured)), default=after.estimate)
            return min(before.estimate, best) - after.estimate
        implied = loss_implied(before.estimate, rise.estimate, measure=self.scores[0].measure)
        if not self.scores[0].is_answered:
            return implied
        # the error of one of two answers has a most, near which it says little of how far the area fell
        scatter = float(np.hypot(before.standard_error, after.standard_error))
        return max(implied, before.estimate - after.estimate - float(NORMAL.inv_cdf(1 - self.alpha)) * scatter)

    def is_usual(self, place: int, index: int) -> bool:
        """Whether a new region agrees as little as familiar regions of its partition are expected to now and then.

        A prediction interval of what is left unexplained, at the spread between regions on held-out [1]_. What adds the
        same error to all makes that spread smaller as a ratio. Not where both agree less together than either does
        alone: there the student's scores of the region lie off those of the rest.

        .. [1] Higgins, J., Thompson, S. and Spiegelhalter, D. (2009). A re-evaluation of random-effects meta-analysis.
           JRSS A 172.
        """
        partition = self.partitions[place]
        inside = agreement(self.scores[1].take(partition.production == index))
        rest = agreement(self._reference(place, index))
        if not (self.is_new[place][index] and isinstance(inside, Measured) and isinstance(rest, Measured)):
            return False
        familiar = ~self.is_new[place][partition.production]
        together = agreement(self.scores[1].take(familiar | (partition.production == index)))
        if isinstance(together, Measured) and together.estimate < min(inside.estimate, rest.estimate):
            return False
        (left, _), (usual, _) = self._unexplained(inside), self._unexplained(rest)
        more, before = left - usual, agreement(self.scores[0])
        grown = usual - self._unexplained(before)[0] if isinstance(before, Measured) else 0.0
        return more < self._usual_reach(place) / float(np.exp(max(grown, 0.0)))

    def _usual_reach(self, place: int) -> float:
        place = 0 if self.partitions[place].is_one_kind else place
        if place not in self.reaches:
            partition = self.partitions[place]
            known = [self.scores[0].take(partition.heldout == each) for each in np.flatnonzero(~self.is_new[place])]
            found = [agreement(scores) for scores in known if scores.n_queries >= FEW_QUERIES]
            measured = [self._unexplained(each) for each in found if isinstance(each, Measured)]
            between = between_groups(*np.array(measured).reshape(-1, 2).T)
            self.reaches[place] = USUAL_REACH * float(np.sqrt(between.variance * (1 + 1 / between.n_groups)))
        return self.reaches[place]

    def _unexplained(self, measured: Measured) -> tuple[float, float]:
        """Log of what agreement leaves, and its standard error: rank or normal variance, or labels that differ."""
        if self.scores[0].is_answered:
            z = max(apart(measured.estimate), LEAST_APART)
            return -2 * float(np.log(z)), 2 / z * measured.standard_error / NORMAL.pdf(z)
        if not self.scores[0].is_ranked:  # half a disagreement more, so that none is not sure
            differ = 1 - measured.estimate + 0.5 / measured.n_pairs
            error = max(measured.standard_error, float(np.sqrt(differ / measured.n_pairs)))
            return float(np.log(differ)), error / differ
        rho = float(np.clip(measured.estimate, -0.999, 0.999))
        return float(np.log(1 - rho**2)), 2 * abs(rho) / (1 - rho**2) * measured.standard_error

    def _reference(self, place: int, index: int) -> Scores:
        partition, is_new = self.partitions[place], self.is_new[place]
        if is_new[index]:
            rest = self.scores[1].take(~is_new[partition.production])
            return rest if rest.n_queries >= self.floor else self.scores[0]
        return self.scores[0] if partition.of_production else self.scores[0].take(partition.heldout == index)


USUAL_REACH = 1.645  # one new region in twenty lies further out


def prepare_tests(
    partitions: Sequence[Partition], heldout: Scores, production: Scores, *, set_aside: np.ndarray, rule: Rule
) -> RegionTests:
    """Compute the residual errors, production's fit without the pairs set aside, and say which regions are new.

    Sampling weights do not enter the errors: a region is compared with itself, and its pairs stand for about as many.
    """
    codes = [s.queries if s.queries is not None else np.arange(len(s)) for s in (heldout, production)]
    is_new = [_new_regions(partition, codes, rule.region_min_queries) for partition in partitions]
    known = ~np.any([new[p.production] for p, new in zip(partitions, is_new, strict=True)], axis=0) & ~set_aside
    before, after = residual_errors(heldout, production, usual=known if known.sum() >= FIT_ON else None)
    plain = ErrorSample.of(heldout, before), ErrorSample.of(production, after)
    at_mix = _at_the_same_mix(partitions[0], *plain)
    return RegionTests(
        partitions=partitions,
        scores=(heldout, production),
        samples=[plain, *[at_mix] * max(1, len(partitions) - 1)],
        is_new=is_new,
        known=known,
        floor=rule.region_min_queries,
        alpha=rule.alpha,
        side=_side_to_trust(partitions[0], plain, (before, after), known),
    )


def _side_to_trust(
    partition: Partition,
    samples: tuple[ErrorSample, ErrorSample],
    residuals: tuple[Residuals, Residuals],
    known: np.ndarray,
) -> int:
    """Whose residual errors to compare: those of the side whose scale did not move, of both if neither did.

    A moved scale widens or narrows the residual of its own side; the other's rests on its ranks alone. It does so
    everywhere: what goes away without one region is a student that errs more there, which widens its scores too.
    """
    chosen = known if known.any() else np.ones(len(known), dtype=bool)
    sides = ((partition.heldout, np.ones(len(partition.heldout), dtype=bool)), (partition.production, chosen))
    levels = [
        [sample.level(asked), *sample.levels_of_rests(labels, partition.n_regions, asked)]
        for sample, (labels, asked) in zip(samples, sides, strict=True)
    ]
    told = [(now, then) for then, now in zip(*levels, strict=True) if then and now]
    if not all(scales_differ(now, then) for now, then in told if now.n_pairs >= LEFT_OVER * chosen.sum()):
        return BOTH
    moved = residuals[1].moved
    return TEACHER if moved[STUDENT] > moved[TEACHER] else STUDENT


def _at_the_same_mix(
    partition: Partition, heldout: ErrorSample, production: ErrorSample
) -> tuple[ErrorSample, ErrorSample]:
    """Errors in units of what held-out shows for like queries, so that a slice's traffic may move among them."""
    groups = partition.fine_heldout, partition.fine_production
    if groups[0] is None or groups[1] is None:
        return heldout, production
    everything = np.ones(len(groups[0]), dtype=bool)
    levels = heldout.levels(groups[0], int(max(groups[0].max(), groups[1].max())) + 1, everything)
    enough = [level if level and level.n_queries >= FEW_QUERIES else None for level in levels]
    factors = usual_factors(enough, heldout.level(everything))
    return heldout.adjusted(factors[groups[0]]), production.adjusted(factors[groups[1]])


def _new_regions(partition: Partition, codes: list[np.ndarray], floor: int) -> np.ndarray:
    """Regions that held-out lacks, or has too few queries of; one that only grew is compared with itself.

    Docs of a new kind are new where few of held-out's look like them, which are others that a classifier mistook.
    """
    n = partition.n_regions
    shares = [np.bincount(side, minlength=n) / max(1, len(side)) for side in (partition.heldout, partition.production)]
    queries = [
        queries_by_region(*side, n) for side in zip((partition.heldout, partition.production), codes, strict=True)
    ]
    below = np.where((queries[0] < FEW_QUERIES) | (partition.kind == "doc"), MOST_HELDOUT, LACKS_BELOW)
    return (shares[0] < below * shares[1]) & (queries[1] >= floor) & (not partition.of_production)
