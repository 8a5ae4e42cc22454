"""A whole log as queries that DuckDB runs in bounded memory: its texts by number, its rows by period."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from drift_core.tables.columns import find_columns
from drift_core.tables.dialects import name_sql, text_sql
from drift_core.tables.scan import open_scan
from drift_core.tables.values import DAY_FIRST, LATE_DAY
from drift_core.vectors.text_numbers import number_sql

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.tables.source import Scan

Period = Literal["day", "week", "month"]
MEMORY = "1GB"  # beyond it DuckDB goes to the disk
EPOCHS = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1))  # seconds, milli- and microseconds since 1970 by size
LEAST_SECONDS, MOST_NANOSECONDS = 1e8, 1e20  # what lies beyond is no time
YEAR_ONE, YEAR_10K = -62_135_596_800_000_000, 253_402_300_799_999_999  # microseconds that a date can hold
NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """An open log.

    Attributes
    ----------
    scan
        Its connection and the query that gives its rows.
    columns
        Role to column, for the roles that it has.
    types
        DuckDB's type of each column.
    notes
        What was found while opening, in sentences.
    is_day_first
        Whether times are texts such as 31.12.2026 08:45.
    """

    scan: "Scan"
    columns: Mapping[str, str]
    types: Mapping[str, str]
    notes: tuple[str, ...]
    is_day_first: bool = False

    @property
    def label(self) -> str:
        return self.scan.label

    def text(self, role: str) -> str:
        """SQL: what a role's column holds, as text."""
        return f"{name_sql(self.columns[role])}::varchar"

    @property
    def number(self) -> str:
        """SQL: the number of a row's query."""
        return number_sql(self.text("query"))

    @property
    def has_query(self) -> str:
        """SQL: whether a row has the text of a query."""
        # Most texts begin with a sign of ASCII, which is told much faster than by the pattern.
        text = self.text("query")
        return f"coalesce({text} between '!' and '~' or regexp_matches({text}, '[^\\s\\p{{Z}}]'), false)"

    @property
    def has_scores(self) -> str:
        """SQL: whether a row has both scores; none has where a column is lacking."""
        if not {"teacher", "student"} <= self.columns.keys():
            return "false"
        return " and ".join(f"coalesce(trim({self.text(role)}), '') != ''" for role in ("teacher", "student"))

    def period(self, by: Period) -> str:
        """SQL: first day of a row's period in UTC, null where its time is missing or cannot be read."""
        if "timestamp" not in self.columns:
            return "null::date"
        found = f"({self._microseconds})::bigint"
        known = f"case when {found} between {YEAR_ONE} and {YEAR_10K} then {found} end"
        return f"date_trunc('{by}', make_timestamp({known}))::date"

    @property
    def _microseconds(self) -> str:
        name, kind = name_sql(self.columns["timestamp"]), self.types[self.columns["timestamp"]]
        if kind.startswith("TIMESTAMP WITH"):
            return f"epoch_us({name})"
        if kind.startswith(("TIMESTAMP", "DATE")):
            return f"epoch_us({name}::timestamp)"
        number = f"try_cast({name} as double)"
        cases = " ".join(f"when abs({number}) < {limit} then {number} * {factor}" for limit, factor in EPOCHS)
        is_time = f"abs({number}) between {LEAST_SECONDS} and {MOST_NANOSECONDS}"
        numbers = f"case when not {is_time} then null {cases} else {number} / 1000 end"
        if any(word in kind for word in NUMBERS):
            return numbers
        text = f"trim({name}::varchar)"
        if self.is_day_first:
            text = f"regexp_replace({text}, '^(\\d+)\\.(\\d+)\\.(\\d{{4}})', '\\3-\\2-\\1')"
        written = f"case when {text} similar to '\\d{{4}}-.*' then epoch_us(try_cast({text} as timestamptz)) end"
        return f"case when {number} is null then {written} else {numbers} end"

    def tables(self, query: str, *, n_rows: int) -> "Iterator[pa.Table]":
        """Give what a query results in as tables of so many rows, the last one of fewer; one is in memory at a time.

        It has the connection for itself until the last one is taken.
        """
        import pyarrow as pa

        waiting: list[pa.RecordBatch] = []
        for batch in self.scan.relation(query).to_arrow_reader(n_rows):
            waiting.append(batch)
            while sum(map(len, waiting)) >= n_rows:
                table = pa.Table.from_batches(waiting)
                yield table.slice(0, n_rows)
                waiting = table.slice(n_rows).to_batches()
        if waiting:
            yield pa.Table.from_batches(waiting)


@contextmanager
def open_log(source: str | Path, *, columns: Mapping[str, str] | None = None) -> Iterator[Log]:
    """Open a file, a folder of Parquet files or a pattern as one log.

    Raises
    ------
    InputError
        When a file is missing or cannot be read, or there is no column of queries.
    """
    with open_scan(str(source), is_log=True) as scan:
        scan.connection.execute(f"set memory_limit = {text_sql(MEMORY)}")
        scan.connection.execute("set preserve_insertion_order = false")
        scan.connection.execute("set TimeZone = 'UTC'")
        optional = ("timestamp", "teacher", "student", "doc")
        roles = find_columns(scan.names, columns or {}, scan.label, required=("query",), optional=optional)
        notes = [problem.message for problem in scan.problems]
        types, time = scan.types(), roles.get("timestamp")
        is_day_first = time is not None and types[time] == "VARCHAR" and _is_day_first(scan, time)
        notes += [f"Column {time!r} was read with the day first."] if is_day_first else []
        yield Log(scan=scan, columns=roles, types=types, notes=tuple(notes), is_day_first=is_day_first)


def _is_day_first(scan: "Scan", column: str) -> bool:
    """Whether all texts of times have the day first, and one of them a day that is no month, as a sample's are read."""
    text = f"trim({name_sql(column)})"
    given = f"select {text} as text from ({scan.query}) where {text} != ''"
    if not any(re.match(DAY_FIRST, found) for (found,) in scan.rows(f"{given} limit 1")):  # most logs are told by it
        return False
    fits, is_late = (f"regexp_matches(text, {text_sql(each)})" for each in (DAY_FIRST, LATE_DAY))
    return bool(scan.one(f"select bool_and({fits}) and bool_or({is_late}) from ({given})")[0])
