"""Chart of labels: how often teacher and student give which, the diagonal in one colour and what differs in another."""

from typing import Any

import numpy as np
import pandas as pd

from drift_core.charts.theme import BLUE, ORANGE, styled
from drift_core.distributions.label_measures import LabelSample

MAX_WRITTEN = 12  # labels a side up to which shares are written into the cells
CELL, LEAST_HEIGHT = 34, 220


def confusion_chart(sample: LabelSample, *, name: str) -> Any:
    """Draw the share of pairs with each label of the teacher and of the student; on the diagonal both agree."""
    import altair as alt

    labels = [each.label for each in sample.labels]
    cells = np.array(sample.confusion)
    table = pd.DataFrame(
        [
            {"teacher": teacher, "student": student, "share": cells[row, column], "agree": row == column}
            for row, teacher in enumerate(labels)
            for column, student in enumerate(labels)
        ]
    )
    base = alt.Chart(table).encode(
        x=alt.X("student:N", sort=labels, title="student", axis=alt.Axis(labelAngle=0 if len(labels) < 4 else -45)),
        y=alt.Y("teacher:N", sort=labels, title="teacher"),
        tooltip=["teacher:N", "student:N", alt.Tooltip("share:Q", format=".1%", title="of all pairs")],
    )
    colour = alt.condition("datum.agree", alt.value(BLUE), alt.value(ORANGE))
    top = max(float(cells.max()), 1e-9)
    strength = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, top], range=[0.04, 0.75]), legend=None)
    layers = [base.mark_rect().encode(color=colour, opacity=strength)]
    if len(labels) <= MAX_WRITTEN:
        layers.append(base.mark_text(fontSize=13).encode(text=alt.Text("share:Q", format=".1%")))
    differ = cells - np.diag(np.diag(cells))
    row, column = np.unravel_index(int(differ.argmax()), differ.shape)
    worst = f" Most often {labels[row]!r} became {labels[column]!r}: {differ.max():.1%}." if differ.max() > 0 else ""
    description = f"Labels on {name}: {np.trace(cells):.1%} of pairs agree.{worst}"
    return styled(alt.layer(*layers), description=description, height=max(LEAST_HEIGHT, CELL * len(labels)))
