"""The report: a diagnosis as one HTML file that needs nothing else, for readers who will not open the app."""

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pandas as pd

from drift_core.diagnosis.confidence_words import confidence_in_words
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.facts import CAUSE_WORDS
from drift_core.diagnosis.lookalike_checks import lookalikes_table
from drift_core.diagnosis.textbook_reading import read_by_textbook
from drift_core.installation import need_extra
from drift_core.markup import BAND_SHAPES
from drift_core.measured import Measured
from drift_core.options.treatment_steps import treatment_steps
from drift_core.options.weigh import Options, weigh_options

if TYPE_CHECKING:
    from jinja2 import Template

CHART_WIDTH = 760


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart as it stands in the report."""

    svg: str
    description: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One key figure."""

    name: str
    figure: str
    note: str
    band: str | None


def render_report(diagnosis: Diagnosis, *, routes: Options | None = None) -> str:
    """Render a diagnosis as one HTML page.

    Parameters
    ----------
    routes
        The options with their prices; by default without.

    Returns
    -------
    str
        HTML with its style and pictures inside; it loads nothing, prints on paper, and escapes every text of the user.
        The same diagnosis gives the same page.
    """
    need_extra("report", "The report")
    routes = weigh_options(diagnosis) if routes is None else routes
    return _template().render(
        routes=routes,
        options=routes.table.drop(columns="Assumes"),
        confidence=confidence_in_words(diagnosis.verdict, diagnosis.attribution),
        strict=read_by_textbook(diagnosis),
        causes=CAUSE_WORDS,
        title=f"Distillation drift: {diagnosis.heldout.name} against {diagnosis.production.name}",
        verdict=diagnosis.verdict,
        settling=diagnosis.settling,
        tiles=_tiles(diagnosis),
        charts=_charts(diagnosis),
        spread=diagnosis.spread,
        top_k=diagnosis.top_k,
        regions_sentence=diagnosis.regions.sentence,
        regions=diagnosis.regions.table.drop(columns="Why"),
        partition=diagnosis.regions.partitions[0].name,
        findings=diagnosis.findings,
        pointed_to=[each for each in diagnosis.lookalikes if each.status == "points_to"],
        ruled_out=lookalikes_table(diagnosis.lookalikes, "ruled_out"),
        not_checked=lookalikes_table(diagnosis.lookalikes, "not_checked"),
        ceiling=diagnosis.ceiling,
        ceiling_figures=diagnosis.ceiling.table,
        quality=diagnosis.quality,
        quality_figures=diagnosis.quality.table,
        steps=treatment_steps(diagnosis.verdict.cause, findings=[finding.name for finding in diagnosis.findings]),
        tests=diagnosis.tests_table,
        samples=_samples(diagnosis),
        problems=[
            p.message for p in (*diagnosis.heldout.problems, *diagnosis.production.problems, *diagnosis.problems)
        ],
        version=diagnosis.version,
        seed=diagnosis.settings.seed,
        encoder=diagnosis.embeddings.encoder,
        rule=pd.DataFrame(diagnosis.settings.rule.to_json().items(), columns=["Threshold", "Value"]),
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(loader=PackageLoader("drift_core.report"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("report.html.j2")


def _tiles(diagnosis: Diagnosis) -> list[Tile]:
    spread, top_k, regions = diagnosis.spread, diagnosis.top_k, diagnosis.regions
    before, after = (m.estimate if isinstance(m, Measured) else None for m in (spread.heldout, spread.production))
    agreement = "unmeasured" if before is None or after is None else f"{before:.2f} → {after:.2f}"
    overlap = f"{top_k.overlap.estimate:.0%}" if isinstance(top_k.overlap, Measured) else "unmeasured"
    moved = f"{diagnosis.drifted.mean():.0%} of traffic"
    lowest = f"lowest region: {_in_words(regions.band)}"
    return [
        Tile(name="Agreement, held-out → production", figure=agreement, note=_in_words(spread.band), band=spread.band),
        Tile(name=f"Overlap of the top {top_k.k}", figure=overlap, note=_in_words(top_k.band), band=top_k.band),
        Tile(name="In drifted regions", figure=moved, note=lowest, band=regions.band),
    ]


def _in_words(band: str | None) -> str:
    return f"{BAND_SHAPES[band]} textbook band: {band or 'not run'}"


def _charts(diagnosis: Diagnosis) -> dict[str, Drawing]:
    from drift_core.charts.overlap import overlap_curve_chart
    from drift_core.charts.regions import regions_chart
    from drift_core.charts.spread import agreement_intervals
    from drift_core.charts.verdict import loss_waterfall

    rule, k = diagnosis.settings.rule, diagnosis.top_k.k
    spread = agreement_intervals(diagnosis.spread, rule=rule)
    overlap = overlap_curve_chart(diagnosis.overlap, k=k, rule=rule)
    regions = regions_chart(diagnosis.regions.of_clusters)
    level = f"{rule.confidence:.0%} interval"
    return {
        "spread": _drawn(spread, f"Agreement with its {level}, over the textbook bands."),
        "overlap": _drawn(overlap, "Overlap at every K beside held-out's at the same size; dotted, what chance gives."),
        "regions": _drawn(regions, f"Agreement of each region with its {level}, by the loss that the region carries."),
        "loss": _drawn(loss_waterfall(diagnosis.attribution), f"The loss of agreement by its parts, with {level}s."),
    }


def _drawn(chart: Any, caption: str) -> Drawing:
    import vl_convert

    from drift_core.charts.specification import specified

    spec = specified(chart.properties(width=CHART_WIDTH))
    svg = _renumbered(vl_convert.vegalite_to_svg(spec), prefix=sha256(caption.encode()).hexdigest()[:8])
    return Drawing(svg=svg, description=spec.get("description", caption), caption=caption)


def _renumbered(svg: str, *, prefix: str) -> str:
    """Name ids by their place: the renderer counts on from one picture to the next, and pictures share a page."""
    for place, name in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', svg))):
        new = f"{prefix}-{place}"
        svg = svg.replace(f' id="{name}"', f' id="{new}"').replace(f"url(#{name})", f"url(#{new})")
    return svg


def _samples(diagnosis: Diagnosis) -> pd.DataFrame:
    spread = diagnosis.spread
    sides = (("held-out", diagnosis.heldout, spread.heldout), ("production", diagnosis.production, spread.production))
    rows = [
        (name, sample.name, f"{sample.n_pairs:,}", f"{sample.n_queries:,}", str(agreement), sample.digest[:12])
        for name, sample, agreement in sides
    ]
    return pd.DataFrame(rows, columns=["Sample", "Name", "Pairs", "Queries", "Agreement", "Digest"])
