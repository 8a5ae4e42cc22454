"""Test 3 as one result: every region of every partition, measured and tested.

What rose where is found in `error_changes`, how a region is measured in `region`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from drift_core import markup
from drift_core.agreement.rule import Band, Rule
from drift_core.agreement.spread import Reading
from drift_core.diagnosis.drawn_region import DrawnRegion
from drift_core.diagnosis.error_changes import find_changes
from drift_core.diagnosis.region import Region, measure_regions
from drift_core.diagnosis.region_statistics import RegionTests
from drift_core.diagnosis.regions_in_words import leading_partition, regions_sentence, regions_table
from drift_core.distributions.pinned_traffic import clears_teacher
from drift_core.measured import Measured
from drift_core.measures.coarseness import equally_coarse
from drift_core.measures.level_ratios import Rise
from drift_core.measures.scores import Scores, pinned_scores_of, scores_of
from drift_core.operations.growth import find_growth
from drift_core.operations.missing_scores import MissingScores
from drift_core.operations.revised_words import find_revised_words
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.inferred_loss import Familiar
from drift_core.regions.one_topic import regions_of_one_topic
from drift_core.regions.partitions import Partition
from drift_core.regions.revision_effect import RevisedRegion, find_revised_regions, rises_outside
from drift_core.samples.pairs import ScoredPairs

if TYPE_CHECKING:
    from drift_core.diagnosis.settings import Settings

SAME = 0.8  # of the pairs that two parts hold together, held by both, from which they are the same (ours)
MOSTLY = 0.5  # share of a drifted region's pairs in revised ones from which it is one of them (ours)
TELLING = 0.3  # fall of a region that its interval must exclude before it is called no worse


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionsTest:
    """Test 3 in one line: what the regions say together, and the rise of the error that familiar pairs share.

    Regions `drawn` by hand stand beside those that were tested, and no finding rests on them.
    """

    regions: tuple[Region, ...]
    partitions: tuple[Partition, ...]
    band: Band | None
    shared: Rise | None = None
    known: np.ndarray | None = None
    drawn: tuple[DrawnRegion, ...] = ()
    tests: RegionTests | None = None  # of the errors, until a part that broke is looked for

    @property
    def all_regions(self) -> tuple[Region, ...]:
        """The tested regions, then those drawn by hand, each with all that lies elsewhere."""
        return (*self.regions, *(part for each in self.drawn for part in (each.inside, each.elsewhere)))

    @property
    def all_partitions(self) -> tuple[Partition, ...]:
        """The cuts whose regions were tested, then one for each region drawn by hand."""
        return (*self.partitions, *(each.partition for each in self.drawn))

    def cuts(self, side: Literal["heldout", "production"]) -> list[tuple[tuple[str, ...], np.ndarray]]:
        """Names of the regions of each cut, and the region of each of a sample's pairs."""
        return [(each.regions, getattr(each, side)) for each in self.partitions]

    @property
    def drifted(self) -> tuple[Region, ...]:
        return tuple(region for region in self.regions if region.drifted)

    @property
    def new_regions(self) -> np.ndarray:
        """Whether held-out lacks each region of the first partition, bool of shape (n_regions,)."""
        return self._new_in(self.partitions[0])

    def _new_in(self, first: Partition) -> np.ndarray:
        is_new = np.zeros(first.n_regions, dtype=bool)
        is_new[[r.index for r in self.regions if r.partition == first.name and r.is_new]] = True
        return is_new

    def without_drift(self, usual: Sequence[Region], why: str) -> "RegionsTest":
        """With some regions as not drifted after all, and why."""
        told = {id(each): replace(each, drifted=False, reason=f"Not flagged: {why}.") for each in usual}
        return replace(self, regions=tuple(told.get(id(each), each) for each in self.regions))

    @property
    def familiar_labels(self) -> tuple[np.ndarray, np.ndarray]:
        """Region of each pair in the first partition, of held-out and of production; -1 where held-out lacks it."""
        first, is_new = self.partitions[0], self.new_regions
        one, two = (np.where(is_new[each], -1, each) for each in (first.heldout, first.production))
        return one, two

    def clear_the_teacher(self, production: ScoredPairs, queries: np.ndarray | None, *, is_pinned: bool) -> bool:
        """Whether familiar regions fell, and in each the teacher is the pinned one, or all pairs are compared so."""
        fallen = [self.in_any([each], len(production)) for each in self.drifted if each.is_familiar_fall]
        return bool(fallen) and all(is_pinned or clears_teacher(production, inside, queries) for inside in fallen)

    @property
    def splits_loss(self) -> Partition:
        """The partition that the mix is taken over: the first, or the one whose weaker regions grew and explain all."""
        grown = {each.partition for each in self.drifted if each.is_harder}
        is_mix = len(grown) == 1 and all(each.is_harder for each in self.drifted)
        return next((each for each in self.partitions if is_mix and each.name in grown), self.partitions[0])

    def familiar(self, doubt: str) -> Familiar | None:
        """What the teacher's part can be inferred from, in the partition of the split, and why it may not be."""
        is_new = self._new_in(self.splits_loss)
        return None if self.known is None else Familiar(known=self.known, is_new=is_new, doubt=doubt)

    def in_drifted(self, n_production: int) -> np.ndarray:
        """Whether each production pair lies in a drifted region, bool of shape (n_production,)."""
        return self.in_any(self.drifted, n_production)

    def in_any(
        self, regions: Sequence[Region | RevisedRegion], n: int, *, of: Literal["heldout", "production"] = "production"
    ) -> np.ndarray:
        """Whether each of the n pairs of a sample lies in one of some regions, bool of shape (n,)."""
        labels = {partition.name: getattr(partition, of) for partition in self.partitions}
        inside = np.zeros(n, dtype=bool)
        for region in regions:
            inside |= labels[region.partition] == region.index
        inside.flags.writeable = False
        return inside

    def of_one_topic(self, embeddings: QueryEmbeddings, rule: Rule) -> tuple[tuple[int, ...], ...]:
        """Drifted regions of the first partition that are one topic, with new ones that fell beside them."""
        mine = [region for region in self.regions if region.partition == self.partitions[0].name]
        drifted = {region.index for region in mine if region.drifted}
        fallen = drifted | {each.index for each in mine if each.is_new and each.has_fallen(rule)}
        found: list[tuple[int, ...]] = []
        for is_new in (True, False):
            among = [each.index for each in mine if each.is_new == is_new and each.index in fallen]
            found += regions_of_one_topic(self.partitions[0], embeddings, among) if drifted & set(among) else ()
        return tuple(group for group in found if drifted & set(group))

    def with_missing(self, missing: MissingScores | None) -> "RegionsTest":
        """The test with the share of each region's pairs that have no score, where nothing can be told of it."""
        shares = missing.unscored if missing else {}
        places = [(each.partition, each.index) for each in self.regions]
        regions = zip(self.regions, places, strict=True)
        return replace(self, regions=tuple(r.with_unscored(shares[at]) if at in shares else r for r, at in regions))

    def with_growth(self, production: ScoredPairs, queries: np.ndarray | None) -> "RegionsTest":
        """The test with how each drifted region grew over production's time, where it did."""

        def told(region: Region) -> Region:
            growth = find_growth(self.in_any([region], len(production)), production.timestamp, queries)
            return (
                replace(region, growth=growth, reason=f"{region.reason[:-1]}; {growth.clause}.") if growth else region
            )

        return replace(self, regions=tuple(told(r) if r.drifted and not r.is_served else r for r in self.regions))

    def revised(
        self,
        heldout: Scores,
        pinned: tuple[Scores, Scores] | None,
        production: ScoredPairs,
        *,
        rule: Rule,
    ) -> tuple[tuple[RevisedRegion, ...], tuple[RevisedRegion, ...], bool]:
        """Where the revision differs more than elsewhere, by regions or else by words, and whether all outside held."""
        if pinned is None or production.teacher_pinned is None:
            return (), (), False
        rows = np.isfinite(production.teacher_pinned)
        least, rates = rule.region_min_queries, {"alpha": rule.alpha, "confidence": rule.confidence}
        found = find_revised_regions(pinned, self.partitions, rows, least_queries=least, **rates)
        inside = self.in_any(found, len(production))
        words, of_words = find_revised_words(pinned, production, beside=inside, least_queries=least, **rates)
        found, inside = ((), of_words) if words else (found, inside)
        fell = [each for each in self.drifted if inside[self.in_any([each], len(production))].mean() < MOSTLY]
        is_clean = rows.all() or self.shared is None or self.shared.p_value > rule.alpha
        alone = bool(found or words) and not fell and is_clean
        return found, words, alone and not rises_outside(heldout, pinned, inside[rows], alpha=rule.alpha)

    @property
    def groups(self) -> tuple[np.ndarray, np.ndarray]:
        """Small groups of like queries on both sides, or the regions where there are none."""
        first = self.partitions[0]
        fine = first.fine_heldout, first.fine_production
        return (first.heldout, first.production) if fine[0] is None or fine[1] is None else (fine[0], fine[1])

    def in_usual(self, n_production: int) -> np.ndarray:
        """Production pairs of new regions that agree no less than is usual, bool of shape (n_production,)."""
        return self.in_any([region for region in self.regions if region.is_usual], n_production)

    @property
    def leading(self) -> tuple[Region, ...]:
        """The regions of the partition that tells most; see `leading_partition`."""
        name = leading_partition(self.regions, first=self.partitions[0].name)
        return tuple(region for region in self.regions if region.partition == name)

    @property
    def reading(self) -> Reading:
        """Whether a region fell; "cannot tell" where none did but most are too small to see it, or one lacks scores."""
        if self.drifted:
            return "fell"
        return "cannot tell" if self.is_open or any(each.is_untold for each in self.regions) else "held"

    @property
    def is_open(self) -> bool:
        """Whether none drifted and most traffic is in regions too small to see it."""
        told = sum(r.share_production for r in self.leading if isinstance(r.fall, Measured) and r.fall.high < TELLING)
        return not self.drifted and told < 0.5

    @property
    def sentence(self) -> str:
        """Which regions drifted, in the partition that tells most."""
        told = regions_sentence(self.leading, elsewhere=self.regions, is_open=self.is_open)
        return f"{told} {self.same_pairs}".rstrip()

    @property
    def same_pairs(self) -> str:
        """Which value of a column holds nearly the drifted pairs of another cut, as a sentence; or empty."""
        drifted = [each for each in self.leading if each.drifted]
        if not drifted:
            return ""
        others = [each for each in self.regions if each.is_value and each.partition != drifted[0].partition]
        for each in others:
            n_production = len(self.partitions[0].production)
            inside, there = self.in_any(drifted, n_production), self.in_any([each], n_production)
            if (there & inside).sum() > SAME * (there | inside).sum():
                return f"The same pairs are {each.label}."
        return ""

    @property
    def table(self) -> pd.DataFrame:
        """The regions of the partition that tells most, whichever drifted in others, and those drawn by hand."""
        leading = self.leading
        shown = [region for region in self.regions if region.drifted or region in leading]
        shown += [each.inside for each in self.drawn]
        table = regions_table(shown)
        partition = {(region.name, region.reason): region.partition for region in shown}
        table.insert(1, "Partition", [partition[key] for key in zip(table["Region"], table["Why"], strict=True)])
        return table

    def __repr__(self) -> str:
        return f"RegionsTest({self.reading!r}, {len(self.regions):,} regions)\n{self.sentence}"

    def _repr_html_(self) -> str:
        return markup.page(self.sentence, markup.band_line(self.band), markup.table(self.table))


