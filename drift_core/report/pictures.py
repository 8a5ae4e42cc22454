"""Pictures of the report and of the story: charts drawn as SVG, each with its words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.regions.projection import MapLayout
from drift_core.report.story import agreements, drifted_masks
from drift_core.report.story_times import arrival, ends_of
from drift_core.samples.score_kind import Measure
from drift_core.wording import shortened

ONE_IS: Mapping[Measure, str] = {
    "Spearman": "1 is the teacher's own order",
    "same label": "100% is every label the same",
    "area under the curve": "1 is every pair in the order of the teacher's answers",
}

CHART_WIDTH, MAP_WIDTH = 760, 520
# Pixels before a screen scales it to half of its width, about 700: the fewer, the larger its words and marks.
SCREEN_WIDTH: Mapping[str, int] = {"promised": 320, "happened": 460, "where": 460, "since": 400, "why": 400}
SCREEN_HEIGHT = 440  # of the map
# The app's, as far as a picture can have them: what a page has fetched is not there for its pictures.
SCREEN_FONT = "-apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart of `drift_core.charts` with its caption, before it is drawn."""

    chart: Any
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart as it stands in the report."""

    svg: str
    description: str
    caption: str


def story_pictures(
    diagnosis: Diagnosis, layout: MapLayout | None, *, width: int = CHART_WIDTH, map_width: int = MAP_WIDTH
) -> dict[str, Drawing]:
    """Draw what each part of the story shows, by the part's name; parts without a picture are left out.

    The narrower a picture, the larger its words where it is scaled to its place.
    """
    found = {name: story_picture(diagnosis, name, layout) for name in ("promised", "happened", "where", "since", "why")}
    return {
        name: drawing(picture, width=map_width if name == "where" else width)
        for name, picture in found.items()
        if picture is not None
    }


def story_picture(
    diagnosis: Diagnosis, part: str, layout: MapLayout | None, *, ground: str = "#FFFFFF"
) -> Picture | None:
    """Chart what one part of the story shows, on ground of this colour; None where it has no picture."""
    from drift_core.charts.story import time_line
    from drift_core.charts.verdict import loss_parts, unknown_parts

    level = f"{diagnosis.settings.rule.confidence:.0%} interval"
    if part == "promised":
        one = ONE_IS[diagnosis.spread.measure]
        return _scale(diagnosis, ("held-out",), f"On a scale where {one}; {level}.")
    if part == "happened":
        return _scale(diagnosis, ("held-out", "production"), f"Both samples on one scale; {level}s.")
    if part == "where":
        return _place(diagnosis, layout, level, ground)
    if part == "why":
        caption = f"The loss of agreement by its parts, with {level}s. {unknown_parts(diagnosis.attribution)}"
        return Picture(chart=loss_parts(diagnosis.attribution), caption=caption.rstrip())
    spans = {"held-out": ends_of(diagnosis.heldout), "production": ends_of(diagnosis.production)}
    known = {name: ends for name, ends in spans.items() if ends is not None}
    if part == "since" and known:
        return Picture(chart=time_line(known, arrival(diagnosis)), caption="What each sample spans in time.")
    return None


def _scale(diagnosis: Diagnosis, names: Sequence[str], caption: str) -> Picture | None:
    from drift_core.charts.story import agreement_scale

    rows = {name: value for name, value in agreements(diagnosis).items() if name in names}
    return Picture(chart=agreement_scale(rows), caption=caption) if rows else None


def _place(diagnosis: Diagnosis, layout: MapLayout | None, level: str, ground: str) -> Picture | None:
    """The map; where it is not drawn, the region that carries most beside both samples."""
    from drift_core.charts.map_picture import map_picture

    if layout is None:
        rows = tuple(agreements(diagnosis))
        return _scale(diagnosis, rows, f"The region that carries most beside both samples; {level}s.")
    masks = drifted_masks(diagnosis)
    first, leading = diagnosis.regions.partitions[0], diagnosis.regions.leading[0]
    is_place = leading.partition == first.name  # a slice or a word lies all over the map, and its name nowhere
    drifted = "" if is_place or not masks else f" In orange: {', '.join(map(shortened, masks))}."
    caption = f"Each point is a pair; queries that mean the same lie close together.{drifted}"
    return Picture(chart=map_picture(layout, masks, ground=ground, is_named=is_place), caption=caption)


def evidence_pictures(diagnosis: Diagnosis) -> dict[str, Drawing]:
    """Draw what the evidence shows, by test."""
    from drift_core.charts.overlap import overlap_curve_chart
    from drift_core.charts.regions import regions_chart
    from drift_core.charts.spread import agreement_intervals

    rule, k = diagnosis.settings.rule, diagnosis.top_k.k
    spread = agreement_intervals(diagnosis.spread)
    regions = regions_chart(diagnosis.regions.leading)
    level = f"{rule.confidence:.0%} interval"
    drawn = {
        "spread": _drawn(spread, f"Agreement with its {level}."),
        "regions": _drawn(regions, f"Agreement of each region with its {level}, by the loss that the region carries."),
    }
    if diagnosis.top_k.is_told:
        overlap = overlap_curve_chart(diagnosis.overlap, k=k, rule=rule)
        caption = "Overlap at every K beside held-out's at the same size; dotted, what chance gives."
        drawn["overlap"] = _drawn(overlap, caption)
    return drawn


def _drawn(chart: Any, caption: str) -> Drawing:
    return drawing(Picture(chart=chart, caption=caption), width=CHART_WIDTH)


def drawing(picture: Picture, *, width: int) -> Drawing:
    """Draw a chart as SVG."""
    from drift_core.charts.specification import specified

    return _as_svg(specified(picture.chart.properties(width=width)), picture.caption)


def on_screen(picture: Picture, part: str, *, words: str, is_dark: bool) -> Drawing:
    """Draw what `story_picture` gives for a screen, which scales it to its place; words and lines have this colour."""
    from drift_core.charts.specification import specified
    from drift_core.charts.theme import HELDOUT_GREY, ON_DARK, WORDS_COLOUR, recoloured

    height = {"height": SCREEN_HEIGHT} if isinstance(picture.chart.height, int) else {}  # not of so many rows
    spec = specified(picture.chart.properties(width=SCREEN_WIDTH[part], **height))
    spec = recoloured(spec, {WORDS_COLOUR: words} | (dict(ON_DARK) if is_dark else {}))
    config, colour = spec["config"], {"labelColor": words, "titleColor": words, "gridColor": HELDOUT_GREY}
    config |= {name: config.get(name, {}) | colour for name in ("axis", "legend")} | {"font": SCREEN_FONT}
    config |= {mark: {"color": words} for mark in ("text", "rule")}
    return _as_svg(spec | {"config": config}, picture.caption)


def _as_svg(specification: dict[str, Any], caption: str) -> Drawing:
    import vl_convert

    spec = _printable(specification)
    svg = _renumbered(vl_convert.vegalite_to_svg(spec), prefix=sha256(caption.encode()).hexdigest()[:8])
    return Drawing(svg=svg, description=spec.get("description", caption), caption=caption)


def _printable(value: Any) -> Any:
    """A specification whose texts hold no sign that XML lacks: the renderer ends the whole process at one."""
    if isinstance(value, str):
        return value if value.isprintable() else "".join(sign if sign.isprintable() else " " for sign in value)
    if isinstance(value, dict):
        return {_printable(name): _printable(each) for name, each in value.items()}
    return [_printable(each) for each in value] if isinstance(value, list) else value


def _renumbered(svg: str, *, prefix: str) -> str:
    """Name ids by their place: the renderer counts on from one picture to the next, and pictures share a page."""
    for place, name in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', svg))):
        new = f"{prefix}-{place}"
        svg = svg.replace(f' id="{name}"', f' id="{new}"').replace(f"url(#{name})", f"url(#{new})")
    return svg
