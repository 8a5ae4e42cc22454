"""What a review shows of the two sides of a pair: both alike, so that neither is known by the form of its answer."""

import numpy as np
import pandas as pd

from drift_core.measures.rank_gaps import rank_gaps
from drift_core.retrain_list.list_labels import codes, labels_of
from drift_core.review.pairs import ReviewSettings
from drift_core.samples.label_words import OPPOSITES, fold
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.recognition import MAX_GRADES
from drift_core.samples.score_kind import TWO_ANSWERS

OF_PAIRS = "of the pairs"  # ends a side that is a rank, not a label
FINEST, ROUNDING = 0.01, 1e-9  # steps in which ranks are shown, and what floating point may lack of one


def said(sample: ScoredPairs, settings: ReviewSettings) -> tuple[np.ndarray, np.ndarray]:
    """What teacher and student say of each pair: labels where both give such, else where they rank it."""
    kind, teacher, student = sample.kind, sample.teacher, sample.student
    if kind.is_answered:
        return _on_sides(teacher, student, kind.labels, settings)
    if kind.is_coded:
        return kind.written(teacher), kind.written(student)
    if kind.labels and np.isin(np.concatenate([teacher, student]), np.array(kind.labels, dtype=np.float64)).all():
        return _as_texts(teacher), _as_texts(student)
    return _ranked(teacher, student, step=settings.gap)


def said_on_list(scored: pd.DataFrame, settings: ReviewSettings) -> tuple[np.ndarray, np.ndarray]:
    """The same of the pairs of a list; a label that the student writes otherwise is written as the teacher's."""
    labels = labels_of(scored)
    teacher, student = (scored[f"{who}_score"] for who in ("teacher", "student"))
    if labels and not pd.api.types.is_numeric_dtype(student):
        as_written = {fold(label): label for label in reversed(labels)}
        sides = ([as_written.get(fold(str(said)), str(said).strip()) for said in side] for side in (teacher, student))
        return tuple(np.array(side, dtype=object) for side in sides)  # type: ignore[return-value]  # two of them
    if len(labels) == 1:  # its opposite is on no pair
        pair = next((each for each in OPPOSITES if fold(labels[0]) in each), (f"not {labels[0]}", labels[0]))
        labels = tuple(labels[0] if word == fold(labels[0]) else word for word in pair)
    given = codes(teacher, labels) if labels else teacher.to_numpy(dtype=np.float64)
    scores = student.to_numpy(dtype=np.float64)
    if set(given) <= {0.0, 1.0} and 0 <= scores.min() <= scores.max() <= 1:
        return _on_sides(given, scores, labels if len(labels) == 2 else TWO_ANSWERS.labels, settings)
    both = np.unique([given, scores])
    if not labels and len(both) <= MAX_GRADES and not (both % 1).any():
        return _as_texts(given), _as_texts(scores)
    return _ranked(given, scores, step=settings.gap)


def _on_sides(
    teacher: np.ndarray, student: np.ndarray, labels: tuple[str, ...], settings: ReviewSettings
) -> tuple[np.ndarray, np.ndarray]:
    """The teacher's label of each pair, and the one on whose side of the threshold the student's probability is."""
    words = np.array(labels, dtype=object)
    return words[teacher.astype(int)], words[(student >= settings.threshold).astype(int)]


def _as_texts(grades: np.ndarray) -> np.ndarray:
    return np.array([f"{each:g}" for each in grades], dtype=object)


def _ranked(teacher: np.ndarray, student: np.ndarray, *, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Where each side ranks a pair, in steps as wide as a gap, both in those of the side that has fewer.

    A fine score would give its side away, and so would a step that a teacher of few grades never takes.
    """
    step, ranks = max(step, FINEST), rank_gaps(student, teacher)
    steps = [np.floor((1 - (side - 0.5) / len(side)) / step + ROUNDING) for side in (ranks.teacher, ranks.student)]
    taken = min(map(np.unique, steps), key=len)
    words = [f"Above {each * step:.0%} {OF_PAIRS}" if each else f"Among the lowest {step:.0%}" for each in taken]
    texts, halfway = np.array(words, dtype=object), (taken[1:] + taken[:-1]) / 2
    of_teacher, of_student = (texts[np.searchsorted(halfway, side)] for side in steps)
    return of_teacher, of_student
