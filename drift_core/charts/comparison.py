"""Chart of before and after: each part's agreement under both students, what got worse first."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from drift_core.charts.dumbbell import dumbbells
from drift_core.charts.row_labels import row_labels
from drift_core.charts.theme import BLUE, DRIFTED_COLOUR, DRIFTED_SHAPE, GREEN, HELDOUT_GREY, styled
from drift_core.comparison.part_change import PartChange
from drift_core.measured import Measured, Measurement
from drift_core.wording import shortened

MAX_ROWS = 10
ROW_HEIGHT = 64
BEFORE = "student before"
# Colour and shape together, so that neither carries the meaning alone.
MARKS = {
    BEFORE: (HELDOUT_GREY, "circle"),
    "student after": (BLUE, "square"),
    "after, better": (GREEN, "triangle-up"),
    "after, worse": (DRIFTED_COLOUR, DRIFTED_SHAPE),
}
_AFTER = {"better": "after, better", "worse": "after, worse"}
_ORDER = ("worse", "better", "cannot tell", "same")
_COLUMNS = ["part", "name", "what", "estimate", "low", "high", "n_pairs"]


def order_parts(whole: PartChange, regions: Sequence[PartChange]) -> tuple[PartChange, ...]:
    """The whole, then regions: worse ones first, the largest fall leading, then better ones, then the others."""
    return (whole, *sorted(regions, key=lambda part: (_ORDER.index(part.outcome), _size(part))))


def comparison_chart(whole: PartChange, regions: Sequence[PartChange]) -> Any:
    """Draw the parts of one sample as a dumbbell each, student before to student after, with intervals.

    Notes
    -----
    At most 10 parts are drawn, the whole first. The intervals are each student's own; their difference on the same
    pairs, which the caption gives, is known better.
    """
    import altair as alt

    shown = order_parts(whole, regions)[:MAX_ROWS]
    ends = pd.DataFrame([end for place, part in enumerate(shown) for end in _ends(place, part)], columns=_COLUMNS)
    lines: dict[object, tuple[str, str]] = {
        place: (shortened(part.title), _caption(part)) for place, part in enumerate(shown)
    }
    y = alt.Y("part:N", sort=list(range(len(shown))), title=None, axis=row_labels(lines, offset=13))
    title = "Agreement in the order of all pairs" if whole.is_ranked else "Pairs with the same label"
    layers = dumbbells(
        ends, y=y, marks=MARKS, first=BEFORE, words=("part", "student"), title=title, is_share=not whole.is_ranked
    )
    chart = alt.layer(*layers, height=alt.Step(ROW_HEIGHT))
    return styled(chart, description=describe_parts(whole, regions))


def describe_parts(whole: PartChange, regions: Sequence[PartChange]) -> str:
    """State the finding of the chart as text."""
    worse = [part for part in order_parts(whole, regions) if part.outcome == "worse"]
    n_better = sum(part.outcome == "better" for part in regions)
    told = f"{len(regions)} regions of the {whole.sample} pairs: {n_better} better, {len(worse)} worse."
    named = "; ".join(f"{part.title}: {_caption(part)}" for part in (whole, *worse[:5]))
    return f"{told} {named}."


def comparison_table(whole: PartChange, regions: Sequence[PartChange]) -> pd.DataFrame:
    """Tabulate all parts of one sample, in the order of the chart."""
    return pd.DataFrame([_row(part) for part in order_parts(whole, regions)])


def _row(part: PartChange) -> dict[str, object]:
    def figure(side: Measurement, spec: str = ".2f") -> str:
        return format(side, spec) if isinstance(side, Measured) else "-"

    measure = part.measure[0].upper() + part.measure[1:]
    ranks = {
        f"{measure} inside, before": figure(part.agreement_before),
        f"{measure} inside, after": figure(part.agreement_after),
        f"Overlap at K = {part.overlap.k}": figure(part.overlap.change, "+.2f"),
    }
    return {
        "Part": part.title,
        "Verdict": part.outcome,
        "Change": figure(part.change, "+.3f"),
        "Before": figure(part.order.before),
        "After": figure(part.order.after),
        **(ranks if part.is_ranked else {}),
        "Share": f"{part.share:.1%}",
        "Pairs": part.n_pairs,
        "Queries": part.n_queries,
        "Why": part.reason,
    }


def _size(part: PartChange) -> float:
    return -abs(part.fall) if part.outcome in ("worse", "better") else -part.share


def _caption(part: PartChange) -> str:
    change = part.change
    figures = f"{change:+.3f}" if isinstance(change, Measured) else "too small to measure"
    share = "" if part.partition is None else f" · {part.share:.0%} of the pairs"
    return f"{_outcome(part)} · {figures}{share}"


def _outcome(part: PartChange) -> str:
    """The outcome, with the reason where it seems to contradict an interval on one side of 0."""
    change = part.change
    is_open = part.outcome == "cannot tell" and isinstance(change, Measured) and change.low * change.high > 0
    return "may be chance among all tested" if is_open and part.is_beyond_least else part.outcome


def _ends(place: int, part: PartChange) -> list[tuple[object, ...]]:
    sides = ((BEFORE, part.order.before), (_AFTER.get(part.outcome, "student after"), part.order.after))
    return [
        (place, part.title, what, side.estimate, side.low, side.high, side.n_pairs)
        for what, side in sides
        if isinstance(side, Measured)
    ]
