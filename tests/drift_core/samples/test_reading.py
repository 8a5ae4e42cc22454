"""Files of every kind come in as the same pairs, and unreadable ones are refused with one message."""

import csv
import gzip
import io
import json
import os
import socket
import stat
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from drift_core.errors import InputError
from drift_core.samples.limits import Limits
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs, read_table

N = 40


def frame(n: int = N) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "query": [f"how do I return order {i // 2}, “café” edition" for i in range(n)],
            "doc": [f'line one of {i}\nline "two"; with, separators' for i in range(n)],
            "teacher_score": np.linspace(0, 1, n),
            "student_score": np.linspace(0, 1, n)[::-1] ** 2,
            "surface": ["web" if i % 4 else "app" for i in range(n)],
        }
    )


def zst(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(data)
    return sink.getvalue().to_pybytes()


def csv_bytes(separator: str = ",", **options: object) -> bytes:
    return frame().to_csv(index=False, sep=separator, **options).encode()


def json_lines() -> bytes:
    return frame().to_json(orient="records", lines=True).encode()


def arrow_bytes(kind: str) -> bytes:
    table = pa.Table.from_pandas(frame(), preserve_index=False)
    sink = pa.BufferOutputStream()
    new = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
    with new(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def parquet_bytes() -> bytes:
    sink = io.BytesIO()
    frame().to_parquet(sink)
    return sink.getvalue()


GOOD_FILES = {
    "a.csv": csv_bytes(),
    "semicolons.csv": csv_bytes(";"),
    "bars.txt": csv_bytes("|"),
    "a.tsv": csv_bytes("\t"),
    "a.csv.gz": gzip.compress(csv_bytes()),
    "a.tsv.zst": zst(csv_bytes("\t")),
    "gzip in disguise.csv": gzip.compress(csv_bytes()),
    "crlf.csv": csv_bytes(lineterminator="\r\n"),
    "mixed line ends.csv": csv_bytes(lineterminator="\r\n").replace(b"\r\n", b"\n", 1),
    "blank lines.csv": b"\n\n" + csv_bytes() + b"\n\n",
    "bom.csv": b"\xef\xbb\xbf" + csv_bytes(),
    "utf-16.csv": csv_bytes().decode().encode("utf-16"),
    "utf-16 without mark.csv": csv_bytes().decode().encode("utf-16-be"),
    "a.jsonl": json_lines(),
    "a.ndjson.gz": gzip.compress(json_lines()),
    "a.json.zst": zst(json_lines()),
    "array.json": frame().to_json(orient="records").encode(),
    "bom.jsonl": b"\xef\xbb\xbf" + json_lines(),
    "no suffix, csv": csv_bytes(),
    "no suffix, json": json_lines(),
    "a.parquet": parquet_bytes(),
    "parquet in disguise.csv": parquet_bytes(),
    "a.parquet.gz": gzip.compress(parquet_bytes()),
    "a.arrow": arrow_bytes("file"),
    "a.arrows": arrow_bytes("stream"),
    "it's [1] *odd*.csv": csv_bytes(),
    "it's [1] *odd*.parquet": parquet_bytes(),
}


def assert_same(found: ScoredPairs, expected: pd.DataFrame) -> None:
    assert found.query.tolist() == expected["query"].tolist()
    assert found.doc is not None
    assert found.doc.tolist() == expected["doc"].tolist()
    np.testing.assert_allclose(found.teacher, expected["teacher_score"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.student, expected["student_score"], rtol=0, atol=1e-9)
    assert found.slices["surface"].tolist() == expected["surface"].tolist()
    assert found.row.tolist() == list(range(len(expected)))


@pytest.mark.parametrize("name", GOOD_FILES)
def test_a_file_of_any_kind_gives_the_same_pairs(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(GOOD_FILES[name])

    found = read_pairs(path)

    assert_same(found, frame())
    assert found.problems == ()
    assert found.source == str(path)


@pytest.mark.parametrize("line_break", ["\r\n", "\n", ""])
def test_rows_may_end_otherwise_than_the_header_and_in_a_quote(tmp_path: Path, line_break: str) -> None:
    rows = "".join(f'{i},{i * 7 % 50},"say {i}{line_break}more ""so"""\r\n' for i in range(50))
    (tmp_path / "mixed.csv").write_bytes(f"teacher_score,student_score,query\n{rows}".encode())

    found = read_pairs(tmp_path / "mixed.csv")

    within = "\n" if line_break else ""
    assert found.query.tolist() == [f'say {i}{within}more "so"' for i in range(50)]
    assert found.problems == ()


def test_line_breaks_within_texts_stay_where_the_rows_end_alike(tmp_path: Path) -> None:
    rows = "".join(f'"say {i}\r\nmore",{i},{i * 7 % 50}\n' for i in range(50))
    (tmp_path / "mixed.csv").write_bytes(f"query,teacher_score,student_score\n{rows}too,few\n".encode())

    found = read_pairs(tmp_path / "mixed.csv")

    assert found.query.tolist() == [f"say {i}\r\nmore" for i in range(50)]
    assert [(problem.name, problem.rows) for problem in found.problems] == [("unreadable_row", (51,))]


def test_a_sample_is_named_after_its_file_unless_it_is_given_a_name(tmp_path: Path) -> None:
    path = tmp_path / "monday.v2.csv.gz"
    path.write_bytes(gzip.compress(csv_bytes()))

    assert read_pairs(path).name == "monday.v2"
    assert read_pairs(path, name="first week").name == "first week"


def test_frames_and_tables_give_the_same_pairs() -> None:
    given = frame()

    assert_same(read_pairs(given), given)
    assert_same(read_pairs(given.astype({"surface": "category"})), given)
    assert_same(read_pairs(pa.Table.from_pandas(given)), given)


def test_an_open_file_is_read_to_its_end() -> None:
    upload = io.BytesIO(csv_bytes())
    upload.name = "upload.csv"

    found = read_pairs(upload)

    assert_same(found, frame())
    assert found.name == "upload"


@pytest.mark.parametrize("content", [csv_bytes(), json_lines(), gzip.compress(json_lines())])
def test_standard_input_is_told_apart_by_its_content(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    assert_same(read_pairs("-"), frame())


def test_a_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, stat.S_IRUSR | stat.S_IWUSR)
    writer = threading.Thread(target=pipe.write_bytes, args=(csv_bytes(),))
    writer.start()

    found = read_pairs(pipe)

    writer.join()
    assert_same(found, frame())


def test_a_pattern_reads_its_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    first, second, third = frame(60)[:20], frame(60)[20:40], frame(60)[40:]
    second[second.columns[::-1]].to_csv(tmp_path / "day2.csv", index=False)
    first.to_parquet(tmp_path / "day1.parquet")
    pa.feather.write_feather(third, tmp_path / "day3.feather")

    found = read_pairs(tmp_path / "day*")

    assert_same(found, frame(60))


def test_latin_1_text_is_read_and_said_to_be_a_guess(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(frame().to_csv(index=False).replace("“", '""').replace("”", '""').encode("latin-1"))

    found = read_pairs(path)

    assert 'order 0, "café" edition' in found.query[0]
    assert [problem.name for problem in found.problems] == ["encoding"]


def test_a_few_damaged_characters_do_not_spoil_the_others(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv"
    path.write_bytes(csv_bytes().replace("order 0, “".encode(), b"order 0, \xe2\x80", 1))

    found = read_pairs(path)

    assert "\ufffdcafé" in found.query[0]
    assert [problem.name for problem in found.problems] == ["damaged_text"]


def test_ragged_rows_are_left_out_and_the_others_keep_their_row_numbers(tmp_path: Path) -> None:
    lines = frame().assign(doc="x", query=[f"q{i}" for i in range(N)]).to_csv(index=False).splitlines()
    lines.insert(4, "too,few")
    lines.insert(8, "too,0,0,many,fields,here")
    path = tmp_path / "ragged.csv"
    path.write_text("\n".join(lines))

    found = read_pairs(path)

    (problem,) = found.problems
    assert (problem.name, problem.n_rows, problem.rows, problem.left_out) == ("unreadable_row", 2, (4, 8), True)
    assert found.row.tolist() == [row for row in range(N + 2) if row not in (3, 7)]


def test_decimal_commas_are_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "european.csv"
    frame().to_csv(path, sep=";", decimal=",", index=False)

    found = read_pairs(path)

    assert_same(found, frame())
    assert {problem.name for problem in found.problems} == {"decimal_comma"}


@pytest.mark.parametrize(
    "teacher",
    [
        pa.array(range(N), pa.int8()),
        pa.array([2**60 + i * 10**6 for i in range(N)], pa.int64()),
        pa.array([2**63 + i * 10**6 for i in range(N)], pa.uint64()),
        pa.array(range(N), pa.int64()).cast(pa.decimal128(25, 2)),
        pa.array(range(N), pa.int64()).cast(pa.decimal256(40, 2)),
        pa.array(np.arange(N, dtype=np.float16)),
        pa.array([i % 2 == 0 for i in range(N)]),
        pa.array([str(i) for i in range(N)]).dictionary_encode(),
        pa.array([str(i) for i in range(N)], pa.string_view()),
        pa.array([str(i) for i in range(N)], pa.large_string()),
    ],
    ids=lambda array: str(array.type),
)
def test_scores_of_any_numeric_type_are_read(tmp_path: Path, teacher: pa.Array) -> None:
    table = pa.Table.from_pandas(frame()).set_column(2, "teacher_score", teacher)
    expected = [float(value) for value in teacher.to_pylist()]

    assert read_pairs(table).teacher.tolist() == expected
    assert read_pairs(table, limits=Limits(max_bytes=3000)).teacher.tolist()[0] in expected
    if teacher.type not in (pa.float16(), pa.decimal256(40, 2), pa.string_view()):
        pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
        assert read_pairs(tmp_path / "a.parquet").teacher.tolist() == expected


def test_identifiers_keep_all_their_digits(tmp_path: Path) -> None:
    given = frame().assign(
        pair_id=[9_007_199_254_740_993 + i for i in range(N)], query_id=[i // 2 * 1.0 for i in range(N)]
    )
    given.to_parquet(tmp_path / "a.parquet")
    given.to_csv(tmp_path / "a.csv", index=False)
    given.to_json(tmp_path / "a.jsonl", orient="records", lines=True)

    for name in ("a.parquet", "a.csv", "a.jsonl"):
        found = read_pairs(tmp_path / name)
        assert found.pair_id is not None
        assert found.pair_id[:2].tolist() == ["9007199254740993", "9007199254740994"]
        assert found.n_queries == N // 2


@pytest.mark.parametrize(
    "times",
    [
        ["2024-01-09T12:00:00"] * N,
        ["2024-01-09 14:00:00+02:00"] * N,
        [1704801600] * N,
        ["1704801600"] * N,
        [1704801600000] * N,
        pd.to_datetime(["2024-01-09 12:00"] * N),
        pd.to_datetime(["2024-01-09 12:00"] * N).tz_localize("UTC").tz_convert("Asia/Tokyo"),
    ],
    ids=["text", "text with zone", "seconds", "seconds as text", "milliseconds", "timestamp", "timestamp with zone"],
)
def test_times_of_any_form_become_utc(tmp_path: Path, times: object) -> None:
    given = frame().assign(timestamp=times)
    given.to_parquet(tmp_path / "a.parquet")
    given.to_csv(tmp_path / "a.csv", index=False)

    for source in (given, tmp_path / "a.parquet", tmp_path / "a.csv"):
        found = read_pairs(source)
        assert found.timestamp is not None
        assert found.timestamp.dtype == "datetime64[us]"
        assert set(found.timestamp.tolist()) == {pd.Timestamp("2024-01-09 12:00").to_pydatetime()}


BAD_FILES = {
    "empty.csv": (b"", "is empty"),
    "empty.csv.gz": (gzip.compress(b""), "is empty"),
    "header only.csv": (b"query,teacher,student\n", "0 usable pairs"),
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
    "twice.csv": (b"query,teacher,teacher,student\na,1,2,3\n", "several columns named 'teacher'"),
    "open quote.csv": (csv_bytes().replace(b'""two""', b'"two', 1), "quote"),
    "no columns.jsonl": (b"1\n2\n3\n", "no column for query and teacher and student"),
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
        (tmp_path, "is a folder"),
        (tmp_path / "*.csv", "No file matches"),
        ("https://example.invalid/a.csv", "There is no file"),
    ):
        with pytest.raises(InputError, match=reason):
            read_pairs(source)


def test_something_else_than_a_source_is_refused() -> None:
    with pytest.raises(InputError, match="found int"):
        read_pairs(7)  # type: ignore[arg-type]


def test_a_nested_column_cannot_have_a_role_but_may_stand_beside(tmp_path: Path) -> None:
    nested = frame().assign(embedding=[[0.5, 1.0]] * N)
    nested.to_parquet(tmp_path / "a.parquet")
    nested.to_json(tmp_path / "a.jsonl", orient="records", lines=True)

    for source in (nested, tmp_path / "a.parquet", tmp_path / "a.jsonl"):
        assert_same(read_pairs(source), frame())
        for role in ("query", "teacher", "doc"):
            with pytest.raises(InputError, match=r"Column 'embedding'|column 'embedding'"):
                read_pairs(source, columns={role: "embedding"})


def test_columns_are_mapped_and_optional_roles_switched_off() -> None:
    given = frame().rename(columns={"teacher_score": "big", "student_score": "small"})

    found = read_pairs(given, columns={"teacher": "big", "student": "small", "doc": ""})

    assert dict(found.columns) == {"query": "query", "teacher": "big", "student": "small"}
    assert found.doc is None


def test_a_missing_slice_value_is_named() -> None:
    given = frame().assign(country=["de", "", None, "fr"] * (N // 4))

    found = read_pairs(given, slices=["country"])

    assert list(found.slices) == ["country"]
    assert found.slices["country"][:4].tolist() == ["de", "(none)", "(none)", "fr"]


def test_a_slice_that_is_no_column_is_refused() -> None:
    with pytest.raises(InputError, match="no column 'region', asked for as a slice"):
        read_pairs(frame(), slices=["region"])


def test_a_table_shows_its_columns_before_they_are_mapped(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes())

    assert read_table(path).column_names == list(frame().columns)
    assert read_table(path, n_rows=3).num_rows == 3
    assert_same(read_pairs(read_table(path)), frame())


def test_a_home_folder_that_does_not_exist_is_said() -> None:
    with pytest.raises(InputError, match=r"There is no file ~nobody-of-this-name/x\.csv: no home folder has this name"):
        read_pairs("~nobody-of-this-name/x.csv")


def written(table: pa.Table, path: Path) -> Path:
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(table, path)
    elif path.suffix == ".arrow":
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    elif path.suffix == ".jsonl":
        names = [json.dumps(name) for name in table.column_names]
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        cells = ([f"{name}: {json.dumps(cell)}" for name, cell in zip(names, row, strict=True)] for row in rows)
        path.write_text("\n".join("{" + ", ".join(row) + "}" for row in cells))
    else:
        separator = "\t" if path.suffix == ".tsv" else ","
        rows = [table.column_names, *zip(*(column.to_pylist() for column in table.columns), strict=True)]
        with path.open("w", newline="") as file:
            csv.writer(file, delimiter=separator).writerows(rows)
    return path


@pytest.mark.parametrize("name", ["teacher_score", "Teacher_Score", " teacher_score ", "TEACHER_SCORE"])
@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".jsonl", ".csv", ".tsv"])
def test_columns_of_one_name_are_refused_in_every_format(tmp_path: Path, suffix: str, name: str) -> None:
    table = pa.Table.from_pandas(frame(), preserve_index=False).append_column(name, pa.array(range(N)))
    path = written(table, tmp_path / f"a{suffix}")

    for source in (path, str(tmp_path / f"*{suffix}"), table):
        with pytest.raises(InputError, match=r"several columns named '(?i:teacher_score)'|in case or spaces alone"):
            read_pairs(source)


def test_json_may_count_the_runs_of_a_teacher(tmp_path: Path) -> None:
    table = pa.Table.from_pandas(frame(), preserve_index=False).append_column("teacher_score_1", pa.array(range(N)))

    found = read_pairs(written(table, tmp_path / "a.jsonl"))

    assert found.teacher_repeats is not None


NO_NUMBERS = {
    "durations": pa.array(range(N), pa.duration("s")),
    "times of day": pa.array(range(N), pa.time64("us")),
    "dates": pa.array(range(N), pa.date32()),
    "points in time": pa.array(range(N), pa.timestamp("us")),
    "periods of time": pa.array(pd.period_range("2024", periods=N, freq="D")),
    "lists": pa.array([[1.0]] * N),
    "records": pa.array([{"a": 1}] * N),
    "bytes": pa.array([b"1"] * N, pa.binary(1)),
}


@pytest.mark.parametrize("role", ["teacher", "student"])
@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_a_score_column_of_another_type_is_refused_with_the_type(tmp_path: Path, kind: str, role: str) -> None:
    place = frame().columns.get_loc(f"{role}_score")
    table = pa.Table.from_pandas(frame(), preserve_index=False).set_column(place, f"{role}_score", NO_NUMBERS[kind])
    reason = rf"column '{role}_score', taken for {role}, holds .*{kind}.* \(.*\), no numbers\. Write scores as numbers"

    sources = [table, written(table, tmp_path / "a.arrow")]
    if kind != "bytes":  # old writers of Parquet mark texts as bytes, so that they are read as texts
        sources.append(written(table, tmp_path / "a.parquet"))
    for source in sources:
        with pytest.raises(InputError, match=reason):
            read_pairs(source)


def test_a_duration_beside_the_scores_stays_what_it_is(tmp_path: Path) -> None:
    table = pa.Table.from_pandas(frame(), preserve_index=False).append_column("took", NO_NUMBERS["durations"])
    path = written(table, tmp_path / "a.parquet")

    assert_same(read_pairs(path), frame())
    assert read_table(path)["took"].type == pa.duration("s")
    (problem,) = read_pairs(path, columns={"label": "took"}).problems
    assert problem.message == "Column 'took', taken for label, holds durations (duration[s]); it is not used."


def test_truth_values_as_scores_are_read_and_said(tmp_path: Path) -> None:
    given = frame().assign(teacher_score=[i % 3 == 0 for i in range(N)])
    given.to_parquet(tmp_path / "a.parquet")
    given.to_csv(tmp_path / "a.csv", index=False)

    for source in (given, tmp_path / "a.parquet", tmp_path / "a.csv"):
        found = read_pairs(source)
        assert found.teacher.tolist() == given["teacher_score"].astype(float).tolist()
        assert [problem.name for problem in found.problems] == ["truth_values"]


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_wide_text_is_read_with_or_without_its_mark(tmp_path: Path, encoding: str, suffix: str) -> None:
    text = (csv_bytes() if suffix == ".csv" else json_lines()).decode()
    path = tmp_path / f"a{suffix}"
    path.write_bytes(text.encode(encoding))

    assert_same(read_pairs(path), frame())

    path.write_bytes(text.encode(encoding)[:-1])
    with pytest.raises(InputError, match="is damaged or cut off"):
        read_pairs(path)


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


def test_a_table_of_thousands_of_columns_is_read(tmp_path: Path) -> None:
    extra = {f"x{i}": np.arange(N) for i in range(1_500)}
    table = pa.Table.from_pandas(pd.concat([frame(), pd.DataFrame(extra)], axis=1), preserve_index=False)

    for suffix in (".parquet", ".csv", ".jsonl"):
        assert_same(read_pairs(written(table, tmp_path / f"a{suffix}")), frame())


def test_a_header_longer_than_any_is_refused_with_its_length(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("query,teacher_score,student_score," + ",".join("x" * 60 + str(i) for i in range(20_000)) + "\n")

    with pytest.raises(InputError, match=r"first line of more than 900,000 characters, .* columns and more"):
        read_pairs(path)


def records() -> list[dict[str, object]]:
    return frame().to_dict(orient="records")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({"data": records()}, "data"),
        ({"version": 1, "results": {"results": records(), "stats": {"n": [1, 2]}}}, "results.results"),
        ({"config": {"tests": [{"a": 1}]}, "it's": {'"odd"': records()}}, 'it\'s."odd"'),
    ],
)
def test_rows_inside_a_json_object_are_read_and_it_is_said(tmp_path: Path, content: object, place: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))

    found = read_pairs(path)

    assert_same(found, frame())
    (problem,) = found.problems
    assert problem.name == "rows_inside"
    assert place in problem.message.replace("\\", "")


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


def test_a_row_with_a_list_of_objects_stays_a_row(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"query": "q", "contexts": [{"doc": "a"}, {"doc": "b"}]}\n')

    assert read_table(path)["query"].to_pylist() == ["q"]


def test_what_a_library_says_of_a_damaged_file_is_printable(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_lines().replace(b'"query"', b'\x1b[2J\x0e"query"', 1))

    with pytest.raises(InputError, match="cannot be read") as caught:
        read_pairs(path)

    assert str(caught.value).isprintable()


@pytest.mark.parametrize("first", [1_000, 1_000_000])
@pytest.mark.parametrize("n_below", [0, 20, 5_000])
def test_what_may_be_thousands_or_decimals_is_refused(tmp_path, n_below, first):
    path = tmp_path / "scores.csv"
    scores = [*range(n_below), *range(first, first + 60)]
    rows = [f'query {n},"{score if n < n_below else format(score, ",")}",{n}' for n, score in enumerate(scores)]
    path.write_text("\n".join(["query,teacher_score,student_score", *rows]))
    reason = f"holds no number in 60 of .* rows, for example '{first:,}' in row .*such as 2000.5 for '2,000.5'"

    with pytest.raises(InputError, match=reason):
        read_pairs(path)


def test_decimal_commas_stay_what_they_are_beside_one_that_may_be_thousands(tmp_path):
    path = tmp_path / "scores.csv"
    texts = ["0,5", "12,75", "1,000", "0,500", "3"] * 6
    rows = [f'query {n},"{text}",{n}' for n, text in enumerate(texts)]
    path.write_text("\n".join(["query,teacher_score,student_score", *rows]))

    assert read_pairs(path).teacher.tolist() == [0.5, 12.75, 1.0, 0.5, 3.0] * 6


@pytest.mark.parametrize("kind", sorted(NO_NUMBERS.keys() - {"bytes"}))
@pytest.mark.parametrize("suffix", ["arrow", "parquet"])
def test_what_is_no_score_in_one_of_several_files_is_refused_by_its_name(tmp_path, suffix, kind):
    table = pa.Table.from_pandas(frame(), preserve_index=False)
    place = table.column_names.index("teacher_score")
    odd = written(table.set_column(place, "teacher_score", NO_NUMBERS[kind]), tmp_path / f"odd.{suffix}")
    numbers = written(table, tmp_path / "numbers.parquet")
    reason = rf"odd\.{suffix}: column 'teacher_score' holds .*{kind}.* \(.*\), no numbers, unlike that of .*numbers"

    for files in ([odd, numbers], [numbers, odd]):
        with pytest.raises(InputError, match=reason):
            read_pairs(files)


@pytest.mark.parametrize("kind", ["durations", "points in time", "dates", "periods of time"])
def test_a_column_of_another_kind_beside_the_scores_may_be_missing_in_other_files(tmp_path, kind):
    table = pa.Table.from_pandas(frame(), preserve_index=False)
    first = written(table.append_column("took", NO_NUMBERS[kind]), tmp_path / "first.arrow")
    second = written(table, tmp_path / "second.parquet")

    assert len(read_pairs([first, second])) == 2 * N
