"""The command ``shares``: a whole log and a diagnosis in, the share of every region by period out."""

from contextlib import nullcontext
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.commands import options
from drift_core.commands.column_option import roles_of
from drift_core.commands.progress import progress_bar
from drift_core.errors import InputError, SettingError
from drift_core.installation import need_extra
from drift_core.tables.addresses import is_address
from drift_core.wording import counted

if TYPE_CHECKING:
    from drift_core.measured import Measurement
    from drift_core.traffic.frozen_regions import FrozenRegions
    from drift_core.traffic.shares import TrafficShares

N_PERIODS_SHOWN = 60
WIDTH = 40


class By(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def shares(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="The whole log: a file, a folder of Parquet files, or a pattern.")
    ],
    diagnosis: Annotated[str, typer.Option(metavar="FILE", help="JSON of diagnose, whose regions are counted.")],
    by: Annotated[By, typer.Option(help="What is told apart, in UTC; weeks begin on Monday.")] = By.WEEK,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=COLUMN",
            help="Which column holds the query, timestamp, teacher or student. Repeatable.",
        ),
    ] = None,
    embeddings: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Vectors of the queries: a folder that embed wrote, or your own .parquet file."
        ),
    ] = None,
    cache: options.Cache = None,
    no_cache: options.NoCache = False,
    json: Annotated[str | None, typer.Option(metavar="FILE", help="Write the shares as JSON; - for stdout.")] = None,
    csv: Annotated[str | None, typer.Option(metavar="FILE", help="Write one row a region and period as .csv.")] = None,
) -> None:
    """Count a whole log in the regions of a diagnosis: how much of all traffic each is, and since when.

    Scores may be missing; where rows hold both, agreement is told by region and period too. The log may be larger than
    memory. Each distinct query is embedded once, with the encoder of the diagnosis.
    """
    need_extra("samples", "Counting a log")
    from drift_core.regions.embedding_source import EmbeddingSource
    from drift_core.tables.places import copied
    from drift_core.tables.writing import replace_file, rows_to_csv
    from drift_core.traffic.placing import TextVectors, check_encoder
    from drift_core.traffic.read_frozen import read_frozen
    from drift_core.traffic.shares import measure_shares
    from drift_core.traffic.shares_json import COLUMNS, shares_rows, shares_to_json

    if csv is not None and not csv.lower().endswith(".csv"):
        raise SettingError(f"--csv expects a name ending in .csv; found {csv!r}.")
    options.check_places(json, csv)
    regions, columns = read_frozen(diagnosis), roles_of(column)
    with (
        progress_bar() as progress,
        copied(str(embeddings)) if is_address(embeddings) else nullcontext(embeddings) as given,
    ):
        vectors = TextVectors(embeddings=given)
        if embeddings is None:
            source_of = EmbeddingSource(encoder=_name(regions.frozen, diagnosis), cache=cache, is_cached=not no_cache)
            encoder = source_of.loaded().encoder
            assert not isinstance(encoder, str | None)
            check_encoder(encoder.id, regions.frozen)
            vectors = TextVectors(encoder=encoder, cache=source_of.open_cache(), progress=progress)
        found = measure_shares(source, regions, by=by.value, columns=columns, vectors=vectors)
    if json != "-":
        typer.echo(describe_shares(found))
    options.write_json(shares_to_json(found), json)
    if csv is not None:
        replace_file(csv, rows_to_csv(list(shares_rows(found)), COLUMNS))
        if json != "-":
            typer.echo(f"Wrote {csv}.")


def _name(frozen: "FrozenRegions", file: str) -> str:
    from drift_core.regions.encoding import encoder_name

    name = encoder_name(frozen.encoder)
    if name is None:
        own = frozen.encoder.partition("@")[0]
        raise InputError(f"{file} was made with embeddings of your own, {own}. Give the log's with --embeddings.")
    return name


def describe_shares(found: "TrafficShares") -> str:
    """Put shares into lines: how much drifted, the regions, the periods, what else is worth telling."""
    from drift_core.measured import Measured

    whole, periods = found.whole, found.periods
    queries = counted(whole.n_queries, "distinct query", "distinct queries")
    size = f"{counted(whole.n_rows, 'row', 'rows')} of {queries}"
    span = (
        f", {counted(len(periods), found.by, f'{found.by}s')} from {periods[0].start} to {periods[-1].start}"
        if periods
        else ""
    )
    if isinstance(whole.drifted, Measured):
        drifted = f"Drifted regions hold {whole.drifted:.3f} of the log"
    else:
        drifted = f"How much drifted regions hold is not measured: {whole.drifted.reason.rstrip('.')}"
    if periods and isinstance(whole.drifted, Measured):
        drifted += f"; {periods[-1].drifted:.3f} in its last {found.by}, {periods[0].drifted:.3f} in its first"
    lines = [f"{size}{span}.", f"{drifted}." if found.drifted else "No region of the diagnosis drifted.", ""]
    lines += _table(_of_regions(found))
    lines += ["", *_table(_of_periods(found))] if periods else []
    if len(periods) > N_PERIODS_SHOWN:
        lines.append(f"and {len(periods) - N_PERIODS_SHOWN:,} earlier ones, in --json and --csv")
    told = f"Centroids alone place {found.told_alone:.1%} of the diagnosis's own queries as it did; those keep theirs."
    return "\n".join([*lines, "", *(f"Note: {note}" for note in (told, *found.notes))])


def _of_regions(found: "TrafficShares") -> list[list[str]]:
    ends = (*found.periods[:1], *found.periods[-1:])
    by_time = [f"first {found.by}", f"last {found.by}", "since"] if ends else []
    rows = [["Region", "", "rows", "share", *by_time, "agreement"]]
    for place, each in enumerate(found.whole.regions):
        told = [_share(period.regions[place].share) for period in ends]
        told += [str((each.n_rows and found.since(each.region)) or "-")] if ends else []
        mark = "drifted" if each.region in found.drifted else ""
        size = [f"{each.n_rows:,}", _share(each.share)]
        rows.append([each.region[:WIDTH], mark, *size, *told, _agreement(each.agreement)])
    return rows


def _of_periods(found: "TrafficShares") -> list[list[str]]:
    shown = found.periods[-N_PERIODS_SHOWN:]
    rows = [[found.by.capitalize(), "rows", "queries", "drifted regions", "agreement"]]
    return rows + [
        [str(each.start), f"{each.n_rows:,}", f"{each.n_queries:,}", f"{each.drifted:.3f}", _agreement(each.agreement)]
        for each in shown
    ]


def _share(share: "Measurement") -> str:
    from drift_core.measured import Measured

    return share.figure(".3f") if isinstance(share, Measured) else "-"


def _agreement(agreement: "Measurement") -> str:
    from drift_core.measured import Measured

    return f"{agreement:.2f}" if isinstance(agreement, Measured) else "-"


def _table(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
