"""The influence of each pair on agreement, in closed form: by rank, by equal labels, or on the area under a curve."""

from dataclasses import dataclass

import numpy as np

from drift_core.measures.ranks import Ordering, centred_ranks, mean_above, order_both, order_values
from drift_core.measures.scores import Scores


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Influence:
    """A coefficient and the influence of each pair on it, shape (n,).

    Their mean is zero, the weighted one where pairs have a `share` of the weights, shape (n,), summing to one. The mean
    of `leverage`, how far out a pair's two ranks lie, is one; of an area two, one for either answer.
    """

    estimate: float
    values: np.ndarray
    leverage: np.ndarray
    share: np.ndarray | None = None

    def by_query(self, queries: np.ndarray | None) -> np.ndarray:
        """Sum the influences within each query at the pairs' shares: what each query contributes to the error."""
        return _sums(self.values, self.share, queries)

    def leverage_by_query(self, queries: np.ndarray | None) -> np.ndarray:
        """Share of each query in what the coefficient rests on; they sum as `leverage` averages."""
        return _sums(self.leverage, self.share, queries)


def agreement_influence(student: np.ndarray, teacher: np.ndarray, *, weights: np.ndarray | None = None) -> Influence:
    """Compute Spearman's coefficient and the influence of each pair on it.

    Parameters
    ----------
    student, teacher
        Finite scores, shape (n,), neither constant.
    weights
        Non-negative weight of each pair, shape (n,), for a sample that stands for another traffic; equal by default.

    Notes
    -----
    A pair acts through its own product of ranks and through the ranks of all others, which it shifts; with ties
    also through the two variances. Both come from one sort a side and cumulative sums, so the cost is two sorts.

    References
    ----------
    .. [1] Croux, C. and Dehon, C. (2010). Influence functions of the Spearman and Kendall correlation measures.
       Statistical Methods and Applications 19, 497-515.
    """
    share = None if weights is None else weights / weights.sum()
    by_student, by_teacher = order_both(student, teacher)
    u, v = centred_ranks(by_student, share), centred_ranks(by_teacher, share)
    mean = np.mean if share is None else share.dot
    covariance, var_u, var_v = (float(mean(each)) for each in (u * v, u * u, v * v))
    scale = np.sqrt(var_u * var_v)
    estimate = covariance / scale
    values = u * v
    values += mean_above(by_student, v, share)
    values += mean_above(by_teacher, u, share)
    values -= 3 * covariance
    values /= scale
    for ordering, ranks, variance in ((by_student, u, var_u), (by_teacher, v, var_v)):
        if ordering.has_ties or share is not None:
            own = ranks**2 + 2 * mean_above(ordering, ranks, share) - 3 * variance
            values -= estimate / (2 * variance) * own
    leverage = u * u / (2 * var_u) + v * v / (2 * var_v)
    return Influence(estimate=min(1.0, max(-1.0, float(estimate))), values=values, leverage=leverage, share=share)


def area_influence(student: np.ndarray, teacher: np.ndarray, *, weights: np.ndarray | None = None) -> Influence:
    """Compute the area under the ROC curve and the influence of each pair on it.

    Parameters
    ----------
    student
        Finite scores, shape (n,); equal ones count half.
    teacher
        Answers, 0 or 1, shape (n,), both of which occur.
    weights
        As for `agreement_influence`.

    Notes
    -----
    The area is the mean over the couples of a pair with either answer of whether the student puts them in order (Mann
    and Whitney, 1947). A pair acts through its placement, the share of the other answer's pairs that it is on the right
    side of. Leverages are those with which the error of independent pairs is that of [1]_.

    References
    ----------
    .. [1] DeLong, E., DeLong, D. and Clarke-Pearson, D. (1988). Comparing the areas under two or more correlated
       receiver operating characteristic curves: a nonparametric approach. Biometrics 44.
    """
    share = np.full(len(teacher), 1 / len(teacher)) if weights is None else weights / weights.sum()
    placed, of_each = placements(order_values(student), teacher, share)
    estimate = float(placed @ (share * teacher)) / float(share @ teacher)
    values = (placed - estimate) / of_each
    return Influence(estimate=estimate, values=values, leverage=1 / of_each, share=None if weights is None else share)


def placements(ordering: Ordering, teacher: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of the pairs with the other answer that each pair is on the right side of, and share of its own answer."""
    above = mean_above(ordering, teacher, share)
    n_above = mean_above(ordering, np.ones(len(teacher)), share)
    positives = float(share @ teacher)
    below_negatives = (1 - positives) - (n_above - above)
    placed = np.where(teacher == 1, below_negatives / (1 - positives), above / positives)
    return placed, np.where(teacher == 1, positives, 1 - positives)


def influence_of(scores: Scores, *, weights: np.ndarray | None = None) -> Influence:
    """As `agreement_influence` for ranked scores; for labels, of the share of equal ones, to which all pairs add alike.

    For two answers of the teacher as `area_influence`. The weights are by default those of the scores.
    """
    weights = scores.weights if weights is None else weights
    if scores.is_answered:
        return area_influence(scores.student, scores.teacher, weights=weights)
    if scores.is_ranked:
        return agreement_influence(scores.student, scores.teacher, weights=weights)
    share = None if weights is None else weights / weights.sum()
    is_equal = scores.student == scores.teacher
    estimate = float(is_equal.mean() if share is None else share @ is_equal)
    return Influence(estimate=estimate, values=is_equal - estimate, leverage=np.ones(len(is_equal)), share=share)


def _sums(values: np.ndarray, share: np.ndarray | None, queries: np.ndarray | None) -> np.ndarray:
    parts = values / len(values) if share is None else values * share
    return parts if queries is None else np.bincount(queries, weights=parts)
