"""Unevenness: how much familiar regions differ in what they lost, which an inferred teacher's part takes as equal."""

from dataclasses import dataclass, replace

import numpy as np

from drift_core.measured import Measured
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition

NOISE_FROM = (
    0.5  # p-value of the differences from which they count as noise; an excess is never negative, so it errs wide
)
LEAST_AGREEMENT = 0.1  # below it there is no share of agreement to lose, and a ratio of agreements means nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Unevenness:
    """Standard errors of the common loss, as a share of agreement, from differences between regions.

    Attributes
    ----------
    excess
        From differences beyond what the pairs of each region explain; comes on top of the error that counts queries.
    scatter
        From all differences seen, noise included.
    degrees
        Degrees of freedom of both: regions that were compared minus one.
    """

    excess: float
    scatter: float
    degrees: int = 0


def unevenness(
    heldout: Scores, production: Scores, partition: Partition, chosen: np.ndarray, *, by_chance: float = 0.0
) -> Unevenness:
    """Measure how unlike each other the regions of a partition changed.

    Parameters
    ----------
    heldout, production
        Scores of both samples.
    partition
        Regions of both.
    chosen
        Production pairs that count, bool of shape (n_production,).
    by_chance
        Agreement that labels given at random would show, which nothing takes away.

    Notes
    -----
    A random-effects view: the change of a region is the common one plus its own [1]_. The weight of a region is its
    share of the chosen pairs. Regions that cannot be measured on both sides are left out; with fewer than two, both
    errors are 0.

    References
    ----------
    .. [1] DerSimonian, R. and Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7.
    """
    changes, variances, sizes = [], [], []
    for index in range(partition.n_regions):
        inside = chosen & (partition.production == index)
        now = production.take(inside)
        before, after = (agreement(s) for s in (heldout.take(partition.heldout == index), now))
        if isinstance(before, Measured) and isinstance(after, Measured):
            before, after = (replace(each, estimate=each.estimate - by_chance) for each in (before, after))
            if not _can_lose(before, after, by_chance):
                continue
            changes.append(np.log(before.estimate / after.estimate))
            variances.append(sum((each.standard_error / each.estimate) ** 2 for each in (before, after)))
            sizes.append(now.total)
    if len(changes) < 2:
        return Unevenness(excess=0.0, scatter=0.0)
    return _between(np.array(changes), np.array(variances), np.array(sizes) / sum(sizes))


def _can_lose(before: Measured, after: Measured, by_chance: float) -> bool:
    least = LEAST_AGREEMENT * (1 - by_chance)
    return min(before.estimate, after.estimate) > least and min(before.standard_error, after.standard_error) > 0


def _between(changes: np.ndarray, variances: np.ndarray, shares: np.ndarray) -> Unevenness:
    from scipy.special import chdtrc

    degrees = len(changes) - 1
    precision = 1 / variances
    mean = precision @ changes / precision.sum()
    seen = precision @ (changes - mean) ** 2
    is_noise = seen <= degrees or chdtrc(degrees, seen) > NOISE_FROM
    scale = precision.sum() - precision @ precision / precision.sum()
    variance = 0.0 if is_noise else (seen - degrees) / scale
    deviations = shares**2 @ (changes - shares @ changes) ** 2
    return Unevenness(
        excess=float(np.sqrt(variance * (shares @ shares))),
        scatter=float(np.sqrt(deviations * len(changes) / degrees)),
        degrees=degrees,
    )
