"""Shares of pairs with intervals that count queries and stay within 0 and 1."""

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.agreement import degrees_of
from drift_core.measures.intervals import clustered_error, proportion_interval
from drift_core.measures.scores import Scores
from drift_core.wording import counted

LEAST_QUERIES = 2


def proportion(values: np.ndarray, scores: Scores, *, confidence: float = 0.95) -> Measurement:
    """Measure the mean of values in [0, 1], one a pair of `scores`, which lends its queries and weights.

    Parameters
    ----------
    values
        Truth values, or shares such as one half for a tie, shape (n,).

    Notes
    -----
    Wilson's interval [1]_ at the number of pairs that would scatter as much if each had a query of its own [2]_, and at
    the t quantile of the queries. Pairs of one query are never taken to scatter less than pairs of several. Where all
    values are 0 or all 1, their queries are counted.

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22.
    .. [2] Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of
       positive counts estimated from survey data. Survey Methodology 24.

    Examples
    --------
    >>> print(proportion(np.arange(100) < 5, Scores(student=np.zeros(100), teacher=np.zeros(100))))
    5% (2% to 11%)
    """
    n, n_queries = len(scores), scores.n_queries
    if n_queries < LEAST_QUERIES:
        reason = f"{counted(n_queries, 'query', 'queries')}; at least {LEAST_QUERIES} are needed."
        return Unmeasured(reason=reason, n_pairs=n, n_queries=n_queries)
    relative = scores.relative_weights
    mean = float(np.clip((values * relative).mean(), 0, 1))
    deviations = (values - mean) * relative / n
    error = clustered_error(
        deviations if scores.queries is None else np.bincount(scores.queries, weights=deviations), n_queries
    )
    error = max(error, float(np.sqrt(((values - mean) ** 2 * relative).mean() / n)))
    effective = scores.effective_queries
    low, high = proportion_interval(
        mean, error, n_queries=effective, degrees=degrees_of(effective), confidence=confidence
    )
    return Measured(
        estimate=mean,
        low=low,
        high=high,
        confidence=confidence,
        standard_error=error,
        n_pairs=n,
        n_queries=n_queries,
        is_share=True,
    )
