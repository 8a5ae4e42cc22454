"""The check of a comparison with the student before: no part of the traffic may have got worse."""

from typing import TYPE_CHECKING

from drift_core.treatment.release.standing import Standing, as_sentence, one_line

if TYPE_CHECKING:
    from drift_core.treatment.comparison.record import ComparisonRecord
    from drift_core.treatment.release.gate_readings import Reading

NAME = "before_after"
COMPARE = "Compare again with: distillation-drift compare"


def read_before_after(standing: Standing) -> "tuple[tuple[str | None, Reading], ...]":
    """Read the comparison: one finding a part that got worse, else one; none where no comparison is given."""
    found = standing.comparison
    if found is None:
        return ()
    stranger = _of_another(found, standing.card.student.version if standing.card else None)
    if stranger:
        return ((None, ("inconclusive", stranger)),)
    if found.worse:
        advice = "Retrain with pairs of it, or keep the student before."
        return tuple(
            (one_line(part.title), ("blocked", f"{as_sentence(part.sentence)} {advice}")) for part in found.worse
        )
    if not found.is_measured:
        return ((None, ("inconclusive", f"{as_sentence(found.sentence)} {COMPARE} and more pairs.")),)
    return ((None, ("held", as_sentence(found.sentence))),)


def _of_another(found: "ComparisonRecord", wanted: str | None) -> str | None:
    """Say why the comparison may be of another student than the card's; None where it is of that one."""
    if wanted is None or found.student_after == wanted:
        return None
    name = one_line(wanted)
    if found.student_after is None:
        return f"The comparison does not name its student; the card's is {name}. {COMPARE} --after {name}."
    other = one_line(found.student_after)
    return f"The comparison is of student {other}; the card's is {name}. {COMPARE} --after {name}."
