"""The regions of a partition in the order of the loss they carry: as a sentence and as a table."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import pandas as pd

from drift_core.diagnosis.region import Region
from drift_core.measured import Measured
from drift_core.operations.missing_scores import untold_words
from drift_core.regions.named_region import DRAWN
from drift_core.regions.partitions import NEW_WORDS
from drift_core.wording import counted, in_a_row


def order_by_loss(regions: Sequence[Region]) -> tuple[Region, ...]:
    """Sort regions by the loss they carry: drifted ones, those of which nothing is told, then by traffic times fall.

    What was drawn by hand stands before the rest of its traffic, also where held-out has too little of it for a fall.
    """

    def place(r: Region) -> tuple[float, ...]:
        is_drawn = r.kind == "drawn" and r.index == 0
        return (-(r.share_of_loss or 0.0), not r.is_untold, not is_drawn, -_carried(r), r.index)

    return tuple(sorted(regions, key=place))


def regions_sentence(regions: Sequence[Region], *, elsewhere: Sequence[Region] = (), is_open: bool = False) -> str:
    """Say which regions of a partition drifted and how much traffic they hold, and of which nothing can be told.

    Parameters
    ----------
    regions
        Regions of one partition.
    elsewhere
        Those of the others; where only there one drifted, the sentence says which.
    is_open
        Whether the regions are too small to tell.
    """
    untold = untold_sentence(regions) or untold_sentence(elsewhere)
    told = _told([each for each in regions if not each.is_untold], elsewhere, is_open)
    return " ".join(filter(None, (untold, told.replace("No region", "No other region") if untold else told)))


def untold_sentence(regions: Iterable[Region]) -> str:
    """Say for which regions nothing can be told, with why; empty where of none."""
    found = sorted((each for each in regions if each.is_untold), key=lambda each: -each.share_production)
    return untold_words({each.name: each.why_untold for each in found})


def _told(regions: Sequence[Region], elsewhere: Sequence[Region], is_open: bool) -> str:
    drifted, others = ([each for each in order_by_loss(group) if each.drifted] for group in (regions, elsewhere))
    if not drifted and others:
        more = f", and {len(others) - 1} more," if len(others) > 1 else ""
        named = f"{others[0].label}{more} got worse, as told by {others[0].partition}"
        return f"{named}. Cut by {regions[0].partition}, no region did." if regions else f"{named}."
    if not drifted:
        compared = counted(len(regions), "region", "regions")
        if is_open:
            return f"No region is seen to have got worse, but with so few queries {compared} cannot tell."
        return f"No region got worse: {compared} compared, each with its own held-out."
    share = sum(region.share_production for region in drifted)
    name = drifted[0].label
    if len(drifted) == 1:
        if drifted[0].partition == NEW_WORDS:  # a cut in two is no count of regions
            return f"New queries about {name} drifted. They are {share:.0%} of today's traffic."
        of = counted(len(regions), "region", "regions")
        what = "was always weaker and grew" if drifted[0].is_harder else "drifted"
        return f"1 of {of} {what}, {name}. It holds {share:.0%} of today's traffic."
    hold = f"{len(drifted)} of {len(regions)} regions drifted and hold {share:.0%} of today's traffic"
    return f"{hold}. {_leads(drifted[0], name)}"


def _leads(region: Region, name: str) -> str:
    """What part of the drifted regions' loss the first of them carries; most only where it is more than half."""
    if region.share_of_loss is None:
        return f"First among them is {name}."
    most = "Most" if region.share_of_loss > 0.5 else "The largest part"
    return f"{most} of their loss, {region.share_of_loss:.0%}, comes from {name}."


def regions_table(regions: Sequence[Region]) -> pd.DataFrame:
    """Tabulate regions in the order of the loss they carry."""
    rows = [
        {
            "Region": region.name,
            "Flag": region.flag or (DRAWN if region.kind == "drawn" else ""),
            "Agreement on held-out": str(region.heldout),
            "Agreement on production": str(region.production),
            "Traffic on held-out": f"{region.share_heldout:.1%}",
            "Traffic on production": f"{region.share_production:.1%}",
            "Of drifted regions' loss": "" if region.share_of_loss is None else f"{region.share_of_loss:.0%}",
            "Why": region.reason,
        }
        for region in order_by_loss(regions)
    ]
    return pd.DataFrame(rows)


def _carried(region: Region) -> float:
    return region.share_production * region.fall.estimate if isinstance(region.fall, Measured) else -1.0


def named(drifted: Sequence[Region], *, n_named: int = 2) -> str:
    """The drifted regions in words, of what kind they are first; see `names_of`."""
    names = names_of(drifted, n_named=n_named)
    if all(region.partition == NEW_WORDS for region in drifted):
        return f"new queries about {names}"
    if all(region.is_harder for region in drifted):
        first = max(drifted, key=_told_first)
        return f"more traffic of {names if first.is_value else f'{first.partition} {names}'}"
    kinds = {region.newness for region in drifted}
    kind = "region" if "" in kinds else f"{' and '.join(sorted(kinds, reverse=True))} region"
    return f"the {kind}{'s' if len(drifted) > 1 else ''} {names}"


def names_of(regions: Sequence[Region], *, n_named: int) -> str:
    """Names of regions, the one that carries most first, and how many there are beyond some."""
    ordered = sorted(regions, key=_told_first, reverse=True)
    more = [f"{len(ordered) - n_named} more"] if len(ordered) > n_named else []
    return in_a_row([*(region.label for region in ordered[:n_named]), *more])


def _told_first(region: Region) -> tuple[float, float]:
    return _carried(region), region.share_production


class _Flagged(Protocol):
    @property
    def partition(self) -> str: ...
    @property
    def drifted(self) -> bool: ...
    @property
    def share_production(self) -> float: ...


def leading_partition(regions: Iterable[_Flagged], *, first: str) -> str:
    """Name the partition that tells most: whose drifted regions hold most of production, else the first."""
    shares: dict[str, float] = {}
    for each in regions:
        if each.drifted:
            shares[each.partition] = shares.get(each.partition, 0.0) + each.share_production
    return max(shares, key=shares.__getitem__, default=first)
