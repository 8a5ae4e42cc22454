"""Chart of calibration: the reliability diagram of one sample or several."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from drift_core.calibration.calibration_error import CalibrationError
from drift_core.charts.theme import HELDOUT_GREY, SAMPLE_SHAPES, sample_scale, styled


def reliability_diagram(samples: Mapping[str, CalibrationError], *, of_answer: bool = False) -> Any:
    """Draw the share that the teacher passes against the student's probability, in bins, over the line of equality.

    Parameters
    ----------
    samples
        Calibration by sample: "held-out", "production".
    of_answer
        Whether it is that of the student's most probable label, and what passes is that the teacher gives it too.
    """
    import altair as alt

    table = pd.concat([each.table.assign(sample=name) for name, each in samples.items()])
    share = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("score:Q", scale=share, title="student's probability, mean of the bin", axis=alt.Axis(format="%"))
    y = alt.Y(
        "passed:Q",
        scale=share,
        title="share that is right" if of_answer else "share that the teacher passes",
        axis=alt.Axis(format="%"),
    )
    colour = alt.Color("sample:N", scale=sample_scale(), title=None, legend=alt.Legend(orient="top"))
    shapes = alt.Scale(domain=list(SAMPLE_SHAPES), range=list(SAMPLE_SHAPES.values()))
    figures = [alt.Tooltip(f"{name}:Q", format=".1%") for name in ("score", "passed", "low", "high")]
    base = alt.Chart(table)
    equality = alt.Chart(pd.DataFrame({"score": [0, 1], "passed": [0, 1]})).mark_line(
        color=HELDOUT_GREY, strokeDash=[4, 4], strokeWidth=1.5
    )
    drawn = alt.layer(
        equality.encode(x=x, y=y),
        base.mark_rule(strokeWidth=2, opacity=0.6).encode(
            x=x, y=alt.Y("low:Q", scale=share), y2=alt.Y2("high:Q"), color=colour
        ),
        base.mark_line(strokeWidth=1.5, opacity=0.6).encode(x=x, y=y, color=colour),
        base.mark_point(filled=True, size=90, opacity=1).encode(
            x=x,
            y=y,
            color=colour,
            shape=alt.Shape("sample:N", scale=shapes, title=None, legend=alt.Legend(orient="top")),
            tooltip=["sample:N", *figures, alt.Tooltip("n_pairs:Q", title="pairs")],
        ),
    )
    told = "; ".join(
        f"{name}: expected {each.expected:.0%}, passed {each.passed:.0%}, calibration error {each.gap.error:.1%}"
        for name, each in samples.items()
    )
    return styled(drawn, description=f"Reliability diagram. {told}.", height=320)
