"""Whether the student after is calibrated better or worse than the one before, which agreement cannot see."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from drift_core.calibration.calibration_error import CalibrationError, measure_calibration
from drift_core.calibration.calibration_test import gives_chances
from drift_core.calibration.class_calibration import of_answer
from drift_core.comparison.part_change import SampleName
from drift_core.comparison.usable_pairs import UsablePairs
from drift_core.measures.scores import Scores
from drift_core.samples.class_probabilities import chances_by_label


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationChange:
    """Calibration error of both students on the same pairs; `low` and `high` hold the change, after minus before."""

    sample: SampleName
    before: float
    after: float
    low: float
    high: float
    confidence: float

    @property
    def sentence(self) -> str:
        told = (
            f"Calibration error on {self.sample} pairs went from {self.before:.1%} to {self.after:.1%}, by "
            f"{100 * (self.after - self.before):+z.1f} points ({100 * self.low:+z.1f} to {100 * self.high:+z.1f})"
        )
        if self.low > 0:
            return f"{told}: worse, which agreement does not see. Recalibrate (distillation-drift calibrate)."
        return f"{told}: better." if self.high < 0 else f"{told}: no clear change."

    def to_json(self) -> dict[str, object]:
        kept = ("sample", "before", "after", "low", "high", "confidence", "sentence")
        return {name: getattr(self, name) for name in kept}


def calibration_change(
    students: tuple[Scores, Scores], sample: SampleName, *, confidence: float, seed: int
) -> CalibrationChange | None:
    """Measure the change from the student before; None where one gives no probabilities, or pairs are too few.

    Notes
    -----
    Each error has an interval at half the error rate, so that their difference keeps `confidence` however the two
    depend on each other (Bonferroni); on the same pairs they do.
    """
    if not len(students[0]) or not gives_chances(*students):
        return None
    each = 1 - (1 - confidence) / 2
    old, new = (measure_calibration(scores, confidence=each, seed=seed) for scores in students)
    if not (isinstance(old, CalibrationError) and isinstance(new, CalibrationError)):
        return None
    was, now = old.gap.error, new.gap.error
    return CalibrationChange(
        sample=sample,
        before=was.estimate,
        after=now.estimate,
        low=now.low - was.high,
        high=now.high - was.low,
        confidence=confidence,
    )


def calibration_changes(
    usable: Mapping[SampleName, UsablePairs], *, confidence: float, seed: int
) -> Iterator[CalibrationChange]:
    """The change on each sample that has one."""
    for name, each in usable.items():
        found = calibration_change(_students(each), name, confidence=confidence, seed=seed)
        if found is not None:
            yield found


def _students(pairs: UsablePairs) -> tuple[Scores, Scores]:
    """Scores by the student before and after; of probabilities of labels, those of the answer of each."""
    sample, scores = pairs.sample, pairs.scores
    chances = [chances_by_label(sample, is_before=is_before) for is_before in (True, False)]
    before, after = (None if each is None else each[pairs.kept] for each in chances)
    if before is None or after is None:
        return replace(scores, student=pairs.before), scores
    known = np.isfinite(before).all(axis=1) & np.isfinite(after).all(axis=1)
    answers = replace(scores, teacher=sample.kind.places(scores.teacher), is_ranked=True).take(known)
    return of_answer(answers, before[known]), of_answer(answers, after[known])
