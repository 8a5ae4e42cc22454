"""The report: a diagnosis as one HTML file that needs nothing else, for readers who will not open the app."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from drift_core.diagnosis.confidence_words import confidence_in_words
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.facts import CAUSE_WORDS
from drift_core.diagnosis.lookalike_checks import lookalikes_table
from drift_core.diagnosis.rule import Band
from drift_core.diagnosis.spread import band_of
from drift_core.diagnosis.textbook_reading import read_by_textbook
from drift_core.installation import need_extra
from drift_core.markup import BAND_SHAPES
from drift_core.measured import Measured
from drift_core.measures.rank_gaps import rank_gaps
from drift_core.options.next_action import next_action
from drift_core.options.treatment_steps import TreatmentStep, treatment_steps
from drift_core.options.weigh import Options, weigh_options
from drift_core.regions.projection import MapLayout
from drift_core.wording import counted, shortened

if TYPE_CHECKING:
    from jinja2 import Template

CHART_WIDTH, MAP_WIDTH = 760, 380
N_EXAMPLES, EXAMPLE_LENGTH = 3, 160
_WORDS: Mapping[Band | None, str] = MappingProxyType(
    {"healthy": "held", "suspect": "fell", "confirmed": "fell", None: "cannot tell"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart as it stands in the report."""

    svg: str
    description: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A pair that teacher and student rank far apart."""

    query: str
    doc: str
    teacher: str
    student: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One key figure."""

    name: str
    figure: str
    note: str
    band: str | None


