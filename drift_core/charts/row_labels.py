"""Two-line labels above the marks of a row: they take the theme's text colour and leave the width to the marks."""

import json
from collections.abc import Mapping
from typing import Any

from drift_core.charts.theme import FIGURES


def row_labels(lines: Mapping[object, tuple[str, str]], *, offset: int) -> Any:
    """Make the axis of a chart of rows.

    Parameters
    ----------
    lines
        Name and caption of each row by its value on the axis.
    offset
        Pixels from the middle of a row up to the foot of the caption.
    """
    import altair as alt

    labels = json.dumps({str(value): list(pair) for value, pair in lines.items()})
    return alt.Axis(
        labelExpr=f"({labels})[datum.value]",
        labelAlign="left",
        labelBaseline="bottom",
        labelPadding=-6,
        labelOffset=-offset,
        labelFontSize=FIGURES,
        labelLineHeight=15,
        labelLimit=alt.ExprRef("width - 8"),  # a longer one would take the width from the marks
        ticks=False,
        domain=False,
        grid=False,
    )
