"""A file of recorded rows that grows until it is full: written whole each time, so that a reader never sees a half."""

import os
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

# Kept of every row, or added by `sample`.
NAMES = frozenset(
    {"timestamp", "query", "doc", "student_score", "teacher_score", "query_id", "weight", "probability", "stratum"}
)
MOST_ROWS = 5_000
MOST_SECONDS = 3_600.0  # a file is written anew so often that it may not become old


def taken_name(columns: Mapping[str, object]) -> str | None:
    """A column that is called like another, as readers compare names; None where each has its own."""
    seen = set(NAMES)
    for name in columns:
        plain = name.strip().casefold()
        if plain in seen:
            return name
        seen.add(plain)
    return None


class Row(NamedTuple):
    """A scored pair as it is kept."""

    at: float
    query: str
    doc: str
    student: float | str | None
    teacher: float | str | None
    query_id: str | None
    columns: Mapping[str, str]

    @classmethod
    def checked(
        cls,
        at: float,
        query: object,
        doc: object,
        student: object,
        teacher: object,
        query_id: object,
        columns: Mapping[str, object],
    ) -> "Row":
        """The row; TypeError where a text is none, or a score is neither a number nor a label."""
        return cls(
            at,
            _text(query, "query"),
            _text(doc, "doc"),
            _score(student, "student"),
            _score(teacher, "teacher"),
            None if query_id is None else _text(query_id, "query_id"),
            {_text(name, "column"): _text(value, name) for name, value in columns.items()},
        )


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text, found {type(value).__name__}")
    return value.encode("utf-8", "replace").decode()  # half a surrogate pair is no UTF-8, which Parquet holds


def _score(value: object, name: str) -> float | str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value, name)
    return float(value)  # type: ignore[arg-type] # NumPy's and torch's numbers; what is none raises TypeError


class Part:
    """A Parquet file of one process in one week's folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{os.getpid()}-{uuid.uuid4().hex[:12]}.parquet"
        self._rows: list[Row] = []
        self._began = time.monotonic()

    @property
    def is_full(self) -> bool:
        return len(self._rows) >= MOST_ROWS or time.monotonic() - self._began >= MOST_SECONDS

    def write(self, rows: Sequence[Row]) -> None:
        """Write the file anew with these rows beside those that it holds; where that fails it stays as it is."""
        import pyarrow.parquet as pq

        all_rows = [*self._rows, *rows]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".writing")
        try:
            pq.write_table(_table_of(all_rows), beside, compression="zstd")
            beside.replace(self.path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        self._rows = all_rows


def _table_of(rows: Sequence[Row]) -> "pa.Table":
    import pyarrow as pa

    texts = {name: pa.array([getattr(row, name) for row in rows], pa.string()) for name in ("query", "doc", "query_id")}
    scores = {f"{name}_score": _scores([getattr(row, name) for row in rows]) for name in ("student", "teacher")}
    names = dict.fromkeys(name for row in rows for name in row.columns)
    said = {name: pa.array([row.columns.get(name) for row in rows], pa.string()) for name in names}
    times = [datetime.fromtimestamp(row.at, UTC) for row in rows]
    return pa.table(texts | scores | said | {"timestamp": pa.array(times, pa.timestamp("us", tz="UTC"))})


def _scores(values: Sequence[float | str | None]) -> "pa.Array":
    """Numbers, or labels where any is one."""
    import pyarrow as pa

    if any(isinstance(value, str) for value in values):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    return pa.array(values, pa.float64())
