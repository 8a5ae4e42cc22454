"""One portable SELECT that chooses the candidates of a week inside a database; written once, said in each dialect.

It gives all rows of every query that may be drawn, with the counts that the draw needs. Drawing is in `candidates`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from drift_core.errors import InputError, SettingError
from drift_core.installation import need_extra
from drift_core.weekly_sample.allocation import DEFAULT_FLOOR
from drift_core.weekly_sample.clusters import MORE_THAN_DRAWN
from drift_core.weekly_sample.log import BLANKS, N_DIGITS
from drift_core.weekly_sample.population import ALL, NO_VALUE
from drift_core.weekly_sample.reserved_words import RESERVED
from drift_core.weekly_sample.settings import CLUSTER, WHOLE, WeekSettings

if TYPE_CHECKING:
    from sqlglot import exp

# What users call a dialect, and what sqlglot calls it.
DIALECTS = {
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "postgresql": "postgres",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "trino": "trino",
}
SOURCE = "week_source"  # stands for the table or the query
LIMITS = "\n".join(f"when rate < {0.0625**n!r} then '{'0' * (n - 1)}1'" for n in range(8, 0, -1))
# A stratum never gets more than its share of n, or its floor, by more than one for rounding; one more for fractions.
# Numbers far above the largest that may be drawn, by ten standard deviations, are passed over before any are sorted.
TEMPLATE = f"""
with cells as (
    select drift_key, drift_stratum, count(*) as n
    from (
        select case when :has_query then :key end as drift_key, case when :has_query then :stratum end as drift_stratum
        from {SOURCE} as week_log
    ) as marked
    group by drift_key, drift_stratum
), grouped as (
    select drift_key, cast(sum(n) as bigint) as n_query, count(*) as n_values, min(drift_stratum) as one_stratum
    from cells group by drift_key
), mixed as (
    select cells.drift_key,
        substring(
            max(lpad(cast(cells.n as text), 15, '0') || md5(cast(drift_stratum as text)) || drift_stratum), 48
        ) as most_frequent
    from cells join grouped on cells.drift_key = grouped.drift_key
    where n_values > 1 group by cells.drift_key
), queries as (
    select grouped.drift_key, coalesce(most_frequent, one_stratum) as drift_stratum, n_query, n_values,
        cast(floor((n_query + :most - 1) / :most) as bigint) as parts,
        substring(md5(:week || grouped.drift_key), 1, :digits) as drift_number
    from grouped left join mixed on grouped.drift_key = mixed.drift_key
), strata as (
    select drift_stratum, count(*) as n_queries, sum(parts) as drift_units, sum(n_query) as drift_rows,
        sum(case when n_values > 1 then 1 else 0 end) as n_mixed, sum(case when parts > 1 then 1 else 0 end) as n_cut
    from queries group by drift_stratum
), totals as (
    select count(drift_stratum) as drift_strata, max(drift_stratum) as last_stratum,
        sum(case when drift_stratum is null then 0 else drift_rows end) as all_rows,
        sum(case when drift_stratum is null then 0 else n_queries end) as drift_queries,
        sum(case when drift_stratum is null then drift_rows else 0 end) as drift_without,
        sum(case when drift_stratum is null then 0 else n_mixed end) as drift_mixed,
        sum(case when drift_stratum is null then 0 else n_cut end) as drift_cut
    from strata
), wanted as (
    select strata.drift_stratum, drift_units, drift_rows, totals.*,
        case when drift_strata <= :most_strata then 2 + (:near)
            when drift_stratum = last_stratum then 1 else 0 end as near
    from strata cross join totals where drift_stratum is not null
), bounds as (
    select drift_stratum, drift_units, drift_rows, drift_strata, drift_queries, drift_without, drift_mixed, drift_cut,
        max(near) as nearest, max(case {LIMITS} else 'g' end) as highest
    from (select wanted.*, (near + 10 * sqrt(near) + 20) / drift_units as rate from wanted) as rated
    group by drift_stratum, drift_units, drift_rows, drift_strata, drift_queries, drift_without, drift_mixed, drift_cut
), rows_to_cut as (
    select queries.drift_key, queries.drift_stratum, queries.drift_number, queries.parts,
        mod(row_number() over (partition by queries.drift_key order by :order) - 1, queries.parts) as part
    from (select week_log.*, :key as drift_key from {SOURCE} as week_log where :has_query) as week_log
    join queries on week_log.drift_key = queries.drift_key
    where queries.parts > 1
), units as (
    select drift_key, drift_stratum, drift_number, drift_number as drift_draw, 0 as part, parts, n_query as n
    from queries where parts = 1 and drift_key is not null
    union all
    select drift_key, drift_stratum, drift_number,
        substring(md5(drift_number || ':' || cast(part as text)), 1, :digits) as drift_draw, part, parts, count(*) as n
    from rows_to_cut group by drift_key, drift_stratum, drift_number, part, parts
), placed as (
    select drift_key, drift_number, drift_draw, part, parts, n, bounds.*,
        row_number() over (partition by units.drift_stratum order by drift_draw) as place
    from units join bounds on units.drift_stratum = bounds.drift_stratum where drift_draw < highest
), candidates as (
    select * from placed where place <= nearest limit :at_most
)
select picked.*, candidates.drift_draw, candidates.n as drift_n, candidates.drift_stratum, candidates.drift_units,
    candidates.drift_rows, candidates.drift_strata, candidates.drift_queries, candidates.drift_without,
    candidates.drift_mixed, candidates.drift_cut, :design as drift_design
