"""Counts as rates with exact intervals, and the limit that a promised rate allows a count."""

from dataclasses import dataclass

from scipy.stats import binom, binomtest

CONFIDENCE = 0.95
UNLUCKY = 0.001  # chance that a run fails although the promised rate holds exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A count out of n independent draws.

    The interval is exact for a binomial count, at least as wide as its level says [1]_.

    .. [1] Clopper, C. and Pearson, E. (1934). The use of confidence or fiducial limits illustrated in the case of the
       binomial. Biometrika 26.
    """

    count: int
    n: int

    @property
    def estimate(self) -> float:
        return self.count / self.n

    @property
    def interval(self) -> tuple[float, float]:
        found = binomtest(self.count, self.n).proportion_ci(CONFIDENCE, method="exact")
        return float(found.low), float(found.high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.count} of {self.n}: {self.estimate:.1%} ({low:.1%} to {high:.1%})"


def most(n: int, rate: float) -> int:
    """Highest count out of n that a true rate of at most `rate` exceeds with a chance of `UNLUCKY` or less."""
    return int(binom.ppf(1 - UNLUCKY, n, rate))


def fewest(n: int, rate: float) -> int:
    """Lowest count out of n that a true rate of at least `rate` stays below with a chance of `UNLUCKY` or less."""
    return int(binom.ppf(UNLUCKY, n, rate))
