"""Entropy of outputs over cells, with an interval that counts queries."""

from dataclasses import replace

import numpy as np

from drift_core.calibration.bins import in_order
from drift_core.calibration.calibration_test import has_two_answers
from drift_core.calibration.recalibrate import holds_probabilities
from drift_core.distributions.cells import Cells, cells_of_scores, cells_of_values
from drift_core.distributions.output_entropy import OutputEntropy, Over
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.measures.scores import Scores
from drift_core.measures.threshold_crossings import on_one_scale
from drift_core.samples.score_kind import NUMERIC, ScoreKind

OWN_SCALE = "Student and teacher score on different scales."
TWO_ANSWERS = "The teacher gives one of two answers, the student a score between them."
ALL_EQUAL = "All of the teacher's scores on held-out are equal."
TENTHS = Cells(cuts=np.arange(1, 10) / 10)


def label_cells(kind: ScoreKind) -> Cells | None:
    """A cell a label; None for scores and for probabilities, which have none."""
    if not kind.labels or kind.is_answered:
        return None
    known = range(len(kind.labels)) if kind.is_coded else map(float, kind.labels)
    return cells_of_values(np.array([*known], dtype=float))


def shared_cells(heldout: Scores, production: Scores, kind: ScoreKind) -> Cells | str:
    """Cells in which outputs of teacher and student are counted alike; where there are none, why, as a sentence.

    Bins are those of the teacher on held-out, which also tells whether both are on one scale.
    """
    if (cells := label_cells(kind)) is not None:
        return cells
    if kind.is_answered or has_two_answers(heldout, production):
        return TWO_ANSWERS
    if not on_one_scale(heldout):
        return OWN_SCALE
    return cells_of_scores(heldout.teacher, heldout.relative_weights)


def student_cells(heldout: Scores, production: Scores, kind: ScoreKind) -> tuple[Cells, Over] | str:
    """Cells that outputs of every version of a student are counted over; where there are none, why, as a sentence."""
    cells = shared_cells(heldout, production, kind)
    if cells == TWO_ANSWERS and holds_probabilities(production.student):
        return TENTHS, "probabilities"
    if isinstance(cells, str):
        return cells
    return ALL_EQUAL if cells.n < 2 else (cells, "scores" if label_cells(kind) is None else "labels")


def measure_entropy(
    heldout: Scores, production: Scores, *, kind: ScoreKind = NUMERIC, confidence: float = 0.95
) -> OutputEntropy | Unmeasured:
    """Measure the entropy of the student's outputs on production, and the teacher's beside it.

    Parameters
    ----------
    heldout
        The sample that makes the bins of scores, from the teacher's, which are the same for every student.
    production
        The sample that is measured.
    kind
        Kind of both samples' scores, with the labels that codes stand for.

    Returns
    -------
    OutputEntropy or Unmeasured
        Unmeasured where a student's scores are neither on the teacher's scale nor probabilities of its two answers:
        they have no cells that another version's would share.

    Notes
    -----
    Entropy is the mean of -log2 of the share of a pair's cell, so its interval is that of a mean, with deviations
    summed within queries. Counted shares make it too small by half the sum of their variances over the shares (Miller,
    1955); that is added, with variances that count queries. Assumes that queries are drawn independently.

    Examples
    --------
    >>> codes = np.tile([0.0, 1.0], 100)
    >>> answers = Scores(student=codes, teacher=codes, is_ranked=False)
    >>> found = measure_entropy(answers, answers, kind=ScoreKind(name="binary", labels=("fail", "pass")))
    >>> f"{found.student.estimate:.2f}"
    '1.00'
    """
    production = in_order(production)
    made = student_cells(heldout, production, kind)
    if isinstance(made, str):
        return Unmeasured(reason=made, n_pairs=len(production), n_queries=production.n_queries)
    cells, over = made
    student = cells.place(production.student)
    teacher = None if over == "probabilities" else cells.place(production.teacher)
    found = entropy(student, production, n_cells=cells.n, confidence=confidence)
    if isinstance(found, Unmeasured):
        return found
    beside = None if teacher is None else entropy(teacher, production, n_cells=cells.n, confidence=confidence)
    return OutputEntropy(
        student=found,
        n_cells=cells.n,
        over=over,
        teacher=beside if isinstance(beside, Measured) else None,
        narrower=None if teacher is None else entropy_change(student, teacher, production, cells.n, confidence),
    )


def entropy(places: np.ndarray, scores: Scores, *, n_cells: int, confidence: float = 0.95) -> Measured | Unmeasured:
    """Entropy of cells, in bits, of the pairs of `scores`; `places` has shape (n,), from 0."""
    surprise, lacking = _surprise(places, scores, n_cells)
    found = clustered_mean(surprise, scores.queries, weights=scores.weights, confidence=confidence)
    return found if isinstance(found, Unmeasured) else _within(found, lacking, np.log2(n_cells))


def entropy_change(
    one: np.ndarray, two: np.ndarray, scores: Scores, n_cells: int, confidence: float = 0.95
) -> Measured | None:
    """How much larger the entropy of the second cells is, on the same pairs; None where that has no interval."""
    (first, lacking), (second, second_lacking) = (_surprise(each, scores, n_cells) for each in (one, two))
    found = clustered_mean(second - first, scores.queries, weights=scores.weights, confidence=confidence)
    return None if isinstance(found, Unmeasured) else _moved(found, second_lacking - lacking)


def _surprise(places: np.ndarray, scores: Scores, n_cells: int) -> tuple[np.ndarray, float]:
    """-log2 of the share of each pair's cell, shape (n,), and what the mean of it lacks to the entropy."""
    n, share = len(places), scores.relative_weights / len(places)
    codes = np.arange(n) if scores.queries is None else np.unique(scores.queries, return_inverse=True)[1]
    n_queries = int(codes.max()) + 1
    shares = np.bincount(places, weights=share, minlength=n_cells)
    # Of each query and cell that has pairs: what is there beyond the query's part of the cell's share.
    whole = np.bincount(codes, weights=share)
    at, place = np.unique(codes * n_cells + places, return_inverse=True)
    there, cell = np.bincount(place, weights=share), at % n_cells
    absent = (whole @ whole) * shares**2  # as if every query were absent from the cell
    here = np.bincount(cell, weights=there**2 - 2 * there * whole[at // n_cells] * shares[cell], minlength=n_cells)
    variances = (absent + here) * n_queries / max(n_queries - 1, 1)
    used = shares > 0
    return -np.log2(shares[places]), float((variances[used] / shares[used]).sum()) / (2 * np.log(2))


def _moved(found: Measured, by: float) -> Measured:
    return replace(found, estimate=found.estimate + by, low=found.low + by, high=found.high + by)


def _within(found: Measured, by: float, most: float) -> Measured:
    moved = _moved(found, by)
    low, estimate, high = np.clip([moved.low, moved.estimate, moved.high], 0.0, most).tolist()
    return replace(moved, low=low, estimate=estimate, high=high)
