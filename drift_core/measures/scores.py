"""Student and teacher scores of a sample, ready to be measured, with queries coded so that samples can be compared."""

from dataclasses import dataclass

import numpy as np

from drift_core.samples.pairs import ScoredPairs, code_queries

MIN_PINNED = 20  # pairs and queries with both revisions' scores; as many as a sample needs


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
    """Production under the pinned and under the current revision, on the pairs that have both.

    None when these are fewer than `MIN_PINNED` pairs or queries, or when either revision or the student gives them all
    one score: then nothing can be measured by them. `queries` are the codes that production has in a comparison; by
    default its own.
    """
    if production.teacher_pinned is None:
        return None
    known = np.isfinite(production.teacher_pinned)
    queries = (production.query_codes if queries is None else queries)[known]
    student, pinned, current = (
        side[known] for side in (production.student, production.teacher_pinned, production.teacher)
    )
    if len(np.unique(queries)) < MIN_PINNED or any(side.min() == side.max() for side in (student, pinned, current)):
        return None
    return (
        Scores(student=student, teacher=pinned, queries=queries),
        Scores(student=student, teacher=current, queries=queries),
    )
