"""A weighted mean of absolute gaps over bins, held against what chance alone shows."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.calibration.simulated_answers import normal_draws
from drift_core.measured import Measured

N_DRAWS = 1_000
SMALLEST_ERROR = 0.01  # a calibration error below it is none, however sure it is (ours)
LARGEST_UNSEEN = 0.15  # a calibration error that must be ruled out to say that a student is calibrated (ours)
SPENT = 0.8  # of 1 - confidence, on calling a gap one: simulated chance can be told a little short (ours)
SEEN = 0.0005  # a lower limit under it reads as 0.0%
N_SIZES = 41  # true gaps that are tried

Reading = Literal["calibrated", "not calibrated", "cannot tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A weighted mean of absolute gaps over bins, against chance.

    Attributes
    ----------
    as_binned
        The plain mean over the bins, which chance alone pushes up.
    by_chance, by_chance_high
        What no true gap would show at this size: on average, and in all but `SPENT` of (1 - confidence) of samples.
    p_value
        Chance of `as_binned` or more without a true gap.
    error
        The true mean gap: the one under which `as_binned` is the median, with its interval.
    at_least
        One-sided lower limit of it, by which a gap is called one, as `by_chance_high`; 0 where chance explains it.
    """

    as_binned: float
    by_chance: float
    by_chance_high: float
    p_value: float
    error: Measured
    at_least: float = 0.0

    @property
    def told(self) -> str:
        """The error with what its reading rests on: the lower limit of one that is surely there, else its interval."""
        if self.reading == "not calibrated" and self.at_least >= SEEN:
            return f"{self.error.figure('.1%')} (at least {self.at_least:.1%})"
        return f"{self.error:.1%}"

    def to_json(self) -> dict[str, object]:
        names = ("as_binned", "by_chance", "by_chance_high", "p_value", "at_least")
        plain = {name: getattr(self, name) for name in names}
        return {**self.error.to_json(), **plain}

    @property
    def reading(self) -> Reading:
        if self.p_value <= SPENT * (1 - self.error.confidence):
            return "not calibrated" if self.error.estimate >= SMALLEST_ERROR else "calibrated"
        return "calibrated" if self.error.high <= LARGEST_UNSEEN else "cannot tell"


def compare_with_chance(
    sums: np.ndarray,
    null: np.ndarray,
    covariance: np.ndarray,
    *,
    n_pairs: int,
    n_queries: int,
    confidence: float,
    rng: np.random.Generator,
) -> Gap:
    """Hold gaps of bins, times their mass, against draws without a true gap; see `measure_calibration`."""
    seen = float(np.abs(sums).sum())
    by_chance = np.abs(null).sum(axis=1)
    noise = normal_draws(covariance, n_draws=N_DRAWS, rng=rng)
    tail, level = (1 - confidence) / 2, SPENT * (1 - confidence)
    low, middle, high, at_least = _limits(sums, noise, tail, level)
    p_value = float((1 + (by_chance >= seen).sum()) / (1 + len(by_chance)))
    error = Measured(
        estimate=middle,
        low=min(low, middle) if p_value <= tail else 0.0,
        high=max(high, middle),
        confidence=confidence,
        standard_error=float(np.abs(sums + noise).sum(axis=1).std()),
        n_pairs=n_pairs,
        n_queries=n_queries,
    )
    return Gap(
        as_binned=seen,
        by_chance=float(by_chance.mean()),
        by_chance_high=float(np.quantile(by_chance, 1 - level)),
        p_value=p_value,
        error=error,
        at_least=min(at_least, middle) if p_value <= level else 0.0,
    )


def _limits(sums: np.ndarray, noise: np.ndarray, tail: float, level: float) -> tuple[float, float, float, float]:
    """The true gaps under which what is seen is as large, the median, and as small as `tail` allows.

    The last is that under which it is as large as `level` allows.

    Which bins carry a true gap is not known: the limits are the widest of three shapes, the gaps as seen, all bins
    alike, and the largest alone. The chance of so little is told against that of no gap at all, so that luck leaves no
    interval without width (Read, 2002, Presentation of search results: the CLs technique, Journal of Physics G 28).
    """
    seen, k = float(np.abs(sums).sum()), int(np.abs(sums).argmax())
    signs = np.where(sums < 0, -1.0, 1.0)
    as_seen = sums / seen if seen > 0 else signs / len(sums)
    by_noise = np.abs(noise).sum(axis=1)
    sizes = np.linspace(0, seen + float(np.quantile(by_noise, 0.99)), N_SIZES)
    found = [
        _inverted(seen, shape, noise, sizes, tail, level)
        for shape in (as_seen, signs / len(sums), signs * (np.arange(len(sums)) == k))
    ]
    low, _, _, at_least = map(min, zip(*found, strict=True))
    return low, found[0][1], max(each[2] for each in found), at_least


def _inverted(
    seen: float, shape: np.ndarray, noise: np.ndarray, sizes: np.ndarray, tail: float, level: float
) -> tuple[float, float, float, float]:
    shown = np.array([np.abs(size * shape + noise).sum(axis=1) for size in sizes])
    as_large = np.maximum.accumulate((shown >= seen).mean(axis=1))
    as_small = np.minimum.accumulate((shown <= max(seen, float(np.quantile(shown[0], tail)))).mean(axis=1))
    low, middle, at_least = (float(np.interp(chance, as_large, sizes, left=0.0)) for chance in (tail, 0.5, level))
    high = float(np.interp(-tail * as_small[0], -as_small, sizes))
    return low, middle, high, at_least
