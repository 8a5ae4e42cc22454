"""A database that a week's candidates are chosen in: opened for reading alone, asked once, with plain words for faults.

DuckDB is opened by itself, all others by SQLAlchemy and the driver that is installed. The SELECT is in `selection`.
"""

import ipaddress
import json
import re
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from drift_core.database_url import DatabaseUrl, read_database_url, unreadable
from drift_core.errors import DriftError, InputError, SettingError
from drift_core.installation import need_extra
from drift_core.tables.columns import listed
from drift_core.tables.dialects import check_names
from drift_core.weekly_sample.log import HELPERS, find_roles
from drift_core.weekly_sample.population import check_stratum_column
from drift_core.weekly_sample.selection import DIALECTS, find_source, names_select, week_select
from drift_core.weekly_sample.settings import WeekSettings

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Connection

WHOSE = "the database"
CONNECT_SECONDS = 10
MEMORY = "1GB"  # of DuckDB; beyond it goes to the disk
# Packages with which SQLAlchemy reaches them; PostgreSQL's comes with the extra.
DRIVERS = {
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "databricks": "databricks-sqlalchemy",
    "redshift": "sqlalchemy-redshift redshift_connector",
    "snowflake": "snowflake-sqlalchemy",
    "trino": "trino[sqlalchemy]",
}
# Of our own session alone: room to group many queries, no sort of the whole log for a join with a few, no compiler.
POSTGRESQL_SETTINGS = ("set local work_mem = '256MB'", "set local enable_mergejoin = off", "set local jit = off")
WHOLE_NUMBERS = (20, 21, 23)  # types of PostgreSQL
STATES = {
    "57014": "it took longer than {timeout:,} seconds. Sample fewer rows with --query, or raise --timeout",
    "42501": "this user may not read it. Ask for the right to SELECT",
    "42P01": "there is no such table. {tables}",
    "3F000": "there is no such schema. {tables}",
    "25006": "it would change something. Give a query that only reads",
    "28P01": "the password is wrong. Check the URL",
    "3D000": "there is no such database. Check the URL",
}
NO_TIME = re.compile(r"year 10K|before year 1|year \S+ is out of range|date value out of range")  # as drivers say it
BEYOND = (
    "a column holds times of infinity, or before the year 1 or after 9999, which no file of a sample holds. Cast it to "
    "text with --query, or leave it out"
)


@dataclass(frozen=True, kw_only=True)
class Database:
    """A table or a query in a database.

    Attributes
    ----------
    url
        Its URL as SQLAlchemy reads it, such as ``postgresql://USER@HOST/DATABASE`` or ``duckdb:///FILE``; never shown.
    table, query
        The name of a table, or the text of one SELECT; exactly one.
    timeout
        Seconds that the database may take, 1 or more; told to PostgreSQL and DuckDB.
    """

    url: str = field(repr=False)
    table: str | None = None
    query: str | None = None
    timeout: int = 600

    @cached_property
    def place(self) -> DatabaseUrl:
        scheme = self.url.partition("://")[0]
        text = self.url.replace("postgres://", "postgresql://", 1) if scheme == "postgres" else self.url
        if "://" not in text:
            raise SettingError(
                "--database expects a URL such as postgresql://USER@HOST/DATABASE or duckdb:///FILE, or the name of "
                "the environment variable that holds it. Found another text, which is not shown."
            )
        found = read_database_url(text, whose=WHOSE)
        if found.url.get_backend_name() not in DIALECTS:
            raise SettingError(
                f"A week can be drawn in {', '.join(DIALECTS)}; found a URL that begins with {scheme}://. Of another "
                "database export the log as Parquet and sample that."
            )
        return found

    @property
    def dialect(self) -> str:
        return self.place.url.get_backend_name()

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"{self.table or 'The query'} in {self.place.shown}"


def choose_candidates(
    database: Database, *, settings: WeekSettings, columns: Mapping[str, str] | None = None
) -> "pa.Table":
    """Run the SELECT of a week's candidates, and give its rows.

    Raises
    ------
    InputError
        When the database cannot be reached or read, takes too long, or has no such table or column.
    SettingError
        When the URL cannot be read, or its kind of database is not known.
    MissingExtraError
        When its driver is not installed.
    """
    need_extra("warehouse", "A week from a database")
    source = find_source(table=database.table, query=database.query, dialect=database.dialect)
    with (_open_duckdb if database.dialect == "duckdb" else _open_other)(database) as session:
        types = session.types(names_select(source))
        check_names(list(types), database.label)
        taken = next((name for name in types if name.lower() in HELPERS), None)
        if taken is not None:
            raise InputError(f"{database.label} has a column {taken!r}, which the draw would add. Rename it.")
        roles = find_roles(list(types), columns, database.label)
        check_stratum_column(list(types), settings, database.label)
        return session.table(
            week_select(
                settings=settings,
                table=database.table,
                query=database.query,
                roles=roles,
                dialect=database.dialect,
                is_exact=database.dialect != "snowflake",
                is_id_text=not types.get(roles.get("query_id", ""), False),
            )
        )