def render_report(
    diagnosis: Diagnosis,
    *,
    routes: Options | None = None,
    layout: MapLayout | None = None,
    steps: Sequence[TreatmentStep] | None = None,
) -> str:
    """Render a diagnosis as one HTML page.

    Parameters
    ----------
    routes
        The options with their prices; by default without.
    layout
        Where the pairs lie on the map, which then stands on the first page; what `draw_map` gives.
    steps
        What to do, where more is known of it than the diagnosis says; what `treatment_steps` gives.

    Returns
    -------
    str
        HTML with its style and pictures inside; it loads nothing, prints on paper, and escapes every text of the user.
        The same diagnosis gives the same page.
    """
    need_extra("report", "The report")
    routes = weigh_options(diagnosis) if routes is None else routes
    found = [finding.name for finding in diagnosis.findings]
    treatment = treatment_steps(diagnosis.verdict.cause, findings=found) if steps is None else steps
    return _template().render(
        action=next_action(diagnosis, routes),
        examples=_examples(diagnosis),
        drifted=bool(diagnosis.drifted.any()),
        routes=routes,
        options=routes.table.drop(columns="Assumes"),
        confidence=confidence_in_words(diagnosis.verdict, diagnosis.attribution),
        strict=read_by_textbook(diagnosis),
        causes=CAUSE_WORDS,
        title=f"Distillation drift: {diagnosis.heldout.name} against {diagnosis.production.name}",
        verdict=diagnosis.verdict,
        settling=diagnosis.settling,
        tiles=_tiles(diagnosis),
        charts=_charts(diagnosis, layout),
        spread=diagnosis.spread,
        top_k=diagnosis.top_k,
        regions_sentence=diagnosis.regions.sentence,
        regions=diagnosis.regions.table.drop(columns="Why"),
        partition=diagnosis.regions.leading[0].partition,
        findings=diagnosis.findings,
        pointed_to=[each for each in diagnosis.lookalikes if each.status == "points_to"],
        ruled_out=lookalikes_table(diagnosis.lookalikes, "ruled_out"),
        not_checked=lookalikes_table(diagnosis.lookalikes, "not_checked"),
        ceiling=diagnosis.ceiling,
        ceiling_figures=diagnosis.ceiling.table,
        quality=diagnosis.quality,
        quality_figures=diagnosis.quality.table,
        steps=[each for each in treatment if not each.is_done],
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
    spread, top_k, n_drifted = diagnosis.spread, diagnosis.top_k, len(diagnosis.regions.drifted)
    before, after = (m.estimate if isinstance(m, Measured) else None for m in (spread.heldout, spread.production))
    agreement = "unmeasured" if before is None or after is None else f"{before:.2f} → {after:.2f}"
    overlap = f"{top_k.overlap.estimate:.0%}" if isinstance(top_k.overlap, Measured) else "unmeasured"
    usual = ""
    if top_k.normal_low is not None and top_k.normal_high is not None:
        usual = f"; {top_k.normal_low:.0%} to {top_k.normal_high:.0%} on held-out of this size"
    moved, regions = f"{diagnosis.drifted.mean():.0%} of traffic", counted(n_drifted, "region", "regions")
    state: Band = "confirmed" if n_drifted else "healthy"
    return [
        _tile(
            "Agreement, held-out → production",
            agreement,
            band_of(spread.reading, spread.band),
            f": {spread.spread:+.2f}",
        ),
        _tile(f"Overlap of the top {top_k.k}", overlap, top_k.state(diagnosis.settings.rule), usual),
        Tile(name="In drifted regions", figure=moved, note=f"{BAND_SHAPES[state]} {regions} drifted", band=state),
    ]


def _tile(name: str, figure: str, state: Band | None, more: str) -> Tile:
    """One key figure under what its interval supports, as the pages say it."""
    return Tile(name=name, figure=figure, note=f"{BAND_SHAPES[state]} {_WORDS[state]}{more}", band=state)


def _drifted_masks(diagnosis: Diagnosis) -> dict[str, np.ndarray]:
    """Pairs of each drifted region of the partition that tells most."""
    labels = {partition.name: partition.production for partition in diagnosis.regions.partitions}
    return {each.name: labels[each.partition] == each.index for each in diagnosis.regions.leading if each.drifted}


def _examples(diagnosis: Diagnosis) -> list[Example]:
    """The pairs ranked furthest apart, of drifted regions where there are any, one a query."""
    sample, n = diagnosis.production, len(diagnosis.production)
    gaps = rank_gaps(sample.student, sample.teacher)
    among = np.flatnonzero(diagnosis.drifted) if diagnosis.drifted.any() else np.arange(n)
    order = among[np.argsort(-np.abs(gaps.gap[among]), kind="stable")]
    order = order[gaps.gap[order] != 0]
    first: dict[str, int] = {}
    for row in order.tolist():
        first.setdefault(sample.query[row], row)
        if len(first) == N_EXAMPLES:
            break
    return [
        Example(
            query=shortened(str(sample.query[row]), EXAMPLE_LENGTH),
            doc="" if sample.doc is None else shortened(str(sample.doc[row]), EXAMPLE_LENGTH),
            teacher=f"{gaps.teacher[row]:,.0f} of {n:,}",
            student=f"{gaps.student[row]:,.0f} of {n:,}",
        )
        for row in first.values()
    ]


def _charts(diagnosis: Diagnosis, layout: MapLayout | None) -> dict[str, Drawing]:
    from drift_core.charts.map_picture import map_picture
    from drift_core.charts.overlap import overlap_curve_chart
    from drift_core.charts.regions import regions_chart
    from drift_core.charts.spread import agreement_intervals
    from drift_core.charts.verdict import loss_waterfall

    rule, k = diagnosis.settings.rule, diagnosis.top_k.k
    spread = agreement_intervals(diagnosis.spread)
    overlap = overlap_curve_chart(diagnosis.overlap, k=k, rule=rule)
    regions = regions_chart(diagnosis.regions.leading)
    level = f"{rule.confidence:.0%} interval"
    caption = "Each point is a pair; queries that mean the same lie close together."
    at_first = (
        {}
        if layout is None
        else {"map": _drawn(map_picture(layout, _drifted_masks(diagnosis)), caption, width=MAP_WIDTH)}
    )
    return at_first | {
        "spread": _drawn(spread, f"Agreement with its {level}."),
        "overlap": _drawn(overlap, "Overlap at every K beside held-out's at the same size; dotted, what chance gives."),
        "regions": _drawn(regions, f"Agreement of each region with its {level}, by the loss that the region carries."),
        "loss": _drawn(loss_waterfall(diagnosis.attribution), f"The loss of agreement by its parts, with {level}s."),
    }


def _drawn(chart: Any, caption: str, *, width: int = CHART_WIDTH) -> Drawing:
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


def _samples(diagnosis: Diagnosis) -> pd.DataFrame:
    spread = diagnosis.spread
    sides = (("held-out", diagnosis.heldout, spread.heldout), ("production", diagnosis.production, spread.production))
    rows = [
        (name, sample.name, f"{sample.n_pairs:,}", f"{sample.n_queries:,}", str(agreement), sample.digest[:12])
        for name, sample, agreement in sides
    ]
    return pd.DataFrame(rows, columns=["Sample", "Name", "Pairs", "Queries", "Agreement", "Digest"])
