"""The interval of a calibration error holds the true one, whichever bins carry it, and is never without width."""

import numpy as np
import pytest

from drift_core.calibration.gap import compare_with_chance

N_BINS, N_DRAWS = 10, 60
SHAPES = {
    "none": np.zeros(N_BINS),
    "all alike": np.full(N_BINS, 0.05) * np.resize([1, -1], N_BINS),
    "one bin": np.r_[0.3, np.zeros(N_BINS - 1)],
    "too sure": np.linspace(-0.1, 0.1, N_BINS),
}


def _gap(true: np.ndarray, n: int, rng: np.random.Generator, *, luck: float = 1.0):
    deviation = np.sqrt(0.15 / (n / N_BINS)) / N_BINS
    noise = rng.normal(size=N_BINS) * deviation * luck
    null = rng.normal(size=(1000, N_BINS)) * deviation
    covariance = np.eye(N_BINS) * deviation**2
    return compare_with_chance(
        true / N_BINS + noise, null, covariance, n_pairs=n, n_queries=n, confidence=0.95, rng=rng
    )


@pytest.mark.parametrize("n", [100, 500])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_interval_holds_the_true_error(shape: str, n: int) -> None:
    rng, true = np.random.default_rng(3), SHAPES[shape]
    error = float(np.abs(true).mean())

    held = sum(gap.error.low <= error <= gap.error.high for gap in (_gap(true, n, rng) for _ in range(N_DRAWS)))

    assert held >= 0.9 * N_DRAWS


def test_a_lucky_sample_leaves_room_for_what_it_cannot_see() -> None:
    gap = _gap(SHAPES["none"], 300, np.random.default_rng(0), luck=0.01)

    assert gap.error.estimate < 0.001
    assert gap.by_chance / 2 < gap.error.high < 3 * gap.by_chance_high
