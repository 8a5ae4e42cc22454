"""The planner: how many pairs and queries tell a loss of a given size."""

import math
from dataclasses import dataclass

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.errors import SettingError
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.agreement import MIN_PAIRS, MIN_QUERIES


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePlan:
    """Size of the production sample that sees a loss.

    Attributes
    ----------
    loss, alpha, power
        The loss of agreement to see, the one-sided error rate, and the chance to see it.
    n_pairs, n_queries
        Production pairs and queries in all; None when held-out alone leaves too much uncertainty.
    more_pairs
        Pairs beyond those at hand.
    detectable
        Smallest loss that the samples at hand would see.
    cost
        Price of scoring the further pairs, or None without a price.
    """

    loss: float
    alpha: float
    power: float
    n_pairs: int | None
    n_queries: int | None
    more_pairs: int | None
    detectable: float
    cost: float | None = None


def plan_sample(spread: SpreadTest, *, loss: float, rule: Rule, price_per_pair: float | None = None) -> SamplePlan:
    """Plan the production sample that tells a loss of agreement from none.

    Parameters
    ----------
    spread
        The spread measured so far; its variances per query are taken as those to come.
    loss
        Loss of agreement to see, in (0, 1).
    rule
        Error rate `alpha` and `power`.
    price_per_pair
        Price of one teacher score.

    Notes
    -----
    Normal approximation to a one-sided test of a difference; the variance of each side falls with the number of its
    queries [1]_.

    References
    ----------
    .. [1] Donner, A. and Klar, N. (2000). Design and Analysis of Cluster Randomization Trials, chapter 5.
    """
    from scipy.special import ndtri

    if not 0 < loss < 1:
        raise SettingError(f"The loss to see must be in (0, 1); found {loss!r}.")
    heldout, production = spread.heldout, spread.production
    if isinstance(heldout, Unmeasured):
        raise SettingError(f"A plan needs agreement measured on held-out: {heldout.reason}")
    if isinstance(production, Unmeasured):
        raise SettingError(f"A plan needs agreement measured on production: {production.reason}")
    needed = float(ndtri(1 - rule.alpha) + ndtri(rule.power))
    variances = heldout.standard_error**2, production.standard_error**2
    left = (loss / needed) ** 2 - variances[0]
    pairs, queries = (None, None) if left <= 0 else _size(production, variances[1] / left)
    more = None if pairs is None else max(0, pairs - production.n_pairs)
    return SamplePlan(
        loss=loss,
        alpha=rule.alpha,
        power=rule.power,
        n_pairs=pairs,
        n_queries=queries,
        more_pairs=more,
        detectable=needed * (variances[0] + variances[1]) ** 0.5,
        cost=None if more is None or price_per_pair is None else more * price_per_pair,
    )


def _size(production: Measured, times: float) -> tuple[int, int]:
    """Pairs and queries of a sample so many times as large; no fewer than agreement is measured by."""
    per_query = production.n_pairs / production.n_queries
    pairs = max(_up(production.n_pairs * times), MIN_PAIRS, _up(MIN_QUERIES * per_query))
    return pairs, max(_up(pairs / per_query), MIN_QUERIES)


def _up(number: float) -> int:
    return math.ceil(number - 1e-9)  # what rounding leaves above a whole number asks for no more
