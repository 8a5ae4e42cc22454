"""Scores by a student: each distinct pair once, in batches, kept on disk so that a killed run goes on where it was."""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drift_core.errors import SettingError, StudentError
from drift_core.regions.cache import EmbeddingCache, chunks_of, embed
from drift_core.regions.encoding import Progress
from drift_core.regions.model_folder import LOADING_ERRORS
from drift_core.retraining.student import Student, load_student
from drift_core.tables.paths import reason_of
from drift_core.traffic.engine import Engine

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_SIZE = 32
CHUNKS_A_PART = 4  # what an actor takes at a time


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
    engine: Engine | None = None,
    folder: str | Path = ".",
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
    engine, folder
        Where pairs are scored, by default in this process; and where they wait for other processes meanwhile.
    progress
        Called as ``progress("scoring", done, total)`` with counts of distinct pairs.

    Returns
    -------
    numpy.ndarray
        float64 of shape (n,), on the student's own scale; of one with labels their probabilities, shape (n, n_labels).

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
    scorer = _Scorer(student=student, batch_size=batch_size)
    if not len(pairs):
        return scorer.scores(np.empty((0, scorer.dimension)))
    if engine is not None and engine.name != "local":
        return scorer.scores(_score_on(engine, pairs, scorer, cache=cache, folder=folder, progress=progress))
    report = (lambda _, done, total: progress("scoring", done, total)) if progress else None
    return scorer.scores(embed(pairs, encoder=scorer, cache=cache, progress=report))


def _score_on(
    engine: Engine,
    pairs: np.ndarray,
    scorer: "_Scorer",
    *,
    cache: EmbeddingCache | None,
    folder: str | Path,
    progress: Progress | None,
) -> np.ndarray:
    """Score in the same chunks as in this process, so that the same batches give the same bits."""
    import pyarrow as pa

    inverse, distinct = pd.factorize(pairs, sort=True)
    vectors = np.empty((len(distinct), scorer.dimension))
    found = cache.read(scorer, distinct.tolist()) if cache else {}
    for place, vector in found.items():
        vectors[place] = vector
    chunks = list(chunks_of(distinct, [i for i in range(len(distinct)) if i not in found]))
    parts = [list(chain(*chunks[at : at + CHUNKS_A_PART])) for at in range(0, len(chunks), CHUNKS_A_PART)]
    tables = (pa.table({"place": part, "pair": distinct[part].tolist()}) for part in parts)
    device = scorer.student.model.device.type
    work = ScorePart(student=str(scorer.student.path.absolute()), device=device, batch_size=scorer.batch_size)
    done = len(found)
    for table in engine.run(tables, work, folder=folder):
        places = table["place"].to_numpy()
        vectors[places] = table["vector"].to_pylist()
        if cache:
            cache.write(scorer, distinct[places].tolist(), vectors[places])
        done += len(table)
        if progress:
            progress("scoring", done, len(distinct))
    return vectors[inverse]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """Scores a table of pairs: what each engine does."""

    student: str
    device: str | None
    batch_size: int

    def __call__(self, table: "pa.Table") -> "pa.Table":
        scorer = _Scorer(student=_loaded(self.student, self.device), batch_size=self.batch_size)
        vectors = embed(np.array(table["pair"].to_pylist(), dtype=object), encoder=scorer)
        return table.select(["place"]).append_column("vector", [vectors.tolist()])


@functools.cache
def _loaded(student: str, device: str | None) -> Student:
    return load_student(student, device=device, may_have_labels=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scorer:
    """A student as the cache on disk takes it: the text is the pair, the vector its one score.

    Of probabilities it is their square roots, which have the unit length of every vector that is kept.
    """

    student: Student
    batch_size: int

    @property
    def id(self) -> str:
        return f"student@{self.student.digest}"

    @property
    def dimension(self) -> int:
        return max(1, len(self.student.labels))

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """What vectors stand for, as `score_pairs` gives it."""
        wide = vectors.astype(np.float64)
        return wide**2 if self.student.labels else wide[:, 0]

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        pairs = [tuple(json.loads(text)) for text in texts]
        try:
            scores = self.student.predict(pairs, batch_size=self.batch_size)
        except LOADING_ERRORS as error:
            reason = reason_of(error).rstrip(". ")
            raise StudentError(
                f"The student {self.student.path} cannot score: {reason}. Take a smaller --batch-size, or --device cpu."
            ) from error
        vectors = np.asarray(scores, dtype=np.float32).reshape(len(texts), -1)
        vectors = np.sqrt(vectors) if self.student.labels else vectors
        n_faulty = int((~np.isfinite(vectors).all(axis=1)).sum())
        if n_faulty:
            raise StudentError(
                f"The student {self.student.path} gives no finite score for {n_faulty} of {len(texts)} pairs. Its "
                "weights are damaged, or its training went astray."
            )
        return vectors
