"""The check of a comparison with the student before: no part of the traffic may have got worse.

Whether the comparison may be relied on at all is in `comparison_validity`.
"""

from typing import TYPE_CHECKING

from drift_core.gate.comparison_validity import COMPARE, why_not_counted, why_not_whole, why_of_others
from drift_core.gate.context import Standing, as_sentence
from drift_core.wording import one_line

if TYPE_CHECKING:
    from drift_core.comparison.comparison_json import ComparisonRecord
    from drift_core.gate.limits import Reading

NAME = "before_after"


def read_before_after(standing: Standing) -> "tuple[tuple[str | None, Reading], ...]":
    """Read the comparison: one finding a part that got worse, else one; none where no comparison is given."""
    found = standing.comparison
    if found is None:
        return ()
    stranger = why_of_others(found, standing)
    if stranger:
        return ((None, ("inconclusive", stranger)),)
    if found.worse:  # whatever its rule and its age
        advice = "Retrain with pairs of it, or keep the student before."
        return tuple(
            (one_line(part.title), ("blocked", f"{as_sentence(part.sentence)} {advice}")) for part in found.worse
        )
    if not found.is_measured:
        return ((None, ("inconclusive", f"{as_sentence(found.sentence)} {COMPARE} and more pairs.")),)
    return ((None, why_not_counted(found, standing) or _held(found, standing)),)


def _held(found: "ComparisonRecord", standing: Standing) -> "Reading":
    not_whole = why_not_whole(found, standing)
    if not_whole:
        return "inconclusive", not_whole
    left = ", ".join(map(one_line, found.slices_left_out))
    return "held", f"{as_sentence(found.sentence)}{f' Slice columns left out: {left}.' if left else ''}"
