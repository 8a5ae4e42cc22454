"""The options as lines: the answer, then one row a way with share, price and agreement."""

from typing import TYPE_CHECKING

from drift_core.measured import Unmeasured
from drift_core.options.weigh import NO_PRICES

if TYPE_CHECKING:
    from drift_core.options.weigh import Options


def describe_options(routes: "Options") -> str:
    """Put the options into lines, the answer first."""
    table = routes.table.drop(columns="Assumes")
    rows = [list(table.columns), *table.to_numpy().tolist()]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    unpriced = any(isinstance(o.once, Unmeasured) and o.once.reason == NO_PRICES for o in routes.options)
    entered = ["Prices come from --price, --student-price, --calls and --retrain-pairs."] if unpriced else []
    return "\n".join([f"Retrain, route or leave: {routes.sentence}", *lines, *routes.notes, *entered])
