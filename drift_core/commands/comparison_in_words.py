"""A comparison of two students as lines of text."""

from typing import TYPE_CHECKING

from drift_core.measured import Measured

if TYPE_CHECKING:
    from drift_core.comparison.compare import Comparison
    from drift_core.comparison.operating_figures import OperatingFigure
    from drift_core.comparison.part_change import PartChange

N_REGIONS_SHOWN = 20
ORDER = ("worse", "better", "cannot tell", "same")
WHO = {"student": "student after", "student_before": "student before", "teacher": "teacher"}


def describe_comparison(comparison: "Comparison") -> str:
    """Put a comparison into lines: the verdict, what got worse, the parts, the operational table, notes."""
    first = [comparison.headline] if comparison.worse and comparison.outcome != "worse" else []
    lines = [*first, comparison.sentence, *(f"- {part.full_title}: {part.reason}" for part in comparison.worse)]
    for sample in comparison.samples:
        lines += ["", *_table(sample.whole, sample.regions)]
    lines += _operations(comparison.operations)
    notes = [p.message for sample in comparison.samples for p in (*sample.left_out, *sample.problems)]
    notes += comparison.cautions
    if comparison.trained_on is None:
        notes.append("Pairs that the student after was trained on are not known; name them with --trained-on.")
    return "\n".join([*lines, "", *(f"Note: {note}" for note in notes)])


def _table(whole: "PartChange", regions: "tuple[PartChange, ...]") -> list[str]:
    ordered = sorted(regions, key=lambda part: (ORDER.index(part.outcome), -part.share))
    shown = [whole, *ordered[:N_REGIONS_SHOWN]]
    width = max(len(_title(part)) for part in shown)
    header = f"{'Part':<{width}}  {'before':>6}  {'after':>6}  {'change':>23}  {'pairs':>7}  verdict"
    left = len(ordered) - N_REGIONS_SHOWN
    return [header, *(_row(part, width) for part in shown), *([f"and {left} more in the JSON"] if left > 0 else [])]


def _title(part: "PartChange") -> str:
    return part.title if len(part.title) <= 48 else part.title[:47] + "…"


def _row(part: "PartChange", width: int) -> str:
    before, after, change = part.order.before, part.order.after, part.change
    if not (isinstance(before, Measured) and isinstance(after, Measured) and isinstance(change, Measured)):
        return f"{_title(part):<{width}}  {'-':>6}  {'-':>6}  {'-':>23}  {part.n_pairs:>7,}  {part.reason}"
    figures = f"{change:+.2f}"
    ends = f"{before.estimate:>6.2f}  {after.estimate:>6.2f}"
    return f"{_title(part):<{width}}  {ends}  {figures:>23}  {part.n_pairs:>7,}  {part.outcome}"


def _operations(figures: "tuple[OperatingFigure, ...]") -> list[str]:
    if not figures:
        return []
    rows = [(each.figure, WHO[each.who], _value(each), _of_teacher(each)) for each in figures]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    return ["", *("  ".join(cell.ljust(width) for cell, width in zip(row, (*widths, 0), strict=True)) for row in rows)]


def _value(figure: "OperatingFigure") -> str:
    value = figure.value
    return f"{value:,.4g}, n = {value.n_pairs:,}" if isinstance(value, Measured) else value.reason


def _of_teacher(figure: "OperatingFigure") -> str:
    share = figure.of_teacher
    if share is None:
        return ""
    if not isinstance(share, Measured):
        return share.reason
    return f"{share:.1%} of the teacher's"
