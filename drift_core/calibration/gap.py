"""A weighted mean of absolute gaps over bins, held against what chance alone shows."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.calibration.simulated_answers import normal_draws
from drift_core.measured import Measured

N_DRAWS = 1_000
SMALLEST_ERROR = 0.01  # a calibration error below it is none, however sure it is (ours)
LARGEST_UNSEEN = 0.15  # a calibration error that must be ruled out to say that a student is calibrated (ours)
_FACTORS = np.linspace(0, 2.5, 51)

Reading = Literal["calibrated", "not calibrated", "cannot tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A weighted mean of absolute gaps over bins, against chance.

    Attributes
    ----------
    as_binned
        The plain mean over the bins, which chance alone pushes up.
    by_chance, by_chance_high
        What no true gap would show at this size: on average, and in all but (1 - confidence) of samples.
    p_value
        Chance of `as_binned` or more without a true gap.
    error
        The true mean gap: the one under which `as_binned` is the median, with its interval.
    """

    as_binned: float
    by_chance: float
    by_chance_high: float
    p_value: float
    error: Measured

    def to_json(self) -> dict[str, object]:
        plain = {name: getattr(self, name) for name in ("as_binned", "by_chance", "by_chance_high", "p_value")}
        return {**self.error.to_json(), **plain}

    @property
    def reading(self) -> Reading:
        if self.p_value <= 1 - self.error.confidence:
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
    tail = (1 - confidence) / 2
    stretched = np.array([np.abs(c * sums + noise).sum(axis=1) for c in _FACTORS])
    low, middle, high = np.maximum.accumulate(np.quantile(stretched, [1 - tail, 0.5, tail], axis=1), axis=1)
    limits = [seen * float(np.interp(seen, each, _FACTORS, left=0.0)) for each in (low, middle, high)]
    p_value = float((1 + (by_chance >= seen).sum()) / (1 + len(by_chance)))
    error = Measured(
        estimate=limits[1],
        low=min(limits[0], limits[1]) if p_value <= tail else 0.0,
        high=max(limits[2], limits[1]),
        confidence=confidence,
        standard_error=float(np.abs(sums + noise).sum(axis=1).std()),
        n_pairs=n_pairs,
        n_queries=n_queries,
    )
    return Gap(
        as_binned=seen,
        by_chance=float(by_chance.mean()),
        by_chance_high=float(np.quantile(by_chance, confidence)),
        p_value=p_value,
        error=error,
    )
