"""Answers of a teacher whose chances are known, and a student whose probabilities are these or not."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtr

from drift_core.measures.scores import Scores

SHARED = 0.3  # correlation of two pairs of one query, in the student's logit and, on a normal scale, in the answer
SPREAD = 1.5  # sd of the student's logits
_Z = np.linspace(-6, 6, 601)
_WEIGHT = np.exp(-_Z * _Z / 2) / np.exp(-_Z * _Z / 2).sum()


def draw_answers(
    n: int,
    rng: np.random.Generator,
    *,
    docs: int = 1,
    base: float = 0.6,
    slope: float = 1.0,
    shift: float = 0.0,
    skew: bool = False,
    spread: float = SPREAD,
) -> Scores:
    """Draw n pairs of which a share `base` passes; the student's logit is `slope` times the true one plus `shift`.

    Skewed students are sure of most pairs: their logits have a long tail towards doubt.
    """
    centre = brentq(lambda at: _WEIGHT @ expit(_logits(_Z, at, spread, skew)) - base, -40, 40)
    queries = np.repeat(np.arange(n // docs), docs)
    true = _logits(_shared_normal(queries, rng), centre, spread, skew)
    passed = (ndtr(_shared_normal(queries, rng)) < expit(true)).astype(float)
    return Scores(student=expit(slope * true + shift), teacher=passed, queries=None if docs == 1 else queries)


def _logits(z: np.ndarray, centre: float, spread: float, skew: bool) -> np.ndarray:
    return centre + spread * (1 - np.exp(z * 0.8) if skew else z)


def _shared_normal(queries: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    shared = rng.standard_normal(int(queries[-1]) + 1)[queries]
    return np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * rng.standard_normal(len(queries))
