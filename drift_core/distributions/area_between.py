"""How often one set of pairs has the larger value than another: the area under the ROC curve between them."""

from collections.abc import Sequence

import numpy as np

from drift_core.measured import Measured
from drift_core.measures.intervals import clustered_error, t_interval
from drift_core.measures.ranks import share_below


def area_between(first: np.ndarray, second: np.ndarray, *, codes: Sequence[np.ndarray], confidence: float) -> Measured:
    """Measure how often the second set has the larger value, equal ones half; 0.5 is chance.

    `codes` are the queries of either set, int64, comparable between them; the interval counts queries [1]_.

    References
    ----------
    .. [1] Obuchowski, N. (1997). Nonparametric analysis of clustered ROC curve data. Biometrics 53.
    """
    placements = 1 - share_below(second, first), share_below(first, second)
    parts = np.zeros(int(max(each.max() for each in codes)) + 1)
    for values, queries in zip(placements, codes, strict=True):
        parts += np.bincount(queries, weights=(values - values.mean()) / len(values), minlength=len(parts))
    n_queries = int(np.count_nonzero(np.bincount(np.concatenate(codes))))
    return t_interval(
        float(placements[1].mean()),
        clustered_error(parts, n_queries),
        degrees=n_queries - 2,
        confidence=confidence,
        n_pairs=len(first) + len(second),
        n_queries=n_queries,
    )
