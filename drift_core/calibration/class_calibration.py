"""How far a student's probabilities of labels are from how often the teacher gives them: of its answer, and of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.calibration.calibration_error import CalibrationError, measure_calibration, too_few
from drift_core.calibration.gap import LARGEST_UNSEEN, SMALLEST_ERROR, Reading
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores
from drift_core.wording import in_a_row

LEAST_OF_LABEL = 20  # pairs that the teacher gives a label to, and queries of them, from which it is looked at (ours)
SPENT = 0.5  # of 1 - confidence: with several docs a query chance is told a little short, in its tail above all (ours)
MOST_LABELS = 10  # looked at, the most frequent; of more, simulation cannot tell chances so small (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledCalibration:
    """Calibration of probabilities of labels on one sample.

    Attributes
    ----------
    answer
        Of the most probable label: its probability against how often the teacher gives it (top-label).
    labels
        Of each label: its probability against how often the teacher gives it (class-wise); those that the teacher
        gives too seldom are left out.
    log_loss
        Mean of minus the logarithm of what was given to the teacher's label, in nats a pair.
    """

    answer: CalibrationError
    labels: dict[str, CalibrationError]
    log_loss: float

    @property
    def reading(self) -> Reading:
        """Not calibrated where the answer or any label surely is not; each has its part of one error level."""
        if _is_off(self.answer, 1) or self.off:
            return "not calibrated"
        widest = max(each.gap.error.high for each in (self.answer, *self.labels.values()))
        return "calibrated" if widest <= LARGEST_UNSEEN else "cannot tell"

    @property
    def off(self) -> tuple[str, ...]:
        """Labels that surely are not calibrated, the furthest off first."""
        found = {label: each for label, each in self.labels.items() if _is_off(each, len(self.labels))}
        return tuple(sorted(found, key=lambda label: -found[label].gap.error.estimate))

    @property
    def by_label(self) -> float:
        """Mean over labels of the error in bins, as class-wise calibration error is told; what chance adds included."""
        return float(np.mean([each.gap.as_binned for each in self.labels.values()])) if self.labels else float("nan")

    @property
    def sentence(self) -> str:
        side = self.answer
        told = (
            f"The student is on average {side.expected:.0%} sure of its answer and right in {side.passed:.0%}. "
            f"{side.sentence}"
        )
        if not self.labels:
            return f"{told} No label is frequent enough to be looked at alone."
        chance = np.mean([each.gap.by_chance for each in self.labels.values()])
        which = f"; surely off: {in_a_row([repr(label) for label in self.off])}" if self.off else ""
        return f"{told} By label it is {self.by_label:.1%} in bins, where chance shows {chance:.1%}{which}."

    def to_json(self) -> dict[str, object]:
        return {
            "reading": self.reading,
            "sentence": self.sentence,
            "answer": self.answer.to_json(),
            "labels": {label: each.to_json() for label, each in self.labels.items()},
            "log_loss": self.log_loss,
        }


def _is_off(side: CalibrationError, n_looks: int) -> bool:
    """Whether chance would hardly show so large an error at one of so many looks, which share half of what is spent."""
    level = (1 - side.gap.error.confidence) * SPENT / 2 / n_looks
    return side.gap.p_value <= level and side.gap.error.estimate >= SMALLEST_ERROR


def measure_labelled_calibration(
    answers: Scores, chances: np.ndarray, labels: Sequence[str], *, confidence: float = 0.95, seed: int = 0
) -> LabelledCalibration | Unmeasured:
    """Measure how far probabilities of labels are from the shares that the teacher gives them.

    Parameters
    ----------
    answers
        The teacher's labels as places, 0 to n_labels - 1, with queries and weights; the student's are not looked at.
    chances
        Probabilities, shape (n, n_labels), finite.

    Returns
    -------
    LabelledCalibration or Unmeasured
        Unmeasured below 50 pairs or 10 queries.

    Notes
    -----
    Top-label error as in [1]_, class-wise as in [2]_, each by `measure_calibration` with its noise floor and interval.
    What `SPENT` leaves of 1 - confidence goes in halves to the answer and, in equal parts, to the
    labels (Bonferroni), so that a calibrated student is called otherwise in at most 1 - confidence of samples.

    References
    ----------
    .. [1] Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. (2017). On calibration of modern neural networks. ICML 34.
    .. [2] Kull, M. et al. (2019). Beyond temperature scaling: Obtaining well-calibrated multi-class probabilities with
       Dirichlet calibration. NeurIPS 32.
    """
    if (lacking := too_few(answers)) is not None:
        return lacking
    answer = measure_calibration(of_answer(answers, chances), confidence=confidence, seed=seed)
    if isinstance(answer, Unmeasured):
        return answer
    found = {}
    for place in _frequent(answers, len(labels)):
        one = replace(answers, student=chances[:, place], teacher=(answers.teacher == place) * 1.0)
        measured = measure_calibration(one, confidence=confidence, seed=seed)
        if isinstance(measured, CalibrationError):
            found[labels[place]] = measured
    return LabelledCalibration(answer=answer, labels=found, log_loss=log_loss_of(answers, chances))


def of_answer(answers: Scores, chances: np.ndarray) -> Scores:
    """The probability of the most probable label as student, and whether the teacher gives it."""
    given = chances.argmax(axis=1)
    return replace(answers, student=np.clip(chances.max(axis=1), 0, 1), teacher=(given == answers.teacher) * 1.0)


def log_loss_of(answers: Scores, chances: np.ndarray) -> float:
    """Mean of minus the logarithm of what was given to the teacher's label, in nats a pair."""
    given = chances[np.arange(len(answers)), answers.teacher.astype(np.int64)]
    return float((-np.log(np.maximum(given, 1e-12)) * answers.relative_weights).mean())


def _frequent(answers: Scores, n_labels: int) -> list[int]:
    """Places of the labels that the teacher gives often enough, the most frequent first."""
    codes = answers.teacher.astype(np.int64)
    n_pairs = np.bincount(codes, minlength=n_labels)
    n_queries = np.array([answers.take(codes == place).n_queries for place in range(n_labels)])
    enough = [place for place in range(n_labels) if min(n_pairs[place], n_queries[place]) >= LEAST_OF_LABEL]
    return sorted(enough, key=lambda place: (-n_pairs[place], place))[:MOST_LABELS]
