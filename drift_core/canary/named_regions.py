"""Regions that a person named: which of them a history follows, and what they are called now.

How one is found among a week's pairs is in `regions.region_rule`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from drift_core.canary.decision import Decision
from drift_core.canary.figures import RegionFigure
from drift_core.canary.run import CanaryRun
from drift_core.regions.named_region import DRAWN, NamedRegion

if TYPE_CHECKING:
    from drift_core.samples.pairs import ScoredPairs  # loads numpy, which the gate does without

MOST_ROWS = 0.5  # of a sample, above which it is that in which a region was drawn (ours)


def followed_regions(decisions: Sequence[Decision]) -> tuple[NamedRegion, ...]:
    """Give the regions that are followed, each by its newest name, else as it was when it was named first."""
    known: dict[str, NamedRegion] = {}
    found: dict[str, NamedRegion] = {}
    for each in sorted(decisions, key=lambda decision: decision.at):
        if each.kind == "name_region" and each.region is not None:
            first = known.setdefault(each.region.id, each.region)
            found[first.id] = replace(first, name=each.region.name)
        elif each.kind == "forget_region" and each.region is not None:
            found.pop(each.region.id, None)
    return tuple(found.values())


def is_chosen_in(region: NamedRegion, sample: "ScoredPairs") -> bool:
    """Whether a region was drawn in a sample, or in one that has most of its rows, so that these were looked at."""
    if region.chosen_in == sample.digest:
        return True
    return bool(region.chosen_rows) and sample.share_in(region.chosen_rows) > MOST_ROWS


def first_named(decisions: Sequence[Decision], name: str) -> Decision | None:
    """Find the decision that gave a name first; no other region gets it, also when the first one has given it up."""
    named = (each for each in decisions if each.kind == "name_region" and each.region and each.region.name == name)
    return min(named, key=lambda decision: decision.at, default=None)


def with_newest_names(runs: Sequence[CanaryRun], decisions: Sequence[Decision]) -> tuple[CanaryRun, ...]:
    """Call the named regions of all runs as they are called now, so that their weeks stay together."""
    now = _newest_names(decisions)
    if not now:
        return tuple(runs)
    return tuple(
        replace(run, regions=tuple(_renamed(each, now) for each in run.regions)) if run.regions else run for run in runs
    )


def _newest_names(decisions: Sequence[Decision]) -> Mapping[str, str]:
    """By every name that a region had, the one that it has; regions forgotten keep theirs.

    A name belongs to one region for good; see `history.decision_checks`.
    """
    names: dict[str, list[str]] = {}
    for each in sorted(decisions, key=lambda decision: decision.at):
        if each.kind == "name_region" and each.region is not None:
            names.setdefault(each.region.id, []).append(each.region.name)
    return {name: own[-1] for own in names.values() for name in own[:-1] if name != own[-1]}


def _renamed(figure: RegionFigure, now: Mapping[str, str]) -> RegionFigure:
    return replace(figure, name=now[figure.name]) if figure.partition == DRAWN and figure.name in now else figure
