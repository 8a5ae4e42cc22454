"""Sources as tables that DuckDB or Arrow can scan: files, patterns of files, standard input, frames and tables.

Knows nothing of roles and scores; text files are in `dialects`.
"""

import glob
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import pandas as pd

from drift_core.errors import InputError
from drift_core.tables.addresses import is_address
from drift_core.tables.dialects import (
    check_keys,
    check_names,
    csv_query,
    hidden_of,
    parquet_query,
    plain_text,
    types_of,
)
from drift_core.tables.folders import parquet_files
from drift_core.tables.formats import decompressed, recognise_form, stem
from drift_core.tables.json_rows import json_query
from drift_core.tables.paths import kind_of
from drift_core.tables.place import File, Place, n_bytes_of, register_places
from drift_core.tables.places import files_at
from drift_core.tables.problem import Problem
from drift_core.tables.source import Scan, table_of_frame
from drift_core.tables.temporary_copies import copies_folder, copy_pipe, copy_stream
from drift_core.tables.values import holds_no_numbers, is_number, kind_words

if TYPE_CHECKING:
    import pyarrow as pa

    Files: TypeAlias = list[tuple[File, str]]  # each with what messages call it
    Given: TypeAlias = Files | pa.Table
    Source: TypeAlias = str | Path | BinaryIO | pd.DataFrame | pa.Table
    Sources: TypeAlias = Source | Sequence[str | Path]
    Adapt: TypeAlias = Callable[[Given, str, Any, Path, Callable[[Given], Scan]], Scan]

STANDARD_INPUT = "-"
MAX_SHARED_BYTES = 16 << 20  # in all files together: what is read of them needs no room on disk (ours)


@contextmanager
def open_scan(source: "Sources", *, is_log: bool = False, adapt: "Adapt | None" = None) -> Iterator[Scan]:
    """Open a source of any kind, or several paths as one; what libraries say against it comes out as one InputError.

    A log has a database of its own, whose limits can be set. What `adapt` makes of files takes the place of the table
    that they are; it gets them, their label, the connection, a folder for copies and how they are opened as they are.
    """
    import duckdb
    import pyarrow as pa

    label = _label(source)
    places: list[Place] = []
    with ExitStack() as stack:
        folder = stack.enter_context(copies_folder())
        try:
            given = _given(source, label, folder)
            places += [path for path, _ in given if isinstance(path, Place)] if isinstance(given, list) else []
            is_shared = not (is_log or places) and _n_bytes(given) <= MAX_SHARED_BYTES
            opened = _shared_database(os.getpid()).cursor() if is_shared else _database(temp_directory=str(folder))
            connection = stack.enter_context(opened)
            with suppress(duckdb.InvalidInputException):  # in Jupyter without ipywidgets there is none to switch off
                connection.execute("set enable_progress_bar = false")
            if places:
                register_places(connection, places)
            plain = partial(_scan_given, label=label, connection=connection, folder=folder)
            yield plain(given) if adapt is None else adapt(given, label, connection, folder, plain)
        except (duckdb.Error, pa.ArrowException, OSError, UnicodeError, OverflowError) as error:
            if fault := next((fault for place in places for fault in place.faults), None):
                raise fault from None
            if isinstance(error, duckdb.FatalException | duckdb.InternalException):
                _shared_database.cache_clear()  # such a fault ends the database for all who use it
            check_keys(error, label)
            raise InputError(f"{label} cannot be read; is it whole and named rightly? {_reason(error)}") from error


@cache
def _shared_database(process: int) -> Any:
    """Open a database that all small sources of a process share, for it takes as long as to read them.

    A forked process must not use what its parent opened, whose threads it does not have.
    """
    return _database(temp_directory="", enable_external_file_cache="false")  # a file may have changed meanwhile


def _database(**settings: str) -> Any:
    import duckdb

    # An extension would be fetched from the network.
    no_extensions: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return duckdb.connect(":memory:", config=no_extensions | settings)


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
    first = re.sub(r" in (line|record)(?:/value)? (\d+)", _line_before, first) if "JSON" in first else first
    first = "".join(c if c.isprintable() else "\ufffd" for c in first)
    return "The reader says: " + (first if len(first) <= 300 else first[:300] + "\u2026") + "."


def _line_before(found: "re.Match[str]") -> str:
    """DuckDB counts lines and records of JSON from 2."""
    return f" in {found[1]} {int(found[2]) - 1:,}"


def _given(source: "Sources", label: str, folder: Path) -> "Given":
    """Find the files of a source, what is no file copied to one; or turn it into a table."""
    import pyarrow as pa

    if isinstance(source, tuple | list):
        several = [file for each in dict.fromkeys(map(str, source)) for file in _files(each, _label(each), folder)]
        return list({path.resolve(): (path, name) for path, name in several}.values())
    if isinstance(source, pd.DataFrame):
        return table_of_frame(source)
    if isinstance(source, pa.Table):
        return source
    if isinstance(source, str | Path):
        return _files(source, label, folder)
    if hasattr(source, "read"):
        return [(copy_stream(source, folder / "upload", label), label)]
    raise InputError(f"Expected a path, a file, a pandas frame or an Arrow table; found {type(source).__name__}.")


def _n_bytes(given: "Given") -> int:  # in memory or, where it may be compressed, on disk
    return sum(n_bytes_of(path) for path, _ in given) if isinstance(given, list) else int(given.nbytes)


