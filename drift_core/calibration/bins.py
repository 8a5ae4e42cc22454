"""Pairs of like scores in bins of equal mass, with the gap of each and what it takes to simulate it."""

from dataclasses import dataclass, replace

import numpy as np

from drift_core.calibration.simulated_answers import products_of_queries, shared_part, simulate_sums
from drift_core.measures.scores import Scores

N_BINS = 10
LEAST_IN_BIN = 20  # pairs; smaller samples get fewer bins (ours)


def in_order(answers: Scores) -> Scores:
    """The same pairs in an order that is their own, so that what is simulated does not depend on that of the rows."""
    queries = np.arange(len(answers)) if answers.queries is None else answers.queries
    sums = np.bincount(queries, weights=answers.student)[queries]
    weights = answers.relative_weights
    ordered = answers.take(np.lexsort((weights, sums, answers.teacher, answers.student)))
    if ordered.queries is None:
        return ordered
    first, place = np.unique(ordered.queries, return_index=True, return_inverse=True)[1:]
    return replace(ordered, queries=np.argsort(np.argsort(first))[place])


def bins_for(n_pairs: int, n_bins: int = N_BINS) -> int:
    return max(2, min(n_bins, n_pairs // LEAST_IN_BIN))


def equal_mass_bins(score: np.ndarray, weights: np.ndarray, *, n_bins: int) -> np.ndarray:
    """Bin of each score, from 0 without a gap; equal scores share one, so that bins may be fewer."""
    values, place = np.unique(score, return_inverse=True)
    mass = np.bincount(place, weights=weights, minlength=len(values))
    middle = np.cumsum(mass) - mass / 2
    binned = np.minimum((middle / mass.sum() * n_bins).astype(np.int64), n_bins - 1)
    return np.unique(binned, return_inverse=True)[1][place]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """One sample in bins: the gap of each times its share of the weights, and what it takes to simulate it."""

    answers: Scores
    bins: np.ndarray
    n_bins: int
    share: np.ndarray  # of each pair in the weights
    mass: np.ndarray  # of each bin
    sums: np.ndarray  # sum of share times (answer - probability), of each bin

    @classmethod
    def of(cls, answers: Scores, bins: np.ndarray, n_bins: int | None = None) -> "Side":
        n_bins = n_bins or int(bins.max()) + 1
        share = answers.relative_weights / len(answers)
        mass = np.bincount(bins, weights=share, minlength=n_bins)
        sums = np.bincount(bins, weights=share * (answers.teacher - answers.student), minlength=n_bins)
        return cls(answers=answers, bins=bins, n_bins=n_bins, share=share, mass=mass, sums=sums)

    @property
    def gaps(self) -> np.ndarray:
        """Share passed minus mean probability of each bin; 0 where it is empty."""
        return self.sums / np.where(self.mass > 0, self.mass, 1)

    @property
    def covariance(self) -> np.ndarray:
        """Of `sums`, from queries, whatever the gaps are; shape (n_bins, n_bins)."""
        deviations = self.share * (self.answers.teacher - self.answers.student - self.gaps[self.bins])
        n_queries = self.answers.n_queries
        products = products_of_queries(deviations, self.bins, self.answers.queries, n_bins=self.n_bins)
        return products * n_queries / (n_queries - 1)

    def _seen_by_others(self) -> np.ndarray:
        """Chance of each pair by what pairs of other queries show in its bin, shape (n,)."""
        answers = self.answers
        if answers.queries is None:
            return answers.student
        place = answers.queries * self.n_bins + self.bins
        own_sums, own_mass = (
            np.bincount(place, weights=each)[place]
            for each in (self.share * (answers.teacher - answers.student), self.share)
        )
        rest = np.maximum(self.mass[self.bins] - own_mass, 1e-12)
        return np.clip(answers.student + (self.sums[self.bins] - own_sums) / rest, 0, 1)

    def simulated(self, chance: np.ndarray, rng: np.random.Generator, *, n_draws: int) -> np.ndarray:
        """Draws of `sums` where answers have these chances, shape (n_draws, n_bins)."""
        answers = self.answers
        shared = shared_part(answers.teacher, self._seen_by_others(), answers.queries)
        drawn = simulate_sums(chance, self.share, self.bins, answers.queries, shared=shared, n_draws=n_draws, rng=rng)
        return np.pad(drawn, ((0, 0), (0, self.n_bins - drawn.shape[1])))
