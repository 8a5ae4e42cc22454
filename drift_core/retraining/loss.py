"""How a trained student fits the pairs it was trained on; one that went astray is found here."""

import numpy as np

from drift_core.errors import StudentError
from drift_core.retraining.scoring import score_pairs
from drift_core.retraining.student import Student
from drift_core.retraining.training_set import TrainingSet

MOST_PAIRS = 512  # ours: enough for two digits of the loss, a fraction of the training's time
LEAST_SPREAD = 1e-6  # of scores, in their own size; rounding in float32 is a tenth of it


def loss_of(student: Student, pairs: TrainingSet) -> float:
    """Measure the mean squared error of a student on its training pairs, at most 512 of them at even distances.

    Raises
    ------
    StudentError
        When it gives all these pairs the same score, or one that is no number.
    """
    rows = np.unique(np.linspace(0, len(pairs) - 1, MOST_PAIRS).astype(int))
    score = score_pairs(student, pairs.query[rows], pairs.doc[rows])
    if np.ptp(score) <= LEAST_SPREAD * max(1.0, float(np.abs(score).max())):
        raise StudentError(
            f"The training went astray: the new student gives {len(rows):,} different pairs the same score, "
            f"{score[0]:.4g}. It was not kept. Lower the learning rate, or check the teacher's scores on the list."
        )
    return float(np.mean((score - pairs.label[rows]) ** 2))
