"""What agreement can be with scores that are missing, if what is missing may hang on the score within limits."""

import numpy as np

from drift_core.measures.influence import influence_of
from drift_core.measures.ranks import share_below
from drift_core.measures.scores import Scores

N_STEPS = 10  # of the student's scores, within which a missing score may be any


def tilted_agreement(scores: Scores, *, estimate: float, share: float, odds: float) -> tuple[float, float]:
    """Agreement with a `share` of scores that are missing, at the least and at the most.

    Parameters
    ----------
    scores
        Pairs with a score.
    estimate
        Their agreement.
    odds
        Most that the odds to be missing may hang on the missing score, given the student's.

    Notes
    -----
    Marginal sensitivity model [1]_: given the student's score, what is missing is distributed as what is there, each
    pair counting between 1 / odds and odds times; at the limits, the pairs that agree least, or most, count most. To
    first order, by the influence of each pair.

    References
    ----------
    .. [1] Tan, Z. (2006). A distributional approach for causal inference using propensity scores. JASA 101.
    """
    influence = influence_of(scores)
    n = len(influence.values)
    mass = np.full(n, 1 / n) if influence.share is None else influence.share
    step = (share_below(scores.student, scores.student) * N_STEPS).astype(np.int64).clip(max=N_STEPS - 1)
    low, high = 0.0, 0.0
    for each in np.unique(step):
        inside = np.flatnonzero(step == each)[np.argsort(influence.values[step == each], kind="stable")]
        low += _tilted(influence.values[inside], mass[inside], odds)
        high += _tilted(influence.values[inside[::-1]], mass[inside[::-1]], odds)
    return estimate + share * low, min(1.0, estimate + share * high)


def _tilted(values: np.ndarray, mass: np.ndarray, odds: float) -> float:
    """Sum of values by their mass, of which the first count most and the last least; together as much as before."""
    most = mass.sum() / (1 + odds)
    left = most - (np.cumsum(mass) - mass)
    part = np.clip(np.divide(left, mass, out=np.zeros_like(mass), where=mass > 0), 0, 1)
    return float((mass * values * (1 / odds + (odds - 1 / odds) * part)).sum())
