"""The report as a PDF of at most three pages: the story on the first, what it rests on behind.

Texts of the user go in as data and are never read as markup; nothing is fetched, and no file but the template is read.
"""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from drift_core.charts.verdict import split_title
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.regions_in_words import order_by_loss
from drift_core.installation import need_extra
from drift_core.measured import Measured
from drift_core.options.weigh import Options, weigh_options
from drift_core.regions.projection import MapLayout
from drift_core.report.pictures import story_pictures
from drift_core.report.render import samples_table
from drift_core.report.story import Story, tell_story
from drift_core.wording import one_line, shortened

TEMPLATES = Path(__file__).with_name("templates")
# Embedded in the compiler, so that every machine sets the same pages; the system's fonts only for signs they lack.
FONTS = ("Libertinus Serif", "DejaVu Sans Mono")
PICTURE_WIDTH, MAP_WIDTH = 600, 430  # pixels, on a column of 10 cm
ZERO_WIDTH_SPACE = "\u200b"
_LONG_WORD = re.compile(r"\S{20}(?=\S{8})")
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
    return typeset(pdf_content(diagnosis, story, routes, layout), "story.typ")


def pdf_content(diagnosis: Diagnosis, story: Story, routes: Options, layout: MapLayout | None) -> dict[str, object]:
    """Everything that the pages say, as plain values."""
    pictures = story_pictures(diagnosis, layout, width=PICTURE_WIDTH, map_width=MAP_WIDTH)
    pointed = [each for each in diagnosis.lookalikes if each.status == "points_to"]
    texts = {
        "title": f"Distillation drift: {story.title}",
        "subtitle": " · ".join(filter(None, ("Distillation drift", story.title, story.period))),
        "headline": story.headline,
        "verdict_reason": story.reason,
        "state": story.state,
        "confidence": story.confidence,
        "caveat": story.caveat,
        "answer": story.answer,
        "parts": [asdict(part) for part in story.parts],
        "action": f"{story.action.title}.",
        "reason": story.action.reason,
        "cost": story.cost,
        "examples": [asdict(each) for each in story.examples],
        "examples_title": story.examples_title,
        "options": plain_table(routes.table.drop(columns="Assumes"), widest="Agreement"),
        "options_notes": _lines([f"{title}: {assumes}" for title, assumes in routes.assumptions.items()]),
        "regions": plain_table(_regions(diagnosis)),
        "regions_sentence": diagnosis.regions_sentence,
        "evidence": [story.more] * bool(story.more) + _evidence(diagnosis),
        "split_title": split_title(diagnosis.verdict.cause),
        "settling": _lines([each.in_full for each in diagnosis.settling]),
        "lookalikes": _lines([f"{each.title}. {each.sentence}" for each in pointed]),
        "limits": _lines(
            [
                *(each.sentence for each in (diagnosis.ceiling, diagnosis.quality)),
                *([diagnosis.outputs.sentence] if diagnosis.outputs else []),
            ]
        ),
        "samples": plain_table(samples_table(diagnosis)),
        "made": f"Version {diagnosis.version}, seed {diagnosis.settings.seed}, encoder {diagnosis.embeddings.encoder}.",
    }
    drawn = {name: asdict(picture) for name, picture in pictures.items() if name in ("where", "why")}
    return {**breakable(texts), "pictures": drawn, "fonts": FONTS}


def _regions(diagnosis: Diagnosis) -> pd.DataFrame:
    """The regions that carry most, of the cut that tells most."""
    rows = [
        {
            "Region": " · ".join(filter(None, [region.name, region.flag])),
            "Held-out": f"{region.heldout}" if isinstance(region.heldout, Measured) else "too few pairs",
            "Production": f"{region.production}" if isinstance(region.production, Measured) else "too few pairs",
            "Traffic": f"{region.share_heldout:.1%} → {region.share_production:.1%}",
            "Of drifted regions' loss": "" if region.share_of_loss is None else f"{region.share_of_loss:.0%}",
        }
        for region in order_by_loss(diagnosis.regions.leading)[:MOST_REGIONS]
    ]
    return pd.DataFrame(rows, columns=["Region", "Held-out", "Production", "Traffic", "Of drifted regions' loss"])


def plain_table(table: pd.DataFrame, *, widest: str = "") -> dict[str, object]:
    """Give a table as plain values, its cells cut to what a column holds; one column may hold more."""
    most = [4 * CELL_LENGTH if name == widest else CELL_LENGTH for name in table.columns]
    rows = [
        [shortened(one_line(str(cell)), length) for cell, length in zip(row, most, strict=True)]
        for row in table.itertuples(index=False)
    ]
    return {"columns": list(table.columns), "rows": rows}


def _evidence(diagnosis: Diagnosis) -> list[str]:
    """What the verdict rests on; where not all of it has room, as much of what speaks against it stays."""
    lines = [line for line in diagnosis.verdict.evidence if line.supports]
    against = [line for line in diagnosis.verdict.evidence if not line.supports]
    room = max(MOST_LINES - len(against), MOST_LINES // 2)
    shown = [*lines[:room], *against]
    drawn = (f"Drawn by hand: {each.sentence}" for each in diagnosis.regions.drawn)
    return _lines([*(f"{line.mark}: {line.sentence}" for line in shown), *drawn])


def _lines(lines: list[str]) -> list[str]:
    return [shortened(one_line(line), LINE_LENGTH) for line in lines[:MOST_LINES]]


def breakable(value: Any) -> Any:
    """Plain values in which a line can break inside a word that is longer than a line."""
    if isinstance(value, str):
        return _LONG_WORD.sub(lambda found: found.group() + ZERO_WIDTH_SPACE, value)
    if isinstance(value, dict):
        return {name: breakable(each) for name, each in value.items()}
    return [breakable(each) for each in value] if isinstance(value, list | tuple) else value


def typeset(content: dict[str, object], template: str) -> bytes:
    """Set plain values by one of the templates; texts among them stay texts."""
    import typst

    compiler = typst.Compiler(TEMPLATES / template, root=TEMPLATES, sys_inputs={"data": json.dumps(content)})
    pages = compiler.compile(format="pdf")
    assert isinstance(pages, bytes)  # of the whole document, where no place to write to is given
    return pages
