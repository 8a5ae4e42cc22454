import io
import random
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.regions.embeddings_reader import read_embeddings
from drift_core.samples.pairs import ScoredPairs
from drift_core.vectors.vector_files import opened
from tests.drift_core.regions.two_threads import leave_out_of_turn

N_PAIRS, DIMENSIONS = 24, 4
N_DAMAGED = 250  # files of a kind; six times as many found no other fault


def pairs_of(side):
    query = np.array([f"{side} question {i}" for i in range(N_PAIRS)], dtype=object)
    return ScoredPairs(name=side, query=query, teacher=np.arange(24.0), student=np.arange(24.0))


@pytest.fixture(scope="module")
def samples():
    return pairs_of("heldout"), pairs_of("production")


def array_bytes(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def claimed(shape, n_bytes=100):
    """An array file that claims a shape and holds a few bytes."""
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return out.getvalue() + bytes(n_bytes)


def write_two(path, heldout, production=None):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("heldout.npy", heldout)
        archive.writestr("production.npy", heldout if production is None else production)
    return path


def whole_files(folder, samples):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(N_PAIRS, DIMENSIONS)).astype(np.float32)
    np.savez_compressed(folder / "good.npz", heldout=vectors, production=vectors)
    np.save(folder / "good.npy", np.concatenate([vectors, vectors]))
    queries = np.concatenate([pairs.query for pairs in samples])
    table = pd.DataFrame({"query": queries, "embedding": list(np.concatenate([vectors, vectors]))})
    table.to_parquet(folder / "good.parquet")


@pytest.mark.parametrize(("suffix", "n_first"), [(".npz", None), (".npy", 128), (".parquet", None)])
def test_a_damaged_file_is_read_or_refused_in_one_message(tmp_path, samples, suffix, n_first):
    whole_files(tmp_path, samples)
    whole = (tmp_path / f"good{suffix}").read_bytes()
    damage, path, refused = random.Random(1), tmp_path / f"damaged{suffix}", 0

    for _ in range(N_DAMAGED):
        content = bytearray(whole)
        for _ in range(damage.choice([1, 2, 5])):
            content[damage.randrange(n_first or len(content))] = damage.randrange(256)
        path.write_bytes(content[: damage.randrange(len(content))] if damage.random() < 0.2 else content)
        try:
            read_embeddings(path, *samples)
        except InputError:
            refused += 1

    assert refused > N_DAMAGED / 4


@pytest.mark.parametrize("shape", [(10**14, 8), (N_PAIRS, 10**14), (2**62, 2**62), (-1, 8)])
def test_a_header_that_claims_more_than_the_file_holds_is_refused_before_room_is_made(tmp_path, samples, shape):
    (tmp_path / "big.npy").write_bytes(claimed(shape))
    write_two(tmp_path / "big.npz", claimed(shape))

    for name in ("big.npy", "big.npz"):
        with pytest.raises(InputError, match=r"claims shape .*more than the file holds|expected 24 rows"):
            read_embeddings(tmp_path / name, *samples)


def test_rows_are_counted_before_a_packed_array_is_unpacked(tmp_path, samples, monkeypatch):
    path = write_two(tmp_path / "packed.npz", array_bytes(np.zeros((10**6, 8), dtype=np.float32)))
    monkeypatch.setattr("drift_core.regions.embeddings_reader.read_entry", lambda *_: pytest.fail("unpacked"))

    with pytest.raises(InputError, match=r"packed\.npz, heldout: expected 24 rows.*found 1,000,000"):
        read_embeddings(path, *samples)


def test_an_encrypted_archive_is_refused(tmp_path, samples):
    path = write_two(tmp_path / "locked.npz", array_bytes(np.ones((N_PAIRS, DIMENSIONS))))
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"cannot be read as a NumPy file \(File 'heldout.npy' is encrypted"):
        read_embeddings(path, *samples)


def test_a_stream_that_does_not_unpack_is_refused(tmp_path, samples):
    rows = np.random.default_rng(0).normal(size=(N_PAIRS, DIMENSIONS))
    path = write_two(tmp_path / "torn.npz", array_bytes(rows))
    content = path.read_bytes()
    start = content.index(b"heldout.npy") + len("heldout.npy")
    path.write_bytes(content[:start] + b"\xff" * 40 + content[start + 40 :])

    with pytest.raises(InputError, match="cannot be read as a NumPy file") as caught:
        read_embeddings(path, *samples)

    assert isinstance(caught.value.__cause__, zlib.error)


def test_a_path_that_is_too_long_is_refused(samples):
    with pytest.raises(InputError, match="cannot be reached: File name too long"):
        read_embeddings(f"{'x' * 300}.npz", *samples)


def test_two_visitors_who_read_at_once_leave_the_warnings_as_they_were():
    before = list(warnings.filters)

    leave_out_of_turn(lambda: opened(Path("vectors.npy"), "a NumPy file"))

    assert warnings.filters == before
