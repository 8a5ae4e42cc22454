"""A scan over sets of texts for those whose pairs err more than the rest, with the chance of the largest of so many.

The sets may overlap and come from elsewhere; no score may have had a say in them.
"""

from dataclasses import dataclass, replace

import numpy as np

from drift_core.measures.level_ratios import Between, chance_of_ratio

PERMUTATIONS = 200
TEXTS_PERMUTED = 1_000_000  # in all permutations together, from which there are fewer of them
FEWEST_PERMUTATIONS = 40
TAIL = 0.1  # of the permutations, those with the smallest p-values, which rarer ones are told from
MOST_FOUND = 20  # sets; each that is left out would count as no worse than the rest
TINY = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextErrors:
    """Sums over the pairs of each text, arrays of shape (n_texts,).

    Attributes
    ----------
    errors
        Sum of the pairs' errors, at least 0.
    pairs, queries
        Number of pairs, and of queries among them.
    squares
        Sum of each query's squared number of pairs.
    """

    errors: np.ndarray
    pairs: np.ndarray
    queries: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, errors: np.ndarray, queries: np.ndarray, texts: np.ndarray, n_texts: int) -> "TextErrors":
        """Sum over pairs; all shape (n_pairs,), queries and texts counted from 0."""
        n_queries = int(queries.max(initial=-1)) + 1
        cells, sizes = np.unique(texts * n_queries + queries, return_counts=True)
        return cls(
            errors=np.bincount(texts, weights=errors, minlength=n_texts),
            pairs=np.bincount(texts, minlength=n_texts).astype(float),
            queries=np.bincount(cells // n_queries, minlength=n_texts).astype(float),
            squares=np.bincount(cells // n_queries, weights=sizes.astype(float) ** 2, minlength=n_texts),
        )

    def stacked(self) -> np.ndarray:
        return np.stack((self.errors, self.pairs, self.queries, self.squares))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """How errors scatter where nothing is amiss, relative to the square of their mean.

    Attributes
    ----------
    pair
        Variance of one pair's error.
    shared
        Covariance of two pairs of one query.
    between
        Variance of the log error between groups of traffic; of a set beside the rest.
    is_count
        Whether errors are disagreements of labels, whose mean has a variance in proportion to itself.
    """

    pair: float
    shared: float
    between: Between
    is_count: bool = False

    def variance(self, pairs: np.ndarray, squares: np.ndarray) -> np.ndarray:
        """Relative variance of the mean error of pairs, given the sum of squared pairs a query."""
        n = np.maximum(pairs, 1.0)
        return np.asarray((self.pair * n + self.shared * np.maximum(squares - n, 0.0)) / n**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A set that errs more: its place among all, and the chance that any set shows so much where none differs."""

    place: int
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scanned:
    """What a scan found, in order, and the chance of each set beside that.

    Attributes
    ----------
    found
        The sets that err more.
    chances
        Chance of each set, in 0..1; of those that were not found at most this (Bonferroni), 1 where not looked at.
    """

    found: tuple[Found, ...]
    chances: np.ndarray


def scan(
    texts: TextErrors,
    *,
    leaf: np.ndarray,
    members: np.ndarray,
    weights: np.ndarray,
    scatter: Scatter,
    least_queries: int,
    least_share: float,
    alpha: float,
    rng: np.random.Generator,
) -> Scanned:
    """Find the sets that err more than the rest, one after the other, the earlier ones set aside.

    Parameters
    ----------
    texts
        Sums of each text.
    leaf
        Small group of each text, shape (n_texts,).
    members
        Small groups of each set, bool of shape (n_sets, n_groups).
    weights
        Prior weight of each set, positive, shape (n_sets,): its p-value is divided by it [1]_.
    scatter
        What errors show where nothing is amiss.
    least_queries, least_share
        Queries, and share of all pairs, from which a set is looked at.
    alpha
        Chance up to which a set is found.

    Notes
    -----
    A set's statistic is the ratio of its mean error to that of the rest, F with two over the relative variance as
    degrees of freedom [2]_; of labels see `chance_of_ratio`. How small the smallest p-value of the overlapping sets is
    by chance, permutations of whole texts with all their pairs show; see `chance_of_smallest`. Assumed: without drift,
    texts are exchangeable but for what `scatter.between` holds.

    References
    ----------
    .. [1] Genovese, C., Roeder, K. and Wasserman, L. (2006). False discovery control with p-value weighting.
       Biometrika 93.
    .. [2] Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. Biometrics
       Bulletin 2.
    """
    sums, sets = texts.stacked(), members.astype(float)
    least_pairs = least_share * float(texts.pairs.sum())
    left = np.ones(len(leaf), dtype=bool)
    found: list[Found] = []
    chances = np.ones(len(sets))
    while len(found) < MOST_FOUND and len(sets):
        inside = _in_sets(sums * left, leaf, sets)
        large = (inside[2] >= least_queries) & (inside[1] >= least_pairs)
        p_values = np.where(large, _p_values(inside, (sums * left).sum(axis=1), scatter) / weights, 1.0)
        chances = np.minimum(p_values * large.sum(), 1.0)
        best = int(p_values.argmin())
        if not large.any() or p_values[best] > alpha:
            break
        permuted = _smallest_p_values(sums, left, leaf, sets[large], weights[large], scatter, rng)
        chance = chance_of_smallest(float(p_values[best]), permuted)
        if chance > alpha:
            break
        found.append(Found(place=best, chance=chance))
        left &= ~members[best][leaf]
    chances[[each.place for each in found]] = [each.chance for each in found]
    return Scanned(found=tuple(found), chances=chances)


def _in_sets(sums: np.ndarray, leaf: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Sums of each set, shape (4, n_sets)."""
    return np.stack([sets @ np.bincount(leaf, weights=row, minlength=sets.shape[1]) for row in sums])


def _p_values(inside: np.ndarray, everything: np.ndarray, scatter: Scatter) -> np.ndarray:
    """One-sided p-value of each set against the rest; 1 where nothing is left to compare with."""
    rest = everything.reshape(-1, *[1] * (inside.ndim - 1)) - inside
    comparable = (inside[1] > 0) & (rest[1] > 0) & (rest[0] > TINY)
    means = [side[0] / np.maximum(side[1], 1.0) for side in (inside, rest)]
    variances = [scatter.variance(side[1], side[3]) for side in (inside, rest)]
    between = scatter.between.variance * (1 + 1 / scatter.between.n_groups)
    if scatter.is_count:
        means = [mean + variance / 2 for mean, variance in zip(means, variances, strict=True)]  # half a disagreement
        variances = [variance / np.maximum(mean, TINY) for mean, variance in zip(means, variances, strict=True)]
    variances[scatter.is_count] = variances[scatter.is_count] + between  # of counts the expected one scatters so
    ratio = means[0] / np.maximum(means[1], TINY)
    over, under = (2 / np.maximum(variance, TINY) for variance in variances)
    chances = chance_of_ratio(np.maximum(ratio, TINY), over, under, is_count=scatter.is_count)
    return np.where(comparable, chances, 1.0)


def chance_of_smallest(p_value: float, permuted: np.ndarray) -> float:
    """Chance that the smallest of many p-values is as small by chance, from that of permutations, shape (n,).

    Errors have longer tails than F, and few permutations reach them: of the tenth with the smallest p-values the
    logarithm is taken as exponential, of unknown scale (Hill, 1975; Knijnenburg and others, 2009).
    """
    n_tail = max(2, int(TAIL * len(permuted)))
    tail = np.log(np.maximum(np.sort(permuted)[:n_tail], TINY**10))
    beyond = tail[-1] - np.log(max(p_value, TINY**10))
    if beyond <= 0:
        return float((1 + np.count_nonzero(permuted <= p_value)) / (len(permuted) + 1))
    return float(n_tail / (len(permuted) + 1) * (1 + beyond / max((tail[-1] - tail).sum(), TINY)) ** (1 - n_tail))


def _smallest_p_values(
    sums: np.ndarray,
    left: np.ndarray,
    leaf: np.ndarray,
    sets: np.ndarray,
    weights: np.ndarray,
    scatter: Scatter,
    rng: np.random.Generator,
) -> np.ndarray:
    """The smallest p-value of the sets in each permutation.

    Permuted texts differ by chance alone, so that nothing between groups may be allowed for: the p-values of the
    permutations would come out too large, and the chance too small.
    """
    scatter = replace(scatter, between=replace(scatter.between, variance=0.0))
    rows = np.flatnonzero(left & (sums[1] > 0))
    n_draws = int(np.clip(TEXTS_PERMUTED // max(1, len(rows)), FEWEST_PERMUTATIONS, PERMUTATIONS))
    shape = (sets.shape[1], n_draws)
    by_leaf = np.zeros((len(sums), *shape))
    for draw in range(n_draws):
        drawn = rng.permutation(rows)
        for row, values in enumerate(sums):
            by_leaf[row, :, draw] = np.bincount(leaf[rows], weights=values[drawn], minlength=shape[0])
    inside = np.stack([sets @ each for each in by_leaf])
    return np.asarray((_p_values(inside, sums[:, rows].sum(axis=1), scatter) / weights[:, None]).min(axis=0))
