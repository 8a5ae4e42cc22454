"""The report as a PDF of at most three pages: the story on the first, what it rests on behind.

Texts of the user go in as data and are never read as markup; nothing is fetched, and no file but the template is read.
"""

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.regions_in_words import regions_table
from drift_core.installation import need_extra
from drift_core.options.weigh import Options, weigh_options
from drift_core.regions.projection import MapLayout
from drift_core.report.pictures import story_pictures
from drift_core.report.render import samples_table
from drift_core.report.story import CAVEAT, Story, tell_story
from drift_core.wording import one_line, shortened

TEMPLATES = Path(__file__).with_name("templates")
# Embedded in the compiler, so that every machine sets the same pages; the system's fonts only for signs they lack.
FONTS = ("Libertinus Serif", "DejaVu Sans Mono")
MOST_REGIONS, MOST_LINES, LINE_LENGTH, CELL_LENGTH = 10, 6, 260, 60


def render_pdf(
    diagnosis: Diagnosis,
    *,
    routes: Options | None = None,
    layout: MapLayout | None = None,
    price: str = "",
    revisions: tuple[str, str] = ("", ""),
) -> bytes:
    """Render a diagnosis as a PDF of at most three A4 pages.

    Parameters
    ----------
    routes, layout, price, revisions
        As `render_report` takes them.

    Returns
    -------
    bytes
        The same for the same diagnosis; without the day on which it was made.
    """
    need_extra("report", "The PDF")
    routes = weigh_options(diagnosis) if routes is None else routes
    story = tell_story(diagnosis, routes=routes, price=price, revisions=revisions)
    return _typeset(pdf_content(diagnosis, story, routes, layout), "story.typ")


def pdf_content(diagnosis: Diagnosis, story: Story, routes: Options, layout: MapLayout | None) -> dict[str, object]:
    """Everything that the pages say, as plain values."""
    pictures = story_pictures(diagnosis, layout)
    regions = regions_table(diagnosis.regions.leading).drop(columns="Why").head(MOST_REGIONS)
    return {
        "title": f"Distillation drift: {story.title}",
        "subtitle": " · ".join(filter(None, ("Distillation drift", story.title, story.period))),
        "headline": story.headline,
        "state": story.state,
        "confidence": story.confidence,
        "caveat": CAVEAT,
        "parts": [asdict(part) for part in story.parts],
        "action": f"{story.action.title}.",
        "reason": story.action.reason,
        "cost": story.cost,
        "examples": [asdict(each) for each in story.examples],
        "examples_title": story.examples_title,
        "options": _plain(routes.table.drop(columns="Assumes")),
        "options_notes": _lines([f"{title}: {assumes}" for title, assumes in routes.assumptions.items()]),
        "regions": _plain(regions),
        "regions_sentence": diagnosis.regions.sentence,
        "evidence": _lines([f"{line.mark}: {line.sentence}" for line in diagnosis.verdict.evidence]),
        "settling": _lines([each.sentence for each in diagnosis.settling]),
        "samples": _plain(samples_table(diagnosis)),
        "made": f"Version {diagnosis.version}, seed {diagnosis.settings.seed}, encoder {diagnosis.embeddings.encoder}.",
        "pictures": {name: asdict(picture) for name, picture in pictures.items() if name in ("where", "why")},
        "fonts": FONTS,
    }


def _plain(table: pd.DataFrame) -> dict[str, object]:
    rows = [[shortened(one_line(str(cell)), CELL_LENGTH) for cell in row] for row in table.itertuples(index=False)]
    return {"columns": list(table.columns), "rows": rows}


def _lines(lines: list[str]) -> list[str]:
    return [shortened(one_line(line), LINE_LENGTH) for line in lines[:MOST_LINES]]


def _typeset(content: dict[str, object], template: str) -> bytes:
    import typst

    compiler = typst.Compiler(TEMPLATES / template, root=TEMPLATES, sys_inputs={"data": json.dumps(content)})
    return compiler.compile(format="pdf", timestamp=0, pdf_standards="ua-1")
