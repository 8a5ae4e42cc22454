"""What calls cost, how long they take and how often they fail, as lines on the terminal."""

from typing import TYPE_CHECKING

from drift_core.measured import Measured

if TYPE_CHECKING:
    from drift_core.measured import Measurement
    from drift_core.operations.operating_figures import OperatingFigure
    from drift_core.operations.operations import Operations


def describe_operations(operations: "Operations") -> list[str]:
    """Put operating figures into a table, then what they say together; nothing where there are none."""
    if not operations:
        return []
    rows = [_row(each) for each in operations.figures]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, (*widths, 0), strict=True)) for row in rows]
    return ["", *(line.rstrip() for line in lines), *(f"Finding: {each}" for each in operations.findings)]


def _row(figure: "OperatingFigure") -> tuple[str, str, str, str]:
    value = figure.value
    told = f"{figure.text}, n = {value.n_pairs:,}" if isinstance(value, Measured) else value.reason
    shares = {"the teacher's": figure.of_teacher, "the student before's": figure.of_before}
    return figure.figure, figure.who.replace("_", " "), told, ", ".join(filter(None, map(_share, shares.items())))


def _share(named: "tuple[str, Measurement | None]") -> str:
    whose, share = named
    if share is None:
        return ""
    return f"{share:.1%} of {whose}" if isinstance(share, Measured) else share.reason
