"""Which pairs of a sample can compare two students, what is left out and why, and where their scores come from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.measures.scores import Scores
from drift_core.samples.class_probabilities import chances_by_label
from drift_core.samples.only_given import only_pairs
from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.pair_digests import digest_pairs
from drift_core.tables.problem import Problem
from drift_core.wording import counted, first_rows

if TYPE_CHECKING:
    from drift_core.tables.scan import Source

DIGEST_COLUMN = "pair_digest"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedPairs:
    """Pairs that the student after was trained on.

    Attributes
    ----------
    name
        What their file is called.
    digests
        Identity of each; see `digest_pairs`.
    queries
        Digests of queries whose docs the file does not tell: every pair of them counts as trained on.
    """

    name: str
    digests: frozenset[str]
    queries: frozenset[str] = frozenset()

    def holds(self, sample: ScoredPairs, digests: np.ndarray) -> np.ndarray:
        """Mark the pairs of a sample, whose digests are given, that are among these."""
        held = np.isin(digests, list(self.digests))
        return held | np.isin(digest_pairs(sample.query), list(self.queries)) if self.queries else held


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UsablePairs:
    """The pairs that both students are compared on.

    Attributes
    ----------
    sample
        The sample as read.
    kept
        Positions of the pairs in it, ascending.
    scores, before
        Teacher and student after, and the student before, of those pairs.
    digests
        Identity of each of those pairs; see `digest_pairs`.
    left_out
        What was left out, one entry a reason.
    """

    sample: ScoredPairs
    kept: np.ndarray
    scores: Scores
    before: np.ndarray
    digests: np.ndarray
    left_out: tuple[Problem, ...]


def usable_pairs(
    sample: ScoredPairs, *, trained_on: TrainedPairs | None = None, frozen: Collection[str] = ()
) -> UsablePairs:
    """Choose the pairs to compare two students on.

    Parameters
    ----------
    sample
        Pairs with the teacher's score and both students'.
    trained_on
        Pairs to leave out, because agreement on them flatters the student that saw them.
    frozen
        Digests of pairs that the frozen sample holds already.

    Raises
    ------
    InputError
        When the sample has no scores by the student before.
    """
    only_pairs(pairs=sample)
    if sample.student_before is None:
        raise no_scores_before(sample)
    digests = digest_pairs(sample.query, sample.doc)
    usable = np.ones(len(sample), dtype=bool)
    left_out: list[Problem] = []

    def leave_out(name: str, bad: np.ndarray, fault: str) -> None:
        bad = bad & usable
        usable[bad] = False
        if bad.any():
            left_out.append(_problem(sample, name, bad, fault))

    leave_out("missing_student_before", np.isnan(sample.student_before), "no score by the student before")
    if trained_on is not None:
        seen = trained_on.holds(sample, digests)
        leave_out("trained_on", seen, f"a pair that the student after was trained on ({trained_on.name})")
        if not seen.any():
            left_out.append(_none_trained_on(sample, trained_on))
    if sample.doc is not None:  # without docs, pairs of one query cannot be told apart
        repeated = pd.Series(digests).where(usable).duplicated().to_numpy()
        leave_out("repeated_pair", repeated, "the query and doc of an earlier row")
        leave_out("in_frozen", np.isin(digests, list(frozen)), "a pair of the frozen sample")
    kept = np.flatnonzero(usable)
    scores = Scores.of(sample, sample.query_codes).take(kept)
    return UsablePairs(
        sample=sample,
        kept=kept,
        scores=scores,
        before=sample.student_before[kept],
        digests=digests[kept],
        left_out=tuple(left_out),
    )


def no_scores_before(sample: ScoredPairs) -> InputError:
    """The error of a sample that only the student after has scored."""
    return InputError(
        f"{sample.source or sample.name} has no scores by the student before. Give them in a column "
        "student_score_before, or the same pairs scored by that student in a file of their own (--before-file, "
        "--fresh-before-file)."
    )


def _none_trained_on(sample: ScoredPairs, trained_on: TrainedPairs) -> Problem:
    listed = counted(len(trained_on.digests), "pair", "pairs")
    message = f"No pair of {sample.name} is among the {listed} of {trained_on.name}."
    if sample.doc is None:
        message += " It has no docs, so its pairs are told apart by the query alone; give the doc column to be sure."
    return Problem(name="trained_on", message=message)


def _problem(sample: ScoredPairs, name: str, bad: np.ndarray, fault: str) -> Problem:
    rows = tuple(int(row) + 1 for row in sample.row[bad][:6])
    n = int(bad.sum())
    message = f"{counted(n, 'pair is', 'pairs are')} left out of {sample.name}: {fault}, {first_rows(rows)}."
    return Problem(name=name, message=message, n_rows=n, rows=rows[:5], left_out=True)


def read_trained_pairs(source: "Source", *, name: str | None = None) -> TrainedPairs:
    """Read which pairs a student was trained on: a retrain list, or any file with queries and docs.

    Raises
    ------
    InputError
        When the file has neither a column pair_digest nor one of queries.
    """
    from drift_core.samples.reading import read_table
    from drift_core.tables.columns import recognise_columns
    from drift_core.tables.values import read_texts

    table = read_table(source)
    label = name or (Path(source).name if isinstance(source, str | Path) else str(getattr(source, "name", "the list")))

    def texts(column: str) -> np.ndarray:
        found = read_texts(table[column], f"Column {column!r} of {label}")
        return np.array([text or "" for text in found], dtype=object)

    if DIGEST_COLUMN in table.column_names:
        known = frozenset(texts(DIGEST_COLUMN)) - {""}
        without_docs = "doc" in table.column_names and not any(texts("doc"))
        return TrainedPairs(name=label, digests=known, queries=known if without_docs else frozenset())
    columns = recognise_columns(table)
    if "query" not in columns:
        raise InputError(
            f"{label} must tell which pairs were trained on: a column {DIGEST_COLUMN}, or query and doc. "
            f"It has: {', '.join(table.column_names)}. Give the retrain list."
        )
    doc = texts(columns["doc"]) if "doc" in columns else None
    known = frozenset(digest_pairs(texts(columns["query"]), doc))
    return TrainedPairs(name=label, digests=known, queries=known if doc is None else frozenset())


def join_trained(several: Sequence[TrainedPairs]) -> TrainedPairs | None:
    """Take several files for one, such as a retrain list and the pairs replayed with it; None where there are none."""
    if not several:
        return None
    return TrainedPairs(
        name=", ".join(each.name for each in several),
        digests=frozenset().union(*(each.digests for each in several)),
        queries=frozenset().union(*(each.queries for each in several)),
    )


def with_scores_before(sample: ScoredPairs, before: ScoredPairs) -> ScoredPairs:
    """Take the score by the student before from another sample of the very same pairs.

    Parameters
    ----------
    sample
        Pairs scored by the student after.
    before
        The same pairs, whose student is the one before; in any order, and more pairs may be there.

    Raises
    ------
    InputError
        When a sample has no docs, a pair is missing or has two scores, or the teacher's scores differ.
    """
    if sample.doc is None or before.doc is None:
        lacking = sample.name if sample.doc is None else before.name
        raise InputError(f"{lacking} has no docs, so its pairs cannot be found in another file. Give the doc column.")
    wanted = digest_pairs(sample.query, sample.doc)
    given = {"digest": digest_pairs(before.query, before.doc), "teacher": before.teacher, "student": before.student}
    told_apart = list(given)
    found = pd.DataFrame(given | {"row": np.arange(len(before))}).drop_duplicates(told_apart).set_index("digest")
    _check_join(sample, before, wanted, found)
    teacher, student, rows = (found.loc[wanted, name].to_numpy() for name in ("teacher", "student", "row"))
    n_other = int((teacher != sample.teacher).sum())
    if n_other:
        raise InputError(
            f"The teacher scored {counted(n_other, 'pair', 'pairs')} differently in {before.name} than in "
            f"{sample.name}. Both students must be held to one revision's scores: give files with the same ones."
        )
    joined = replace(sample, student_before=np.ascontiguousarray(student))
    chances, chances_before = chances_by_label(sample), chances_by_label(before)
    if chances is None or chances_before is None:
        return joined
    return replace(joined, chances=chances, chances_before=chances_before[rows], chance_labels=sample.kind.labels)


def _check_join(sample: ScoredPairs, before: ScoredPairs, wanted: np.ndarray, found: pd.DataFrame) -> None:
    known = np.isin(wanted, found.index.to_numpy())
    if not known.all():
        rows = tuple(int(row) + 1 for row in sample.row[~known][:6])
        raise InputError(
            f"{int((~known).sum()):,} of {len(wanted):,} pairs of {sample.name} are not in {before.name}: "
            f"{first_rows(rows)}. Both files must hold the same pairs, told apart by query and doc."
        )
    several = np.isin(wanted, found.index[found.index.duplicated()].to_numpy())
    if several.any():
        rows = tuple(int(row) + 1 for row in sample.row[several][:6])
        raise InputError(
            f"{before.name} has several scores for {counted(int(several.sum()), 'pair', 'pairs')} of {sample.name}: "
            f"{first_rows(rows)}. Keep one row a pair."
        )
