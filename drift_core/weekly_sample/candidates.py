"""The candidates that a database chose, counted and checked, as tables that the draw takes; see `selection`."""

from drift_core.errors import InputError
from drift_core.tables.columns import listed
from drift_core.weekly_sample.log import FLOATS, Log, number_sql, whole_sql
from drift_core.weekly_sample.population import Population, check_n_strata, describe_counts
from drift_core.weekly_sample.selection import design
from drift_core.weekly_sample.settings import WeekSettings

UNIT = "hex_number(drift_number)::ubigint as h, drift_part::int as part, hex_number(drift_draw) as number"


def count_candidates(log: Log, settings: WeekSettings) -> Population:
    """Give the counts of the whole log, which every candidate tells, and lay down table `units`.

    Raises
    ------
    InputError
        When there are none, they were chosen with other settings, or they are not what the SELECT gives.
    """
    source = f"({log.scan.query})"
    designs = [name for (name,) in log.scan.rows(f"select distinct drift_design from {source} order by all")]
    if not designs:
        raise InputError(
            f"{log.label} has no row with a query (column {log.query!r}), so there is nothing to sample. Check the "
            "table and its columns."
        )
    if designs != [design(settings)]:
        raise InputError(
            f"{log.label} holds candidates that were chosen with {listed(designs)}; asked for was {design(settings)}. "
            "Draw with the same settings, or choose candidates anew."
        )
    counts = "drift_strata, drift_queries, drift_without, drift_mixed, drift_cut"
    told = log.scan.rows(f"select {', '.join(f'max({name}::bigint)' for name in counts.split(', '))} from {source}")
    n_strata, n_queries, n_without, n_mixed, n_cut = map(int, told[0])
    check_n_strata(n_strata, settings, log.label)
    _check_rows(log, source, settings)
    stratum = "drift_stratum"
    if log.scan.types().get(settings.by) in FLOATS:  # as a file's are named
        stratum = whole_sql(stratum)
    log.scan.execute(
        f"create temp table names as select {stratum} as name, dense_rank() over (order by {stratum}) - 1 as stratum, "
        f"max(drift_units::bigint) as units, max(drift_rows::bigint) as n from {source} group by drift_stratum"
    )
    log.scan.execute(
        f"create temp table units as select distinct {UNIT}, 1 as parts, stratum, drift_n::bigint as n "
        f"from {source} join names on {stratum} = name"
    )
    sizes = log.scan.rows("select stratum, units, n from names order by stratum")
    return Population(
        n_rows=sum(n for _, _, n in sizes),
        n_queries=n_queries,
        n_units=sum(units for _, units, _ in sizes),
        n_without_query=n_without,
        strata=tuple(name for (name,) in log.scan.rows("select name from names order by stratum")),
        sizes=tuple(sizes),
        notes=(
            *log.notes,
            *describe_counts(log, settings, n_without=n_without, n_mixed=n_mixed, n_cut=n_cut),
            *_describe_keys(log, source),
        ),
    )


def _check_rows(log: Log, source: str, settings: WeekSettings) -> None:
    """Raise where rows are missing or twice, or where the database does not number queries as `hashlib` does."""
    torn, *_ = log.scan.rows(
        f"select count(*) from (select count(*) as found, max(drift_n::bigint) as told from {source} "
        "group by drift_number, drift_part) where found <> told"
    )[0]
    if torn:
        raise InputError(
            f"{log.label} lacks rows of {torn:,} queries, or has some twice: the table or query did not give the same "
            "rows each time it was read, or the result was cut. Sample from what does not change meanwhile."
        )
    number = number_sql(f"'week {settings.seed}:' || drift_key")
    other = log.scan.rows(f"select count(*) from {source} where {number} <> hex_number(drift_number)")[0][0]
    if other:
        raise InputError(
            f"{log.label} numbers {other:,} rows otherwise than by the MD5 of UTF-8 texts. Sample from a file of them."
        )


def _describe_keys(log: Log, source: str) -> tuple[str, ...]:
    """Say where the database writes ids otherwise than a file of the same rows would."""
    example = log.scan.rows(
        f"select drift_key, {log.key} from {source} where drift_key <> {log.key} order by 1 limit 1"
    )
    if not example:
        return ()
    there, here = example[0]
    return (
        f"The database writes queries otherwise than a file of them: {there[:60]!r} and {here[:60]!r}. A file would "
        "give another draw; ids that are texts or whole numbers are written alike.",
    )
