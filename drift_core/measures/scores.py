"""Student and teacher scores of a sample, ready to be measured, with queries coded so that samples can be compared."""

from dataclasses import dataclass

import numpy as np

from drift_core.samples.pairs import ScoredPairs, code_queries


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
    """

    student: np.ndarray
    teacher: np.ndarray
    queries: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.teacher)

    @property
    def n_queries(self) -> int:
        if self.queries is None:
            return len(self)
        return int(np.count_nonzero(np.bincount(self.queries))) if len(self) else 0

    def take(self, chosen: np.ndarray) -> "Scores":
        """The pairs at `chosen`, indices or a boolean mask."""
        queries = None if self.queries is None else self.queries[chosen]
        return Scores(student=self.student[chosen], teacher=self.teacher[chosen], queries=queries)


def scores_of(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Scores, Scores]:
    """Scores of both samples, with common codes for the queries that they share."""
    first, second = code_queries(heldout, production)
    return (
        Scores(student=heldout.student, teacher=heldout.teacher, queries=first),
        Scores(student=production.student, teacher=production.teacher, queries=second),
    )


def pinned_scores_of(production: ScoredPairs, queries: np.ndarray | None = None) -> tuple[Scores, Scores] | None:
    """Production under the pinned and under the current revision, on the pairs that have both; None without any.

    `queries` are the codes that production has in a comparison; by default its own.
    """
    if production.teacher_pinned is None:
        return None
    known = np.isfinite(production.teacher_pinned)
    if not known.any():
        return None
    student = production.student[known]
    queries = (production.query_codes if queries is None else queries)[known]
    return (
        Scores(student=student, teacher=production.teacher_pinned[known], queries=queries),
        Scores(student=student, teacher=production.teacher[known], queries=queries),
    )
