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

    # Below the top level Altair asks no theme, and with names in place of tables no transformer.
    context: dict[str, Any] = {"datasets": {}, "top_level": False, "pre_transform": False}
    written = _written(chart, context)
    return {"$schema": alt.SCHEMA_URL, **written, "datasets": context["datasets"]}


def _written(chart: Any, context: dict[str, Any]) -> dict[str, Any]:
    """A chart without its tables' rows, which go to the data sets of the context.

    Parts are written one by one: Altair copies all of them, twice, whenever it copies what they are in.
    """
    import altair as alt

    properties = dict(chart._kwds)
    if isinstance(properties["data"], pd.DataFrame):
        rows = alt.Chart(alt.to_values(properties["data"])).to_dict(validate=False, context=context)
        properties["data"] = context["data"] = rows["data"]
    parts = {name: properties.pop(name) for name in PARTS if name in properties}
    alone = type(chart)(**properties, **{name: [] for name in parts}).to_dict(validate=False, context=context)
    return alone | {name: [_written(each, dict(context)) for each in held] for name, held in parts.items()}
