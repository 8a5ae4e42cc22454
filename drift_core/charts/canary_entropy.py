"""Chart of the canary: how evenly the student uses its answers, week by week and version by version."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pandas as pd

from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.collapse import VersionEntropy, entropy_by_version
from drift_core.charts.canary_events import time_axis
from drift_core.charts.theme import BLUE, PINK, styled
from drift_core.wording import one_line

HALF_WEEK = timedelta(days=3.5)
MARGIN, LEAST_SHOWN, TOP, HEIGHT = 0.02, 0.9, 1.005, 190


def entropy_timeline(weeks: Sequence[WeekAssessment]) -> Any:
    """Draw the weekly entropy of the student's outputs as a share of its most; a shade a version, lines are means."""
    import altair as alt

    versions = entropy_by_version(weeks)
    rows = pd.DataFrame([_entropy(week) for week in weeks if week.status != "gap" and week.run.entropy is not None])
    means = pd.DataFrame([_mean_entropy(each, rows) for each in versions])
    names = [each.name for each in versions]
    colour = alt.Color(
        "version:N",
        scale=alt.Scale(domain=names, range=[(BLUE, PINK)[place % 2] for place in range(len(names))]),
        legend=None,
    )
    low = min(LEAST_SHOWN, float(rows["low"].min()), *(means["share"] - MARGIN)) if len(rows) else LEAST_SHOWN
    y = alt.Scale(domain=[max(0.0, low), TOP], nice=False, zero=False)
    axis = alt.Axis(format="%", tickCount=4)
    week = alt.Tooltip("at:T", title="week of", format="%d %b %Y")
    shown = time_axis(means["from"].min(), means["to"].max())
    at, begin = (alt.X(f"{name}:T", title=None, axis=shown) for name in ("at", "from"))
    base = alt.Chart(rows).encode(color=colour)
    level = alt.Chart(means).encode(x=begin, y=alt.Y("share:Q", scale=y), color=colour)
    chart = alt.layer(
        base.mark_rule(strokeWidth=2, opacity=0.6).encode(x=at, y=alt.Y("low:Q", scale=y), y2=alt.Y2("high:Q")),
        base.mark_point(filled=True, size=45, opacity=1).encode(
            x=at,
            y=alt.Y("share:Q", scale=y, title="share of the most", axis=axis),
            tooltip=[week, alt.Tooltip("version:N"), alt.Tooltip("bits:Q", format=".2f")],
        ),
        level.mark_rule(strokeWidth=1.5, strokeDash=[4, 4]).encode(x2=alt.X2("to:T")),
        alt.Chart(means)
        .mark_text(align="left", dx=4, dy=-8, fontSize=12)
        .encode(x=begin, y=alt.value("height"), text=alt.Text("version:N")),
    )
    told = "; ".join(each.sentence for each in versions)
    return styled(chart, description=f"Entropy of the student's outputs by version. {told}.", height=HEIGHT)


def _entropy(week: WeekAssessment) -> dict[str, object]:
    found = week.run.entropy
    assert found is not None
    bits = found.student
    shares = {"share": bits.estimate, "low": bits.low, "high": bits.high}
    name = "unnamed" if week.run.student_version is None else one_line(week.run.student_version)
    told = {"at": pd.Timestamp(week.run.at).tz_localize(None), "version": name, "bits": bits.estimate}
    return told | {key: value / found.most for key, value in shares.items()}


def _mean_entropy(each: VersionEntropy, rows: pd.DataFrame) -> dict[str, object]:
    at = rows.loc[rows["version"] == each.name, "at"]
    return {"version": each.name, "share": each.share, "from": at.min() - HALF_WEEK, "to": at.max() + HALF_WEEK}
