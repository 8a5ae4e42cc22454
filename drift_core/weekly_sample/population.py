"""The population that the weekly sample stands for: the log's queries with their rows, counted inside DuckDB.

Tables that are left for the draw: `queries` (h, number, stratum, n) and `units` (h, part, parts, number, stratum, n).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from drift_core.errors import InputError
from drift_core.tables.columns import listed
from drift_core.tables.dialects import name_sql, text_sql
from drift_core.tables.rejects import find_rejects
from drift_core.weekly_sample.log import FLOATS, N_DIGITS, Log, number_sql, trimmed_sql, whole_sql
from drift_core.weekly_sample.settings import CLUSTER, WHOLE, WeekSettings
from drift_core.wording import counted

PART_KEY = f"lpad(lower(to_hex(number)), {N_DIGITS}, '0') || ':' || part"  # by which parts of a query are drawn
NO_VALUE, ALL = "(none)", "all"
SIZES = "select stratum, count(*), sum(n)::bigint from {} group by stratum order by stratum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """What was counted.

    Attributes
    ----------
    n_rows, n_queries
        Rows that have a query, and their queries.
    n_units
        What can be drawn: queries, those with very many rows in parts.
    n_without_query
        Rows without a query, which are left out.
    strata
        Names of the strata; a single one before clusters are made.
    sizes
        Of each stratum its place among the names, what can be drawn from it, and its rows.
    notes
        What is worth telling, in sentences.
    """

    n_rows: int
    n_queries: int
    n_units: int
    n_without_query: int
    strata: tuple[str, ...]
    sizes: tuple[tuple[int, int, int], ...]
    notes: tuple[str, ...]


def count_population(log: Log, settings: WeekSettings) -> Population:
    """Count the queries of a log and find the stratum of each.

    A query is known by a number from the MD5 of seed and query, so that its place in the draw follows from its
    content. One whose rows have several values of the stratum column counts in its most frequent one.

    Raises
    ------
    InputError
        When there is nothing to draw from, the column is missing, or it has more values than pairs are wanted.
    """
    notes = _count_cells(log, settings)
    n_rows, n_without = log.scan.rows(
        "select coalesce(sum(n) filter (h is not null), 0), coalesce(sum(n) filter (h is null), 0) from cells"
    )[0]
    if not n_rows:
        why = "no rows" if not n_without else f"{log.lacking} in any of its {n_without:,} rows ({log.looked_in})"
        raise InputError(f"{log.label} has {why}, so there is nothing to sample. Check the file and its columns.")
    strata = _name_strata(log, settings)
    n_queries, n_mixed = _gather_queries(log, len(strata))
    n_units, n_cut = _cut_into_units(log, settings)
    return Population(
        n_rows=n_rows,
        n_queries=n_queries,
        n_units=n_units,
        n_without_query=n_without,
        strata=strata,
        sizes=tuple(log.scan.rows(SIZES.format("units"))),
        notes=notes + describe_counts(log, settings, n_without=n_without, n_mixed=n_mixed, n_cut=n_cut),
    )


def describe_counts(log: Log, settings: WeekSettings, *, n_without: int, n_mixed: int, n_cut: int) -> tuple[str, ...]:
    """What is worth telling of a population, in sentences."""
    notes: tuple[str, ...] = ()
    if n_without:
        without = counted(n_without, "row has", "rows have")
        notes += (f"{without} {log.lacking} ({log.looked_in}); left out of the population.",)
    if n_mixed:
        notes += (f"{_queries(n_mixed)} more than one value of {settings.by}; each counts in its most frequent one.",)
    if n_cut:
        notes += (
            f"{_queries(n_cut)} more than {settings.most_docs:,} rows; they were cut at random into parts of at most "
            "that many, and parts are drawn.",
        )
    reserved = {CLUSTER: "clusters of the query texts", WHOLE: "not made"}
    if settings.by in reserved and settings.by in log.names:
        told = f"The log has a column {settings.by!r}, which was not used: strata are {reserved[settings.by]}."
        notes += (f"{told} Rename it.",)
    return notes


def check_stratum_column(names: Sequence[str], settings: WeekSettings, label: str) -> None:
    """Raise where the column of strata is not there."""
    if settings.by not in (CLUSTER, WHOLE, *names):
        raise InputError(
            f"{label} has no column {settings.by!r} to sample by. It has: {listed(names)}. Or use --by cluster or "
            "--by none."
        )


def check_n_strata(n_strata: int, settings: WeekSettings, label: str) -> None:
    """Raise where there are more strata than pairs are wanted."""
    if n_strata > settings.n:
        raise InputError(
            f"Column {settings.by!r} of {label} has {n_strata:,} values, and {settings.n:,} pairs are wanted. Each "
            "value gives at least one query: choose a column of few values, or raise --n."
        )


def _queries(n: int) -> str:
    return counted(n, "query has", "queries have")


def _count_cells(log: Log, settings: WeekSettings) -> tuple[str, ...]:
    """Count rows per query and value of the stratum column; the notes tell what was rejected on the way."""
    check_stratum_column(log.names, settings, log.label)
    fixed = {CLUSTER: "''", WHOLE: text_sql(ALL)}
    value = fixed.get(settings.by, f"{name_sql(settings.by)}::varchar")
    if settings.by not in fixed and log.scan.types()[settings.by] in FLOATS:  # 1.0 is 1, as PostgreSQL writes it
        value = whole_sql(value)
    log.scan.execute(f"create temp table cells as {log.cells(value, settings.seed)}")
    n_read = log.scan.connection.execute("select coalesce(sum(n), 0) from cells").fetchall()[0][0]
    rejects = find_rejects(log.scan.connection, log.label, int(n_read))
    return (*log.notes, *(problem.message for problem in rejects.problems))


def _name_strata(log: Log, settings: WeekSettings) -> tuple[str, ...]:
    """Number the values of the stratum column in the order of the alphabet, and give their names."""
    log.scan.execute(
        "create temp table names as select value, dense_rank() over (order by name) - 1 as stratum, "
        "dense_rank() over (order by md5(name)) - 1 as tie, name from ("
        f"select value, coalesce(nullif({trimmed_sql('value')}, ''), '{NO_VALUE}') as name from cells "
        "where h is not null group by value)"
    )
    n_strata = int(log.scan.rows("select count(distinct stratum) from names")[0][0])
    check_n_strata(n_strata, settings, log.label)
    return tuple(name for (name,) in log.scan.rows("select distinct name from names order by name"))


def _gather_queries(log: Log, n_strata: int) -> tuple[int, int]:
    """Make one row a query, with its most frequent stratum; count all, and those with several strata.

    Of strata as frequent, the one with the largest MD5 counts, as no two databases need sort texts alike.
    """
    cells = "select h, number, stratum, tie, n from cells join names on cells.value is not distinct from names.value"
    if log.scan.one("select count(*) > count(distinct stratum) from names")[0]:  # values that differ in blanks alone
        cells = f"select h, min(number) as number, stratum, tie, sum(n) as n from ({cells}) group by h, stratum, tie"
    log.scan.execute(
        f"create temp table queries as select h, number, stratum, n, is_mixed from (select h, min(number) as number, "
        f"max(n * {n_strata} + tie) % {n_strata} as tie, sum(n)::bigint as n, min(stratum) <> max(stratum) as is_mixed "
        f"from ({cells}) where h is not null group by h) join (select distinct tie, stratum from names) using (tie)"
    )
    log.scan.execute("drop table cells; drop table names")
    n_queries, n_mixed = log.scan.rows("select count(*), count(*) filter (is_mixed) from queries")[0]
    return int(n_queries), int(n_mixed)


def _cut_into_units(log: Log, settings: WeekSettings) -> tuple[int, int]:
    """Lay down what can be drawn as a view; count all, and the queries that were cut."""
    most = settings.most_docs
    whole = f"select h, 0 as part, 1 as parts, number, stratum, n from queries where n <= {most}"
    large = f"select *, (n + {most} - 1) // {most} as parts from queries where n > {most}"
    cut = (
        f"select h, part, parts, {number_sql(PART_KEY)} as number, stratum, "
        f"n // parts + (part < n % parts)::int as n from (select *, unnest(range(parts)) as part from ({large}))"
    )
    log.scan.execute(f"create temp view units as {whole} union all {cut}")
    n_units, n_cut = log.scan.rows(
        f"select sum((n + {most} - 1) // {most}), count(*) filter (n > {most}) from queries"
    )[0]
    return int(n_units), int(n_cut)
