"""Two students against one teacher on the same pairs: how far each puts every pair from where the teacher puts it.

Agreement is the mean of this over all pairs, so that every part of the traffic has its share in it. Labels are in the
same place or not.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.agreement import MIN_PAIRS, MIN_QUERIES, degrees_of
from drift_core.measures.influence import placements
from drift_core.measures.intervals import clustered_error, t_interval
from drift_core.measures.ranks import Ordering, centred_ranks, mean_above, order_values
from drift_core.measures.scores import Scores
from drift_core.wording import counted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Side:
    """One side's order: its ranks around zero, shape (n,), their standard deviation, and what that hangs on."""

    ordering: Ordering
    ranks: np.ndarray
    spread: float
    spread_influence: np.ndarray

    @property
    def standard(self) -> np.ndarray:
        return self.ranks / self.spread


class _Student(Protocol):
    """A student beside the teacher."""

    def level(self, chosen: np.ndarray, share: np.ndarray) -> tuple[float, np.ndarray]:
        """Agreement within the chosen pairs, and the influence of each pair on it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _ByRank:
    student: _Side
    teacher: _Side

    def level(self, chosen: np.ndarray, share: np.ndarray) -> tuple[float, np.ndarray]:
        weight = chosen / float(share[chosen].sum())
        gap = self.student.standard - self.teacher.standard
        squares = gap**2 / 2
        level = float(squares @ (weight * share))
        influence = weight * (squares - level)
        for side, slope in ((self.student, weight * gap), (self.teacher, -weight * gap)):
            moved = mean_above(side.ordering, slope / side.spread, share)
            moved -= moved @ share
            # the ranks' standard deviation hangs on every pair too
            influence += moved - float((slope * side.standard) @ share) / side.spread * side.spread_influence
        return 1 - level, -influence


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _ByLabel:
    is_equal: np.ndarray

    def level(self, chosen: np.ndarray, share: np.ndarray) -> tuple[float, np.ndarray]:
        weight = chosen / float(share[chosen].sum())
        level = float(self.is_equal @ (weight * share))
        return level, weight * (self.is_equal - level)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _ByArea:
    """Placements among the pairs with the teacher's other answer; see `measures.influence`."""

    ordering: Ordering
    teacher: np.ndarray

    def level(self, chosen: np.ndarray, share: np.ndarray) -> tuple[float, np.ndarray]:
        weight = chosen / float(share[chosen].sum())
        placed, of_each = placements(self.ordering, self.teacher, share)
        level = float(placed @ (weight * share))
        # each pair also places those with the other answer
        below, above = (weight * (self.teacher == answer) for answer in (0, 1))
        over = mean_above(self.ordering, above, share) - (above * placed) @ share
        under = below @ share - mean_above(self.ordering, below, share) - (below * placed) @ share
        moved = np.where(self.teacher == 1, under, over) / of_each
        return level, weight * (placed - level) + moved


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """Agreement of both students within a part of the pairs, in the order of all pairs, and after minus before.

    Attributes
    ----------
    before, after, change
        The measurements; the change is known better than either side, because the pairs are the same.
    degrees
        Degrees of freedom of their intervals.
    """

    before: Measurement
    after: Measurement
    change: Measurement
    degrees: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairedOrder:
    """One teacher and two students over the same pairs; see `paired_order`."""

    scores: Scores
    share: np.ndarray
    before: _Student
    after: _Student

    def change(self, chosen: np.ndarray, *, confidence: float = 0.95) -> OrderChange:
        """Measure both students and their difference on some of the pairs, a boolean mask of shape (n,).

        Notes
        -----
        The agreement of a part is one minus half the mean squared gap between student's and teacher's standardised
        mid-ranks among all pairs. Over all pairs that is Spearman's coefficient, ties and weights included, and the
        parts of a partition average to it at their shares. It does not shrink with a part's range of scores, and it
        shows a part that moved as a whole. Of labels it is the share of equal ones; of two answers beside a probability
        the mean share of all pairs with the other answer that a pair is on the right side of.

        Standard errors come from the influence of each pair [1]_, on its own gap and on the ranks of the others, for
        both students together, summed within queries. Assumes that queries are drawn independently; degrees of freedom
        are the part's queries less one.

        References
        ----------
        .. [1] Croux, C. and Dehon, C. (2010). Influence functions of the Spearman and Kendall correlation measures.
           Statistical Methods and Applications 19, 497-515.
        """
        inside = self.scores.take(chosen)
        reason = _too_few(inside)
        if reason:
            none = Unmeasured(reason=reason, n_pairs=len(inside), n_queries=inside.n_queries)
            return OrderChange(before=none, after=none, change=none)
        before, after = (student.level(chosen, self.share) for student in (self.before, self.after))
        return OrderChange(
            before=self._measured(*before, inside, confidence),
            after=self._measured(*after, inside, confidence),
            change=self._measured(after[0] - before[0], after[1] - before[1], inside, confidence),
            degrees=degrees_of(inside.effective_queries),
        )

    def _measured(self, estimate: float, influence: np.ndarray, inside: Scores, confidence: float) -> Measured:
        parts = influence * self.share
        queries = self.scores.queries
        sums = parts if queries is None else np.bincount(queries, weights=parts)
        error = clustered_error(sums, inside.n_queries)
        return t_interval(
            estimate,
            error,
            degrees=degrees_of(inside.effective_queries),
            confidence=confidence,
            n_pairs=len(inside),
            n_queries=inside.n_queries,
            is_share=not inside.is_ranked,
        )


