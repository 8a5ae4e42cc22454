"""Parquet and CSV files as DuckDB queries; of CSV every value as text. JSON is in `json_rows`.

What the texts mean is found out later, column by column, so that one odd row does not change a column's type.
"""

import glob
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drift_core.errors import InputError
from drift_core.tables.formats import (
    Form,
    find_encoding,
    first_row,
    has_mixed_line_ends,
    name_suffix,
    separator_of,
    write_utf8,
    write_with_one_line_end,
)
from drift_core.tables.formula_guard import unguarded_names, unguarded_sql
from drift_core.tables.formula_proof import N_ROWS_LOOKED_AT, is_ours, may_be_ours
from drift_core.tables.place import File, arrow_path, sql_path
from drift_core.tables.problem import Problem
from drift_core.tables.values import is_period

if TYPE_CHECKING:
    import pyarrow as pa

REJECTING = "store_rejects=true"  # in each query that leaves out rows which cannot be read
LONGEST_HEADER = 900_000  # a little less than what is looked at to find the form of a file


def text_sql(value: str | Path) -> str:
    """Quote a text for SQL; a path's own wildcards are escaped."""
    text = glob.escape(str(value)) if isinstance(value, Path) else value
    return "'" + text.replace("'", "''") + "'"


def name_sql(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def plain_text(path: Path, form: Form, label: str, place: Path) -> tuple[Path, Form, tuple[Problem, ...]]:
    """Give the file itself if it is UTF-8, else a UTF-8 copy at `place`."""
    encoding = find_encoding(path, form, label)
    if encoding.is_plain:
        return path, form, ()
    write_utf8(path, form, encoding.codec, place)
    with place.open("rb") as file:
        head = file.read(len(form.head))
    copy = Form(kind=form.kind, compression="none", encoding="utf-8", head=head)
    return place, copy, encoding.problems


def check_names(names: Sequence[str], label: str) -> None:
    """Raise where columns share a name; in no reader do case and spaces around it tell names apart."""
    first: dict[str, str] = {}
    for name in names:
        key = name.strip().casefold()
        if key in first and first[key] == name:
            raise InputError(f"{label} has several columns named {name[:60]!r}. Give each column its own name.")
        if key in first:
            raise InputError(
                f"{label} has the columns {first[key][:60]!r} and {name[:60]!r}, which differ in case or spaces alone. "
                "Give each column its own name."
            )
        first[key] = name


def check_keys(error: BaseException, label: str) -> None:
    """Raise the fitting error where a JSON reader stopped at a name that comes twice in one object."""
    twice = re.search(r'has duplicate key "(.*?)"', str(error))
    if twice:
        raise InputError(f"{label} has several columns named {twice[1]!r}. Give each column its own name.") from error


def parquet_query(paths: Sequence[File]) -> str:
    """SQL: the rows of Parquet files of the same columns, file by file."""
    files = ", ".join(text_sql(sql_path(path)) for path in paths)
    return f"select * from read_parquet([{files}], binary_as_string=true, hive_partitioning=false)"


def types_of(path: File, label: str) -> "dict[str, pa.DataType]":
    """Check the names of a Parquet file's columns, and give their types."""
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(arrow_path(path))
    except UnicodeDecodeError as error:
        raise InputError(f"{label} has a column whose name is not UTF-8 text. Write the file again.") from error
    check_names(schema.names, label)
    return {field.name: field.type for field in schema}


def hidden_of(kinds: "Mapping[str, pa.DataType]") -> "dict[str, pa.DataType]":
    """Give the columns that DuckDB reads as whole numbers, with the types that they have."""
    import pyarrow as pa

    return {name: kind for name, kind in kinds.items() if pa.types.is_duration(kind) or is_period(kind)}


def csv_query(path: Path, form: Form, label: str, connection: Any, place: Path) -> str:
    """Read CSV with the separator that cuts the header into most columns; rows that do not fit are set aside."""
    text = form.head.decode("utf-8", errors="replace").removeprefix("\ufeff")
    start = len(text) - len(text.lstrip("\r\n"))
    separator = "\t" if name_suffix(label) == ".tsv" else separator_of(text[start:])
    names = _header(text[start:], separator, label)
    options = _csv_options(names, separator, n_blank=len(text[:start].splitlines()))
    query = f"read_csv({text_sql(path)}, compression={text_sql(form.compression)}, {options})"
    if has_mixed_line_ends(path, form) and (n_unread := _n_unread_rows(query, connection)):
        target = place.with_name(f"{place.name}-line-ends")
        write_with_one_line_end(path, form, target)
        other = f"read_csv({text_sql(target)}, {options})"
        query = other if _n_unread_rows(other, connection) < n_unread else query
    are_guarded = may_be_ours(names) and is_ours(names, _first_rows(query, connection))
    return f"select {_columns_sql(names, are_guarded=are_guarded)} from {query}"


def _columns_sql(names: tuple[str, ...], *, are_guarded: bool) -> str:
    """Name the columns; in a file of ours the apostrophes before formulas come off texts and names."""
    columns = tuple(f"c{place}" for place in range(len(names)))
    if are_guarded:
        columns, names = tuple(map(unguarded_sql, columns)), unguarded_names(names)
    return ", ".join(f"{column} as {name_sql(name)}" for column, name in zip(columns, names, strict=True))


def _header(text: str, separator: str, label: str) -> tuple[str, ...]:
    row = first_row(text, separator)
    if len(text) > LONGEST_HEADER and not re.search(r"[\r\n]", text[:LONGEST_HEADER]):
        raise InputError(
            f"{label} has a first line of more than {LONGEST_HEADER:,} characters, {len(row):,} columns and more. "
            "Expected a header of column names; keep the columns that are needed."
        )
    names = tuple(name.strip() or f"column {place}" for place, name in enumerate(row, start=1))
    if len(names) < 2:
        raise InputError(
            f"{label} has no header of several columns; its first line is {text[:60].splitlines()[:1]}. "
            "Expected column names separated by commas, semicolons, tabs or bars."
        )
    check_names(names, label)
    return names


def _csv_options(names: tuple[str, ...], separator: str, *, n_blank: int) -> str:
    columns = ", ".join(f"c{place}: 'VARCHAR'" for place in range(len(names)))
    return (
        f"auto_detect=false, header=true, skip={n_blank}, delim={text_sql(separator)}, quote='\"', escape='\"', "
        f"columns={{{columns}}}, {REJECTING}, hive_partitioning=false"
    )


def _first_rows(query: str, connection: Any) -> list[tuple[str | None, ...]]:
    import duckdb

    connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
    try:
        rows = connection.execute(f"select * from {query} limit {N_ROWS_LOOKED_AT}").fetchall()
    except duckdb.InvalidInputException:  # said in full where all rows are read
        return []
    return list(rows)


def _n_unread_rows(query: str, connection: Any) -> float:
    """Rows that DuckDB sets aside, all where it stops; at line ends that differ from the first it does either."""
    import duckdb

    connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
    try:
        connection.execute(f"select count(columns(*)) from {query}").fetchall()  # rows are set aside at the fetch
        found = connection.execute("select count(distinct line) from reject_errors").fetchall()
    except duckdb.InvalidInputException:
        return math.inf
    return float(found[0][0])
