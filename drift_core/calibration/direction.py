"""Whether a student's probability goes with its teacher's answer or against it, and whether it does so less today."""

from dataclasses import dataclass, replace

from drift_core.errors import InputError
from drift_core.measured import Measured, Measurement
from drift_core.measures.agreement import agreement, coefficient_difference, coefficient_of, measure
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RankChange:
    """How well the student's score ranks the teacher's answers on both samples: areas under the curve.

    Attributes
    ----------
    heldout, production
        Of each sample.
    fall
        Of held-out minus that of production.
    has_fallen
        Whether all of the fall's interval lies above 0 and the estimate reaches the material loss, as `diagnose` reads
        it.
    """

    heldout: Measurement
    production: Measurement
    fall: Measurement
    has_fallen: bool

    @property
    def sentence(self) -> str:
        """That ranks fell, which no calibration mends, and what does; empty where they did not."""
        if not (self.has_fallen and isinstance(self.heldout, Measured) and isinstance(self.production, Measured)):
            return ""
        return (
            f"The ranking fell: the area under the curve went from {self.heldout.figure()} on held-out to "
            f"{self.production.figure()} on production, by {self.fall:+.3f}. Recalibrating keeps the order of the "
            "scores, so it does not mend this: see what caused it (distillation-drift diagnose), retrain or route as "
            "the verdict says, then calibrate again."
        )

    def to_json(self) -> dict[str, object]:
        return {
            "has_fallen": self.has_fallen,
            "sentence": self.sentence,
            "fall": self.fall.to_json(),
            "heldout": self.heldout.to_json(),
            "production": self.production.to_json(),
        }


def compare_ranks(heldout: Scores, production: Scores, *, material_loss: float, confidence: float) -> RankChange:
    """Compare the area under the curve of both samples, whose teacher's answers are 0 and 1; see `agreement`."""
    first, second = (coefficient_of(replace(each, is_answered=True)) for each in (heldout, production))
    fall = coefficient_difference(first, second, confidence=confidence)
    return RankChange(
        heldout=measure(first, confidence=confidence),
        production=measure(second, confidence=confidence),
        fall=fall,
        has_fallen=isinstance(fall, Measured) and fall.low > 0 and fall.estimate >= material_loss,
    )
