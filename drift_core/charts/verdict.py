"""Chart of the verdict: the parts of the loss of agreement, each from zero, and the whole."""

from typing import Any

import pandas as pd

from drift_core.charts.row_labels import row_labels
from drift_core.charts.theme import DRIFTED_COLOUR, HELDOUT_GREY, POINTS, are_shares, styled
from drift_core.measured import Measured
from drift_core.regions.attribution import Attribution

ROW_HEIGHT = 62
PARTS = {
    "mix": "Traffic moved to other regions",
    "within": "Change inside the regions",
    "score_range": "A narrower range of scores",
    "teacher": "The teacher's revision",
    "total": "Whole loss",
}
INFERRED = "inferred from familiar traffic"
WHY_UNKNOWN = {
    "mix": "not told apart: held-out and production share no region",
    "within": "not told apart: held-out and production share no region",
    "teacher": "not measured: no pinned scores",
    "total": "not measured",
}


def loss_parts(attribution: Attribution) -> Any:
    """Draw the parts of the loss, each as a bar from zero with its interval on it, and the whole at the end.

    A part has the colour of drift where its interval lies above 0. Why one is not known stands in `unknown_parts`, for
    beneath the chart: a reason is longer than a narrow chart is wide.
    """
    import altair as alt

    rows = _rows(attribution)
    lines = {label: (label, caption.split(":")[0]) for label, caption in rows[["label", "caption"]].to_numpy()}
    y = alt.Y("label:N", sort=list(rows["label"]), title=None, axis=row_labels(lines, offset=13))
    known = alt.Chart(rows.dropna(subset=["end"])).encode(
        y=y, tooltip=[alt.Tooltip("label:N", title="part"), alt.Tooltip("caption:N", title="agreement lost")]
    )
    is_share = are_shares([attribution.total])
    title, labels = ("Agreement lost, points", POINTS) if is_share else ("Agreement lost", alt.Undefined)
    axis = alt.Axis(grid=False, labelExpr=labels, tickCount=6)
    bars = known.mark_bar(height=13, yOffset=17).encode(
        x=alt.X("end:Q", title=title, axis=axis),
        x2=alt.datum(0.0),
        color=alt.Color("colour:N", scale=None),
    )
    intervals = known.mark_rule(strokeWidth=2, yOffset=17, y2Offset=17, stroke="currentColor").encode(
        x=alt.X("low:Q"), x2=alt.X2("high:Q")
    )
    # Zero is marked beside the bars of each row alone, so that no line runs through its words.
    zero = known.mark_tick(orient="vertical", size=24, thickness=1, yOffset=17, color=HELDOUT_GREY, opacity=0.8)
    zero = zero.encode(x=alt.datum(0.0))
    blank = alt.Chart(rows).mark_bar(opacity=0).encode(y=y, x=alt.value(0))
    chart = alt.layer(blank, zero, bars, intervals, height=alt.Step(ROW_HEIGHT))
    return styled(chart, description=describe_loss(attribution))


def split_title(cause: str) -> str:
    """What stands above the chart: where nothing was lost, no loss comes from anywhere."""
    return "The difference and its parts" if cause == "healthy" else "Where the loss comes from"


def describe_loss(attribution: Attribution) -> str:
    """State the split of the loss as text."""
    return "; ".join(f"{row.label}: {row.caption}" for row in _rows(attribution).itertuples()) + "."


def unknown_parts(attribution: Attribution) -> str:
    """Say why parts are not known, a sentence each; empty where all are."""
    rows = _rows(attribution)
    return " ".join(f"{row.label} is {row.caption}." for row in rows[rows["end"].isna()].itertuples())


def _rows(attribution: Attribution) -> pd.DataFrame:
    rows = []
    for name, label in PARTS.items():
        found = getattr(attribution, name)
        if name == "score_range" and found is None:
            continue
        part: Measured | None = getattr(found, "part", found)
        inferred = name == "teacher" and attribution.teacher_inferred
        label = f"{label}, {INFERRED}" if inferred else label
        row: dict[str, object] = {"label": label, "caption": _why_unknown(name, attribution), "colour": HELDOUT_GREY}
        if part is not None:
            row |= {"end": part.estimate, "low": part.low, "high": part.high}
            row |= {"caption": f"{part:+.3f}"}
            row |= {"colour": DRIFTED_COLOUR if part.low > 0 else HELDOUT_GREY}
        rows.append(row)
    return pd.DataFrame(rows, columns=["label", "caption", "colour", "end", "low", "high"])


def _why_unknown(name: str, attribution: Attribution) -> str:
    if attribution.total is None:
        return WHY_UNKNOWN["total"]
    reason = attribution.teacher_unknown
    if name == "teacher" and reason:
        return f"unknown: {reason[0].lower()}{reason[1:].removesuffix('.')}"
    return WHY_UNKNOWN[name]
