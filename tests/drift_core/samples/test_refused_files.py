"""What cannot be read is refused with one message: its name, the reason, what to do."""

import gzip
import json
import socket
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from drift_core.errors import InputError
from drift_core.samples.reading import read_pairs
from tests.drift_core.samples.sample_files import (
    N,
    arrow_bytes,
    csv_bytes,
    frame,
    json_lines,
    parquet_bytes,
    records,
    written,
)

BAD_FILES = {
    "empty.csv": (b"", "is empty"),
    "empty.csv.gz": (gzip.compress(b""), "is empty"),
    "header only.csv": (b"query,teacher,student\n", "has no rows"),
    "one column.csv": (b"query\nhello\n", "no header of several columns"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture"),
    "workbook.csv": (b"PK\x03\x04" + bytes(100), "an Excel workbook"),
    "zeros.csv": (bytes(1000), "binary data"),
    "late zeros.csv": (csv_bytes() + b"a" * (1 << 20) + bytes(9), "binary data"),
    "short.parquet": (parquet_bytes()[:-300], "cannot be read"),
    "no.parquet": (b"hello, world", "does not begin like such a file"),
    "short.arrow": (arrow_bytes("file")[:-300], "cannot be read"),
    "short.csv.gz": (gzip.compress(csv_bytes())[:-30], "cannot be read"),
    "cut.jsonl": (json_lines()[:-30], "Malformed JSON"),
    "bad.jsonl": (b"".join(json_lines().splitlines(keepends=True)[:4]) + b"no\n", "Malformed JSON, .* in line 5"),
    "bad first.jsonl": (b"{no}\n" + json_lines(), "Malformed JSON, .* in record 1"),
    "words.csv": (b"query,teacher,student\na,high,1\nb,low,2\nc,n/a,3\n", "in 2 of 2 rows that have a value"),
    "twice.csv": (b"query,teacher,teacher,student\na,1,2,3\n", "several columns named 'teacher'"),
    "open quote.csv": (csv_bytes().replace(b'""two""', b'"two', 1), "quote"),
    "no columns.jsonl": (b"1\n2\n3\n", "no column for query, teacher and student"),
    "mostly ragged.csv": (b"query,teacher,student\n" + b"a,1,2,3\n" * 30, "30 of 30 lines cannot be read"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_read_is_refused_with_its_name_and_the_reason(tmp_path: Path, name: str) -> None:
    content, reason = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(InputError, match=reason) as caught:
        read_pairs(path)

    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    for source, reason in (
        (tmp_path / "gone.csv", "There is no file"),
        (tmp_path, "is a folder without Parquet files"),
        (tmp_path / "*.csv", "No file matches"),
        ("https://example.invalid/a.csv", "An address of https:// is not read"),
    ):
        with pytest.raises(InputError, match=reason):
            read_pairs(source)


def test_something_else_than_a_source_is_refused() -> None:
    with pytest.raises(InputError, match="found int"):
        read_pairs(7)  # type: ignore[arg-type]


def test_a_slice_that_is_no_column_is_refused() -> None:
    with pytest.raises(InputError, match="no column 'region', asked for as a slice"):
        read_pairs(frame(), slices=["region"])


def test_a_home_folder_that_does_not_exist_is_said() -> None:
    with pytest.raises(InputError, match=r"There is no file ~nobody-of-this-name/x\.csv: no home folder has this name"):
        read_pairs("~nobody-of-this-name/x.csv")


@pytest.mark.parametrize("name", ["teacher_score", "Teacher_Score", " teacher_score ", "TEACHER_SCORE"])
@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".jsonl", ".csv", ".tsv"])
def test_columns_of_one_name_are_refused_in_every_format(tmp_path: Path, suffix: str, name: str) -> None:
    table = pa.Table.from_pandas(frame(), preserve_index=False).append_column(name, pa.array(range(N)))
    path = written(table, tmp_path / f"a{suffix}")

    for source in (path, str(tmp_path / f"*{suffix}"), table):
        with pytest.raises(InputError, match=r"several columns named '(?i:teacher_score)'|in case or spaces alone"):
            read_pairs(source)


@pytest.mark.parametrize("source", ["/dev/zero", "/dev/urandom", "/dev/null", "/dev/tty"])
def test_a_device_is_refused(source: str) -> None:
    with pytest.raises(InputError, match="is a device or a socket"):
        read_pairs(source)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.csv")

        with pytest.raises(InputError, match="is a device or a socket"):
            read_pairs("s.csv")


def test_a_header_longer_than_any_is_refused_with_its_length(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("query,teacher_score,student_score," + ",".join("x" * 60 + str(i) for i in range(20_000)) + "\n")

    with pytest.raises(InputError, match=r"first line of more than 900,000 characters, .* columns and more"):
        read_pairs(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"a": records(), "b": records()}, "several lists of objects inside it: 'a', 'b'"),
        (frame().to_dict(orient="list"), "one JSON object, not one a row: query, doc"),
        (frame().to_dict(), "one JSON object, not one a row: query, doc"),
    ],
)
def test_a_json_object_without_one_list_of_rows_is_refused(tmp_path: Path, content: object, reason: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))

    with pytest.raises(InputError, match=reason):
        read_pairs(path)


def test_what_a_library_says_of_a_damaged_file_is_printable(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_lines().replace(b'"query"', b'\x1b[2J\x0e"query"', 1))

    with pytest.raises(InputError, match="cannot be read") as caught:
        read_pairs(path)

    assert str(caught.value).isprintable()
