"""The regions of a partition in the order of the loss they carry: as a sentence and as a table."""

from collections.abc import Sequence

import pandas as pd

from drift_core.diagnosis.region import Region
from drift_core.measured import Measured
from drift_core.wording import shortened


def order_by_loss(regions: Sequence[Region]) -> tuple[Region, ...]:
    """Sort regions by the loss they carry: drifted ones first, then by traffic times fall."""
    return tuple(sorted(regions, key=lambda region: (-(region.share_of_loss or 0.0), -_carried(region), region.index)))


def regions_sentence(regions: Sequence[Region]) -> str:
    """Say in one sentence which regions of a partition drifted and how much traffic they hold."""
    drifted = [region for region in order_by_loss(regions) if region.drifted]
    if not drifted:
        return f"No region got worse: {len(regions)} regions compared, each with its own held-out."
    share = sum(region.share_production for region in drifted)
    first = drifted[0]
    name = shortened(first.name)
    worst = f"; most of the loss comes from {name}" if len(drifted) > 1 else f": {name}"
    hold = "They hold" if len(drifted) > 1 else "It holds"
    return f"{len(drifted)} of {len(regions)} regions drifted{worst}. {hold} {share:.0%} of today's traffic."


def regions_table(regions: Sequence[Region]) -> pd.DataFrame:
    """Tabulate regions in the order of the loss they carry."""
    rows = [
        {
            "Region": region.name,
            "Flag": "drifted" if region.drifted else "",
            "Agreement on held-out": str(region.heldout),
            "Agreement on production": str(region.production),
            "Traffic on held-out": f"{region.share_heldout:.1%}",
            "Traffic on production": f"{region.share_production:.1%}",
            "Share of the loss": "" if region.share_of_loss is None else f"{region.share_of_loss:.0%}",
            "Why": region.reason,
        }
        for region in order_by_loss(regions)
    ]
    return pd.DataFrame(rows)


def _carried(region: Region) -> float:
    return region.share_production * region.fall.estimate if isinstance(region.fall, Measured) else -1.0