from (
    select week_log.*, chosen.drift_number,
        case when chosen.parts = 1 then 0
            else mod(row_number() over (partition by week_log.drift_key order by :order) - 1, chosen.parts)
        end as drift_part
    from (select week_log.*, :key as drift_key from {SOURCE} as week_log where :has_query) as week_log
    join (select distinct drift_key, drift_number, parts from candidates) as chosen
        on week_log.drift_key = chosen.drift_key
) as picked
join candidates on picked.drift_key = candidates.drift_key and picked.drift_part = candidates.part
"""
# How many each value of a column may give: its share, or its floor.
SHARE, LEAST = ":n * cast(drift_units as double) / all_rows", ":floor * cast(drift_units as double) / drift_rows"
NEAR_OF_VALUES = f"case when {SHARE} > {LEAST} then {SHARE} else {LEAST} end"
HAS_QUERY = "case when :first then true else :any end"  # most texts begin with a sign, which is soon told


def week_select(
    *,
    settings: WeekSettings,
    table: str | None = None,
    query: str | None = None,
    roles: Mapping[str, str],
    dialect: str,
    is_exact: bool = False,
    is_id_text: bool = True,
) -> str:
    """Write the SELECT that chooses the candidates of a week.

    Parameters
    ----------
    table, query
        The name of a table, or the text of one SELECT, as the dialect writes them; exactly one.
    roles
        Columns of ``query``, and ``query_id`` and ``doc`` where there are any.
    dialect
        A key of `DIALECTS`.
    is_exact
        Whether names of columns are as the database has them; else plain names are left to its rule for case.
    is_id_text
        Whether ids may be texts, which may have white space around them.

    Raises
    ------
    SettingError
        When the dialect is not known, or not one of table and query is given.
    InputError
        When it is no name of a table, or not one SELECT that changes nothing.
    """
    from sqlglot import exp

    language, source = find_dialect(dialect), find_source(table=table, query=query, dialect=dialect)

    def text_of(name: str) -> exp.Expression:
        is_plain = name.isascii() and name.isidentifier() and name in (name.lower(), name.upper())
        is_plain &= name.upper() not in RESERVED
        column = exp.column(exp.to_identifier(name, quoted=is_exact or not is_plain), table="week_log")
        return exp.cast(column, "text")

    key = text = text_of(roles["query"])
    if "query_id" in roles:
        given = text_of(roles["query_id"])
        key = exp.Coalesce(this=_without_blanks(given, dialect) if is_id_text else given, expressions=[text])
    number, string = exp.Literal.number, exp.Literal.string
    first = exp.Not(
        this=exp.In(this=exp.Substring(this=text, start=number(1), length=number(1)), expressions=_blanks())
    )
    any_sign = exp.Not(this=exp.Is(this=_without_blanks(text, dialect), expression=exp.Null()))
    near: exp.Expr = number(_first_phase(settings))
    at_most = _first_phase(settings) + 2
    if settings.by != CLUSTER:
        floor = DEFAULT_FLOOR if settings.floor is None else max(settings.floor, 1)
        near = exp.replace_placeholders(_parsed(NEAR_OF_VALUES), n=number(settings.n), floor=number(floor))
        at_most = settings.n * (floor + 5)
    said = {
        "has_query": exp.replace_placeholders(_parsed(HAS_QUERY), first=first, any=any_sign),
        "key": key,
        "stratum": string(ALL),
        "order": exp.column("drift_key", table="week_log"),
        "week": string(f"week {settings.seed}:"),
        "digits": number(N_DIGITS),
        "most": number(settings.most_docs),
        "most_strata": number(settings.n),
        "near": near,
        "at_most": number(at_most),
        "design": string(design(settings)),
    }
    if "doc" in roles:
        doc = exp.Coalesce(this=text_of(roles["doc"]), expressions=[string("")])
        said["order"] = exp.MD5(this=doc)
    if settings.by not in (CLUSTER, WHOLE):
        said["stratum"] = exp.Coalesce(
            this=_without_blanks(text_of(settings.by), dialect), expressions=[string(NO_VALUE)]
        )
    tree = exp.replace_placeholders(_parsed(TEMPLATE), **said)
    written = re.sub(r"(CHA?R)\( +", r"\1(", tree.sql(dialect=language, pretty=True))  # sqlglot leaves a gap
    return re.sub(rf"\b({SOURCE})(?=\s+AS\s+week_log\b)", lambda _: source, written, flags=re.IGNORECASE)


def _parsed(text: str) -> "exp.Expr":
    from sqlglot import parse_one

    return parse_one(text, dialect="duckdb")


def _without_blanks(text: "exp.Expression", dialect: str) -> "exp.Expression":
    """Take white space off both ends; null where nothing is left."""
    from sqlglot import exp

    blanks: exp.Expression = exp.Concat(expressions=_blanks()[1:], safe=True, coalesce=False)
    if dialect == "clickhouse":  # whose parser has taken a literal alone
        blanks = exp.Literal.string(BLANKS)
    trimmed = exp.Trim(this=text, expression=blanks, position="BOTH")
    return exp.Nullif(this=trimmed, expression=exp.Literal.string(""))


def _blanks() -> "list[exp.Expression]":
    """No sign at all, and each sign of white space by its number, so that copies of the text keep it."""
    from sqlglot import exp

    signs = [exp.Chr(expressions=[exp.Literal.number(ord(c))]) for c in BLANKS[1:]]
    return [exp.Literal.string(""), exp.Literal.string(BLANKS[0]), *signs]


def _first_phase(settings: WeekSettings) -> int:
    """Queries that clusters may be made of, whatever the log."""
    return max(settings.first_phase, MORE_THAN_DRAWN * settings.n + 1)


def design(settings: WeekSettings) -> str:
    """What the candidates depend on, as the SELECT says it in each of their rows."""
    told = {"n": settings.n, "by": settings.by, "seed": settings.seed, "most docs": settings.most_docs}
    told |= {"first phase": settings.first_phase} if settings.by == CLUSTER else {"floor": settings.floor}
    return ", ".join(f"{name} {value}" for name, value in told.items() if value is not None)


def find_dialect(name: str) -> str:
    """Give sqlglot's name of a dialect."""
    need_extra("warehouse", "A week from a database")
    if name.lower() not in DIALECTS:
        raise SettingError(f"SQL is written for {', '.join(DIALECTS)}; found {name!r}.")
    return DIALECTS[name.lower()]


