"""The drawn rows as a file: all columns of the log as they are, and how each row was drawn."""

from pathlib import Path

from drift_core.errors import SettingError
from drift_core.tables.dialects import name_sql, text_sql
from drift_core.tables.writing import check_place, written_beside
from drift_core.weekly_sample.log import PROBABILITY, STRATUM, WEIGHT, Log

FORMATS = {
    ".parquet": "format parquet, compression zstd",
    ".pq": "format parquet, compression zstd",
    ".csv": "format csv, header",
    ".tsv": "format csv, header, delimiter '\t'",
}
HASH, PART, CONTENT, NUMBER = "hash of the query", "part of the query", "content of the row", "number of the draw"
HELPERS = (HASH, PART, CONTENT, NUMBER)


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
    rows = _chosen_sql(log)
    if not log.is_chosen:
        rows = _rows_sql(log, has_parts=bool(log.scan.rows("select count(*) from drawn where parts > 1")[0][0]))
    helpers, order = ", ".join(map(name_sql, HELPERS)), f"{name_sql(NUMBER)}, {name_sql(CONTENT)}"
    form = FORMATS[path.suffix.lower()]
    with written_beside(path) as beside:
        try:
            wanted = f"select * exclude ({helpers}) from ({rows}) order by {order}"
            log.scan.execute(f"copy ({wanted}) to {text_sql(str(beside))} ({form})")
        except duckdb.IOException as error:
            if beside.name not in str(error) and "space" not in str(error).lower():
                raise
            raise OSError(str(error).splitlines()[0]) from error


def _rows_sql(log: Log, *, has_parts: bool) -> str:
    """SQL: the drawn rows with stratum, probability and weight, and with what orders them."""
    h, part, content, number = map(name_sql, HELPERS)
    of, n_parts = map(name_sql, ("drawn hash", "drawn parts"))  # no name that a column of the log may have
    hashed = f"select *, {log.hashed} as {h} from ({log.scan.query})"
    rows, is_part = f"select *, 0 as {part} from ({hashed}) where {log.has_query}", "true"
    if has_parts:
        inside = f"select * from ({hashed}) where {h} in (select h from drawn) and {log.has_query}"
        parts = f"select h as {of}, any_value(parts) as {n_parts} from drawn group by h"
        place = f"row_number() over (partition by {h} order by {log.order}) - 1"
        joined = f"from ({inside}) r join ({parts}) d on r.{h} = d.{of}"
        rows, is_part = f"select r.*, ({place}) % d.{n_parts} as {part} {joined}", f"r.{part} = d.part"
    drawn = (
        f"select r.*, s.name as {STRATUM}, s.probability as {PROBABILITY}, 1 / s.probability as {WEIGHT}, "
        f"d.number as {number} from ({rows}) r join drawn d on r.{h} = d.h and {is_part} join strata s using (stratum)"
    )
    # Only here, because the content of rows that are not drawn would cost more than all the rest.
    return f"select *, {log.content} as {content} from ({drawn})"


def _chosen_sql(log: Log) -> str:
    """SQL: the same of candidates, whose rows tell their query and part."""
    h, part, content, number = map(name_sql, HELPERS)
    kept = ", ".join(f"r.{name_sql(name)}" for name in log.names)
    return (
        f"select {kept}, s.name as {STRATUM}, s.probability as {PROBABILITY}, 1 / s.probability as {WEIGHT}, "
        f"r.{h}, r.{part}, d.number as {number}, r.{content} from (select *, {log.hashed} as {h}, "
        f"drift_part::int as {part}, {log.content} as {content} from ({log.scan.query})) r "
        f"join drawn d on r.{h} = d.h and r.{part} = d.part join strata s using (stratum)"
    )
