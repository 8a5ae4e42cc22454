"""A region that a person drew and named: measured inside and elsewhere, beside the regions that are tested.

It was chosen after looking, so it is not tested and plays no part in the verdict.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.region import Region
from drift_core.measured import Unmeasured
from drift_core.measures.agreement import coefficient_difference, coefficient_of, measure
from drift_core.measures.scores import Scores
from drift_core.regions.named_region import DRAWN, NamedRegion
from drift_core.regions.partitions import Partition
from drift_core.regions.picking import Picked
from drift_core.wording import counted, share_in_words

ELSEWHERE = "elsewhere"
CHOSEN = "drawn by hand after looking: not corrected for that choice, and no part of the verdict"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnPairs:
    """Pairs that a person drew under a name, and the rule that stands for them where one does."""

    name: str
    pairs: Picked
    rule: NamedRegion | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnRegion:
    """A region drawn by hand, with all other pairs beside it, and the cut of both samples into the two."""

    inside: Region
    elsewhere: Region
    partition: Partition
    rule: NamedRegion | None

    @property
    def sentence(self) -> str:
        """Size, agreement inside and elsewhere in both samples, and what the figures are worth."""
        here, there = self.inside, self.elsewhere
        size = f"{counted(here.n_production, 'pair', 'pairs')}, {share_in_words(here.share_production)} of production"
        return (
            f"{here.name} ({size}): agreement {here.production} against {there.production} elsewhere; on held-out "
            f"{here.heldout} against {there.heldout}. {CHOSEN[0].upper()}{CHOSEN[1:]}."
        )

    @property
    def following(self) -> str:
        """How the canary finds it again."""
        if self.rule is None:
            return "By days alone the canary cannot find it again, so it is not followed."
        told = f"Its rule, {self.rule.rule_in_words}, {self.rule.error_in_words}."
        if not self.rule.is_close:
            return f"{told} That stands for other pairs, so that the canary does not follow it."
        return f"{told} Recorded with this week, it is followed from the next week on."

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.inside.name,
            "partition": self.partition.name,
            "inside": self.inside.to_json(),
            "elsewhere": self.elsewhere.to_json(),
            "rule": None if self.rule is None else self.rule.to_json(),
            "sentence": self.sentence,
            "following": self.following,
        }


def measure_drawn(drawn: DrawnPairs, scores: tuple[Scores, Scores], *, rule: Rule) -> DrawnRegion:
    """Measure pairs drawn by hand and all others, on both sides.

    Parameters
    ----------
    scores
        Of held-out and production, comparable as for the regions that are tested.
    rule
        Its confidence level is that of the intervals.
    """
    masks = drawn.pairs.heldout, drawn.pairs.production
    partition = Partition(
        name=f"{drawn.name} ({DRAWN})",
        kind="drawn",
        regions=(drawn.name, ELSEWHERE),
        terms=((), ()),
        heldout=np.where(masks[0], 0, 1).astype(np.int64),
        production=np.where(masks[1], 0, 1).astype(np.int64),
        reason=f"{drawn.name} is {CHOSEN}.",
    )
    inside, elsewhere = (_measured(partition, index, scores, rule) for index in (0, 1))
    return DrawnRegion(inside=inside, elsewhere=elsewhere, partition=partition, rule=drawn.rule)


def _measured(partition: Partition, index: Literal[0, 1], scores: tuple[Scores, Scores], rule: Rule) -> Region:
    sides = [
        side.take(labels == index)
        for side, labels in zip(scores, (partition.heldout, partition.production), strict=True)
    ]
    before, after = map(coefficient_of, sides)
    shares = [part.total / whole.total for part, whole in zip(sides, scores, strict=True)]
    return Region(
        partition=partition.name,
        kind="drawn",
        name=partition.regions[index],
        index=index,
        terms=(),
        n_heldout=len(sides[0]),
        n_production=len(sides[1]),
        share_heldout=shares[0],
        share_production=shares[1],
        heldout=measure(before, confidence=rule.confidence),
        production=measure(after, confidence=rule.confidence),
        fall=coefficient_difference(before, after, confidence=rule.confidence),
        error_rise=Unmeasured(reason="Drawn by hand, so it is not tested.", n_pairs=len(sides[1])),
        p_value=None,
        adjusted=None,
        is_new=sides[0].n_queries < rule.region_min_queries,
        drifted=False,
        band=None,
        reason=f"{CHOSEN[0].upper()}{CHOSEN[1:]}." if index == 0 else f"All pairs outside {partition.regions[0]}.",
    )
