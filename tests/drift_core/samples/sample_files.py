"""One small sample as a file of every kind, for the tests of reading."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from drift_core.samples.pairs import ScoredPairs

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


def records() -> list[dict[str, object]]:
    return frame().to_dict(orient="records")


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


def assert_same(found: ScoredPairs, expected: pd.DataFrame) -> None:
    assert found.query.tolist() == expected["query"].tolist()
    assert found.doc is not None
    assert found.doc.tolist() == expected["doc"].tolist()
    np.testing.assert_allclose(found.teacher, expected["teacher_score"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.student, expected["student_score"], rtol=0, atol=1e-9)
    assert found.slices["surface"].tolist() == expected["surface"].tolist()
    assert found.row.tolist() == list(range(len(expected)))
