"""Pictures of the report and of the story: charts drawn as SVG, each with its words."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.regions.projection import MapLayout
from drift_core.report.story import agreements, drifted_masks
from drift_core.report.story_times import arrival, ends_of

CHART_WIDTH, MAP_WIDTH = 760, 520


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart as it stands in the report."""

    svg: str
    description: str
    caption: str


def story_pictures(diagnosis: Diagnosis, layout: MapLayout | None) -> dict[str, Drawing]:
    """Draw what each part of the story shows, by the part's name; parts without a picture are left out."""
    from drift_core.charts.map_picture import map_picture
    from drift_core.charts.story import agreement_scale, time_line
    from drift_core.charts.verdict import loss_waterfall

    level = f"{diagnosis.settings.rule.confidence:.0%} interval"
    rows = agreements(diagnosis)
    promised = {name: value for name, value in rows.items() if name == "held-out"}
    both = {name: value for name, value in rows.items() if name in ("held-out", "production")}
    drawn = {
        "promised": drawing(agreement_scale(promised), f"On a scale where 1 is the teacher's own order; {level}."),
        "happened": drawing(agreement_scale(both), f"The same scale for both samples; {level}s."),
        "why": drawing(loss_waterfall(diagnosis.attribution), f"The loss of agreement by its parts, with {level}s."),
    }
    if layout is not None:
        caption = "Each point is a pair; queries that mean the same lie close together."
        drawn["where"] = drawing(map_picture(layout, drifted_masks(diagnosis)), caption, width=MAP_WIDTH)
    elif rows.keys() - both.keys():
        drawn["where"] = drawing(agreement_scale(rows), f"The same scale for the region that carries most; {level}s.")
    spans = {"held-out": ends_of(diagnosis.heldout), "production": ends_of(diagnosis.production)}
    known = {name: ends for name, ends in spans.items() if ends is not None}
    if known:
        arrived = arrival(diagnosis)
        line = time_line(known, arrived)
        drawn["since"] = drawing(line, "What each sample spans in time.")
    return drawn


def evidence_pictures(diagnosis: Diagnosis) -> dict[str, Drawing]:
    """Draw what the evidence shows, by test."""
    from drift_core.charts.overlap import overlap_curve_chart
    from drift_core.charts.regions import regions_chart
    from drift_core.charts.spread import agreement_intervals

    rule, k = diagnosis.settings.rule, diagnosis.top_k.k
    spread = agreement_intervals(diagnosis.spread, rule=rule)
    overlap = overlap_curve_chart(diagnosis.overlap, k=k, rule=rule)
    regions = regions_chart(diagnosis.regions.leading)
    level = f"{rule.confidence:.0%} interval"
    return {
        "spread": drawing(spread, f"Agreement with its {level}, over the textbook bands."),
        "overlap": drawing(overlap, "Overlap at every K beside held-out's at the same size; dotted, what chance gives."),
        "regions": drawing(regions, f"Agreement of each region with its {level}, by the loss that the region carries."),
    }


def drawing(chart: Any, caption: str, *, width: int = CHART_WIDTH) -> Drawing:
    """Draw a chart of `drift_core.charts` as SVG."""
    import vl_convert

    from drift_core.charts.specification import specified

    spec = specified(chart.properties(width=width))
    svg = _renumbered(vl_convert.vegalite_to_svg(spec), prefix=sha256(caption.encode()).hexdigest()[:8])
    return Drawing(svg=svg, description=spec.get("description", caption), caption=caption)


def _renumbered(svg: str, *, prefix: str) -> str:
    """Name ids by their place: the renderer counts on from one picture to the next, and pictures share a page."""
    for place, name in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', svg))):
        new = f"{prefix}-{place}"
        svg = svg.replace(f' id="{name}"', f' id="{new}"').replace(f"url(#{name})", f"url(#{new})")
    return svg
