"""The specification of a chart, with its data inside: what a page shows and what a picture is made of.

Altair keeps what it does with data, and its theme, for the whole process, where any thread may change it; nothing of
that is asked here.
"""

from typing import Any

import pandas as pd

PARTS = ("layer", "hconcat", "vconcat", "concat")  # what a chart may hold further charts in


def specified(chart: Any) -> dict[str, Any]:
    """Write a chart of `drift_core.charts` as a Vega-Lite document.

    Parameters
    ----------
    chart
        An Altair chart over pandas tables, also layered or put together of several.

    Returns
    -------
    dict
        The same for the same chart, whatever transformer, theme or limit of rows others in this process have set. Not
        validated, which takes longer than all the rest; the tests of the charts do it.
    """
    import altair as alt

    datasets: dict[str, Any] = {}
    # Below the top level Altair asks no theme, and with values in place of tables no transformer.
    context = {"datasets": datasets, "top_level": False, "pre_transform": False}
    written = _with_values(chart).to_dict(validate=False, context=context)
    return {"$schema": alt.SCHEMA_URL, **written, "datasets": datasets}


def _with_values(chart: Any) -> Any:
    """A copy in which every table is written out as rows."""
    import altair as alt

    copy = chart.copy(deep=False)
    if isinstance(getattr(chart, "data", None), pd.DataFrame):
        copy.data = alt.to_values(chart.data)
    for name in PARTS:
        parts = getattr(chart, name, None)
        if isinstance(parts, list):
            setattr(copy, name, [_with_values(part) for part in parts])
    return copy
