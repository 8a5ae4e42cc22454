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
    influence = influence_of(scores).values
    step = (share_below(scores.student, scores.student) * N_STEPS).astype(np.int64).clip(max=N_STEPS - 1)
    low, high = 0.0, 0.0
    for each in np.unique(step):
        inside = np.sort(influence[step == each])
        low += float(_tilted(inside, odds).sum())
        high += float(_tilted(inside[::-1], odds).sum())
    n = len(influence)
    return estimate + share * low / n, min(1.0, estimate + share * high / n)


def _tilted(values: np.ndarray, odds: float) -> np.ndarray:
    """Values, of which the first count most; the weights have a mean of one."""
    n, most = len(values), len(values) / (1 + odds)
    part = np.clip(most - np.arange(n), 0, 1)
    return np.asarray(values * (1 / odds + (odds - 1 / odds) * part))
