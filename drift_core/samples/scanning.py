"""Sources as tables that DuckDB or Arrow can scan: files, patterns of files, standard input, frames and tables.

Knows nothing of roles and scores; text files are in `dialects`.
"""

import glob
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.samples.dialects import csv_query, json_query, name_sql, plain_text, text_sql
from drift_core.samples.formats import Form, blocks_of, recognise_form
from drift_core.samples.pairs import Problem
from drift_core.samples.places import kind_of
from drift_core.samples.values import plain

if TYPE_CHECKING:
    import pyarrow as pa

    Source: TypeAlias = str | Path | BinaryIO | pd.DataFrame | pa.Table
    Sources: TypeAlias = Source | Sequence[str | Path]

STANDARD_INPUT = "-"
PLACE = "place in the source"


@dataclass(kw_only=True, eq=False, slots=True)
class Scan:
    """An open source: a query that DuckDB can run, or a table in memory under the name ``given``.

    Attributes
    ----------
    label
        How messages name the source.
    name
        What the sample is called.
    connection, query
        The DuckDB connection, and the query that gives all columns in the order of the source.
    table
        The table where the source is one already, else None.
    problems
        What was found while opening.
    """

    label: str
    name: str
    connection: Any
    query: str
    table: "pa.Table | None" = None
    problems: tuple[Problem, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.table.column_names) if self.table is not None else tuple(self.relation(self.query).columns)

    def types(self) -> dict[str, str]:
        """DuckDB's type of each column."""
        found = self.relation(self.query)
        return {name: str(kind) for name, kind in zip(found.columns, found.types, strict=True)}

    def one(self, query: str) -> tuple[Any, ...]:
        """Give the single row that a query results in."""
        row: tuple[Any, ...] = self.relation(query).fetchall()[0]
        return row

    def narrow(self, names: Sequence[str]) -> None:
        """Keep some columns, in the form in which every reader takes them."""
        if self.table is None:
            self.query = f"select {', '.join(map(name_sql, names))} from ({self.query})"
            return
        import pyarrow as pa

        self.table = pa.table({name: plain(self.table[name]) for name in names})
        self.connection.register("given", self.table)

    def relation(self, query: str) -> Any:
        """Plan a query; rows that a CSV reader rejects are collected anew."""
        self.connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        try:
            return self.connection.sql(query)
        except RuntimeError as error:  # how the binding says that a column's name is no text
            raise InputError(
                f"{self.label} has a column whose name is not UTF-8 text. Write the file again."
            ) from error

    def fetch(self, *, n_rows: int | None = None) -> "pa.Table":
        """Read all rows or the first ones."""
        if self.table is not None:
            return self.table.slice(0, n_rows)
        return self.relation(self.query + ("" if n_rows is None else f" limit {n_rows}")).to_arrow_table()

    def fetch_where(self, condition: str) -> "pa.Table":
        """Read the rows that meet a condition, with their place among all rows in a last column."""
        numbered = f"select *, row_number() over () - 1 as {name_sql(PLACE)} from ({self.query})"
        return self.relation(f"select * from ({numbered}) where {condition}").to_arrow_table()


@contextmanager
def open_scan(source: "Sources") -> Iterator[Scan]:
    """Open a source of any kind, or several paths as one; what libraries say against it comes out as one InputError."""
    import duckdb
    import pyarrow as pa

    label = _label(source)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scored-pairs-")))
        connection = stack.enter_context(duckdb.connect(":memory:", config=_settings(folder)))
        with suppress(duckdb.InvalidInputException):  # in Jupyter without ipywidgets, where there is none to switch off
            connection.execute("set enable_progress_bar = false")
        try:
            yield _open(source, label, connection, folder)
        except (duckdb.Error, pa.ArrowException, OSError, UnicodeError, OverflowError) as error:
            raise InputError(f"{label} cannot be read; is it whole and named rightly? {_reason(error)}") from error


def _settings(folder: Path) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "autoinstall_known_extensions": "false",  # an extension would be fetched from the network
        "autoload_known_extensions": "false",
        "temp_directory": str(folder),
    }


def _label(source: "Sources") -> str:
    if isinstance(source, tuple | list):
        return ", ".join(map(_label, source))
    if isinstance(source, str | Path):
        return "Standard input" if str(source) == STANDARD_INPUT else str(source)
    if isinstance(source, pd.DataFrame):
        return "The frame"
    return str(getattr(source, "name", "The upload")) if hasattr(source, "read") else "The table"


def _reason(error: BaseException) -> str:
    """Give the library's own reason on one line, without file names, which may be those of temporary copies."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    first = re.sub(r"""( in| of)? file ("[^"]*"|'[^']*')""", "", lines[0] if lines else type(error).__name__)
    first = first.removeprefix("Invalid Input Error: ").removeprefix("IO Error: ").rstrip(".")
    return "The reader says: " + (first if len(first) <= 300 else first[:300] + "\u2026") + "."


