"""How far a student's probabilities of labels are from how often the teacher gives them: of its answer, and of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.calibration.calibration_error import CalibrationError, measure_calibration, too_few
from drift_core.calibration.calibration_move import MOVED_P, has_moved, measure_move
from drift_core.calibration.calibration_test import CalibrationTest, LabelLooks, Ranks, compare_calibration
from drift_core.calibration.gap import LARGEST_UNSEEN, N_DRAWS, SMALLEST_ERROR, Gap, Reading
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores
from drift_core.samples.class_probabilities import chances_by_label
from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import in_a_row

LEAST_OF_LABEL = 20  # pairs that the teacher gives a label to, and queries of them, from which it is looked at (ours)
SPENT = 0.5  # of 1 - confidence: with several docs a query chance is told a little short, in its tail above all (ours)
MOST_MOVED = 3  # labels whose move is looked at; each takes as long as the answer's (ours)
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
        one = LabelChances(answers=answers, chances=chances).of_label(place)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelChances:
    """Pairs on which the student gives a probability for each label.

    Attributes
    ----------
    answers
        The teacher's labels as places, 0 to n_labels - 1.
    chances
        These probabilities, shape (n, n_labels).
    """

    answers: Scores
    chances: np.ndarray

    @property
    def answer(self) -> Scores:
        return of_answer(self.answers, self.chances)

    def of_label(self, place: int) -> Scores:
        """The probability of one label as student, and whether the teacher gives it."""
        return replace(self.answers, student=self.chances[:, place], teacher=(self.answers.teacher == place) * 1.0)


def label_chances(scores: Scores, sample: ScoredPairs, rows: np.ndarray | None = None) -> LabelChances | None:
    """Those pairs of a sample, or of some of its rows, whose scores these are; None without probabilities of labels."""
    chances = chances_by_label(sample)
    if chances is None:
        return None
    chances = chances if rows is None else chances[rows]
    known = np.isfinite(chances).all(axis=1)
    answers = replace(scores, teacher=sample.kind.places(scores.teacher), is_ranked=True)
    return LabelChances(answers=answers.take(known), chances=chances[known])


def moved_chances(
    heldout: ScoredPairs,
    production: ScoredPairs,
    scores: tuple[Scores, Scores],
    pinned: tuple[Scores, Scores] | None,
    ranks: Ranks,
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> CalibrationTest | None:
    """As `compare_calibration`, of two samples of one kind with their scores; also of probabilities of labels.

    Of labels the answer takes one half of `MOVED_P`. Where it did not move, the most frequent labels of both samples
    take a quarter in equal parts, and a quarter is left.
    """
    before, after = (label_chances(*each) for each in zip(scores, (heldout, production), strict=True))
    if before is None or after is None:
        return compare_calibration(*scores, pinned, ranks=ranks, confidence=confidence, seed=seed)

    def moved(one: Scores, two: Scores, n_draws: int = N_DRAWS) -> Gap | Unmeasured:
        return measure_move(one, two, confidence=confidence, seed=seed, n_draws=n_draws)

    def move_of(place: int, n_looks: int) -> Gap | Unmeasured:
        sides = before.of_label(place), after.of_label(place)
        found = moved(*sides)
        is_open = isinstance(found, Gap) and found.p_value <= MOVED_P
        return moved(*sides, round(2 * n_looks / MOVED_P)) if is_open else found  # which tells smaller chances

    by_pinned = None
    if pinned is not None and production.teacher_pinned is not None:
        old = label_chances(pinned[0], production, np.isfinite(production.teacher_pinned))
        by_pinned = None if old is None else moved(before.answer, old.answer)
    labels, of_answers = heldout.kind.labels, moved(before.answer, after.answer)
    known, found = (_frequent(each.answers, len(labels)) for each in (before, after))
    places = [] if has_moved(of_answers, n_looks=2) else [place for place in found if place in known][:MOST_MOVED]
    looks = LabelLooks(moved={labels[place]: move_of(place, 4 * len(places)) for place in places})
    if looks.surely:
        sides = (
            measure_labelled_calibration(each.answers, each.chances, labels, confidence=confidence, seed=seed)
            for each in (before, after)
        )
        first, second = (None if isinstance(each, Unmeasured) else each.reading for each in sides)
        looks = replace(looks, readings=(first, second))
    errors = [measure_calibration(each.answer, confidence=confidence, seed=seed) for each in (before, after)]
    return CalibrationTest(
        heldout=errors[0],
        production=errors[1],
        moved=of_answers,
        ranks=ranks,
        under_pinned=by_pinned,
        labels=looks,
    )
