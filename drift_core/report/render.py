"""The report: a diagnosis as one HTML file that needs nothing else, for readers who will not open the app."""

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.distributions.lookalike_checks import lookalikes_table
from drift_core.installation import need_extra
from drift_core.options.treatment_steps import TreatmentStep, treatment_steps
from drift_core.options.weigh import Options, weigh_options
from drift_core.regions.projection import MapLayout
from drift_core.report.pictures import Drawing, evidence_pictures, story_pictures
from drift_core.report.story import Story, tell_story
from drift_core.report.story_parts import figure_of
from drift_core.report.textbook_reading import read_by_textbook
from drift_core.wording import told_command, without_commands

if TYPE_CHECKING:
    from jinja2 import Template


def render_report(
    diagnosis: Diagnosis,
    *,
    routes: Options | None = None,
    layout: MapLayout | None = None,
    steps: Sequence[TreatmentStep] | None = None,
    price: str = "",
    revisions: tuple[str, str] = ("", ""),
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
    price, revisions
        What the retrain list costs, and the teacher's revisions; see `tell_story`.

    Returns
    -------
    str
        HTML with its style and pictures inside; it loads nothing, prints on paper, and escapes every text of the user.
        The same diagnosis gives the same page.
    """
    need_extra("report", "The report")
    routes = weigh_options(diagnosis) if routes is None else routes
    story = tell_story(diagnosis, routes=routes, price=price, revisions=revisions)
    found = [finding.name for finding in diagnosis.findings]
    if steps is None:
        steps = treatment_steps(diagnosis.verdict.cause, findings=found, way=story.action.way)
    return template("report").render(
        story=story,
        caveat=story.caveat,
        routes=routes,
        options=routes.table.drop(columns="Assumes"),
        strict=read_by_textbook(diagnosis),
        title=f"Distillation drift: {diagnosis.heldout.name} against {diagnosis.production.name}",
        verdict=diagnosis.verdict,
        settling=diagnosis.settling,
        charts=story_pictures(diagnosis, layout) | evidence_pictures(diagnosis),
        spread=diagnosis.spread,
        top_k=diagnosis.top_k,
        regions_sentence=diagnosis.regions_sentence,
        regions=diagnosis.regions.table.drop(columns="Why"),
        partition=diagnosis.regions.leading[0].partition,
        findings=diagnosis.other_findings,
        drawn=diagnosis.regions.drawn,
        pointed_to=[each for each in diagnosis.lookalikes if each.status == "points_to"],
        ruled_out=lookalikes_table(diagnosis.lookalikes, "ruled_out"),
        not_checked=lookalikes_table(diagnosis.lookalikes, "not_checked"),
        ceiling=diagnosis.ceiling,
        ceiling_figures=diagnosis.ceiling.table,
        quality=diagnosis.quality,
        quality_figures=diagnosis.quality.table,
        outputs=diagnosis.outputs,
        distribution_lines=diagnosis.distribution_lines,
        distances=getattr(diagnosis.distributions, "table", None),
        steps=[each for each in steps if not each.is_done],
        tests=diagnosis.tests_table,
        samples=samples_table(diagnosis),
        problems=[
            p.message for p in (*diagnosis.heldout.problems, *diagnosis.production.problems, *diagnosis.problems)
        ],
        version=diagnosis.version,
        seed=diagnosis.settings.seed,
        encoder=diagnosis.embeddings.encoder,
        rule=pd.DataFrame(diagnosis.settings.rule.to_json().items(), columns=["Threshold", "Value"]),
    )


def render_screen(story: Story, place: int) -> str:
    """Render what a part of the story says, counted from 0, as HTML in big type, on light or dark ground."""
    need_extra("report", "The presentation")
    return template("screen").render(story=story, place=place, part=story.parts[place])


def render_picture(picture: Drawing) -> str:
    """Render a picture of the story beside a screen of `render_screen`, as HTML: as large as its place."""
    svg = b64encode(picture.svg.encode()).decode()
    return template("picture").render(picture=picture, svg=svg)


def render_ways(story: Story, routes: Options) -> str:
    """Render the ways of treating it beside the last screen, the recommended one marked, as HTML."""
    return template("ways").render(story=story, routes=routes)


def render_examples(story: Story) -> str:
    """Render the three pairs of the story beside a screen of `render_screen`, as HTML."""
    return template("examples").render(story=story)


@cache
def template(name: str) -> "Template":
    """Open a template of the report; it escapes every text that is put in."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(loader=PackageLoader("drift_core.report"), autoescape=True, undefined=StrictUndefined)
    environment.filters["told_command"] = told_command
    environment.filters["without_commands"] = without_commands
    environment.filters["figure_of"] = figure_of
    return environment.get_template(f"{name}.html.j2")


def samples_table(diagnosis: Diagnosis) -> pd.DataFrame:
    """Tabulate the two samples: size, agreement, and the digest of their content."""
    spread = diagnosis.spread
    sides = (("held-out", diagnosis.heldout, spread.heldout), ("production", diagnosis.production, spread.production))
    rows = [
        (name, sample.name, f"{sample.n_pairs:,}", f"{sample.n_queries:,}", str(agreement), sample.digest[:12])
        for name, sample, agreement in sides
    ]
    return pd.DataFrame(rows, columns=["Sample", "Name", "Pairs", "Queries", "Agreement", "Digest"])
