"""A log of traffic as one query that DuckDB can run in bounded memory, larger than memory or not."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift_core.errors import InputError
from drift_core.tables.columns import find_columns, listed
from drift_core.tables.dialects import name_sql, text_sql
from drift_core.tables.scan import open_scan
from drift_core.tables.source import Scan

# What the sample adds to the columns of the log.
STRATUM, PROBABILITY, WEIGHT = "stratum", "probability", "weight"
MEMORY, THREADS = "512MB", 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """An open log.

    Attributes
    ----------
    scan
        Its connection and the query that gives its rows.
    label
        How messages name it.
    query, query_id
        Columns of the query's text and id; the id may be None.
    files
        Its files, resolved.
    is_id_text
        Whether the ids are texts, which may be blank.
    having
        Column that a row needs a value in; None for any row.
    notes
        What was found while opening, in sentences.
    """

    scan: Scan
    label: str
    files: frozenset[Path]
    query: str
    query_id: str | None
    is_id_text: bool
    notes: tuple[str, ...]
    having: str | None = None

    @property
    def has_query(self) -> str:
        """SQL: whether a row has the text of a query, and a value in the column that it needs."""
        text = f"{name_sql(self.query)}::varchar"
        # Most texts begin with a sign of ASCII, which is told much faster than by the pattern.
        has = f"coalesce({text} between '!' and '~' or regexp_matches({text}, '[^\\s\\p{{Z}}]'), false)"
        if self.having is None:
            return has
        return f"({has} and coalesce(lower(trim({name_sql(self.having)}::varchar)) not in ('', 'nan'), false))"

    @property
    def key(self) -> str:
        """SQL: what tells queries apart, their id where there is one, else their text."""
        text = f"{name_sql(self.query)}::varchar"
        if self.query_id is None:
            return text
        given = name_sql(self.query_id)
        given = f"nullif(trim({given}), '')" if self.is_id_text else f"{given}::varchar"
        return f"coalesce({given}, {text})"

    @property
    def hashed(self) -> str:
        """SQL: DuckDB's own hash of the key, fast, and the same only while the log is open."""
        text = f"hash({name_sql(self.query)}::varchar)"
        if self.query_id is None:
            return text
        given = name_sql(self.query_id)
        given = f"nullif(trim({given}), '')" if self.is_id_text else given
        return f"case when {given} is null then {text} else hash({given}) end"

    @property
    def content(self) -> str:
        """SQL: a number that follows from all that a row holds."""
        cells = ", ".join(f"coalesce({name_sql(name)}::varchar, '\x1e')" for name in sorted(self.scan.names))
        return number_sql(f"concat_ws('\x1f', {cells})")

    def execute(self, query: str) -> Any:
        """Run a query; rows that a CSV reader rejects are collected anew."""
        connection = self.scan.connection
        connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        return connection.execute(query)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.execute(query).fetchall()
        return found


def number_sql(text: str) -> str:
    """SQL: 63 bits of the MD5 of a text, the same in every version and on every machine."""
    return f"(md5_number({text}) >> 65)::bigint"


@contextmanager
def open_log(
    logs: Sequence[str | Path], *, columns: Mapping[str, str] | None = None, having: str | None = None
) -> Iterator[Log]:
    """Open files and patterns of files as one log.

    Raises
    ------
    InputError
        When a file is missing or cannot be read, or there is no column of queries, or none that rows need a value in.
    """
    if not logs:
        raise InputError("There is no log to sample from. Name a file, or a pattern such as 'logs/*.parquet'.")
    with open_scan([str(log) for log in logs], is_log=True) as scan:
        scan.connection.execute(f"set memory_limit = {text_sql(MEMORY)}")
        scan.connection.execute(f"set threads = least({THREADS}, current_setting('threads'))")
        scan.connection.execute("set preserve_insertion_order = false")
        if scan.table is not None:
            scan.connection.register("given", scan.table)
        _check_added(scan)
        roles = find_columns(scan.names, columns or {}, scan.label, required=("query",), optional=("query_id",))
        if having is not None and having not in scan.names:
            raise InputError(
                f"{scan.label} has no column {having!r} that rows need a value in. It has: {listed(scan.names)}."
            )
        notes = tuple(problem.message for problem in scan.problems)
        yield Log(
            scan=scan,
            label=scan.label,
            files=scan.files,
            query=roles["query"],
            query_id=roles.get("query_id"),
            is_id_text=scan.types().get(roles.get("query_id", "")) == "VARCHAR",
            notes=notes,
            having=having,
        )


def _check_added(scan: Scan) -> None:
    taken = [name for name in scan.names if name.casefold() in (STRATUM, PROBABILITY, WEIGHT)]
    if taken:
        raise InputError(
            f"{scan.label} has a column {taken[0]!r}, which the sample would add. Rename it, or leave samples "
            "drawn before out of the log."
        )
