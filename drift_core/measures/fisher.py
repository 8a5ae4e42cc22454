"""Agreement on Fisher's z scale, a share or an area on that of half its log odds, where only it and n are known.

No SciPy, so that a gate starts fast. With the scores at hand `agreement` is exact where this supposes normal scores.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from drift_core.measured import Measured
from drift_core.samples.score_kind import Measure

NEARLY_ONE = 1 - 1e-9
NORMAL = NormalDist()


def apart(area: float) -> float:
    """How many standard errors of a difference two normal distributions with this area lie apart."""
    return NORMAL.inv_cdf(min(NEARLY_ONE, max(1 - NEARLY_ONE, area)))


def rank_z_error(estimate: float, n: float) -> float:
    """Standard error of Fisher's z of a rank correlation of `n` independent pairs, `n` above 3.

    The variance (1 + r²/2) / (n - 3) of Bonett and Wright (2000) holds for strong correlations too, where the older
    1.06 / (n - 3) is too small.
    """
    return math.sqrt((1 + estimate**2 / 2) / max(1e-9, n - 3))


def unbiased_z(estimate: float, z_error: float) -> float:
    """Fisher's z of a rank correlation, freed of the bias that small samples have.

    Parameters
    ----------
    estimate
        Spearman's coefficient in [-1, 1].
    z_error
        Its standard error on the z scale, which says of how many independent pairs it is worth.

    Notes
    -----
    The coefficient of n pairs is on average (3 tau + (n - 2) rho) / (n + 1) [1]_; Kendall's tau is that of normal
    scores with this rho. The curve of the scale adds the coefficient times the squared error (delta method).

    References
    ----------
    .. [1] Hoeffding, W. (1948). A class of statistics with asymptotically normal distribution. Annals of Mathematical
       Statistics 19, section 9.

    Examples
    --------
    >>> round(math.tanh(unbiased_z(0.95, rank_z_error(0.95, 100))), 4)
    0.953
    """
    if z_error <= 0:
        return math.atanh(_inside(estimate))
    n = (1 + estimate**2 / 2) / z_error**2 + 3
    tau = 2 / math.pi * math.asin(max(-1.0, min(1.0, 2 * math.sin(math.pi * estimate / 6))))
    return math.atanh(_inside(estimate + 3 * (estimate - tau) / (n + 1))) - estimate * z_error**2


@dataclass(frozen=True, slots=True)
class ZScale:
    """The scale on which an agreement scatters alike wherever it lies.

    Fisher's z for Spearman's coefficient. For a share of equal labels, and for an area, half its log odds, which is
    Fisher's z of twice the share minus one; shares are kept half a pair away from 0 and 1.
    """

    measure: Measure = "Spearman"

    @property
    def is_ranked(self) -> bool:
        """Whether it is Spearman's coefficient, else a share of labels or of couples of pairs."""
        return self.measure == "Spearman"

    def z(self, measured: Measured, z_error: float) -> float:
        """Place of an agreement with this error on the scale, freed of its bias."""
        if self.is_ranked:
            return unbiased_z(measured.estimate, z_error)
        return math.atanh(2 * _half_a_pair_off(measured.estimate, measured.n_pairs) - 1)

    def agreement(self, z: float) -> float:
        return math.tanh(z) if self.is_ranked else (math.tanh(z) + 1) / 2

    def after(self, agreement: float, ratio: float) -> float:
        """Agreement once the error is so many times as large, where the range of scores stays as it is.

        An area is that of two normal distributions, as far apart and wider (Green and Swets, 1966).
        """
        if self.is_ranked:
            return math.sqrt(max(0.0, 1 - (1 - agreement**2) * ratio))
        if self.measure == "area under the curve":
            return NORMAL.cdf(apart(agreement) / math.sqrt(ratio))
        return max(0.0, 1 - (1 - agreement) * ratio)

    def error(self, measured: Measured) -> float:
        """Standard error of a measured agreement."""
        return measured.standard_error * self._slope(measured.estimate, measured.n_pairs)

    def sampling_error(self, estimate: float, n: float) -> float:
        """Standard error of an agreement of `n` independent pairs; of an area, of about balanced answers."""
        return rank_z_error(estimate, n) if self.is_ranked else math.sqrt(self._slope(estimate, n) / (2 * n))

    def _slope(self, estimate: float, n: float) -> float:
        if self.is_ranked:
            return 1 / max(1e-9, 1 - estimate**2)
        share = _half_a_pair_off(estimate, n)
        return 1 / (2 * share * (1 - share))


def _half_a_pair_off(share: float, n: float) -> float:
    return min(max(share, 0.5 / n), 1 - 0.5 / n)


def _inside(estimate: float) -> float:
    return max(-NEARLY_ONE, min(NEARLY_ONE, estimate))
