"""A log of traffic as one query that DuckDB can run in bounded memory, larger than memory or not."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drift_core.errors import InputError
from drift_core.tables.columns import find_columns, fitting_columns, listed, plain_name
from drift_core.tables.dialects import name_sql, text_sql
from drift_core.tables.roles import ROLES
from drift_core.tables.scan import open_scan
from drift_core.tables.source import Scan

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.tables.place import File
    from drift_core.tables.scan import Adapt

# What the sample adds to the columns of the log.
STRATUM, PROBABILITY, WEIGHT = "stratum", "probability", "weight"
MEMORY, THREADS = "512MB", 4
BLANKS = " \t\n\v\f\r"  # what does not count at the ends of an id or a value; what all databases can be told
# What the SELECT that runs in a database adds to each candidate: its query and part, its stratum, counts of all.
HELPERS = (
    *("drift_key", "drift_number", "drift_part", "drift_draw", "drift_n", "drift_stratum"),
    *("drift_units", "drift_rows", "drift_strata", "drift_queries", "drift_without", "drift_mixed", "drift_cut"),
    "drift_design",
)
N_DIGITS = 15  # hex digits of the MD5 that order the draw: 60 bits fit every database's whole numbers
FLOATS = ("FLOAT", "DOUBLE")
# The first eight bytes of the MD5 as a number; DuckDB gives them little-endian, so they are turned around.
NUMBER_MACROS = (
    "create macro last_first(x) as (((x & 4294967295::ubigint) << 32) | (x >> 32))",
    "create macro pairs_turned(x) as (((x & 281470681808895::ubigint) << 16) | ((x >> 16) & 281470681808895::ubigint))",
    "create macro bytes_turned(x) as "
    "(((x & 71777214294589695::ubigint) << 8) | ((x >> 8) & 71777214294589695::ubigint))",
    "create macro draw_number(text) as (last_first(pairs_turned(bytes_turned("
    "(md5_number(text) & 18446744073709551615::uhugeint)::ubigint))) >> 4)::bigint",
    "create macro hex_number(text) as ('0x' || text)::bigint",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """An open log.

    Attributes
    ----------
    scan
        Its connection and the query that gives its rows.
    label
        How messages name it.
    query, query_id, doc
        Columns of the query's text and id, and of the doc; the last two may be None.
    files
        Its files, those on this machine resolved.
    is_id_text
        Whether the ids are texts, which may be blank.
    notes
        What was found while opening, in sentences.
    is_chosen
        Whether its rows are candidates that a database chose, with what their SELECT adds.
    having
        Column that a row needs a value in; None for any row.
    """

    scan: Scan
    label: str
    files: "frozenset[File]"
    query: str
    query_id: str | None
    doc: str | None
    is_id_text: bool
    notes: tuple[str, ...]
    is_chosen: bool = False
    having: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the log, without what the SELECT adds to candidates."""
        added = HELPERS if self.is_chosen else ()
        return tuple(name for name in self.scan.names if name.lower() not in added)

    @property
    def has_query(self) -> str:
        """SQL: whether a row has the text of a query, and a value in the column that it needs."""
        # Most texts begin with a sign of ASCII, which is told much faster than by what is left of them.
        has = f"coalesce({self.text} between '!' and '~' or {trimmed_sql(self.text)} <> '', false)"
        if self.having is None:
            return has
        value = trimmed_sql(f"{name_sql(self.having)}::varchar")
        return f"({has} and coalesce(lower({value}) not in ('', 'nan'), false))"

    @property
    def lacking(self) -> str:
        """In words what a row lacks that has no such text or value; without the columns, which `looked_in` names."""
        return "no query" if self.having is None else "no query or no value"

    @property
    def looked_in(self) -> str:
        return f"column {self.query!r}" + ("" if self.having is None else f" or {self.having!r}")

    @property
    def text(self) -> str:
        """SQL: the text of the query."""
        return f"{name_sql(self.query)}::varchar"

    @property
    def key(self) -> str:
        """SQL: what tells queries apart, their id where there is one, else their text."""
        return self.text if self.query_id is None else f"coalesce({self._given}::varchar, {self.text})"

    @property
    def _given(self) -> str:
        """SQL: the id, null where it is blank."""
        given = name_sql(str(self.query_id))
        return f"nullif({trimmed_sql(given)}, '')" if self.is_id_text else given

    @property
    def hashed(self) -> str:
        """SQL: DuckDB's own hash of the key, the same only while the log is open; of candidates their number."""
        if self.is_chosen:
            return "hex_number(drift_number)::ubigint"
        text = f"hash({self.text})"
        if self.query_id is None:
            return text
        return f"case when {self._given} is null then {text} else hash({self._given}) end"

    def cells(self, value: str, seed: int) -> str:
        """SQL: the rows of each query and value, with the number of the query; h is null for those without a query."""
        week = f"'week {seed}:'"
        number, of_group = number_sql(f"{week} || {self.key}"), "min(number)"
        columns = f"{value} as value, {number} as number"
        if self.query_id is not None and not self.is_id_text:  # numbers are quickly kept, and an MD5 a query is enough
            number = f"case when {self._given} is null then {number} end"
            columns = f"{value} as value, {self._given} as id, {number} as number"
            of_group = f"coalesce(min(number), {number_sql(f'{week} || any_value(id)::varchar')})"
        rows = f"select case when {self.has_query} then {self.hashed} end as h, {columns} from ({self.scan.query})"
        return f"select h, value, {of_group} as number, count(*) as n from ({rows}) group by h, value"

    @property
    def content(self) -> str:
        """SQL: a number that follows from all that a row holds."""
        cells = ", ".join(f"coalesce({name_sql(name)}::varchar, '\x1e')" for name in sorted(self.names))
        return number_sql(f"concat_ws('\x1f', {cells})")

    @property
    def order(self) -> str:
        """SQL: what a query's rows are ordered by where it is cut: first by what databases too can tell, the doc."""
        doc = "''" if self.doc is None else f"md5(coalesce({name_sql(self.doc)}::varchar, ''))"
        return f"{doc}, {self.content}"


