"""Draws of one teacher and two students on the same pairs, with the truth of what the retraining changed."""

from dataclasses import dataclass

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.comparison.compare import Comparison, compare
from drift_core.measured import Measured
from drift_core.measures.paired_order import paired_order
from drift_core.measures.scores import Scores
from drift_core.samples.pairs import ScoredPairs

N_TRUTH = 400_000
QUERY_EFFECT = 0.4  # share of relevance and of error that the docs of one query have in common


@dataclass(frozen=True, kw_only=True)
class Retraining:
    """Regions of equal size, and the size of each student's error in each; what both err alike is `common`.

    Attributes
    ----------
    before, after
        Standard deviation of each student's error by region.
    shift
        How far the student after moves all scores of a region.
    common
        Share of the error's variance that both students have in common.
    levels, docs, narrow
        Values that the teacher gives (None for continuous), docs of a query, and spread of relevance in region 0.
    """

    before: tuple[float, ...]
    after: tuple[float, ...]
    shift: tuple[float, ...] = ()
    common: float = 0.5
    levels: int | None = None
    docs: int = 1
    narrow: float = 1.0

    def draw(self, n: int, rng: np.random.Generator) -> tuple[ScoredPairs, np.ndarray]:
        n_queries, n_regions = n // self.docs, len(self.before)
        region = rng.integers(n_regions, size=n_queries)[np.arange(n_queries * self.docs) // self.docs]
        relevance, shared, one, two = (self._mixed(n_queries, rng) for _ in range(4))
        relevance = relevance * np.where(region == 0, self.narrow, 1.0)
        own = np.sqrt(1 - self.common)
        before = relevance + np.array(self.before)[region] * (np.sqrt(self.common) * shared + own * one)
        after = relevance + np.array(self.after)[region] * (np.sqrt(self.common) * shared + own * two)
        after += np.array(self.shift or (0.0,) * n_regions)[region]
        cuts = np.linspace(-1.6, 1.6, self.levels - 1) if self.levels else None
        queries = np.arange(len(region)) // self.docs
        pairs = ScoredPairs(
            name="drawn",
            query=np.array([f"q{query}" for query in queries], dtype=object),
            teacher=relevance if cuts is None else np.digitize(relevance, cuts).astype(float),
            student=after,
            student_before=before,
            slices={"region": np.array([f"r{code}" for code in region], dtype=object)},
        )
        return pairs, region

    def _mixed(self, n_queries: int, rng: np.random.Generator) -> np.ndarray:
        shared = np.repeat(rng.normal(size=n_queries), self.docs)
        return np.sqrt(QUERY_EFFECT) * shared + np.sqrt(1 - QUERY_EFFECT) * rng.normal(size=len(shared))

    def truth(self) -> np.ndarray:
        """Change of the whole, then of each region, in a very large sample."""
        pairs, region = self.draw(N_TRUTH, np.random.default_rng(99))
        order = paired_order(Scores(student=pairs.student, teacher=pairs.teacher), pairs.student_before)
        masks = [np.ones(len(region), dtype=bool), *(region == code for code in range(len(self.before)))]
        return np.array([order.change(mask).change.estimate for mask in masks])


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Shares of the draws: intervals that hold the truth; verdicts on the whole and on regions."""

    covered_whole: float
    covered_regions: float
    worse_whole: float
    better_whole: float
    any_region_worse: float
    region_worse: tuple[float, ...]


def rates(retraining: Retraining, *, n: int, n_draws: int, seed: int) -> Rates:
    rng, truth = np.random.default_rng(seed), retraining.truth()
    drawn = [compare(retraining.draw(n, rng)[0], rule=Rule()) for _ in range(n_draws)]
    by_region = [{part.name: part for part in each.frozen.regions} for each in drawn]
    names = [f"r{code}" for code in range(len(retraining.before))]
    held = [
        part.change.low <= truth[1 + place] <= part.change.high
        for found in by_region
        for place, name in enumerate(names)
        if (part := found.get(name)) is not None and isinstance(part.change, Measured)
    ]
    wholes = [each.frozen.whole for each in drawn]
    return Rates(
        covered_whole=float(np.mean([whole.change.low <= truth[0] <= whole.change.high for whole in wholes])),
        covered_regions=float(np.mean(held)),
        worse_whole=float(np.mean([whole.outcome == "worse" for whole in wholes])),
        better_whole=float(np.mean([whole.outcome == "better" for whole in wholes])),
        any_region_worse=float(np.mean([_any_worse(each) for each in drawn])),
        region_worse=tuple(
            float(np.mean([name in found and found[name].outcome == "worse" for found in by_region])) for name in names
        ),
    )


def _any_worse(comparison: Comparison) -> bool:
    return any(part.outcome == "worse" for part in comparison.frozen.regions)
