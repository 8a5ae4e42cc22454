"""The drawn rows as a file: all columns of the log as they are, and how each row was drawn."""

import os
from pathlib import Path

from drift_core.errors import InputError, SettingError
from drift_core.samples.dialects import name_sql, text_sql
from drift_core.treatment.export import check_place
from drift_core.treatment.week.log import PROBABILITY, STRATUM, WEIGHT, Log

FORMATS = {
    ".parquet": "format parquet, compression zstd",
    ".pq": "format parquet, compression zstd",
    ".csv": "format csv, header",
    ".tsv": "format csv, header, delimiter '\t'",
}
HELPERS = ("hash of the query", "part of the query", "content of the row", "number of the draw")


def check_target(out: str | Path) -> None:
    """Raise before the work when the sample could not be written there.

    Raises
    ------
    SettingError
        When the name tells no format.
    InputError
        When the place is closed to writing.
    """
    if Path(out).suffix.lower() not in FORMATS:
        raise SettingError(f"The sample's file must end in {', '.join(FORMATS)}; found {str(out)!r}. Name it so.")
    check_place(out)


def write_rows(log: Log, out: str | Path) -> None:
    """Write the rows of the queries in table `drawn` beside the target and rename.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    import duckdb

    path = Path(out)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    has_parts = bool(log.rows("select count(*) from drawn where parts > 1")[0][0])
    try:
        log.execute(f"create temp table sample_rows as {_rows_sql(log, has_parts=has_parts)}")
        log.execute(
            "copy (select * exclude (" + ", ".join(map(name_sql, HELPERS)) + ") from sample_rows order by "
            f"{name_sql(HELPERS[3])}, {name_sql(HELPERS[2])}) to {_target(beside)} "
            f"({FORMATS[path.suffix.lower()]})"
        )
        beside.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}. Choose another place.") from error
    except duckdb.IOException as error:
        if beside.name not in str(error) and "space" not in str(error).lower():
            raise
        raise InputError(f"{path} cannot be written: {str(error).splitlines()[0]}. Choose another place.") from error
    finally:
        beside.unlink(missing_ok=True)


def _target(path: Path) -> str:
    return text_sql(str(path))


def _rows_sql(log: Log, *, has_parts: bool) -> str:
    """SQL: the drawn rows with stratum, probability and weight, then what orders them."""
    h, part, content, number = map(name_sql, HELPERS)
    hashed = f"(select *, {log.hashed} as {h} from ({log.scan.query}))"
    drawn = (
        f"(select *, {log.content} as {content} from {hashed} where {h} in (select h from drawn) and {log.has_query})"
    )
    rows = f"select *, 0 as {part} from {drawn}"
    if has_parts:
        place = f"row_number() over (partition by {h} order by {content}) - 1"
        parts = f"(select h, any_value(parts) as parts from drawn group by h) d on r.{h} = d.h"
        rows = f"select r.*, ({place}) % d.parts as {part} from {drawn} r join {parts}"
    added = f"s.name as {STRATUM}, d.probability as {PROBABILITY}, 1 / d.probability as {WEIGHT}, d.number as {number}"
    joined = f"({rows}) r join drawn d on r.{h} = d.h and r.{part} = d.part"
    return f"select r.*, {added} from {joined} join strata s using (stratum)"
