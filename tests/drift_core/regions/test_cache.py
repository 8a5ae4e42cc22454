import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from drift_core.errors import EncoderError
from drift_core.regions import cache as cache_module
from drift_core.regions.cache import EmbeddingCache, embed
from drift_core.regions.encoding import HashingEncoder, Progress


class CountingEncoder:
    """Counts what it is asked for, and stops after a number of texts."""

    id = "counting"
    dimension = 4

    def __init__(self, stop_after: int | None = None) -> None:
        self.asked: list[str] = []
        self.stop_after = stop_after

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        if self.stop_after is not None and len(self.asked) + len(texts) > self.stop_after:
            raise KeyboardInterrupt
        self.asked += texts
        vectors = np.array([[len(text), 1, 2, 3] for text in texts], dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def as_texts(*texts: str) -> np.ndarray:
    return np.array(texts, dtype=object)


def embed_many(path: Path, first: int) -> int:
    texts = np.array([f"text number {i}" for i in range(first, first + 3000)], dtype=object)
    return len(embed(texts, encoder=HashingEncoder(dimension=16), cache=EmbeddingCache(path)))


def test_each_distinct_text_is_encoded_once_and_lands_on_its_rows() -> None:
    encoder = CountingEncoder()

    vectors = embed(as_texts("bb", "a", "bb", "a", "cccc"), encoder=encoder)

    assert sorted(encoder.asked) == ["a", "bb", "cccc"]
    np.testing.assert_array_equal(vectors[0], vectors[2])
    np.testing.assert_allclose(vectors[4], np.array([4, 1, 2, 3]) / np.sqrt(30), rtol=1e-6)


def test_changing_one_row_encodes_one_text(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "embeddings.sqlite")
    embed(as_texts("one", "two", "three"), encoder=CountingEncoder(), cache=cache)
    second = CountingEncoder()

    embed(as_texts("one", "two", "three and more"), encoder=second, cache=cache)

    assert second.asked == ["three and more"]


def test_vectors_come_back_from_the_cache_bit_for_bit(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "embeddings.sqlite")
    texts = as_texts("late parcel", "Übergröße \ud800 zero\0byte", "")

    first = embed(texts, encoder=HashingEncoder(), cache=cache)
    second = embed(texts, encoder=HashingEncoder(), cache=cache)

    np.testing.assert_array_equal(first, second)
    assert cache.notes == ()


def test_two_encoders_do_not_share_vectors(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "embeddings.sqlite")
    embed(as_texts("a"), encoder=HashingEncoder(dimension=4), cache=cache)
    other = CountingEncoder()

    embed(as_texts("a"), encoder=other, cache=cache)

    assert other.asked == ["a"]


def test_a_stopped_run_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "TEXTS_PER_CHUNK", 10)
    cache = EmbeddingCache(tmp_path / "embeddings.sqlite")
    texts = as_texts(*(f"text {i:03d}" for i in range(50)))
    with pytest.raises(KeyboardInterrupt):
        embed(texts, encoder=CountingEncoder(stop_after=30), cache=cache)
    second = CountingEncoder()

    embed(texts, encoder=second, cache=cache)

    assert len(second.asked) == 20


def test_a_process_killed_while_writing_leaves_a_cache_that_works(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.sqlite"
    script = (
        "import os, signal, sys, numpy as np\n"
        "from drift_core.regions import cache\n"
        "from drift_core.regions.encoding import HashingEncoder\n"
        "cache.TEXTS_PER_CHUNK = 10\n"
        "def stop(stage, done, total):\n"
        "    if done >= 30: os.kill(os.getpid(), signal.SIGKILL)\n"
        "texts = np.array([f'text {i:03d}' for i in range(50)], dtype=object)\n"
        "cache.embed(texts, encoder=HashingEncoder(), cache=cache.EmbeddingCache(sys.argv[1]), progress=stop)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    progress: list[int] = []
    texts = as_texts(*(f"text {i:03d}" for i in range(50)))

    cache = EmbeddingCache(path)
    embed(texts, encoder=HashingEncoder(), cache=cache, progress=lambda stage, done, total: progress.append(done))

    assert killed.returncode == -9
    assert progress[0] == 30
    assert cache.notes == ()


def test_two_processes_at_once_keep_everything(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.sqlite"

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        counts = list(pool.map(embed_many, [path, path], [0, 1500]))

    assert counts == [3000, 3000]
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM embedding").fetchone() == (4500,)
    connection.close()


def test_a_broken_file_is_set_aside_and_said(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.sqlite"
    path.write_bytes(b"this is no database, but it is long enough to look like one" * 100)
    cache = EmbeddingCache(path)

    vectors = embed(as_texts("a", "bb"), encoder=CountingEncoder(), cache=cache)
    again = CountingEncoder()
    embed(as_texts("a", "bb"), encoder=again, cache=cache)

    assert vectors.shape == (2, 4)
    assert "was broken" in cache.notes[0]
    assert again.asked == []
    assert any(".broken-" in each.name for each in tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_worked_without_and_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way of the folder")
    cache = EmbeddingCache(tmp_path / "file" / "embeddings.sqlite")

    vectors = embed(as_texts("a", "bb"), encoder=CountingEncoder(), cache=cache)

    assert vectors.shape == (2, 4)
    assert len(cache.notes) == 1
    assert "without it" in cache.notes[0]


def test_progress_counts_distinct_texts_from_what_is_known_to_all(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "embeddings.sqlite")
    embed(as_texts("a"), encoder=CountingEncoder(), cache=cache)
    seen: list[tuple[str, int, int]] = []

    embed(
        as_texts("a", "b", "b"),
        encoder=CountingEncoder(),
        cache=cache,
        progress=lambda stage, done, total: seen.append((stage, done, total)),
    )

    assert seen == [("embedding", 1, 2), ("embedding", 2, 2)]


def test_an_encoder_that_gives_no_finite_numbers_is_refused() -> None:
    class Broken(CountingEncoder):
        def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
            return np.full((len(texts), 4), np.nan, dtype=np.float32)

    with pytest.raises(EncoderError, match="finite"):
        embed(as_texts("a"), encoder=Broken())


@pytest.mark.parametrize(
    "kept", [b"\x00\x00\xc0\x7f" * 4, b"\x00\x00\x80\x3f" * 4, b"\xff\xff\x7f\x7f" * 4, "abcd", 7, 0.5]
)
def test_a_kept_vector_that_was_damaged_is_encoded_again(tmp_path: Path, kept: object) -> None:
    texts, path = as_texts("one", "three"), tmp_path / "cache.db"
    whole = embed(texts, encoder=CountingEncoder(), cache=EmbeddingCache(path))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE embedding SET vector = ?", (kept,))
    encoder = CountingEncoder()

    found = embed(texts, encoder=encoder, cache=EmbeddingCache(path))

    np.testing.assert_array_equal(found, whole)
    assert sorted(encoder.asked) == ["one", "three"]
