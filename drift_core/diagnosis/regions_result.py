"""Test 3 as one result: every region of every partition, measured and tested.

What rose where is found in `changes`, how a region is measured in `concentration`.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from drift_core.diagnosis.attribution import Familiar
from drift_core.diagnosis.changes import find_changes
from drift_core.diagnosis.concentration import Region, measure_regions
from drift_core.diagnosis.documents import DocsTest
from drift_core.diagnosis.rule import Band, Rule
from drift_core.measures.ratios import Rise
from drift_core.measures.scores import Scores, pinned_scores_of, scores_of
from drift_core.regions.partitions import Partition
from drift_core.samples.pairs import ScoredPairs

if TYPE_CHECKING:
    from drift_core.diagnosis.diagnose import Settings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionsTest:
    """Test 3 in one line: what the regions say together, and the rise of the error that familiar pairs share."""

    regions: tuple[Region, ...]
    partitions: tuple[Partition, ...]
    band: Band | None
    shared: Rise | None = None
    known: np.ndarray | None = None

    @property
    def drifted(self) -> tuple[Region, ...]:
        return tuple(region for region in self.regions if region.drifted)

    def familiar(self, docs: DocsTest | None) -> Familiar | None:
        """What the teacher's part can be inferred from, in the first partition."""
        if self.known is None:
            return None
        first = self.partitions[0]
        is_new = np.zeros(first.n_regions, dtype=bool)
        is_new[[r.index for r in self.regions if r.partition == first.name and r.is_new]] = True
        return Familiar(known=self.known, is_new=is_new, docs_moved=docs is not None and docs.moved)

    def in_drifted(self, n_production: int) -> np.ndarray:
        """Whether each production pair lies in a drifted region, bool of shape (n_production,)."""
        labels = {partition.name: partition.production for partition in self.partitions}
        drifted = np.zeros(n_production, dtype=bool)
        for region in self.drifted:
            drifted |= labels[region.partition] == region.index
        drifted.flags.writeable = False
        return drifted

    def _repr_html_(self) -> str:
        from drift_core.display import show

        return show(self)


def compare_regions(
    heldout: ScoredPairs,
    production: ScoredPairs,
    partitions: tuple[Partition, ...],
    *,
    settings: "Settings",
    scores: tuple[Scores, Scores] | None = None,
) -> RegionsTest:
    """Measure and test every region; where every pair has a pinned score, under the pinned revision.

    A change of the teacher falls on all regions, so the pinned revision isolates what the traffic did.
    """
    before, after = comparable_scores(scores or scores_of(heldout, production), production)
    changes = find_changes(partitions, before, after, rule=settings.rule)
    regions = measure_regions(partitions, before, after, changes=changes, rule=settings.rule)
    return RegionsTest(
        regions=regions,
        partitions=partitions,
        band=_worst_band(regions, settings.rule),
        shared=changes.shared,
        known=changes.known,
    )


def comparable_scores(scores: tuple[Scores, Scores], production: ScoredPairs) -> tuple[Scores, Scores]:
    """Scores of both samples, production under the pinned revision where every pair has its score."""
    before, after = scores
    pinned = pinned_scores_of(production, after.queries)
    if pinned is not None and len(pinned[0]) == len(after):
        after = replace(after, teacher=pinned[0].teacher)
    return before, after


def _worst_band(regions: tuple[Region, ...], rule: Rule) -> Band | None:
    """The textbook band of the worst region that holds enough traffic."""
    bands = [r.band for r in regions if r.band and r.share_production >= rule.region_share]
    order: tuple[Band, ...] = ("confirmed", "suspect", "healthy")
    return next((band for band in order if band in bands), None)
