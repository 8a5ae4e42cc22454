"""Coverage of the intervals for reliability, ceiling, share of the ceiling, and what is measured against labels."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest

from drift_core.measured import Measured
from drift_core.measures.quality import Quality, measure_quality
from drift_core.measures.reliability import Runs, measure_reliability, share_of_ceiling
from drift_core.measures.scores import Scores
from tests.sweeps import sweep

NOMINAL = 0.95
N_TRUTH = 300_000
NAMES = ("one run", "ceiling", "share", "area", "area lost", "ranks lost")


@dataclass(frozen=True, kw_only=True)
class Population:
    """Pairs with a true quality; the teacher is noisy in every run, the student too, and a human says yes or no."""

    levels: int | None
    docs: int
    n_runs: int

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Scores, Runs, np.ndarray]:
        n_queries = n // self.docs
        truth, error, doubt, *noise = (self._mixed(n_queries, rng) for _ in range(3 + self.n_runs))
        runs = truth[:, None] + 0.5 * np.column_stack(noise)
        if self.levels:
            runs = np.digitize(runs, np.linspace(-1.6, 1.6, self.levels - 1)).astype(float)
        queries = np.repeat(np.arange(n_queries), self.docs)
        scores = Scores(student=truth + 0.5 * error, teacher=runs[:, 0], queries=queries)
        return scores, Runs(scores=runs, queries=queries), (truth + 0.7 * doubt > 0.4).astype(float)

    def _mixed(self, n_queries: int, rng: np.random.Generator) -> np.ndarray:
        shared = np.repeat(rng.normal(size=n_queries), self.docs)
        return np.asarray(np.sqrt(0.4) * shared + np.sqrt(0.6) * rng.normal(size=n_queries * self.docs))

    def measure(self, n: int, rng: np.random.Generator) -> list[Measured]:
        scores, runs, label = self.draw(n, rng)
        reliability = measure_reliability(runs, confidence=NOMINAL)
        quality = measure_quality(scores, label, confidence=NOMINAL)
        assert isinstance(quality, Quality)
        assert quality.rate is not None
        share = share_of_ceiling(scores, runs, confidence=NOMINAL)
        beside = quality.rate.student, quality.rate.lost, quality.ranks.lost
        found = [reliability.one_run, reliability.ceiling, share, *beside]
        return [value for value in found if isinstance(value, Measured)]


def coverage(population: Population, n: int, n_draws: int, seed: int) -> np.ndarray:
    """Share of draws whose interval holds the value of a very large sample, one entry a name."""
    rng = np.random.default_rng(seed)
    truth = [value.estimate for value in population.measure(N_TRUTH, np.random.default_rng(99))]
    hits = np.zeros(len(NAMES))
    for _ in range(n_draws):
        found = population.measure(n, rng)
        hits += [value.low <= true <= value.high for value, true in zip(found, truth, strict=True)]
    return hits / n_draws


# 400 draws at a true 95 % have a standard error of 1.1 %; four of them on either side.
@pytest.mark.parametrize(("levels", "docs", "n_runs"), sweep([(None, 1, 2), (4, 5, 3)], (4, 5, 3)))
def test_intervals_cover_at_the_nominal_rate(levels: int | None, docs: int, n_runs: int) -> None:
    rates = coverage(Population(levels=levels, docs=docs, n_runs=n_runs), n=200, n_draws=400, seed=7)

    assert (rates >= 0.906).all()
    assert (rates <= 0.994).all()


# 2,000 draws at a true 95 % have a standard error of 0.49 %; the promise is 93 to 97 %, one such error added.
@pytest.mark.slow
@pytest.mark.parametrize(("n", "levels", "docs"), list(product((100, 1000), (None, 4, 10), (1, 5))))
def test_coverage_lies_within_two_points_of_nominal(n: int, levels: int | None, docs: int) -> None:
    rates = coverage(Population(levels=levels, docs=docs, n_runs=2), n=n, n_draws=2000, seed=n)
    figures = ", ".join(f"{name} {rate:.3f}" for name, rate in zip(NAMES, rates, strict=True))
    print(f"n {n:5} levels {levels!s:>4} docs/query {docs}: {figures}")

    assert (rates >= 0.925).all()
    assert (rates <= 0.975).all()