def _open(source: "Sources", label: str, connection: Any, folder: Path) -> Scan:
    import pyarrow as pa

    if isinstance(source, tuple | list):
        several = [file for each in dict.fromkeys(map(str, source)) for file in _files(each, _label(each), folder)]
        distinct = {path.resolve(): (path, name) for path, name in several}
        return _scan_files(list(distinct.values()), label, connection, folder)
    if isinstance(source, pd.DataFrame):
        return _scan_table(_table_of_frame(source), label, connection)
    if isinstance(source, pa.Table):
        return _scan_table(source, label, connection)
    if isinstance(source, str | Path):
        return _scan_files(_files(source, label, folder), label, connection, folder)
    if hasattr(source, "read"):
        return _scan_files([(_spooled(source, folder / "upload"), label)], label, connection, folder)
    raise InputError(f"Expected a path, a file, a pandas frame or an Arrow table; found {type(source).__name__}.")


def _spooled(stream: Any, target: Path) -> Path:
    """Copy a stream to a file, because the source is read more than once."""
    with target.open("wb") as out:
        shutil.copyfileobj(stream, out)
    return target


def _files(source: str | Path, label: str, folder: Path) -> list[tuple[Path, str]]:
    """Find the files that a path or pattern names, each with what messages call it."""
    if str(source) == STANDARD_INPUT:
        return [(_spooled(sys.stdin.buffer, folder / "standard input"), label)]
    try:
        path = Path(source).expanduser()
    except RuntimeError as error:
        raise InputError(f"There is no file {label}: no home folder has this name. Check the path.") from error
    kind = kind_of(path)
    if kind == "folder":
        raise InputError(f"{label} is a folder. Name a file, or a pattern such as {path / '*.parquet'}.")
    if kind == "file":
        return [(path, label)]
    if kind == "other":  # a pipe
        with path.open("rb") as stream:
            return [(_spooled(stream, folder / "pipe"), label)]
    if not glob.has_magic(str(path)):
        raise InputError(f"There is no file {label}. Check the path.")
    matches = glob.iglob(str(path), recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
    found = sorted(name for name in matches if Path(name).is_file())
    if not found:
        raise InputError(f"No file matches {label}. Check the pattern.")
    return [(Path(name), name) for name in found]


def _table_of_frame(frame: pd.DataFrame) -> "pa.Table":
    import pyarrow as pa

    columns = {str(name): frame.iloc[:, place] for place, name in enumerate(frame.columns)}
    if len(columns) < frame.shape[1]:
        raise InputError("The frame has several columns of one name. Give each column its own name.")
    return pa.table({name: _column_of(series) for name, series in columns.items()})


def _column_of(series: pd.Series) -> "pa.Array | pa.ChunkedArray":
    """Turn a column of a frame into Arrow; one that mixes kinds becomes text."""
    import pyarrow as pa

    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        texts = [None if np.ndim(value) == 0 and pd.isna(value) else str(value) for value in series]
        return pa.array([text and text.encode("utf-8", "replace").decode() for text in texts], type=pa.string())


def _scan_table(table: "pa.Table", label: str, connection: Any, *, name: str = "sample") -> Scan:
    twice = next((name for name in table.column_names if table.column_names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{label} has several columns named {twice!r}. Give each column its own name.")
    return Scan(label=label, name=name, connection=connection, query="select * from given", table=table)


def _scan_files(files: Sequence[tuple[Path, str]], label: str, connection: Any, folder: Path) -> Scan:
    """Open files, each with what it is called, as one table; columns are matched by name."""
    if len(files) == 1 and (form := recognise_form(*files[0])).kind == "arrow":
        path = _decompressed(files[0][0], form, folder / "arrow")
        return _scan_table(_arrow_table(path), label, connection, name=_stem(label))
    found = [_file_query(path, name, connection, folder / str(n)) for n, (path, name) in enumerate(files)]
    return Scan(
        label=label,
        name=_stem(label),
        connection=connection,
        query=" union all by name ".join(f"({query})" for query, _ in found) if len(found) > 1 else found[0][0],
        problems=tuple(problem for _, problems in found for problem in problems),
    )


def _file_query(path: Path, label: str, connection: Any, place: Path) -> tuple[str, tuple[Problem, ...]]:
    form = recognise_form(path, label)
    if form.kind == "parquet":
        path = _decompressed(path, form, place)
        return f"select * from read_parquet({text_sql(path)}, binary_as_string=true, hive_partitioning=false)", ()
    if form.kind == "arrow":
        connection.register(f"arrow_{place.name}", _arrow_table(_decompressed(path, form, place)))
        return f"select * from arrow_{place.name}", ()
    path, form, problems = plain_text(path, form, label, place)
    if form.kind == "json":
        return json_query(path, form, connection), problems
    return csv_query(path, form, label, connection, place), problems


def _decompressed(path: Path, form: Form, place: Path) -> Path:
    if form.compression == "none":
        return path
    with place.open("wb") as out:
        out.writelines(blocks_of(path, form.compression))
    return place


def _arrow_table(path: Path) -> "pa.Table":
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        is_file = file.read(6) == b"ARROW1"
        file.seek(0)
        table = (pa.ipc.open_file(file) if is_file else pa.ipc.open_stream(file)).read_all()
    table.validate(full=True)
    return table


def _stem(label: str) -> str:
    name = Path(label).name
    for suffix in (".gz", ".zst"):
        name = name.removesuffix(suffix)
    return Path(name).stem or name
