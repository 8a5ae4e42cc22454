"""Tables whose rows are known, on their way into files of every format."""

import io
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

NAMES = ("query", "doc", "teacher_score", "student_score", "surface")
TEXTS = [
    "return policy",
    "café über naïve",
    "日本語の質問",
    "שלום עולם",
    "👩‍👩‍👧 family",
    "a,b;c\td|e",
    'said "so"',
    "it's",
    "x" * 300,
]
TEXT_FORMATS = ("csv", "tsv", "txt", "jsonl", "json")
FORMATS = (*TEXT_FORMATS, "parquet", "arrow", "arrows", "feather")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A table on its way into a file. `lost` are rows that may be left out where it is said."""

    rng: random.Random
    form: str
    names: list[str]
    rows: list[list[object]]
    truth: list[list[object]]
    expected: str = "right"  # or refused, either, prefix (right up to the last row), any
    lost: frozenset[int] = frozenset()
    separator: str | None = None
    kinds: dict[str, pa.DataType] = field(default_factory=dict)
    suffix: str | None = None
    of_bytes: tuple[Callable[[bytes], bytes], ...] = ()
    of_texts: tuple[Callable[[str], str], ...] = ()

    @property
    def is_text(self) -> bool:
        return self.form in TEXT_FORMATS

    @property
    def is_csv(self) -> bool:
        return self.form in ("csv", "tsv", "txt")

    def row(self) -> int:
        return self.rng.randrange(len(self.rows))

    def with_cells(self, name: str, cells: dict[int, object], **changes: object) -> "Case":
        place = self.names.index(name)
        rows = [list(row) for row in self.rows]
        for row, cell in cells.items():
            rows[row][place] = cell
        return replace(self, rows=rows, **changes)

    def with_column(self, name: str, cells: list[object], **changes: object) -> "Case":
        return replace(
            self, names=[*self.names, name], rows=[[*r, c] for r, c in zip(self.rows, cells, strict=True)], **changes
        )


def planted(rng: random.Random) -> list[list[object]]:
    n = rng.choice([24, 40, 60])
    order = rng.sample(range(1000), n)
    return [
        [
            f"{rng.choice(TEXTS)} {i // 2}",
            f"doc {i} {rng.choice(TEXTS)}",
            order[i] / 1000,
            round(order[i] / 500 + rng.random(), 6) - 1,
            ("web", "app", "store")[i % 3],
        ]
        for i in range(n)
    ]


def written(case: Case) -> bytes:
    if not case.is_text:
        return _written_binary(case)
    text = _written_csv(case) if case.is_csv else _written_json(case)
    for change in case.of_texts:
        text = change(text)
    return text.encode("utf-8", "surrogatepass")


def _written_csv(case: Case) -> str:
    separator = case.separator or ("\t" if case.form == "tsv" else ",")

    def quoted(cell: object) -> str:
        text = "" if cell is None else cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
        return f'"{text.replace(chr(34), chr(34) * 2)}"' if re.search(r'[",;\t|\r\n]|^\s|\s$', text) else text

    return "".join(separator.join(map(quoted, row)) + "\n" for row in [case.names, *case.rows])


def _written_json(case: Case) -> str:
    def record(row: list[object]) -> str:
        cells = zip(case.names, row, strict=False)
        return "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(cell, default=str)}" for name, cell in cells) + "}"

    lines = [record(row) for row in case.rows]
    return "[" + ",\n".join(lines) + "]" if case.form == "json" else "\n".join(lines) + "\n"


def _written_binary(case: Case) -> bytes:
    columns = [_column([row[i] for row in case.rows], case.kinds.get(name)) for i, name in enumerate(case.names)]
    table = pa.table(columns, names=case.names)
    sink = io.BytesIO()
    if case.form == "parquet":
        pa.parquet.write_table(table, sink, row_group_size=case.rng.choice([7, 1000]))
    elif case.form == "arrows":
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    else:
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    return sink.getvalue()


def _column(cells: list[object], kind: pa.DataType | None) -> pa.Array:
    try:
        return pa.array(cells, kind)
    except (pa.ArrowException, TypeError, ValueError):
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())


def stored(case: Case, folder: Path) -> Path:
    content = written(case)
    for change in case.of_bytes:
        content = change(content)
    suffix = case.form if case.suffix is None else case.suffix
    path = folder / f"table.{suffix}".rstrip(".")
    path.write_bytes(content)
    return path
