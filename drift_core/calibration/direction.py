"""Whether a student's probability goes with its teacher's answer or against it."""

from dataclasses import replace

from drift_core.errors import InputError
from drift_core.measured import Measured
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from drift_core.samples.pairs import ScoredPairs

BY_CHANCE = 0.5  # area under the curve


def check_direction(sample: ScoredPairs, answers: Scores, *, confidence: float = 0.95) -> None:
    """Raise where the student's score surely falls as the teacher's answer rises.

    Parameters
    ----------
    sample
        The sample that the student was tested on, for its name and columns.
    answers
        The student's scores there, and 0 or 1 as teacher.
    confidence
        Level of the interval of agreement, in (0, 1); it counts queries.

    Raises
    ------
    InputError
        When that interval lies below chance, 0.5.
    """
    found = agreement(replace(answers, is_answered=True), confidence=confidence)
    if not isinstance(found, Measured) or found.high >= BY_CHANCE:
        return
    student, teacher = (sample.columns.get(role, role) for role in ("student", "teacher"))
    raise InputError(
        f"{sample.name}: the student's column {student!r} goes against the teacher's, {teacher!r}: the area under the "
        f"curve is {found.figure()}, at most {found.high:.2f}. Is it the chance of the other answer? Then choose the "
        "kind probability and name that answer last, as the labels pass,fail (--kind, --labels), or give 1 minus the "
        "column."
    )
