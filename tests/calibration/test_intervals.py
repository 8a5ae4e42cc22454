"""Coverage of the intervals for agreement and spread, against the value that a very large sample has."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Literal

import numpy as np
import pytest

from drift_core.measured import Measured
from drift_core.measures.agreement import agreement, agreement_difference
from drift_core.measures.influence import agreement_influence
from drift_core.measures.scores import Scores

NOMINAL = 0.95
N_TRUTH = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Population:
    """Pairs whose latent quality and student's error both depend on the query when it has several docs.

    Attributes
    ----------
    levels
        Scores that the teacher gives, evenly cut; all there are by default.
    docs
        Docs a query.
    noise
        The student's error beside a quality of one.
    tails
        What has the tails of Student's t with 3 degrees of freedom: nothing, the error, or the quality too.
    cuts
        Qualities at which a teacher's score rises, in place of `levels`.
    """

    levels: int | None = None
    docs: int = 1
    noise: float = 0.5
    tails: Literal["none", "error", "both"] = "none"
    cuts: tuple[float, ...] = ()

    def draw(self, n: int, rng: np.random.Generator, first_query: int = 0) -> Scores:
        n_queries = n // self.docs
        truth = self._mixed(n_queries, rng, heavy=self.tails == "both")
        error = self._mixed(n_queries, rng, heavy=self.tails != "none")
        cuts = self.cuts or (np.linspace(-1.6, 1.6, self.levels - 1) if self.levels else ())
        teacher = np.digitize(truth, cuts).astype(float) if len(cuts) else truth
        queries = first_query + np.repeat(np.arange(n_queries), self.docs)
        return Scores(student=truth + self.noise * error, teacher=teacher, queries=queries)

    def _mixed(self, n_queries: int, rng: np.random.Generator, *, heavy: bool) -> np.ndarray:
        draw = partial(rng.standard_t, 3) if heavy else rng.normal
        shared = np.repeat(draw(size=n_queries), self.docs)
        return np.sqrt(0.4) * shared + np.sqrt(0.6) * draw(size=n_queries * self.docs)

    def agreement(self) -> float:
        scores = self.draw(N_TRUTH, np.random.default_rng(99))
        return agreement_influence(scores.student, scores.teacher).estimate


# Of the scores 0 to 3 the teacher gives 0 to four pairs in five, 3 to one in 25.
SKEWED_CUTS = (0.85, 1.3, 1.75)
SHAPES = {
    "heavy errors": Population(tails="error"),
    "all heavy": Population(tails="both"),
    "skewed four": Population(cuts=SKEWED_CUTS),
}
HEAVY, SKEWED = (replace(SHAPES[name], docs=5) for name in ("all heavy", "skewed four"))


def coverage(population: Population, n: int, n_draws: int, seed: int) -> tuple[float, float]:
    """Share of draws whose interval holds the truth, for agreement and for spread; a few queries may get one grade."""
    rng, truth = np.random.default_rng(seed), population.agreement()
    hits = []
    for _ in range(n_draws):
        first, second = population.draw(n, rng), population.draw(n, rng, first_query=n)
        one, spread = agreement(first, confidence=NOMINAL), agreement_difference(first, second, confidence=NOMINAL)
        if isinstance(one, Measured) and isinstance(spread, Measured):
            hits.append((one.low <= truth <= one.high, spread.low <= 0 <= spread.high))
    assert len(hits) > 0.98 * n_draws
    return tuple(np.mean(hits, axis=0))


# 400 draws at a true 95 % have a standard error of 1.1 %; four of them on either side.
@pytest.mark.parametrize(("levels", "docs"), [(None, 1), (4, 5), (10, 5)])
def test_intervals_cover_at_the_nominal_rate(levels: int | None, docs: int) -> None:
    for rate in coverage(Population(levels=levels, docs=docs), n=200, n_draws=400, seed=5):
        assert 0.906 <= rate <= 0.994


# 4,000 draws at a true 95 % have a standard error of 0.34 %; the promise is 93 to 97 %.
@pytest.mark.slow
@pytest.mark.parametrize(("n", "levels", "docs"), list(product((50, 200, 1000), (None, 4, 10), (1, 5))))
def test_coverage_lies_within_two_points_of_nominal(n: int, levels: int | None, docs: int) -> None:
    rates = coverage(Population(levels=levels, docs=docs), n=n, n_draws=4000, seed=n)
    print(f"n {n:5} levels {levels!s:>4} docs/query {docs}: agreement {rates[0]:.3f} spread {rates[1]:.3f}")

    assert all(0.93 <= rate <= 0.97 for rate in rates)


# 400 draws at a true 94 % have a standard error of 1.2 %; four of them on either side.
@pytest.mark.parametrize("population", [HEAVY, SKEWED], ids=["heavy tails", "skewed"])
def test_intervals_cover_with_heavy_tails_and_skewed_scores(population: Population) -> None:
    for rate in coverage(population, n=200, n_draws=400, seed=6):
        assert 0.892 <= rate <= 0.988


# As above. The lowest found is 93.6 %, the highest 97.0 %.
@pytest.mark.slow
@pytest.mark.parametrize(("n", "docs", "noise"), list(product((50, 200, 1000), (1, 5), (0.2, 0.5, 1.5))))
@pytest.mark.parametrize("shape", SHAPES)
def test_coverage_holds_with_heavy_tails_and_skewed_scores(shape: str, n: int, docs: int, noise: float) -> None:
    rates = coverage(replace(SHAPES[shape], docs=docs, noise=noise), n=n, n_draws=4000, seed=n)
    print(f"{shape:15} n {n:4} docs/query {docs} noise {noise}: agreement {rates[0]:.3f} spread {rates[1]:.3f}")

    assert all(0.93 <= rate <= 0.97 for rate in rates)
