"""Whatever is written comes back the same, and whatever bytes are given end in pairs or in one clear error."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift_core.errors import InputError
from drift_core.samples.limits import Limits
from drift_core.samples.reading import read_pairs

# Line ends are left to the file formats; a zero byte is no text in any of them.
TEXTS = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=30)
SCORES = st.floats(-1e6, 1e6) | st.integers(0, 3).map(float)
ROWS = st.lists(st.tuples(TEXTS.filter(lambda t: bool(t.strip())), TEXTS, SCORES, SCORES), min_size=20, max_size=24)
SUFFIXES = [".csv", ".tsv", ".jsonl", ".json", ".parquet", ".arrow", ".csv.gz", ".jsonl.zst", ".txt", ""]


def write(frame: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".jsonl":
        frame.to_json(path, orient="records", lines=True, double_precision=15)
    else:
        frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")


@settings(max_examples=8)
@given(rows=ROWS)
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_what_is_written_comes_back_the_same(suffix: str, rows: list[tuple[str, str, float, float]]) -> None:
    frame = pd.DataFrame(rows, columns=["query", "doc", "teacher", "student"])
    frame.loc[:1, ["teacher", "student"]] = [[-1.0, 1.0], [2.0, -2.0]]  # never constant

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        write(frame, path)
        found = read_pairs(path, slices=[])

    assert found.query.tolist() == frame["query"].tolist()
    assert found.doc is not None
    assert found.doc.tolist() == [doc if doc.strip() else "" for doc in frame["doc"]]
    np.testing.assert_allclose(found.teacher, frame["teacher"], rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(found.student, frame["student"], rtol=1e-14, atol=1e-14)


@settings(max_examples=25)
@given(content=st.binary(max_size=300), suffix=st.sampled_from(SUFFIXES))
def test_random_bytes_end_in_pairs_or_in_one_clear_error(content: bytes, suffix: str) -> None:
    assert_read_or_refused(content, suffix)


@settings(max_examples=25)
@given(data=st.data(), suffix=st.sampled_from([".csv", ".jsonl", ".parquet"]))
def test_a_damaged_file_ends_in_pairs_or_in_one_clear_error(data: st.DataObject, suffix: str) -> None:
    content = bytearray(_INTACT[suffix])
    place = data.draw(st.integers(0, len(content)))
    content[place : place + data.draw(st.integers(0, 20))] = data.draw(
        st.binary(max_size=5) | st.sampled_from([b'"', b"\n"])
    )

    assert_read_or_refused(bytes(content), suffix)


def assert_read_or_refused(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_bytes(content)
        try:
            found = read_pairs(path, limits=Limits(max_rows=25))
        except InputError as error:
            found, message = None, str(error)

    if found is not None:
        assert len(found) >= 20
    else:
        assert str(path) in message
        assert "\n" not in message
        assert len(message) < 2_000


def _intact(suffix: str) -> bytes:
    frame = pd.DataFrame(
        {
            "query": [f"query {i}" for i in range(30)],
            "doc": [f'a "doc" of\ntwo lines, {i}' for i in range(30)],
            "teacher": range(30),
            "student": np.linspace(0, 1, 30),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        write(frame, path)
        return path.read_bytes()


_INTACT = {suffix: _intact(suffix) for suffix in (".csv", ".jsonl", ".parquet")}
