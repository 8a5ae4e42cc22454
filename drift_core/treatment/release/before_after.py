"""The check of a comparison with the student before: no part of the traffic may have got worse.

Whether the comparison may be relied on at all is in `comparison_standing`.
"""

from typing import TYPE_CHECKING

from drift_core.treatment.release.comparison_standing import COMPARE, why_not_counted, why_of_others
from drift_core.treatment.release.standing import Standing, as_sentence, one_line

if TYPE_CHECKING:
    from drift_core.treatment.release.gate_readings import Reading

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
    return ((None, why_not_counted(found, standing) or ("held", as_sentence(found.sentence))),)
