"""Scores in another unit than the other sample's are answers: they are told and read in the unit of the others."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from drift_core.distributions.odd_scores import LEAST_PAIRS, sentence_on
from drift_core.measures.score_units import LEAST_ROWS, OTHER, OtherUnit, find_other_units
from drift_core.measures.scores import Scores
from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.problem import Problem
from drift_core.wording import N_SHOWN, one_line

IN_OTHER_UNIT = (
    "teacher_scores_in_other_unit",
    "student_scores_in_other_unit",
)  # of samples, and findings


def problem_of(
    name: str,
    message: str,
    rows: np.ndarray,
    sample: ScoredPairs,
    *,
    left_out: bool,
    figures: Mapping[str, float] = MappingProxyType({}),
) -> Problem:
    """A problem of some rows of a sample, bool of shape (n,), that names the first of them."""
    first = tuple(int(row) + 1 for row in sample.row[rows][:N_SHOWN])
    return Problem(
        name=name,
        message=message,
        n_rows=int(rows.sum()),
        rows=first,
        left_out=left_out,
        figures=tuple(figures.items()),
    )


def in_one_unit(heldout: ScoredPairs, production: ScoredPairs) -> tuple[ScoredPairs, ScoredPairs]:
    """Both samples, the scores of one that are in another unit than the other's read in that unit."""
    production = _in_unit_of(heldout, production, in_production=True)
    if production.teacher_pinned is not None:
        production = _in_unit_of(heldout, production, in_production=True, by_pinned=True)
    return _in_unit_of(production, heldout, in_production=False), production


def _in_unit_of(
    other: ScoredPairs, sample: ScoredPairs, *, in_production: bool, by_pinned: bool = False
) -> ScoredPairs:
    columns = {"student": "student", "teacher": "teacher_pinned" if by_pinned else "teacher"}
    known = np.isfinite(getattr(sample, columns["teacher"]))
    if min(known.sum(), len(other)) < LEAST_PAIRS:
        return sample
    own = Scores(student=sample.student[known], teacher=getattr(sample, columns["teacher"])[known])
    for found in find_other_units(own, Scores(student=other.student, teacher=other.teacher)):
        if by_pinned and found.side == "student":
            continue
        rows = np.zeros(len(sample), dtype=bool)
        rows[known] = found.rows
        if found.side == "teacher" and not rows.all() and _both_revisions_gave(sample, rows):
            continue
        sample = _rescaled(sample, columns[found.side], rows, found, in_production=in_production)
    return sample


def _both_revisions_gave(sample: ScoredPairs, rows: np.ndarray) -> bool:
    """Whether the pinned revision gave most of these rows the same scores, which are then answers as they are."""
    if sample.teacher_pinned is None:
        return False
    both = rows & np.isfinite(sample.teacher_pinned) & np.isfinite(sample.teacher)
    return both.sum() >= LEAST_ROWS and float(np.mean(sample.teacher_pinned[both] == sample.teacher[both])) > 1 / 2


def _rescaled(
    sample: ScoredPairs, column: str, rows: np.ndarray, found: OtherUnit, *, in_production: bool
) -> ScoredPairs:
    """The sample with the scores of some rows in the unit of the other sample, and a problem that says so."""
    whose = "pinned teacher" if column == "teacher_pinned" else found.side
    what = f"a {whose} score that fits the {OTHER[found.side]}'s only when multiplied by {found.factor:g}"
    sentence = sentence_on(rows, what, "never has", in_production=in_production)
    name = f"{found.side}_scores_in_other_unit"
    told = f"{sentence}{_whose(sample, rows)} They are read in that unit."
    problem = problem_of(name, told, rows, sample, left_out=False)
    scores = np.where(rows, getattr(sample, column) * found.factor, getattr(sample, column))
    problems = (*sample.problems, problem)
    return replace(sample, **{column: scores}, problems=problems, read_digest=sample.digest)


def _whose(sample: ScoredPairs, rows: np.ndarray) -> str:
    """Say which value of a slice column has these rows and no others; empty where none has."""
    for name, values in sample.slices.items():
        of = np.unique(values[rows].astype(str))
        if len(of) == 1 and not rows.all() and not (values[~rows].astype(str) == of[0]).any():
            return f" They are exactly the rows of {name} {one_line(of[0])}."
    return ""
