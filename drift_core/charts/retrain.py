"""Chart of the retrain list: what each region gives, beside its share of the traffic."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from drift_core.charts.row_labels import row_labels
from drift_core.charts.theme import BLUE, DRIFTED_COLOUR, PINK, WORDS_COLOUR, styled
from drift_core.retrain_list.quotas import Quota
from drift_core.wording import shortened

ROW_HEIGHT = 62
MAX_ROWS = 10
LIST, TRAFFIC, FLOOR = "on the list", "by traffic alone", "at least"


def quotas_chart(quotas: Sequence[Quota], *, flag: str = "drifted") -> Any:
    """Draw the pairs that each region gives, how many its traffic would give, and what it has at least.

    At most 10 regions are drawn, the ones that give most. `flag` is what is marked; see `Manifest`.
    """
    import altair as alt

    n = sum(quota.n_drawn for quota in quotas)
    shown = sorted(quotas, key=lambda quota: (-quota.n_drawn, quota.region))[:MAX_ROWS]
    colours = {LIST: BLUE, flag: DRIFTED_COLOUR, TRAFFIC: WORDS_COLOUR, FLOOR: PINK}
    rows = pd.DataFrame([_row(quota, n, flag) for quota in shown])
    lines = {region: (shortened(region), caption) for region, caption in rows[["region", "caption"]].to_numpy()}
    y = alt.Y("region:N", sort=list(rows["region"]), title=None, axis=row_labels(lines, offset=13))
    colour = alt.Color(
        "what:N",
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=alt.Legend(title=None, orient="top", columns=2, symbolType="square", labelLimit=260),
    )
    x = alt.X("pairs:Q", title="Pairs", axis=alt.Axis(tickMinStep=1, format=",d"))

    def layer(column: str, what: str | None = None) -> Any:
        table = rows.assign(pairs=rows[column], what=rows["what"] if what is None else what)
        tooltip = [alt.Tooltip("region:N"), alt.Tooltip("what:N"), alt.Tooltip("pairs:Q", format=",.0f")]
        return alt.Chart(table).encode(y=y, x=x, color=colour, tooltip=tooltip)

    chart = alt.layer(
        layer("drawn").mark_bar(height=11, yOffset=13),
        layer("by_traffic", TRAFFIC).mark_bar(height=4, yOffset=22),
        layer("floor", FLOOR).mark_tick(size=18, thickness=3, yOffset=13, opacity=1),
        height=alt.Step(ROW_HEIGHT),
    )
    return styled(chart, description=describe_quotas(quotas, flag=flag))


def describe_quotas(quotas: Sequence[Quota], *, flag: str = "drifted") -> str:
    """State the quotas as text."""
    n = sum(quota.n_drawn for quota in quotas)
    drifted = sum(quota.n_drawn for quota in quotas if quota.drifted)
    largest = sorted(quotas, key=lambda quota: -quota.n_drawn)[:5]
    named = "; ".join(f"{quota.region} {quota.n_drawn:,} ({quota.traffic_share:.0%} of traffic)" for quota in largest)
    return f"{n:,} pairs from {len(quotas)} regions, {drifted:,} from {flag} ones. Most from: {named}."


def _row(quota: Quota, n: int, flag: str) -> dict[str, object]:
    marked = f"{flag} · " if quota.drifted else ""
    all_of_it = ", all there is" if quota.n_drawn == quota.n_available else ""
    return {
        "region": quota.region,
        "caption": f"{marked}{quota.traffic_share:.0%} of traffic → {quota.list_share:.0%} of the list · "
        f"{quota.n_drawn:,}{all_of_it}",
        "what": flag if quota.drifted else LIST,
        "drawn": quota.n_drawn,
        "by_traffic": quota.traffic_share * n,
        "floor": quota.floor,
    }
