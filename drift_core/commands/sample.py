"""The command ``sample``: a log in, the week's pairs for the canary out, each with its weight."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift_core.commands import options
from drift_core.commands.column_option import roles_of
from drift_core.commands.progress import progress_bar
from drift_core.commands.week_source import check_source, read_text, url_of
from drift_core.errors import SettingError
from drift_core.installation import need_extra
from drift_core.weekly_sample.settings import CLUSTER, WeekSettings

if TYPE_CHECKING:
    from drift_core.weekly_sample.sample import WeekSample

N_STRATA_SHOWN = 30


@options.takes(WeekSettings)
def sample(
    logs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LOG]",
            help="The log: files or patterns of files (Parquet, CSV, TSV, JSON lines), unless a database has it.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="File for the sample, ending in .parquet, .csv or .tsv.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=COLUMN", help="Which column holds the query, the query_id or the doc. Repeatable."),
    ] = None,
    from_: options.Tool = None,
    teacher_score: options.TeacherScore = None,
    student_score: options.StudentScore = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Draw inside a database: its URL (postgresql://USER@HOST/DATABASE, duckdb:///FILE), or the "
            "environment variable that holds it, such as DISTILLATION_DRIFT_DATABASE. It is read only.",
        ),
    ] = None,
    table: Annotated[str | None, typer.Option(metavar="TABLE", help="The table there that is the log.")] = None,
    query: Annotated[
        str | None, typer.Option(metavar="FILE", help="A file with one SELECT that gives the log, in place of a table.")
    ] = None,
    timeout: Annotated[
        int, typer.Option(metavar="SECONDS", min=1, help="How long the database may take (PostgreSQL and DuckDB).")
    ] = 600,
    print_sql: Annotated[
        str | None,
        typer.Option(
            metavar="DIALECT",
            help="Connect to nothing and print the SELECT that you run yourself; its result is then the log: bigquery, "
            "clickhouse, databricks, duckdb, postgresql, redshift, snowflake or trino.",
        ),
    ] = None,
    embedder: options.Embedder = None,
    cache: options.Cache = None,
    no_cache: options.NoCache = False,
    **entered: Any,
) -> None:
    """Draw the week's pairs for the canary from a log or a database: by stratum and whole query, with weights.

    The weights make weighted numbers stand for the whole log. The log may be larger than memory; with clusters, a
    random part of its queries is embedded, which can take minutes without a GPU. A file and a database of the same
    rows give the same sample.
    """
    need_extra("samples", "Drawing a sample")
    settings, columns = WeekSettings(**entered), roles_of(column)
    given = {"--database": database, "--table": table, "--query": query, "--print-sql": print_sql}
    check_source(logs or (), out, {name for name, value in given.items() if value is not None})
    scores = options.named(teacher_score, student_score)
    if (from_ or scores) and not logs:
        raise SettingError("--from, --teacher-score and --student-score are about files. Name the log's.")
    text = None if query is None else read_text(query)
    if print_sql is not None:
        from drift_core.weekly_sample.printed_select import print_select

        typer.echo(print_select(print_sql, table=table, query=text, columns=columns, settings=settings))
        return
    from drift_core.regions.embedding_source import EmbeddingSource
    from drift_core.regions.encoding import DEFAULT_ENCODER, load_encoder
    from drift_core.weekly_sample.clusters import ClusterTexts
    from drift_core.weekly_sample.sample import draw_week
    from drift_core.weekly_sample.warehouse import Database

    source: list[str] | Database = logs or []
    if database is not None:
        source = Database(url=url_of(database, os.environ), table=table, query=text, timeout=timeout)
    kept = EmbeddingSource(cache=cache, is_cached=not no_cache).open_cache()
    with progress_bar() as progress:
        encoder = load_encoder(embedder or DEFAULT_ENCODER) if settings.by == CLUSTER else None
        texts = None if encoder is None else ClusterTexts(encoder=encoder, cache=kept, progress=progress)
        drawn = draw_week(source, str(out), settings=settings, columns=columns, texts=texts, tool=from_, scores=scores)
    typer.echo(describe_week(drawn))
    typer.echo(f"\nWrote {drawn.path}")


def describe_week(drawn: "WeekSample") -> str:
    """Put a weekly sample into lines: the sample in words, its strata, what else is worth telling."""
    shown = drawn.strata[:N_STRATA_SHOWN]
    width = max(len("Stratum"), *(len(stratum.name[:48]) for stratum in shown))
    rows = [
        f"{stratum.name[:48]:<{width}}  {stratum.n_rows:>12,}  {stratum.n_rows / drawn.n_rows_log:>7.1%}  "
        f"{stratum.n_pairs_drawn:>6,}  {stratum.n_queries_drawn:>7,}  {1 / stratum.probability:>12,.1f}"
        for stratum in shown
    ]
    more = len(drawn.strata) - len(shown)
    header = f"{'Stratum':<{width}}  {'rows':>12}  traffic  {'pairs':>6}  queries  {'weight':>12}"
    left = [f"and {more:,} more"] if more else []
    notes = [f"Note: {note}" for note in drawn.notes]
    return "\n".join([drawn.sentence, "", header, *rows, *left, *([""] if notes else []), *notes])
