"""What a student is trained on: the re-scored list, and some of its old training pairs against forgetting.

The teacher's scores are put on the scale of the student's own here; training itself is in `fine_tuning`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError, SettingError
from drift_core.retrain_list.list_labels import yes_or_no
from drift_core.retrain_list.reader import read_list
from drift_core.retraining.score_file import read_texts_of
from drift_core.retraining.settings import LEAST_PAIRS, ScoreRange
from drift_core.tables.pair_digests import digest_pairs
from drift_core.tables.paths import is_file
from drift_core.tables.values import read_numbers

RATIO_OF_SCALES = 3.0  # beyond it the student's scores are on another scale than the labels (ours)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredTexts:
    """Pairs with the teacher's score; one entry a pair.

    Attributes
    ----------
    query, doc
        Texts, object arrays.
    score
        The teacher's score, finite float64.
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
    student: np.ndarray | None
    digest: str
    n_without_score: int
    n_repeated: int

    def __len__(self) -> int:
        return len(self.score)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingSet:
    """Pairs in the order in which they were listed, old ones last, with labels on the student's scale.

    Attributes
    ----------
    query, doc
        Texts, object arrays.
    label
        float64.
    n_listed, n_replayed
        Pairs from the list, and old ones.
    score_range
        The teacher's scale that was brought to 0 to 1; None where scores are taken as they are.
    list_digest, replay_digest
        SHA-256 of the two files.
    n_without_score, n_repeated
        Rows of the list left out because they have no score, and because an equal pair stands for them.
    """

    query: np.ndarray
    doc: np.ndarray
    label: np.ndarray
    n_listed: int
    n_replayed: int
    score_range: ScoreRange | None
    list_digest: str
    replay_digest: str | None
    n_without_score: int
    n_repeated: int

    def __len__(self) -> int:
        return len(self.label)


def read_scored_list(path: str | Path) -> ScoredTexts:
    """Read a re-scored list, or any list whose `teacher_score` is of the current teacher.

    Raises
    ------
    InputError
        When it cannot be read, lacks a column, has labels other than yes and no, or fewer than 20 pairs have a score.
    """
    listed = read_list(path)
    if "teacher_score" not in listed.table:
        raise InputError(f"{path} has no column teacher_score. Re-score the list with: distillation-drift rescore.")
    student = listed.table.get("student_score")
    return _gathered(
        listed.queries,
        listed.docs,
        yes_or_no(listed.table["teacher_score"], path),
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
    return _gathered(read.query, read.doc, score, None, path=path, digest=digest)


def training_set(
    listed: ScoredTexts,
    *,
    is_bounded: bool,
    score_range: ScoreRange | None = None,
    old: ScoredTexts | None = None,
    replay_share: float = 0.25,
    rng: np.random.Generator,
) -> TrainingSet:
    """Put the training pairs together.

    Parameters
    ----------
    is_bounded
        Whether the student's score lies in [0, 1]; then labels must too.
    score_range
        The teacher's scale, to bring it to 0 to 1.
    old
        Old training pairs, of which so many are drawn that they are `replay_share` of all, none that is on the list.

    Notes
    -----
    Training on new pairs alone makes a network forget the old ones (McCloskey and Cohen, 1989); rehearsing some of
    them is the plainest remedy (Robins, 1995).

    Raises
    ------
    InputError
        When scores lie outside the range, or no old pair is left to draw.
    SettingError
        When scores are on another scale than the student's.
    """
    replayed = None if old is None else _drawn(old, listed, replay_share, rng)
    if replayed is not None and score_range is not None:
        _check_old_scale(replayed.score, listed.score, score_range)
    parts = [listed] if replayed is None else [listed, replayed]
    score = np.concatenate([part.score for part in parts])
    label = _on_scale(score, score_range, is_bounded)
    _check_scale(label[: len(listed)], listed.student, is_chosen=score_range is not None)
    return TrainingSet(
        query=np.concatenate([part.query for part in parts]),
        doc=np.concatenate([part.doc for part in parts]),
        label=label,
        n_listed=len(listed),
        n_replayed=0 if replayed is None else len(replayed),
        score_range=score_range,
        list_digest=listed.digest,
        replay_digest=None if old is None else old.digest,
        n_without_score=listed.n_without_score,
        n_repeated=listed.n_repeated,
    )


def _gathered(
    query: np.ndarray,
    doc: np.ndarray,
    score: np.ndarray,
    student: np.ndarray | None,
    *,
    path: str | Path,
    digest: str,
) -> ScoredTexts:
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
        student=None if student is None else student[rows],
        digest=digest,
        n_without_score=int((~has_score).sum()),
        n_repeated=int(is_repeated.sum()),
    )


