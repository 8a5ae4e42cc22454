"""Pairs with the teacher's score, read from a re-scored list or from old training pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.retrain_list.list_labels import yes_or_no
from drift_core.retrain_list.reader import read_list
from drift_core.retraining.score_file import read_texts_of
from drift_core.retraining.settings import LEAST_PAIRS
from drift_core.retraining.synthetic_pairs import synthetic_rows
from drift_core.retraining.teacher_runs import TEACHER, mean_of_runs, runs_of_list
from drift_core.tables.pair_digests import digest_pairs
from drift_core.tables.paths import is_file
from drift_core.tables.values import read_numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredTexts:
    """Pairs with the teacher's score; one entry a pair.

    Attributes
    ----------
    query, doc
        Texts, object arrays.
    score
        The teacher's score, the mean of its runs where there are several, finite float64.
    runs
        Scores by each run, shape (n, r), the one in use first; NaN where a run has none.
    is_synthetic
        Whether a pair is marked synthetic, bool.
    student
        The student's score where the file has it, float64 with NaN where not; None without such a column.
    digest
        SHA-256 of the file.
    n_without_score
        Rows left out because the teacher has no score for them.
    n_repeated
        Rows left out because an equal pair stands for them.
    """

    query: np.ndarray
    doc: np.ndarray
    score: np.ndarray
    runs: np.ndarray
    is_synthetic: np.ndarray
    student: np.ndarray | None
    digest: str
    n_without_score: int
    n_repeated: int

    def __len__(self) -> int:
        return len(self.score)

    def take(self, rows: np.ndarray) -> "ScoredTexts":
        """The pairs at `rows`, places or a bool array."""
        own = ("query", "doc", "score", "runs", "is_synthetic")
        student = None if self.student is None else self.student[rows]
        return replace(self, student=student, **{name: getattr(self, name)[rows] for name in own})


def read_scored_list(path: str | Path, *, repeats: Sequence[str | Path] = ()) -> ScoredTexts:
    """Read a re-scored list, or any list whose `teacher_score` is of the current teacher.

    Parameters
    ----------
    repeats
        Files of the same list scored again by the same teacher; columns such as `teacher_score_2` are runs too.

    Raises
    ------
    InputError
        When it cannot be read, lacks a column, has labels other than yes and no, or fewer than 20 pairs have a score.
    """
    listed = read_list(path)
    if TEACHER not in listed.table:
        raise InputError(f"{path} has no column {TEACHER}. Re-score the list with: distillation-drift rescore.")
    student = listed.table.get("student_score")
    return _gathered(
        listed.queries,
        listed.docs,
        runs_of_list(listed, repeats, path),
        synthetic_rows(listed.table, path),
        None if student is None else yes_or_no(student, path),
        path=path,
        digest=listed.digest,
    )


def read_old_pairs(path: str | Path, *, columns: Mapping[str, str] | None = None) -> ScoredTexts:
    """Read pairs that the student was trained on before: query, doc and the teacher's score, by any usual name.

    Parameters
    ----------
    columns
        Role to column, for "query", "doc" and "teacher", where a column is not recognised by its name.

    Raises
    ------
    InputError
        As `read_scored_list`.
    SettingError
        When `columns` names another role.
    """
    if not is_file(path):
        raise InputError(f"There is no file {path}. Name one file of old training pairs with --replay.")
    read = read_texts_of(path, chosen=columns, also="teacher")
    score = read_numbers(read.column("teacher")).values
    digest = sha256(Path(path).read_bytes()).hexdigest()
    marks = synthetic_rows(read.table.to_pandas(), path)
    return _gathered(read.query, read.doc, score[:, None], marks, None, path=path, digest=digest)


def _gathered(
    query: np.ndarray,
    doc: np.ndarray,
    runs: np.ndarray,
    is_synthetic: np.ndarray,
    student: np.ndarray | None,
    *,
    path: str | Path,
    digest: str,
) -> ScoredTexts:
    score = mean_of_runs(runs)
    has_score = np.isfinite(score)
    is_repeated = pd.Series(digest_pairs(query, doc)).where(has_score).duplicated().to_numpy() & has_score
    rows = np.flatnonzero(has_score & ~is_repeated)
    if len(rows) < LEAST_PAIRS:
        raise InputError(
            f"{path} has {len(rows)} different pairs with a teacher's score; a training needs at least {LEAST_PAIRS}. "
            "Score more of them with: distillation-drift rescore."
        )
    return ScoredTexts(
        query=query[rows],
        doc=doc[rows],
        score=score[rows],
        runs=runs[rows],
        is_synthetic=is_synthetic[rows],
        student=None if student is None else student[rows],
        digest=digest,
        n_without_score=int((~has_score).sum()),
        n_repeated=int(is_repeated.sum()),
    )
