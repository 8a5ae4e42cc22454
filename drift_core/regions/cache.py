"""Embeddings on disk: one SQLite file, one row per encoder and text, so that each text is encoded once.

Which texts a sample needs is in `embeddings`.
"""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import EncoderError, InputError
from drift_core.regions.encoding import Encoder, Progress
from drift_core.tables.paths import kind_of

CREATE = "CREATE TABLE IF NOT EXISTS embedding (key BLOB PRIMARY KEY, vector BLOB NOT NULL)"
KEYS_PER_QUERY = 500  # older SQLite takes at most 999 parameters
BUSY_SECONDS = 30.0
UNIT_TOLERANCE = 0.01  # encoders that reckon in half precision miss length 1 by less
# What one write to the cache holds at most: about a second of work on two cores.
TEXTS_PER_CHUNK = 1024
CHARACTERS_PER_CHUNK = 64 * 1024
# A longer text counts as this long: encoders cut it.
CHARACTERS_COUNTED = 1024


def default_cache_path() -> Path:
    """Where embeddings are kept unless told otherwise: the user's cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("distillation-drift", appauthor=False) / "embeddings.sqlite"


class EmbeddingCache:
    """Vectors by encoder and text in one file; safe with several processes and when one is killed.

    A file that cannot be used never stops the work: a broken one is set aside, and with a read-only or full disk the
    texts are encoded again. `notes` says so in sentences.

    Parameters
    ----------
    path
        The file; made on first use.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._notes: list[str] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """What went wrong with the file so far, one sentence each."""
        return tuple(self._notes)

    def read(self, encoder: Encoder, texts: Sequence[str]) -> dict[int, np.ndarray]:
        """Find the vectors that are there and whole, by the position of their text."""
        position = {_key(encoder.id, text): i for i, text in enumerate(texts)}
        keys = list(position)
        found: dict[int, np.ndarray] = {}

        def select(connection: sqlite3.Connection) -> None:
            for start in range(0, len(keys), KEYS_PER_QUERY):
                for key, vector in _select(connection, keys[start : start + KEYS_PER_QUERY]):
                    if isinstance(vector, bytes) and len(vector) == 4 * encoder.dimension:
                        values = np.frombuffer(vector, dtype="<f4")
                        if np.isfinite(values).all():
                            found[position[key]] = values

        if self._is_there():
            self._run(select)
        return found

    def write(self, encoder: Encoder, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Keep the vectors of these texts, all or none of them."""
        stored = np.ascontiguousarray(vectors, dtype="<f4")
        rows = [(_key(encoder.id, text), stored[i].tobytes()) for i, text in enumerate(texts)]

        def insert(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany("INSERT OR REPLACE INTO embedding VALUES (?, ?)", rows)

        self._run(insert)

    def _is_there(self) -> bool:
        try:
            return kind_of(self.path) != "nothing"
        except InputError as error:
            self._note(f"The embedding cache cannot be used ({error}); texts are encoded without it.")
            return False

    def _run(self, operation: Callable[[sqlite3.Connection], None]) -> None:
        """Open the file for one operation; what is wrong with it becomes a note and ends the operation."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=BUSY_SECONDS)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute(CREATE)
                operation(connection)
        except (sqlite3.OperationalError, OSError, ValueError) as error:
            self._note(f"The embedding cache {self.path} cannot be used ({error}); texts are encoded without it.")
        except sqlite3.DatabaseError as error:
            self._set_aside(error)

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        aside = self.path.with_name(f"{self.path.name}.broken-{os.getpid()}")
        try:
            self.path.replace(aside)
            for suffix in ("-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        except OSError:
            self._note(f"The embedding cache {self.path} is broken ({error}) and cannot be moved; delete it.")
            return
        self._note(f"The embedding cache was broken ({error}). It is now {aside}, and a fresh one was started.")

    def _note(self, note: str) -> None:
        if note not in self._notes:
            self._notes.append(note)


def embed(
    texts: np.ndarray,
    *,
    encoder: Encoder,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
) -> np.ndarray:
    """Embed texts, each distinct one once, keeping every finished part at once.

    Parameters
    ----------
    texts
        Texts, array of str, shape (n,).
    cache
        Where vectors are looked up and kept, or None.
    progress
        Called as ``progress("embedding", done, total)`` with counts of distinct texts.

    Returns
    -------
    numpy.ndarray
        Vectors of unit length, float32, shape (n, dimension).

    Raises
    ------
    EncoderError
        When the encoder gives vectors of another shape than it states, or values that are not finite.
    """
    inverse, distinct = pd.factorize(np.asarray(texts, dtype=object), sort=True)
    vectors = np.empty((len(distinct), encoder.dimension), dtype=np.float32)
    found: Mapping[int, np.ndarray] = cache.read(encoder, distinct.tolist()) if cache else {}
    found = {position: vector for position, vector in found.items() if _is_unit(vector)}
    for position, vector in found.items():
        vectors[position] = vector
    done = len(found)
    _report(progress, done, len(distinct))
    for chunk in chunks_of(distinct, [i for i in range(len(distinct)) if i not in found]):
        part = [str(distinct[i]) for i in chunk]
        vectors[chunk] = _checked(encoder.encode(part), len(part), encoder)
        if cache:
            cache.write(encoder, part, vectors[chunk])
        done += len(chunk)
        _report(progress, done, len(distinct))
    return vectors[inverse]


def _is_unit(vector: np.ndarray) -> bool:
    """Whether a kept vector has the length that every encoder gives; one number, such as a score, may be any."""
    if len(vector) == 1:
        return True
    with np.errstate(over="ignore"):
        return abs(float(np.linalg.norm(vector)) - 1.0) < UNIT_TOLERANCE


def _select(connection: sqlite3.Connection, keys: Sequence[bytes]) -> Iterable[tuple[bytes, bytes]]:
    marks = ",".join("?" * len(keys))
    return connection.execute(f"SELECT key, vector FROM embedding WHERE key IN ({marks})", keys)


def _key(encoder_id: str, text: str) -> bytes:
    return hashlib.sha256(f"{encoder_id}\0{text}".encode("utf-8", "surrogatepass")).digest()


def chunks_of(texts: np.ndarray, positions: list[int]) -> Iterator[list[int]]:
    """Cut into parts of about equal work, texts of like length together."""
    chunk: list[int] = []
    n_characters = 0
    for position in sorted(positions, key=lambda i: (len(texts[i]), i)):
        chunk.append(position)
        n_characters += min(len(texts[position]), CHARACTERS_COUNTED)
        if len(chunk) == TEXTS_PER_CHUNK or n_characters >= CHARACTERS_PER_CHUNK:
            yield chunk
            chunk, n_characters = [], 0
    if chunk:
        yield chunk


def _checked(vectors: np.ndarray, n_texts: int, encoder: Encoder) -> np.ndarray:
    if vectors.shape != (n_texts, encoder.dimension) or not np.isfinite(vectors).all():
        raise EncoderError(
            f"The encoder {encoder.id} gave an array of shape {vectors.shape} for {n_texts} texts; expected finite "
            f"numbers of shape ({n_texts}, {encoder.dimension}). Choose another encoder."
        )
    return vectors


def _report(progress: Progress | None, done: int, total: int) -> None:
    if progress:
        progress("embedding", done, total)
