"""Chart of test 3: each region's agreement on held-out and on production, in the order of the loss they carry."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from drift_core.charts.dumbbell import dumbbells
from drift_core.charts.row_labels import row_labels
from drift_core.charts.theme import (
    BLUE,
    DRIFTED_COLOUR,
    DRIFTED_SHAPE,
    GREY,
    SAMPLE_COLOURS,
    SAMPLE_SHAPES,
    are_shares,
    styled,
)
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import order_by_loss, untold_sentence
from drift_core.measured import Measured, Measurement
from drift_core.measures.ranks import mid_ranks
from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import share_in_words, shortened

MAX_ROWS = 10
NOT_KNOWN: Mapping[int, pd.Timestamp] = MappingProxyType({})
ROW_HEIGHT = 64
MARKS = {
    "held-out": (SAMPLE_COLOURS["held-out"], SAMPLE_SHAPES["held-out"]),
    "production": (SAMPLE_COLOURS["production"], "square"),
    "production, drifted": (DRIFTED_COLOUR, DRIFTED_SHAPE),
}


def regions_chart(
    regions: Sequence[Region],
    *,
    chosen: int | None = None,
    first_seen: Mapping[int, pd.Timestamp] = NOT_KNOWN,
    whole: str = "traffic",
) -> Any:
    """Draw the regions of one partition as a dumbbell each, held-out to production, with intervals.

    Parameters
    ----------
    regions
        Regions of one partition.
    chosen
        Label of the region that is marked.
    first_seen
        Since when regions are there, by their label, where times tell; see `drift_core.report.first_seen`.
    whole
        What the shares are shares of.

    Notes
    -----
    A click gives the selection "region" with the region's label. At most 10 regions are drawn, those that carry most.
    """
    import altair as alt

    shown = order_by_loss(regions)[:MAX_ROWS]
    rows = pd.DataFrame([_row(region, chosen, first_seen, whole) for region in shown])
    ends = pd.DataFrame([end for region in shown for end in _ends(region)], columns=_END_COLUMNS)
    y = alt.Y("region:N", sort=list(rows["region"]), title=None, axis=row_labels(_lines(rows), offset=13))
    click = alt.selection_point(name="region", fields=["region"], empty=False)
    band = (
        alt.Chart(rows)
        .mark_bar(color=BLUE, cursor="pointer", cornerRadius=4)
        .encode(y=y, x=alt.value(0), x2=alt.value("width"), opacity=alt.Opacity("tint:Q", scale=None, legend=None))
        .add_params(click)
    )
    is_share = are_shares(region.production for region in regions)
    title = "Agreement of student and teacher"
    words = ("region", "sample")
    layers = dumbbells(ends, y=y, marks=MARKS, first="held-out", words=words, title=title, is_share=is_share)
    chart = alt.layer(band, *layers, height=alt.Step(ROW_HEIGHT))
    return styled(chart, description=describe_regions(regions))


def describe_regions(regions: Sequence[Region]) -> str:
    """State the finding of the chart as text."""
    drifted = [region for region in order_by_loss(regions) if region.drifted]
    untold = untold_sentence(regions)
    if not drifted:
        none = "no other" if untold else "none"
        told = f"{len(regions)} regions; {none} agrees worse than on held-out by more than chance."
        return f"{untold} {told}".strip()
    named = "; ".join(_in_words(region) for region in drifted[:5])
    return f"{len(drifted)} of {len(regions)} regions drifted. {named}. {untold}".strip()


def _in_words(region: Region) -> str:
    after, before = region.production, region.heldout
    agreement = f"agreement {after.figure()}" if isinstance(after, Measured) else "agreement unmeasured"
    since = f" from {before.figure()}" if isinstance(before, Measured) else ", too rare on held-out to measure"
    return f"{region.name}: {agreement}{since}, {region.share_production:.0%} of traffic"


_END_COLUMNS = ["region", "name", "what", "estimate", "low", "high", "n_pairs"]


def _lines(rows: pd.DataFrame) -> dict[object, tuple[str, str]]:
    return {region: (name, caption) for region, name, caption in rows[["region", "name", "caption"]].to_numpy()}


def _row(region: Region, chosen: int | None, first_seen: Mapping[int, pd.Timestamp], whole: str) -> dict[str, object]:
    caption = f"{share_in_words(region.share_heldout)} → {share_in_words(region.share_production)} of {whole}"
    if region.index in first_seen:
        caption += f" · since {first_seen[region.index]:%b %Y}"
    if not isinstance(region.heldout, Measured) and not isinstance(region.production, Measured):
        caption += " · too few to measure"
    flags = [word for word in (region.flag, region.newness) if word]
    return {
        "region": region.index,
        "name": shortened(region.name),
        "caption": " · ".join([*flags, caption]),
        "tint": 0.14 if region.index == chosen else 0.0,
    }


def _ends(region: Region) -> list[tuple[object, ...]]:
    sides: tuple[tuple[str, Measurement], ...] = (
        ("held-out", region.heldout),
        ("production, drifted" if region.drifted else "production", region.production),
    )
    return [
        (region.index, region.name, what, side.estimate, side.low, side.high, side.n_pairs)
        for what, side in sides
        if isinstance(side, Measured)
    ]


MAX_POINTS = 1_500


def scores_chart(sample: ScoredPairs, chosen: np.ndarray, *, drifted: np.ndarray | None = None) -> Any:
    """Draw the student's rank against the teacher's for some pairs of a sample, as fractions of all its pairs.

    `drifted` are the pairs of drifted regions, in the colour and shape that they have on the map.
    """
    import altair as alt

    positions = np.flatnonzero(chosen)
    drawn = positions[np.linspace(0, len(positions) - 1, min(MAX_POINTS, len(positions))).astype(int)]
    ranks = {name: (mid_ranks(getattr(sample, name)) - 0.5)[drawn] / len(sample) for name in ("teacher", "student")}
    axis = alt.Axis(format="%", values=[0, 0.5, 1])
    is_drifted = np.zeros(len(sample), dtype=bool) if drifted is None else drifted
    kinds = ["production", "production, drifted"]
    what = np.where(is_drifted[drawn], kinds[1], kinds[0])
    colours, shapes = ([MARKS[kind][0] for kind in kinds], ["circle", DRIFTED_SHAPE])
    points = (
        alt.Chart(pd.DataFrame(ranks | {"what": what}))
        .mark_point(filled=True, size=24, opacity=0.75)
        .encode(
            color=alt.Color("what:N", scale=alt.Scale(domain=kinds, range=colours), legend=None),
            shape=alt.Shape("what:N", scale=alt.Scale(domain=kinds, range=shapes), legend=None),
            x=alt.X("teacher:Q", title="Teacher's rank", axis=axis, scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("student:Q", title="Student's rank", axis=axis, scale=alt.Scale(domain=[0, 1])),
        )
    )
    ends = pd.DataFrame({"teacher": [0, 1], "student": [0, 1]})
    same = alt.Chart(ends).mark_line(strokeDash=[4, 4], color=GREY).encode(x=alt.X("teacher:Q"), y=alt.Y("student:Q"))
    apart = float(np.abs(ranks["teacher"] - ranks["student"]).mean()) if len(drawn) else 0.0
    return styled(
        alt.layer(same, points),
        description=f"Student's rank against teacher's rank of {len(positions):,} pairs; on average {apart:.0%} of the "
        "sample apart. On the dashed line both agree.",
        height=280,
    )
