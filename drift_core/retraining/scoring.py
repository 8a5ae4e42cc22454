"""Scores by a student: each distinct pair once, in batches, kept on disk so that a killed run goes on where it was."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drift_core.errors import SettingError, StudentError
from drift_core.regions.cache import EmbeddingCache, embed
from drift_core.regions.encoding import Progress
from drift_core.regions.model_folder import LOADING_ERRORS
from drift_core.retraining.student import Student
from drift_core.tables.paths import reason_of

BATCH_SIZE = 32


def default_score_cache_path() -> Path:
    """Where students' scores are kept unless told otherwise: the user's cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("distillation-drift", appauthor=False) / "student-scores.sqlite"


def score_pairs(
    student: Student,
    query: Sequence[str] | np.ndarray,
    doc: Sequence[str] | np.ndarray,
    *,
    batch_size: int = BATCH_SIZE,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Score pairs with a student.

    Parameters
    ----------
    query, doc
        Texts, shape (n,).
    batch_size
        Pairs a forward pass.
    cache
        Where scores are looked up and kept, or None. What is kept when the run is killed is not scored again.
    progress
        Called as ``progress("scoring", done, total)`` with counts of distinct pairs.

    Returns
    -------
    numpy.ndarray
        float64 of shape (n,), on the student's own scale.

    Raises
    ------
    StudentError
        When a score is not finite, or the student cannot score on this machine.
    SettingError
        When the batch size is no whole number from 1 up.
    """
    if not isinstance(batch_size, int) or batch_size < 1:
        raise SettingError(f"The batch size must be a whole number from 1 up; found {batch_size!r}.")
    texts = [json.dumps(pair, ensure_ascii=False) for pair in zip(query, doc, strict=True)]
    pairs = np.array(texts, dtype=object)
    if not len(pairs):
        return np.empty(0)
    scorer = _Scorer(student=student, batch_size=batch_size)
    report = (lambda _, done, total: progress("scoring", done, total)) if progress else None
    return embed(pairs, encoder=scorer, cache=cache, progress=report)[:, 0].astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scorer:
    """A student as the cache on disk takes it: the text is the pair, the vector its one score."""

    student: Student
    batch_size: int
    dimension: int = 1

    @property
    def id(self) -> str:
        return f"student@{self.student.digest}"

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        pairs = [tuple(json.loads(text)) for text in texts]
        try:
            scores = self.student.model.predict(pairs, batch_size=self.batch_size, show_progress_bar=False)
        except LOADING_ERRORS as error:
            reason = reason_of(error).rstrip(". ")
            raise StudentError(
                f"The student {self.student.path} cannot score: {reason}. Take a smaller --batch-size, or --device cpu."
            ) from error
        vectors = np.asarray(scores, dtype=np.float32).reshape(-1, 1)
        n_faulty = int((~np.isfinite(vectors)).sum())
        if n_faulty:
            raise StudentError(
                f"The student {self.student.path} gives no finite score for {n_faulty} of {len(texts)} pairs. Its "
                "weights are damaged, or its training went astray."
            )
        return vectors
