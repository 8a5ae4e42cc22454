"""Labels of a teacher whose chances are known, and a student whose probabilities are these or not."""

import numpy as np
from scipy.special import ndtr, softmax

from drift_core.measures.scores import Scores

SHARED = 0.3  # correlation of two pairs of one query, in the student's logits and, on a normal scale, in the label
SHARES = {"even": (0.0, 0.0, 0.0), "uneven": (1.5, 0.0, -1.5), "five": (1.0, 0.5, 0.0, -0.5, -1.0)}


def draw_labelled(
    n: int,
    rng: np.random.Generator,
    *,
    docs: int = 1,
    shares: str = "uneven",
    slope: float = 1.0,
    shift: float = 0.0,
) -> tuple[Scores, np.ndarray]:
    """Draw n pairs; the student's logits are `slope` times the true ones, that of the first label plus `shift`."""
    queries = np.repeat(np.arange(n // docs), docs)
    true = np.array(SHARES[shares]) + 1.5 * np.column_stack([_normal(queries, rng) for _ in SHARES[shares]])
    luck = ndtr(_normal(queries, rng))
    label = (np.cumsum(softmax(true, axis=1), axis=1) < luck[:, None]).sum(axis=1).clip(max=true.shape[1] - 1)
    given = slope * true
    given[:, 0] += shift
    chances = softmax(given, axis=1)
    scores = Scores(student=chances.argmax(axis=1) * 1.0, teacher=label * 1.0, queries=None if docs == 1 else queries)
    return scores, chances


def _normal(queries: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    shared = rng.standard_normal(int(queries[-1]) + 1)[queries]
    return np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * rng.standard_normal(len(queries))
