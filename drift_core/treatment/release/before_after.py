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
    stranger = _of_another(found, standing) or _beside_another(found, standing)
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


def _of_another(found: "ComparisonRecord", standing: Standing) -> str | None:
    """Say why the comparison may be of another student than the one that ships; None where it is of that one."""
    wanted = standing.card.student.version if standing.card else None
    owner = "the card's"
    if wanted is None and found.student_after is not None and not found.worse and standing.newest:
        wanted, owner = standing.newest.run.student_version, "the newest run's"
    if wanted is None or found.student_after == wanted:
        return None
    name = one_line(wanted)
    if found.student_after is None:
        return f"The comparison does not name its student; {owner} is {name}. {COMPARE} --after {name}."
    other = one_line(found.student_after)
    return f"The comparison is of student {other}; {owner} is {name}. {COMPARE} --after {name}."


def _beside_another(found: "ComparisonRecord", standing: Standing) -> str | None:
    """Say why the student before may be another than the card's parent; None where it is that one, or none is named."""
    parent = standing.card.student.parent if standing.card else None
    if parent is None or found.student_before == parent:
        return None
    name = one_line(parent)
    if found.student_before is None:
        return (
            f"The comparison does not name the student before; the card's parent is {name}. {COMPARE} --before {name}."
        )
    other = one_line(found.student_before)
    return f"The comparison is with student {other}; the card's parent is {name}. {COMPARE} --before {name}."
