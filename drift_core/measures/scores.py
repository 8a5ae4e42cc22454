"""Student and teacher scores of a sample, ready to be measured, with queries coded so that samples can be compared."""

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from drift_core.samples.only_given import only_pairs
from drift_core.samples.pairs import ScoredPairs, code_queries
from drift_core.samples.score_kind import Measure, measure_of

Side = Literal["student", "teacher"]
MIN_PINNED = 20  # pairs and queries with both revisions' scores; as many as a sample needs
NO_PINNED = "No scores of the pinned revision"

NO_TOP = MappingProxyType(  # why there is no overlap, by what agreement is
    {
        "same label": "labels put no pair before another; see precision and recall of each label.",
        "area under the curve": "the teacher gives two answers; see misses and false passes at a threshold.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """Student and teacher scores of the same pairs, and the query of each.

    Attributes
    ----------
    student, teacher
        Finite scores, shape (n,).
    queries
        Integer code of each pair's query, shape (n,); None when every pair has a query of its own.
        Two samples that are compared share the codes of the queries they share.
    weights
        How many pairs of the traffic each stands for, positive, shape (n,); None when all stand for as many.
    is_ranked
        Whether scores agree by their order; else they are codes of labels, whole numbers from 0, that agree by being
        the same.
    is_answered
        Whether the teacher's are two answers, 0 and 1, and the student's a probability of the second.
    """

    student: np.ndarray
    teacher: np.ndarray
    queries: np.ndarray | None = None
    weights: np.ndarray | None = None
    is_ranked: bool = True
    is_answered: bool = False

    @classmethod
    def of(cls, sample: ScoredPairs, queries: np.ndarray | None = None) -> "Scores":
        """Scores of a sample, with the codes of its queries where they count."""
        return cls(
            student=sample.student,
            teacher=sample.teacher,
            queries=queries,
            weights=sample.weight,
            is_ranked=sample.kind.is_ranked,
            is_answered=sample.kind.is_answered,
        )

    def __len__(self) -> int:
        return len(self.teacher)

    @property
    def no_top(self) -> str:
        """Why the scores have no top to be compared; empty where they have."""
        return NO_TOP.get(self.measure, "")

    @property
    def measure(self) -> Measure:
        """What agreement is of these scores."""
        return measure_of(is_ranked=self.is_ranked, is_answered=self.is_answered)

    @property
    def of_rarer_answer(self) -> "Scores":
        """The pairs with that of the teacher's two answers which fewer queries have; all where it gives scores."""
        sides = [self.take(self.teacher == answer) for answer in (0, 1)] if self.is_answered else [self]
        return min(sides, key=lambda each: each.n_queries)

    @property
    def n_queries(self) -> int:
        if self.queries is None:
            return len(self)
        return int(np.count_nonzero(np.bincount(self.queries))) if len(self) else 0

    @property
    def effective_queries(self) -> float:
        """Queries of equal weight that would scatter as these do (Kish, 1965, section 8.2); all without weights."""
        weights = self.query_weights
        if weights is None or not len(self):
            return self.n_queries
        return float(weights.sum() ** 2 / (weights @ weights))

    @property
    def effective_pairs(self) -> float:
        """As `effective_queries`, of pairs."""
        return len(self) if self.weights is None else float(self.weights.sum() ** 2 / (self.weights @ self.weights))

    @property
    def query_weights(self) -> np.ndarray | None:
        """Mean weight of each query's pairs, by ascending code, shape (n_queries,); None without weights."""
        if self.weights is None or self.queries is None:
            return self.weights
        sizes = np.bincount(self.queries)
        return np.bincount(self.queries, weights=self.weights)[sizes > 0] / sizes[sizes > 0]

    @property
    def total(self) -> float:
        """Sum of the weights, or the number of pairs without weights."""
        return len(self) if self.weights is None else float(self.weights.sum())

    @property
    def relative_weights(self) -> np.ndarray:
        """Weights over their mean, shape (n,); ones without weights."""
        return np.ones(len(self)) if self.weights is None else self.weights / self.weights.mean()

    def take(self, chosen: np.ndarray) -> "Scores":
        """The pairs at `chosen`, indices or a boolean mask."""
        return replace(
            self,
            student=self.student[chosen],
            teacher=self.teacher[chosen],
            queries=None if self.queries is None else self.queries[chosen],
            weights=None if self.weights is None else self.weights[chosen],
        )


def scores_of(
    heldout: ScoredPairs, production: ScoredPairs, *, texts: tuple[np.ndarray, np.ndarray] | None = None
) -> tuple[Scores, Scores]:
    """Scores of both samples, with common codes for the queries that they share; `texts` as for `code_queries`."""
    only_pairs(heldout=heldout, production=production)
    first, second = code_queries(heldout, production, texts=texts)
    return Scores.of(heldout, first), Scores.of(production, second)


def pinned_scores_of(production: ScoredPairs, queries: np.ndarray | None = None) -> tuple[Scores, Scores] | None:
    """Production under the pinned and under the current revision, on the pairs that have both.

    None where nothing can be measured by them, which `why_not_pinned` gives in words. `queries` are the codes that
    production has in a comparison; by default its own.
    """
    both = _both_revisions(production, queries)
    return None if both is None or _too_little(both) else both


def why_not_pinned(production: ScoredPairs, queries: np.ndarray | None = None) -> str | None:
    """Why `pinned_scores_of` gives None, as a clause that begins a sentence; None where it gives scores.

    They are too few under `MIN_PINNED` pairs or queries, and rank nothing where either revision or the student gives
    them all one score.
    """
    both = _both_revisions(production, queries)
    return NO_PINNED if both is None else _too_little(both)


def _both_revisions(production: ScoredPairs, queries: np.ndarray | None) -> tuple[Scores, Scores] | None:
    if production.teacher_pinned is None:
        return None
    known = np.isfinite(production.teacher_pinned)
    current = Scores.of(production, production.query_codes if queries is None else queries).take(known)
    return replace(current, teacher=production.teacher_pinned[known]), current


def _too_little(both: tuple[Scores, Scores]) -> str | None:
    pinned, current = both
    if len(pinned) == 0:
        return NO_PINNED
    n_queries = pinned.n_queries
    if n_queries < MIN_PINNED:
        noun = "query has" if n_queries == 1 else "queries have"
        return f"Only {n_queries:,} {noun} scores of the pinned revision, where {MIN_PINNED} are needed"
    sides = {"pinned": pinned.teacher, "student": pinned.student, "current": current.teacher}
    constant = next((name for name, side in sides.items() if side.min() == side.max()), None)
    if constant is None or not pinned.is_ranked:
        return None
    where = "" if constant == "pinned" else " where the pinned revision scored"
    return f"All {constant} scores are equal{where}"