def number_sql(text: str) -> str:
    """SQL: the first 15 hex digits of the MD5 of a text as a number, which every database and `hashlib` can repeat."""
    return f"draw_number({text})"


def whole_sql(text: str) -> str:
    """SQL: the text of a number without a fraction of nothing."""
    return f"regexp_replace({text}, '\\.0$', '')"


def trimmed_sql(text: str) -> str:
    return f"trim({text}, {text_sql(BLANKS)})"


@contextmanager
def open_log(
    logs: "Sequence[str | Path] | pa.Table",
    *,
    columns: Mapping[str, str] | None = None,
    label: str | None = None,
    having: str | None = None,
    adapt: "Adapt | None" = None,
) -> Iterator[Log]:
    """Open files and patterns of files, or a table, as one log; candidates are told by what their SELECT adds.

    What `adapt` makes of files takes the place of the table that they are, see `exports`.

    Raises
    ------
    InputError
        When a file is missing or cannot be read, or there is no column of queries, or none that rows need a value in.
    """
    is_table = hasattr(logs, "schema")
    if not is_table and not logs:
        raise InputError("There is no log to sample from. Name a file, or a pattern such as 'logs/*.parquet'.")
    source = logs if is_table else [str(log) for log in logs]
    with open_scan(source, is_log=True, adapt=None if is_table else adapt) as scan:
        scan.label = label or scan.label
        scan.connection.execute(f"set memory_limit = {text_sql(MEMORY)}")
        scan.connection.execute(f"set threads = least({THREADS}, current_setting('threads'))")
        scan.connection.execute("set preserve_insertion_order = false")
        for macro in NUMBER_MACROS:
            scan.connection.execute(macro)
        if scan.table is not None:
            scan.connection.register("given", scan.table)
        is_chosen = set(HELPERS) <= {name.lower() for name in scan.names}
        names = [name for name in scan.names if not is_chosen or name.lower() not in HELPERS]
        roles = find_roles(names, columns, scan.label)
        if having is not None and having not in names:
            raise InputError(
                f"{scan.label} has no column {having!r} that rows need a value in. It has: {listed(names)}."
                f"{_meant(having, names)}"
            )
        yield Log(
            scan=scan,
            label=scan.label,
            files=scan.files,
            query=roles["query"],
            query_id=roles.get("query_id"),
            doc=roles.get("doc"),
            is_id_text=scan.types().get(roles.get("query_id", "")) == "VARCHAR",
            notes=tuple(problem.message for problem in scan.problems),
            is_chosen=is_chosen,
            having=having,
        )


def _meant(having: str, names: Sequence[str]) -> str:
    """The column that holds what an absent one is usually called for; empty where none does."""
    asked = next(
        (role for role, entry in ROLES.items() if plain_name(having) in {role, *map(plain_name, entry.names)}), ""
    )
    meant = next(iter(fitting_columns(names).get(asked, ())), None)
    return "" if meant is None else f" Its {asked} looks to be {meant!r}: --having {shlex.quote(meant)}."


def find_roles(names: Sequence[str], columns: Mapping[str, str] | None, label: str) -> dict[str, str]:
    """Find the columns of query, query_id and doc, and raise where the sample would add one that is there."""
    taken = [name for name in names if name.casefold() in (STRATUM, PROBABILITY, WEIGHT)]
    if taken:
        raise InputError(
            f"{label} has a column {taken[0]!r}, which the sample would add. Rename it, or leave samples "
            "drawn before out of the log."
        )
    return find_columns(names, columns or {}, label, required=("query",), optional=("query_id", "doc"))