def find_source(*, table: str | None, query: str | None, dialect: str) -> str:
    """Check the name of a table, or the text of a query, and give it as it stands after FROM."""
    from sqlglot import Dialect, TokenType, exp, parse
    from sqlglot.errors import SqlglotError

    language = find_dialect(dialect)
    if (table is None) == (query is None):
        raise SettingError("A database needs --table NAME or --query FILE, one of them.")
    try:
        if table is not None:
            named = parse(f"SELECT * FROM {table}", dialect=language)
            if any(sign in table for sign in (";", "--", "/*")) or not _is_table(named):
                raise SettingError(f"--table expects the name of a table, as in SQL; found {table!r}.")
            return table.strip()
        tokens = Dialect.get_or_raise(language).tokenize(query or "")
        trees = [each for each in parse(query or "", dialect=language) if each and not isinstance(each, exp.Semicolon)]
    except SqlglotError as error:
        what = f"--table {table!r} is no name of a table" if table is not None else "The query cannot be read"
        reason = str(error).splitlines()[0].rstrip(".")
        raise InputError(f"{what} in the database's SQL: {reason}. Quote unusual names as the database does.") from None
    changing = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Drop)
    if (
        len(trees) != 1
        or not isinstance(trees[0], exp.Query)
        or any(isinstance(node, changing) and not isinstance(node, exp.Query) for node in trees[0].walk())
    ):
        raise InputError(
            "The query must be one SELECT that changes nothing. Expected a single statement, without INTO, FOR UPDATE "
            "and changes inside WITH; take the rest out."
        )
    last = [token for token in tokens if token.token_type != TokenType.SEMICOLON][-1]
    return f"(\n{(query or '')[: last.end + 1]}\n)"


def _is_table(found: "Sequence[exp.Expr | None]") -> bool:
    """Whether one table was read and nothing else."""
    from sqlglot import exp

    place = found[0].find(exp.Table) if len(found) == 1 and found[0] is not None else None
    plain = exp.select("*").from_(place.copy()) if place is not None else None
    is_whole = place is not None and not (place.args.get("sample") or place.args.get("only"))
    is_named = (
        place is not None and is_whole and all(type(part) is exp.Identifier for part in place.parts) and not place.alias
    )
    return is_named and plain == found[0]


def names_select(source: str) -> str:
    """SQL: the names of the columns, reading no row."""
    return f"SELECT * FROM {source} AS week_log WHERE 1 = 0"
