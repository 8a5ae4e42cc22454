"""The sequential test behind the alarm: how far weeks lie above the baseline, over windows, against one yearly limit.

Plain numbers, without NumPy and SciPy, so that a gate installs small and starts fast.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist

WEEKS_A_YEAR = 52
WINDOWS = (1, 2, 4, 8)  # weeks that are taken together; the longer ones see a slow fall
# Limit that the largest of the standardised windows exceeds in a year with this chance while nothing changes:
# quantiles over 2,000,000 simulated years of 52 normal weeks (seed 1); a test holds that of 5 % against 4,000 more.
YEARLY_LIMITS = {
    0.0005: 4.538,
    0.001: 4.376,
    0.002: 4.215,
    0.005: 3.988,
    0.01: 3.812,
    0.02: 3.623,
    0.05: 3.354,
    0.1: 3.130,
    0.2: 2.876,
    0.3: 2.704,
    0.5: 2.440,
}
BETWEEN_REGIONS = 0.15**2  # variance of the error level between regions that are as good as usual, as in `level_ratios`
TINY = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """Weeks in order, each compared with one baseline; each sequence has one number a week.

    Attributes
    ----------
    excess
        How far each week lies on the bad side of the baseline.
    variance, third
        Second and third cumulant of each while nothing changes, the baseline's own left out.
    shared_variance, shared_third
        Those of the baseline, which every week shares.
    degrees
        Degrees of freedom that the variances were estimated with.
    """

    excess: Sequence[float]
    variance: Sequence[float]
    third: Sequence[float]
    shared_variance: float
    shared_third: float
    degrees: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """For each week the standardised excess of each window that ends in it; -inf where there is none."""

    scores: tuple[tuple[float, ...], ...]
    lengths: tuple[int, ...]


def yearly_limit(budget: float) -> float:
    """Limit of the largest window that a stable year exceeds with a chance of `budget`, in (0, 0.5).

    Notes
    -----
    A window-limited generalised likelihood ratio [1]_: the weeks since a change that began one, two, four or eight
    weeks ago. The limit holds for independent normal weeks. A baseline that all weeks share only raises the
    correlation of the windows, and with it lowers the chance that any exceeds the limit [2]_. Between the tabulated
    budgets the squared limit is interpolated on the logarithm of the budget.

    References
    ----------
    .. [1] Lai, T. L. (1995). Sequential changepoint detection in quality control and dynamical systems. Journal of the
       Royal Statistical Society B 57, section 3.
    .. [2] Slepian, D. (1962). The one-sided barrier problem for Gaussian noise. Bell System Technical Journal 41.

    Examples
    --------
    >>> round(yearly_limit(0.05), 2)
    3.35
    """
    budgets = sorted(YEARLY_LIMITS)
    place = min(max(bisect_left(budgets, budget), 1), len(budgets) - 1)
    low, high = budgets[place - 1], budgets[place]
    share = math.log(budget / low) / math.log(high / low)
    squares = [YEARLY_LIMITS[each] ** 2 for each in (low, high)]
    return math.sqrt(max(squares[0] + share * (squares[1] - squares[0]), TINY))


def single_limit(budget: float) -> float:
    """Limit that one normal score a week exceeds in a year with a chance of at most `budget` (Bonferroni)."""
    return -NormalDist().inv_cdf(budget / WEEKS_A_YEAR)


def window_scores(weeks: Weeks, lengths: tuple[int, ...] = WINDOWS) -> Windows:
    """Standardise the mean excess of every window, so that it is standard normal while nothing changes."""
    columns = [_scores_of(weeks, length) for length in lengths]
    return Windows(scores=tuple(zip(*columns, strict=True)), lengths=lengths)


def _scores_of(weeks: Weeks, length: int) -> list[float]:
    """The scores of windows of one length, by the week in which they end."""
    powers = ((weeks.excess, 1), (weeks.variance, 2), (weeks.third, 3))
    sums = [[total / length**power for total in _moving(values, length)] for values, power in powers]
    found = [
        normal_score(mean, variance + weeks.shared_variance, third - weeks.shared_third, weeks.degrees)
        for mean, variance, third in zip(*sums, strict=True)
    ]
    return [-math.inf] * (len(weeks.excess) - len(found)) + found


def normal_score(excess: float, variance: float, third: float, degrees: float) -> float:
    """Put an excess with these cumulants on the normal scale: the quantile of a normal with the same tail.

    Notes
    -----
    The tail is that of a gamma variable with the same three cumulants (Pearson's type III), by its cube root [1]_; the
    estimated variance widens it to Student's t, which is turned to the normal by Wallace's formula [2]_.

    References
    ----------
    .. [1] Wilson, E. B. and Hilferty, M. M. (1931). The distribution of chi-square. PNAS 17.
    .. [2] Wallace, D. L. (1959). Bounds on normal approximations to Student's and the chi-square distributions. Annals
       of Mathematical Statistics 30.
    """
    units = excess / math.sqrt(variance)
    shape = 4 / max(third / variance**1.5, 1e-3) ** 2
    root = math.cbrt(max(1 + units / math.sqrt(shape), 0.0))
    gamma = 3 * math.sqrt(shape) * (root - 1 + 1 / (9 * shape))
    wallace = (8 * degrees + 1) / (8 * degrees + 3) * math.sqrt(degrees * math.log1p(gamma**2 / degrees))
    return math.copysign(wallace, gamma)


def excess_at(score: float, variance: float, third: float, degrees: float) -> float:
    """Excess that has this normal score; undoes `normal_score`."""
    scale = (8 * degrees + 3) / (8 * degrees + 1)
    gamma = math.sqrt(degrees * math.expm1((score * scale) ** 2 / degrees))
    shape = 4 / max(third / variance**1.5, 1e-3) ** 2
    root = gamma / (3 * math.sqrt(shape)) + 1 - 1 / (9 * shape)
    return (root**3 - 1) * math.sqrt(shape) * math.sqrt(variance)


def count_score(differing: int, n: int, expected: float, variance: float) -> float:
    """Put a count of n pairs with this mean and variance on the normal scale, by its chance to be as large or larger.

    Notes
    -----
    The count is beta-binomial [1]_: a binomial whose chance scatters, or whose pairs are alike. Its tail counts what
    was seen in full, so that few pairs are never taken for more than they say.

    References
    ----------
    .. [1] Skellam, J. G. (1948). A probability distribution derived from the binomial distribution by regarding the
       probability of success as variable between the sets of trials. JRSS B 10.
    """
    mean = min(max(expected / n, TINY), 1 - 1e-6)
    alone = n * mean * (1 - mean)
    if differing <= expected:
        return (differing - expected) / math.sqrt(max(variance, alone))
    alike = min(max((variance / alone - 1) / max(1, n - 1), 1e-6), 0.99)
    a, b = mean * (1 / alike - 1), (1 - mean) * (1 / alike - 1)
    term = math.exp(_log_beta(differing + a, n - differing + b) - _log_beta(a, b) + _log_choose(n, differing))
    total = 0.0
    for k in range(differing, n + 1):
        total += term
        if term < TINY * total:
            break
        term *= (n - k) / (k + 1) * (k + a) / (n - k - 1 + b)
    return -NormalDist().inv_cdf(min(max(total, 1e-300), 0.5))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def p_of_score(score: float) -> float:
    """One-sided p-value of a normal score."""
    return NormalDist().cdf(-score)


def _moving(values: Sequence[float], length: int) -> list[float]:
    total = list(accumulate(values, initial=0.0))
    return [after - before for before, after in zip(total, total[length:], strict=False)]