@dataclass(frozen=True, slots=True)
class _DuckDB:
    connection: Any

    def types(self, query: str) -> dict[str, bool]:
        """Names of the columns, and whether each holds whole numbers."""
        found = self.connection.sql(query)
        return {name: "INT" in str(kind) for name, kind in zip(found.columns, found.types, strict=True)}

    def table(self, query: str) -> "pa.Table":
        return self.connection.sql(query).to_arrow_table()


@contextmanager
def _open_duckdb(database: Database) -> Iterator[_DuckDB]:
    import duckdb

    path = Path(database.place.url.database or "")
    if not path.is_file():
        raise InputError(f"There is no file {str(path)!r} of a DuckDB database. Expected duckdb:///FILE.")
    config: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    config |= {"python_enable_replacements": "false", "memory_limit": MEMORY}
    try:
        with (
            TemporaryDirectory() as folder,  # where it goes beyond its memory; its own would lie beside the user's file
            duckdb.connect(str(path), read_only=True, config=config | {"temp_directory": folder}) as connection,
        ):
            timer = threading.Timer(database.timeout, connection.interrupt)
            timer.start()
            try:
                yield _DuckDB(connection)
            finally:
                timer.cancel()
    except duckdb.InterruptException:
        raise _refused(database, STATES["57014"]) from None
    except duckdb.CatalogException as error:
        if "Table with name" not in str(error):
            raise _refused(database, _first_line(error)) from None
        with duckdb.connect(str(path), read_only=True, config=config) as connection:
            names = [name for (name,) in connection.sql("select name from (show all tables)").fetchall()]
        raise _refused(database, STATES["42P01"], names) from None
    except duckdb.Error as error:
        raise _refused(database, _first_line(error)) from None


@dataclass(frozen=True, slots=True)
class _Other:
    connection: "Connection"

    def types(self, query: str) -> dict[str, bool]:
        with self.connection.exec_driver_sql(query) as result:
            cursor = result.cursor
            return {
                name: each[1] in WHOLE_NUMBERS for name, each in zip(result.keys(), cursor.description, strict=True)
            }

    def table(self, query: str) -> "pa.Table":
        import pyarrow as pa

        with self.connection.exec_driver_sql(query) as result:
            names, rows = list(result.keys()), result.fetchall()
        return pa.table({name: _column([row[place] for row in rows]) for place, name in enumerate(names)})


@contextmanager
def _open_other(database: Database) -> Iterator[_Other]:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
    from sqlalchemy.pool import NullPool

    url, is_postgresql = database.place.url, database.dialect == "postgresql"
    if is_postgresql:
        need_extra("postgres", "A week from PostgreSQL")
        url = url.set(drivername="postgresql+psycopg")
    options = {"connect_timeout": CONNECT_SECONDS, "application_name": "distillation-drift"} if is_postgresql else {}
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=options, hide_parameters=True)
    except (NoSuchModuleError, ImportError):
        raise SettingError(
            f"There is no driver for {database.dialect} here. Install it with: pip install "
            f"{DRIVERS.get(database.dialect, database.dialect)}"
        ) from None
    except (SQLAlchemyError, ValueError, TypeError):
        raise SettingError(unreadable(WHOSE)) from None
    told = {"postgresql_readonly": True} if is_postgresql else {}
    try:
        with engine.connect().execution_options(no_parameters=True, **told) as connection:
            if is_postgresql:
                for each in (*POSTGRESQL_SETTINGS, f"set local statement_timeout = '{database.timeout}s'"):
                    connection.exec_driver_sql(each)
            yield _Other(connection)
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        state = str(getattr(cause, "sqlstate", None))
        tables = _tables(engine) if state in ("42P01", "3F000") else []
        raise _refused(database, STATES.get(state) or _reason(cause), tables) from None
    except DriftError:
        raise
    except Exception as error:  # some drivers raise what is no fault of a database
        raise _refused(database, _reason(error)) from None


def _reason(error: BaseException) -> str:
    return BEYOND if NO_TIME.search(str(error)) else _first_line(error)


def _tables(engine: Any) -> list[str]:
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return sorted(inspect(engine).get_table_names())
    except SQLAlchemyError:
        return []


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".").replace("{", "{{").replace("}", "}}")


def _refused(database: Database, reason: str, tables: Sequence[str] = ()) -> InputError:
    there = "Check its name and schema"
    if tables:
        there = f"There are: {listed(tables)}. Name one of them, or SCHEMA.TABLE"
    said = reason.format(timeout=database.timeout, tables=there)
    return InputError(f"{database.label} cannot be read: {database.place.without_secrets(said)}.")


def _column(values: Sequence[Any]) -> "pa.Array":
    """Turn what a driver gives into Arrow; what Arrow has no type for becomes text."""
    import pyarrow as pa

    told = [
        json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, dict) else value for value in values
    ]
    is_odd = any(isinstance(each, uuid.UUID | ipaddress.IPv4Address | ipaddress.IPv6Address) for each in told)
    try:
        made = pa.array([str(each) if is_odd and each is not None else each for each in told])
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        made = pa.array([None if each is None else str(each) for each in told], type=pa.string())
    is_text = pa.types.is_null(made.type) or pa.types.is_decimal256(made.type)  # which no reader of files takes
    return made.cast(pa.string()) if is_text else made