def _drawn(old: ScoredTexts, listed: ScoredTexts, share: float, rng: np.random.Generator) -> ScoredTexts:
    on_list = set(digest_pairs(listed.query, listed.doc))
    free = np.flatnonzero([digest not in on_list for digest in digest_pairs(old.query, old.doc)])
    n = min(len(free), round(len(listed) * share / (1 - share)))
    if not n:
        why = "all its pairs are on the list" if not len(free) else f"a share of {share:g} is less than one pair"
        raise InputError(f"No old pair can be rehearsed: {why}. Name other old pairs with --replay, or leave it out.")
    rows = np.sort(rng.choice(free, size=n, replace=False))
    return replace(old, query=old.query[rows], doc=old.doc[rows], score=old.score[rows], student=None)


def _on_scale(score: np.ndarray, score_range: ScoreRange | None, is_bounded: bool) -> np.ndarray:
    low, high = float(score.min()), float(score.max())
    if score_range is not None:
        if low < score_range.low or high > score_range.high:
            raise InputError(
                f"The teacher's scores must lie in [{score_range.low:g}, {score_range.high:g}]; found {low:g} to "
                f"{high:g}. Give the teacher's own scale with --score-range LOW HIGH."
            )
        return (score - score_range.low) / (score_range.high - score_range.low)
    if is_bounded and (low < 0 or high > 1):
        raise SettingError(
            f"The student's score lies between 0 and 1, the teacher's run from {low:g} to {high:g}. Give the teacher's "
            "own scale with --score-range LOW HIGH."
        )
    return score


def _check_old_scale(old: np.ndarray, listed: np.ndarray, score_range: ScoreRange) -> None:
    """Old pairs are often kept with the labels of their training, from 0 to 1, whatever the teacher's scale was."""
    is_unit = float(old.min()) >= 0 and float(old.max()) <= 1
    if is_unit and float(listed.max()) > 1 and (score_range.low, score_range.high) != (0, 1):
        raise SettingError(
            f"The old pairs' scores run from {old.min():.3g} to {old.max():.3g}, the list's from {listed.min():.3g} to "
            f"{listed.max():.3g}: they are on two scales. Give the old pairs in [{score_range.low:g}, "
            f"{score_range.high:g}] as the list is."
        )


def _check_scale(label: np.ndarray, student: np.ndarray | None, *, is_chosen: bool) -> None:
    """Squared error to labels on another scale would first of all move the student's whole scale."""
    known = np.isfinite(student) if student is not None else np.zeros(0, dtype=bool)
    if is_chosen or student is None or known.sum() < LEAST_PAIRS:
        return
    own, theirs = (np.quantile(values, [0.05, 0.95]) for values in (student[known], label[known]))
    widths = np.array([own[1] - own[0], theirs[1] - theirs[0]])
    is_apart = abs(own.mean() - theirs.mean()) > RATIO_OF_SCALES * widths.max()
    if is_apart or (widths.min() > 0 and widths.max() > RATIO_OF_SCALES * widths.min()):
        raise SettingError(
            f"The student's scores on the list run from {own[0]:.3g} to {own[1]:.3g}, the teacher's from "
            f"{theirs[0]:.3g} to {theirs[1]:.3g}: they are on two scales, and training would move the student's. Give "
            "the teacher's own scale with --score-range LOW HIGH; it becomes 0 to 1."
        )