def _files(source: str | Path, label: str, folder: Path) -> "Files":
    """Find the files that a path, folder or pattern names."""
    if str(source) == STANDARD_INPUT:
        return [(copy_stream(sys.stdin.buffer, folder / "standard input", label), label)]
    if is_address(source):
        return files_at(str(source), folder)
    try:
        path = Path(source).expanduser()
    except RuntimeError as error:
        raise InputError(f"There is no file {label}: no home folder has this name. Check the path.") from error
    kind = kind_of(path)
    if kind == "folder":
        return [(part, str(part)) for part in parquet_files(path, label)]
    if kind == "file":
        return [(path, label)]
    if kind == "pipe":
        return [(copy_pipe(path, folder / f"pipe {len(list(folder.iterdir()))}", label), label)]
    if kind == "device":
        raise InputError(f"{label} is a device or a socket. Save the pairs as a file and name that.")
    if not glob.has_magic(str(path)):
        raise InputError(f"There is no file {label}. Check the path.")
    matches = glob.iglob(str(path), recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
    found = sorted(name for name in matches if Path(name).is_file())
    if not found:
        raise InputError(f"No file matches {label}. Check the pattern.")
    return [(Path(name), name) for name in found]


def _scan_given(given: "Given", label: str, connection: Any, folder: Path) -> Scan:
    if isinstance(given, list):
        return _scan_files(given, label, connection, folder)
    return _scan_table(given, label, connection)


def _scan_table(table: "pa.Table", label: str, connection: Any, *, name: str = "sample") -> Scan:
    check_names(table.column_names, label)
    return Scan(label=label, name=name, connection=connection, query="select * from given", table=table)


def _scan_files(files: "Files", label: str, connection: Any, folder: Path) -> Scan:
    """Open files as one table; columns are matched by name."""
    (path, called), *others = files
    if not others and isinstance(path, Path) and (form := recognise_form(path, called)).kind == "arrow":
        table = _arrow_table(decompressed(path, form, folder / "arrow"))
        scan = _scan_table(table, label, connection, name=stem(label))
        scan.files = frozenset({path.resolve()})
        return scan
    opened = [_file_query(path, name, connection, folder / str(n)) for n, (path, name) in enumerate(files)]
    hidden = {name: kind for each in opened for name, kind in each.hidden.items()}
    _check_alike([(called, each) for (_, called), each in zip(files, opened, strict=True)])
    return Scan(
        label=label,
        name=stem(label),
        connection=connection,
        query=_one_query(opened),
        hidden=hidden,
        problems=tuple(problem for each in opened for problem in each.problems),
        files=frozenset(path.resolve() for path, _ in files),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpenFile:
    """A file as a query; the types of its columns are known where it is no text."""

    query: str
    problems: tuple[Problem, ...] = ()
    types: "Mapping[str, pa.DataType]" = field(default_factory=dict)
    parquet: File | None = None

    def type_of(self, name: str) -> "pa.DataType | None":
        """Give the type of a column, by its name as DuckDB matches it: in any case."""
        return next((kind for each, kind in self.types.items() if each.lower() == name.lower()), None)

    @property
    def hidden(self) -> "dict[str, pa.DataType]":
        return hidden_of(self.types)


def _one_query(opened: Sequence[_OpenFile]) -> str:
    """Join files in their order; Parquet files alike are opened at once, for a folder may hold thousands."""
    queries = []
    alike = groupby(opened, key=lambda each: (bool(each.parquet), list(each.types.items())))
    for files in (list(group) for _, group in alike):
        paths = [each.parquet for each in files if each.parquet]
        queries += [parquet_query(paths)] if paths else [each.query for each in files]
    return queries[0] if len(queries) == 1 else " union all by name ".join(f"({query})" for query in queries)


def _check_alike(opened: Sequence[tuple[str, _OpenFile]]) -> None:
    """Refuse a column that by its type holds no numbers, such as durations, in one file, and others in another."""
    distinct = {tuple(each.types.items()): (label, each) for label, each in opened}.values()
    for label, each in distinct:
        for name, kind in each.types.items():
            if not holds_no_numbers(kind):
                continue
            is_hidden = name in each.hidden
            for other, file in distinct:
                found = file.type_of(name)
                is_other = is_hidden and found != kind and (found or not file.types)
                if is_other or (found and is_number(found)):
                    raise InputError(
                        f"{label}: column {name!r} holds {kind_words(kind)}, no numbers, unlike that of {other}. Write "
                        "it alike in all files; scores as numbers."
                    )


def _file_query(path: File, label: str, connection: Any, place: Path) -> _OpenFile:
    import pyarrow as pa

    if isinstance(path, Place):
        return _OpenFile(query=parquet_query([path]), types=types_of(path, label), parquet=path)
    form = recognise_form(path, label)
    if form.kind == "parquet":
        path = decompressed(path, form, place)
        return _OpenFile(query=parquet_query([path]), types=types_of(path, label), parquet=path)
    if form.kind == "arrow":
        table = _arrow_table(decompressed(path, form, place))
        check_names(table.column_names, label)
        types = {each.name: each.type for each in table.schema}
        for name in hidden_of(types):  # as DuckDB has it out of Parquet; a duration would become an interval
            if pa.types.is_duration(types[name]):
                table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.int64()))
        connection.register(f"arrow_{place.name}", table)
        return _OpenFile(query=f"select * from arrow_{place.name}", types=types)
    path, form, problems = plain_text(path, form, label, place)
    if form.kind == "json":
        query, inside = json_query(path, form, label, connection)
        return _OpenFile(query=query, problems=(*problems, *inside))
    return _OpenFile(query=csv_query(path, form, label, connection, place), problems=problems)


def _arrow_table(path: Path) -> "pa.Table":
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        is_file = file.read(6) == b"ARROW1"
        file.seek(0)
        table = (pa.ipc.open_file(file) if is_file else pa.ipc.open_stream(file)).read_all()
    table.validate(full=True)
    return table