def paired_order(scores: Scores, before: np.ndarray) -> PairedOrder | Unmeasured:
    """Order the pairs by teacher and both students.

    Parameters
    ----------
    scores
        Teacher and the student after, with queries and weights.
    before
        Scores by the student before, finite, shape (n,).

    Returns
    -------
    PairedOrder or Unmeasured
        Unmeasured when there are too few pairs or queries, or one side of ranked scores is constant.

    Examples
    --------
    >>> teacher = np.arange(6.0)
    >>> order = paired_order(Scores(student=teacher, teacher=teacher), np.array([0.0, 1, 2, 3, 5, 4]))
    >>> upper = order.change(teacher > 0)
    >>> round(upper.before.estimate, 3), round(upper.after.estimate, 3)
    (0.931, 1.0)
    """
    sides = {"teacher": scores.teacher, "student before": before, "student after": scores.student}
    reason = _too_few(scores)
    constant = next((name for name, values in sides.items() if len(values) and np.ptp(values) == 0), None)
    if reason is None and constant is not None and scores.is_ranked:
        reason = f"All scores by the {constant} are equal here, so they rank nothing."
    if reason:
        return Unmeasured(reason=reason, n_pairs=len(scores), n_queries=scores.n_queries)
    share = scores.relative_weights / len(scores)
    if not scores.is_ranked:
        first, second = (_ByLabel(is_equal=student == scores.teacher) for student in (before, scores.student))
        return PairedOrder(scores=scores, share=share, before=first, after=second)
    if scores.is_answered:
        was, now = (_ByArea(ordering=order_values(each), teacher=scores.teacher) for each in (before, scores.student))
        return PairedOrder(scores=scores, share=share, before=was, after=now)
    teacher, *students = (_side(values, share) for values in sides.values())
    one, two = (_ByRank(student=student, teacher=teacher) for student in students)
    return PairedOrder(scores=scores, share=share, before=one, after=two)


def _side(values: np.ndarray, share: np.ndarray) -> _Side:
    ordering = order_values(values)
    ranks = centred_ranks(ordering, share)
    variance = float(ranks**2 @ share)
    influence = ranks**2 + 2 * mean_above(ordering, ranks, share) - 3 * variance
    spread = float(np.sqrt(variance))
    return _Side(ordering=ordering, ranks=ranks, spread=spread, spread_influence=influence / (2 * spread))


def _too_few(scores: Scores) -> str | None:
    if len(scores) < MIN_PAIRS:
        return f"{counted(len(scores), 'pair', 'pairs')}; at least {MIN_PAIRS} are needed to compare two students."
    if scores.n_queries < MIN_QUERIES:
        n_queries = counted(scores.n_queries, "query", "queries")
        return f"{n_queries}; at least {MIN_QUERIES} are needed to compare two students."
    return None
