"""The SELECT in each dialect, as it was read by hand once; written anew with ``python -m`` and this module's name."""

from pathlib import Path

import pytest
import sqlglot

from drift_core.errors import DriftError, SettingError
from drift_core.weekly_sample.printed_select import print_select
from drift_core.weekly_sample.selection import DIALECTS, find_source, week_select
from drift_core.weekly_sample.settings import WeekSettings

FOLDER = Path(__file__).parent / "selects"
WEEK = WeekSettings(n=300, by="cohort", seed=202648)


def select(dialect):
    return print_select(dialect, table="judged.pairs", query=None, columns={}, settings=WEEK) + "\n"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_select_of_a_dialect_is_the_one_that_was_read(dialect):
    written = select(dialect)

    assert written == (FOLDER / f"{dialect}.sql").read_text(encoding="utf-8")
    (tree,) = sqlglot.parse(written, dialect=DIALECTS[dialect])
    read = {table.sql(DIALECTS[dialect]) for table in tree.find_all(sqlglot.exp.Table) if table.db}
    assert read == {"judged.pairs AS week_log"}


def test_all_that_is_not_written_in_every_dialect_alike_is_known():
    """MD5 in hex, in lower case and of UTF-8; signs by their number; remainders of whole numbers."""
    md5 = {dialect: (FOLDER / f"{dialect}.sql").read_text().partition("SUBST")[2] for dialect in DIALECTS}

    assert all("week 202648:" in text for text in md5.values())
    for dialect, way in {
        "bigquery": "TO_HEX(MD5(",
        "clickhouse": "LOWER(HEX(MD5(",
        "trino": "LOWER(TO_HEX(MD5(TO_UTF8(",
    }.items():
        assert way in md5[dialect]


@pytest.mark.parametrize(
    "query",
    [
        *("select 1; select 2", "delete from x", "with a as (delete from x returning *) select * from a"),
        *(
            "drop table x",
            "select * into y from x",
            "select * from x for update",
            "copy x to 'y'",
            "selec",
            "",
            "-- nothing",
            "set a = 1",
        ),
    ],
)
def test_a_query_that_is_not_one_select_is_refused(query):
    with pytest.raises(DriftError):
        find_source(table=None, query=query, dialect="postgresql")


def test_a_query_stands_in_the_select_as_it_was_written():
    written = "with a as (select * from x) -- why\nselect * from a where b ilike '%;%'"

    assert find_source(table=None, query=f"{written} ;\n-- the end", dialect="postgresql") == f"(\n{written}\n)"


@pytest.mark.parametrize(
    "table", ["a b", "x;", "x -- y", "x tablesample system (1)", "x; drop table y", "f(x)", "(select 1)", "", "x as y"]
)
def test_what_is_no_name_of_a_table_is_refused(table):
    with pytest.raises(DriftError):
        find_source(table=table, query=None, dialect="postgresql")


def test_names_of_columns_are_quoted_where_a_database_would_change_them():
    roles = {"query": "Frage", "query_id": "QID", "doc": "the doc"}

    folded = week_select(settings=WEEK, table="t", roles=roles, dialect="snowflake")
    exact = week_select(settings=WEEK, table="t", roles=roles, dialect="postgresql", is_exact=True)

    assert all(
        name in folded for name in ('week_log."Frage"', "week_log.QID ", 'week_log."the doc"', "week_log.cohort")
    )
    assert all(name in exact for name in ('week_log."Frage"', 'week_log."QID"', 'week_log."cohort"'))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_reserved_words_are_quoted_and_every_dialect_reads_what_is_written_in_it(dialect):
    settings = WeekSettings(n=300, by="group", seed=5)
    roles = {"query": "select", "doc": "order"}

    written = week_select(settings=settings, table="pairs", roles=roles, dialect=dialect)

    assert len(sqlglot.parse(written, dialect=DIALECTS[dialect])) == 1
    for word in ("select", "order", "group"):
        assert f"week_log.{word}" not in written


def test_trino_is_given_bytes_wherever_it_takes_an_md5():
    roles = {"query": "query", "query_id": "query_id", "doc": "doc"}
    written = week_select(settings=WeekSettings(n=300, by="cohort"), table="pairs", roles=roles, dialect="trino")

    packed = "".join(written.split())
    assert packed.count("MD5(") == packed.count("MD5(TO_UTF8(") == 5


def test_a_dialect_that_is_not_known_is_refused_with_those_that_are():
    with pytest.raises(SettingError, match="bigquery, clickhouse, databricks, duckdb, postgresql, redshift, snowflake"):
        select("oracle")


if __name__ == "__main__":
    for name in DIALECTS:
        (FOLDER / f"{name}.sql").write_text(select(name), encoding="utf-8")
