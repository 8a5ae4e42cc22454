"""One page of the report's look, on screen and on paper, for what is no diagnosis: a comparison, a gate, a canary."""

from dataclasses import asdict, dataclass

import pandas as pd

from drift_core.installation import need_extra
from drift_core.report.pdf import FONTS, breakable, plain_table, typeset
from drift_core.report.pictures import Drawing
from drift_core.report.render import template
from drift_core.report.story_parts import StoryPart
from drift_core.wording import one_line, shortened

# What fits on one sheet, beside a picture and without.
ROWS_BESIDE, ROWS_ALONE, LINES_BESIDE, LINES_ALONE, LINE_LENGTH = 6, 16, 5, 8, 220


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OnePage:
    """What one page says.

    Attributes
    ----------
    title, headline
        What was decided on, and the answer in one sentence.
    parts
        The figures, each with its question.
    lines
        What the answer rests on, a sentence each.
    picture
        What it shows; None for a page without.
    table, table_title, widest
        What is behind it, and the column that takes most room.
    made
        What made it, in one line.
    """

    title: str
    headline: str
    parts: tuple[StoryPart, ...]
    lines: tuple[str, ...]
    picture: Drawing | None
    table: pd.DataFrame
    table_title: str
    widest: str
    made: str

    @property
    def lines_on_paper(self) -> list[str]:
        """As many lines as fit, each cut to what a line of the sheet holds, and how many more there are."""
        most = LINES_ALONE if self.picture is None else LINES_BESIDE
        n_more = len(self.lines) - most
        more = [f"And {n_more} more, which the HTML page and the JSON hold."] if n_more > 0 else []
        return [*(shortened(one_line(line), LINE_LENGTH) for line in self.lines[:most]), *more]

    @property
    def rows_on_paper(self) -> pd.DataFrame:
        """As many rows of the table as fit."""
        return self.table.head(ROWS_ALONE if self.picture is None else ROWS_BESIDE)

    @property
    def table_title_on_paper(self) -> str:
        """What the table holds, and how much of it fits."""
        shown, n = len(self.rows_on_paper), len(self.table)
        return self.table_title if shown == n else f"{self.table_title}: the first {shown} of {n}"


def page_as_html(page: OnePage) -> str:
    """Render a page as one HTML file that needs nothing else; texts of the user are escaped."""
    need_extra("report", "The report")
    return template("page").render(page=page, table=page.table)


def page_as_pdf(page: OnePage) -> bytes:
    """Render a page as PDF, the same for the same page; texts of the user are never read as markup."""
    need_extra("report", "The PDF")
    texts = {
        "title": page.title,
        "headline": shortened(one_line(page.headline), LINE_LENGTH),
        "parts": [asdict(part) for part in page.parts],
        "lines": page.lines_on_paper,
        "table": plain_table(page.rows_on_paper, widest=page.widest),
        "table_title": page.table_title_on_paper,
        "widest": list(page.table.columns).index(page.widest),
        "made": page.made,
    }
    pictures = {} if page.picture is None else {"page": asdict(page.picture)}
    return typeset({**breakable(texts), "pictures": pictures, "fonts": FONTS}, "page.typ")