def compare_regions(
    heldout: ScoredPairs,
    production: ScoredPairs,
    partitions: tuple[Partition, ...],
    *,
    settings: "Settings",
    scores: tuple[Scores, Scores] | None = None,
    properties: tuple[Partition, ...] = (),
) -> RegionsTest:
    """Measure and test every region; where every pair has a pinned score, under the pinned revision.

    A change of the teacher falls on all regions, so the pinned revision isolates what the traffic did.
    """
    before, after = comparable_scores(scores or scores_of(heldout, production), production)
    changes = find_changes(partitions, before, after, rule=settings.rule, properties=properties)
    partitions = changes.partitions
    regions = measure_regions(partitions, before, after, changes=changes, rule=settings.rule)
    return RegionsTest(
        regions=regions,
        partitions=partitions,
        band=_worst_band(regions, settings.rule),
        shared=changes.shared,
        known=changes.known,
        tests=changes.tests,
    )


def comparable_scores(scores: tuple[Scores, Scores], production: ScoredPairs) -> tuple[Scores, Scores]:
    """Scores of both samples, equally coarse; production under the pinned revision where all pairs have its score."""
    before, after = scores
    pinned = pinned_scores_of(production, after.queries)
    if pinned is not None and len(pinned[0]) == len(after):
        after = replace(after, teacher=pinned[0].teacher)
    return equally_coarse(before, after)[:2]


def _worst_band(regions: tuple[Region, ...], rule: Rule) -> Band | None:
    """The textbook band of the worst region that holds enough traffic."""
    bands = [r.band for r in regions if r.band and r.share_production >= rule.region_share]
    order: tuple[Band, ...] = ("confirmed", "suspect", "healthy")
    return next((band for band in order if band in bands), None)
