"""What the regions page shows of the open investigation: one cut, the map, and what is chosen of it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import order_by_loss
from drift_core.measures.agreement import agreement
from drift_core.measures.rank_gaps import pair_gaps
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition
from drift_core.regions.picking import Pick, Picked, find_picked
from drift_core.regions.projection import MapLayout
from drift_core.report.nowhere import everywhere
from drift_core.samples.pairs import ScoredPairs
from pages.components.frame import results
from pages.components.session import cached, hand_picked, session
from pages.components.session.investigation import Investigation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """What both pictures show: one partition's regions, the map, and what is chosen of it.

    Attributes
    ----------
    production
        Production with the teacher's scores that are shown.
    is_todays
        Whether these are today's although all pairs have the pinned revision's too: asked for, or the teacher moved.
    region
        The chosen region, or None.
    pick
        What is picked by hand, or None.
    gaps
        How much higher the student puts each production pair than the teacher, as a fraction of all.
    chosen
        Pairs of the chosen region or pick in each sample; None when nothing is chosen.
    """

    made: Diagnosis
    production: ScoredPairs
    is_todays: bool
    layout: MapLayout
    partition: Partition
    regions: tuple[Region, ...]
    region: Region | None
    pick: Pick | None
    gaps: np.ndarray
    chosen: Picked | None

    @property
    def drifted(self) -> np.ndarray:
        """Whether each production pair lies in a drifted region of the cut, bool."""
        if self.partition.kind == "drawn":
            return self.made.drifted
        return np.isin(self.partition.production, [each.index for each in self.regions if each.drifted])

    def pairs_of(self, region: Region) -> Picked:
        """The pairs of a region of the cut."""
        return _pairs_of(region, self.partition)

    @property
    def has_picked_pairs(self) -> bool:
        """Whether a pick holds production pairs, so that both pictures show those alone."""
        return self.pick is not None and self.chosen is not None and bool(self.chosen.production.any())


def scene_of(made: Diagnosis, layout: MapLayout) -> Scene:
    """Take partition, region and pick from the session; what is not there any more is not shown."""
    partitions = {each.name: each for each in made.regions.all_partitions}
    partition = partitions[session.fitting("partition", list(partitions), made.regions.leading[0].partition)]
    regions = order_by_loss([each for each in made.regions.all_regions if each.partition == partition.name])
    label = session.fitting("region", [str(each.index) for each in regions], "")
    region = next((each for each in regions if str(each.index) == label), None)
    production, is_todays = made.production, _is_todays(made)
    pinned = production.teacher_pinned if results.has_all_pinned(production) else None
    if pinned is not None and not is_todays:
        production = replace(production, teacher=pinned)
    chosen, pick = None, _pick_of(layout, made)
    if pick is not None:
        region, chosen = None, find_picked(pick, layout, made.heldout, made.production)
    elif region is not None:
        chosen = _pairs_of(region, partition)
    return Scene(
        made=made,
        production=production,
        is_todays=is_todays,
        layout=layout,
        partition=partition,
        regions=regions,
        region=region,
        pick=pick,
        gaps=pair_gaps(production),
        chosen=chosen,
    )


def map_of(layout: MapLayout, made: Diagnosis) -> str:
    """Which map an outline is drawn on."""
    return f"{made.embeddings.encoder} {session.view().map_engine} {layout.seed}"


def _pick_of(layout: MapLayout, made: Diagnosis) -> Pick | None:
    """What is picked; an outline that was drawn on another map is let go."""
    pick = hand_picked.pick()
    if pick is None or not pick.outline or pick.map_of == map_of(layout, made):
        return pick
    session.say("The outline was drawn on another map, and is let go.")
    hand_picked.put_pick(replace(pick, outline=(), map_of=""))
    return hand_picked.pick()


def _is_todays(made: Diagnosis) -> bool:
    asked = session.view().todays_teacher
    return results.has_all_pinned(made.production) and (asked == "True" if asked else bool(everywhere(made)))


def _pairs_of(region: Region, partition: Partition) -> Picked:
    return Picked(heldout=partition.heldout == region.index, production=partition.production == region.index)


def choose(region: str) -> None:
    """Choose a region by its label, or all with an empty one; ends a pick."""
    hand_picked.put_pick(None)
    hand_picked.put_pair(None)
    session.change(region=region)


def pick_also(**what: Any) -> None:
    """Narrow or widen the pick by one of its parts; a chosen region is let go."""
    hand_picked.put_pick(replace(hand_picked.pick() or Pick(), **what))
    session.change(region="")


def scores_shown(inv: Investigation, scene: Scene) -> tuple[Scores, Scores]:
    """Scores of both samples under the teacher that is shown."""
    heldout, production = cached.scores(inv)
    return heldout, replace(production, teacher=scene.production.teacher)


def measured_within(inv: Investigation, scene: Scene) -> tuple[Region, ...]:
    """The regions that have picked pairs, with the agreement and shares of those alone under the chosen teacher."""
    everything = Picked(
        heldout=np.ones(len(scene.made.heldout), dtype=bool), production=np.ones(len(scene.made.production), dtype=bool)
    )
    among = scene.chosen if scene.chosen and scene.has_picked_pairs else everything
    scores = scores_shown(inv, scene)
    sides = (
        (scores[0], among.heldout, scene.partition.heldout),
        (scores[1], among.production, scene.partition.production),
    )
    found = []
    for region in scene.regions:
        inside = [mask & (labels == region.index) for _, mask, labels in sides]
        if inside[1].any():
            heldout, production = (agreement(side[0].take(mask)) for side, mask in zip(sides, inside, strict=True))
            shares = [float(mask.sum() / max(1, side[1].sum())) for side, mask in zip(sides, inside, strict=True)]
            found.append(
                replace(
                    region,
                    heldout=heldout,
                    production=production,
                    n_production=int(inside[1].sum()),
                    share_heldout=shares[0],
                    share_production=shares[1],
                )
            )
    return tuple(found)
