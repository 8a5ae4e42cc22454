"""An open source: a query that DuckDB can run, or a table in memory. Opening is in `scan`.

Knows nothing of roles and scores.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.tables.dialects import REJECTING, check_names, name_sql
from drift_core.tables.problem import Problem
from drift_core.tables.values import plain

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.tables.place import File

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
    hidden
        Types of columns that DuckDB takes for whole numbers; tables that are read have them.
    problems
        What was found while opening.
    files
        The files that it is read from, those on this machine resolved.
    kept
        Places of the rows that were kept among all that can be read, None for all.
    export
        What an export of another tool holds, in words; empty for any other source.
    """

    label: str
    name: str
    connection: Any
    query: str
    table: "pa.Table | None" = None
    hidden: "Mapping[str, pa.DataType]" = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    files: "frozenset[File]" = frozenset()
    kept: np.ndarray | None = None
    export: str = ""
    _known: tuple[str, tuple[str, ...]] = ("", ())

    @property
    def names(self) -> tuple[str, ...]:
        if self.table is not None:
            return tuple(self.table.column_names)
        if self._known[0] != self.query:  # to plan a query of many columns takes long
            self._known = (self.query, tuple(self.relation(self.query).columns))
        return self._known[1]

    @property
    def may_reject(self) -> bool:
        """Whether rows that cannot be read are left out: those of text alone."""
        return self.table is None and REJECTING in self.query

    def types(self) -> dict[str, str]:
        """DuckDB's type of each column."""
        found = self.relation(self.query)
        return {name: str(kind) for name, kind in zip(found.columns, found.types, strict=True)}

    def one(self, query: str) -> tuple[Any, ...]:
        """Give the single row that a query results in."""
        row: tuple[Any, ...] = self.relation(query).fetchall()[0]
        return row

    def execute(self, query: str) -> Any:
        """Run a query; rows that a CSV reader rejects are collected anew."""
        self.connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        return self.connection.execute(query)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query and give all its rows."""
        found: list[tuple[Any, ...]] = self.execute(query).fetchall()
        return found

    def narrow(self, names: Sequence[str]) -> None:
        """Keep some columns, in the form in which every reader takes them."""
        if self.table is None:
            self.query = f"select {', '.join(map(name_sql, names))} from ({self.query})"
            return
        import pyarrow as pa

        self.table = pa.table({name: plain(self.table[name]) for name in names})
        self.connection.register("given", self.table)

    def keep(self, rows: np.ndarray) -> None:
        """Keep some rows, bool over all; every place is from now on one among them."""
        import pyarrow as pa

        self.kept = np.flatnonzero(rows).astype(np.int64)
        if self.table is not None:
            self.table = self.table.filter(pa.array(rows))
            return
        place = name_sql(PLACE)
        self.connection.register("kept", pa.table({"place": self.kept}))
        numbered = f"select *, row_number() over () - 1 as {place} from ({self.query})"
        self.query = (
            f"select * exclude ({place}) from ({numbered}) where {place} in (select place from kept) order by {place}"
        )

    def relation(self, query: str) -> Any:
        """Plan a query; rows that a CSV reader rejects are collected anew."""
        if self.may_reject:  # DuckDB looks long for a table that is not there
            self.connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        try:
            return self.connection.sql(query)
        except RuntimeError as error:  # how the binding says that a column's name is no text
            raise InputError(
                f"{self.label} has a column whose name is not UTF-8 text. Write the file again."
            ) from error

    def fetch(self, *, n_rows: int | None = None, names: Sequence[str] | None = None) -> "pa.Table":
        """Read all rows or the first ones, of all columns or some."""
        if self.table is not None:
            return (self.table if names is None else self.table.select(list(names))).slice(0, n_rows)
        columns = "*" if names is None else ", ".join(map(name_sql, names))
        limit = "" if n_rows is None else f" limit {n_rows}"
        return self._as_typed(self.relation(f"select {columns} from ({self.query}){limit}").to_arrow_table())

    def fetch_where(self, condition: str) -> "pa.Table":
        """Read the rows that meet a condition, with their place among all rows in a last column."""
        numbered = f"select *, row_number() over () - 1 as {name_sql(PLACE)} from ({self.query})"
        return self._as_typed(self.relation(f"select * from ({numbered}) where {condition}").to_arrow_table())

    def _as_typed(self, table: "pa.Table") -> "pa.Table":
        import pyarrow as pa
        import pyarrow.compute as pc

        for name in self.hidden.keys() & set(table.column_names):
            kind = self.hidden[name]
            if pa.types.is_duration(kind):
                column = pc.cast(table[name], pa.int64()).cast(kind)
            else:
                stored = pc.cast(table[name], kind.storage_type).chunks
                column = pa.chunked_array([pa.ExtensionArray.from_storage(kind, each) for each in stored], type=kind)
            table = table.set_column(table.column_names.index(name), name, column)
        return table


def table_of_frame(frame: pd.DataFrame) -> "pa.Table":
    """Turn a frame into a table of Arrow."""
    import pyarrow as pa

    check_names([str(name) for name in frame.columns], "The frame")
    columns = {str(name): frame.iloc[:, place] for place, name in enumerate(frame.columns)}
    return pa.table({name: _column_of(series) for name, series in columns.items()})


def _column_of(series: pd.Series) -> "pa.Array | pa.ChunkedArray":
    """Turn a column of a frame into Arrow; one that mixes kinds becomes text."""
    import pyarrow as pa

    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        texts = [None if np.ndim(value) == 0 and pd.isna(value) else str(value) for value in series]
        return pa.array([text and text.encode("utf-8", "replace").decode() for text in texts], type=pa.string())
