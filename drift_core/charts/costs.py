"""Chart of what the canary costs beside what it protects, all amounts on one scale."""

from typing import Any

import pandas as pd

from drift_core.charts.row_labels import row_labels
from drift_core.charts.theme import BLUE, GREEN, ORANGE, styled
from drift_core.options.costs import WEEKS_A_YEAR, CanaryCosts

ROW_HEIGHT = 62


def costs_chart(costs: CanaryCosts) -> Any:
    """Draw a year of the canary, one retrain list, a year of fallback where known, and what the student saves."""
    import altair as alt

    rows = _rows(costs)
    lines = {label: (label, caption) for label, caption in rows[["label", "caption"]].to_numpy()}
    base = alt.Chart(rows).encode(
        y=alt.Y("label:N", sort=list(rows["label"]), title=None, axis=row_labels(lines, offset=13)),
        x=alt.X("amount:Q", title="In the currency of your prices", axis=alt.Axis(format=",.3~s", tickCount=4)),
        color=alt.Color("colour:N", scale=None),
        tooltip=[alt.Tooltip("label:N", title="what"), alt.Tooltip("caption:N", title="amount")],
    )
    # The tick keeps an amount in sight whose bar is thinner than a pixel.
    ends = base.mark_tick(size=11, thickness=3, yOffset=13, opacity=1)
    chart = alt.layer(base.mark_bar(height=11, yOffset=13), ends, height=alt.Step(ROW_HEIGHT))
    return styled(chart, description=describe_costs(costs))


def describe_costs(costs: CanaryCosts) -> str:
    """State the amounts as text."""
    return "; ".join(f"{row.label}: {row.caption}" for row in _rows(costs).itertuples()) + "."


def _rows(costs: CanaryCosts) -> pd.DataFrame:
    prices = costs.prices
    share, fallback = prices.drifted_share, costs.fallback_a_year
    of_fallback = []
    if share is not None and fallback is not None:
        of_fallback = [(f"Fallback for {100 * share:.3g}% of the calls, a year", fallback, ORANGE)]
    found = [
        ("The canary, a year", costs.canary_a_year, BLUE),
        (f"A retrain list of {prices.retrain_pairs:,.0f} pairs, once", costs.retrain, BLUE),
        *of_fallback,
        ("What the student saves, a year", WEEKS_A_YEAR * costs.saving_a_week, GREEN),
    ]
    return pd.DataFrame(
        [
            {"label": label, "amount": amount, "caption": f"{amount:,.2f}", "colour": colour}
            for label, amount, colour in found
        ]
    )
