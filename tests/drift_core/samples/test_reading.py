"""Files of every kind come in as the same pairs, and unreadable ones are refused with one message."""

import gzip
import io
import json
import os
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
from drift_core.samples.reading import read_pairs, read_table
from tests.drift_core.samples.sample_files import (
    N,
    arrow_bytes,
    assert_same,
    csv_bytes,
    frame,
    json_lines,
    parquet_bytes,
    records,
    written,
    zst,
)

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


def test_a_table_shows_its_columns_before_they_are_mapped(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes())

    assert read_table(path).column_names == list(frame().columns)
    assert read_table(path, n_rows=3).num_rows == 3
    assert_same(read_pairs(read_table(path)), frame())


def test_json_may_count_the_runs_of_a_teacher(tmp_path: Path) -> None:
    table = pa.Table.from_pandas(frame(), preserve_index=False).append_column("teacher_score_1", pa.array(range(N)))

    found = read_pairs(written(table, tmp_path / "a.jsonl"))

    assert found.teacher_repeats is not None


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


def test_a_table_of_thousands_of_columns_is_read(tmp_path: Path) -> None:
    extra = {f"x{i}": np.arange(N) for i in range(1_500)}
    table = pa.Table.from_pandas(pd.concat([frame(), pd.DataFrame(extra)], axis=1), preserve_index=False)

    for suffix in (".parquet", ".csv", ".jsonl"):
        assert_same(read_pairs(written(table, tmp_path / f"a{suffix}")), frame())


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


def test_a_row_with_a_list_of_objects_stays_a_row(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"query": "q", "contexts": [{"doc": "a"}, {"doc": "b"}]}\n')

    assert read_table(path)["query"].to_pylist() == ["q"]


def test_texts_that_no_column_was_taken_for_are_said_with_how_to_name_them():
    frame = pd.DataFrame({"customer_message": [f"where is order {n}" for n in range(30)], "judge": range(30)})
    frame = frame.assign(
        student=range(30), channel="web", handled_by=[f"a longer text of agent {n}" for n in range(30)]
    )

    pairs = read_pairs(frame)
    named, unwanted = (read_pairs(frame, columns={"doc": column}) for column in ("handled_by", ""))

    assert pairs.columns["query"] == "customer_message"
    [told] = [each.message for each in pairs.problems if each.name == "texts_left_out"]
    assert told.startswith("No column was taken for the doc. 'handled_by' holds texts and is left out")
    assert told.endswith("choose it on the samples page, or with --column doc=handled_by.")
    assert not [each for sample in (named, unwanted) for each in sample.problems if each.name == "texts_left_out"]
