"""The command ``embed``: a log in, the vectors of its distinct queries out, as a folder of parts."""

from typing import Annotated

import typer

from drift_core.commands import options
from drift_core.commands.column_option import roles_of
from drift_core.commands.progress import stage_progress
from drift_core.installation import need_extra


def embed(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="The log: a file, a folder of Parquet files, or a pattern.")
    ],
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder of the parts; those that it holds stay.")],
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=COLUMN", help="Which column holds the query: query=COLUMN."),
    ] = None,
    embedder: options.Embedder = None,
    part_texts: Annotated[
        int, typer.Option(metavar="N", help="Texts a part: what is lost at most when a run is killed.")
    ] = 16_384,
    engine: options.EngineName = options.EngineChoice.LOCAL,
    actors: options.Actors = None,
    gpus: options.Gpus = 0.0,
) -> None:
    """Embed the distinct queries of a log; a run that is killed, or a log that has grown, goes on where it was.

    Each query is embedded once. shares and diagnose take the folder with --embeddings.
    """
    need_extra("samples", "Embedding a log")
    from drift_core.regions.encoding import DEFAULT_ENCODER
    from drift_core.traffic.embed_log import EmbedSettings, embed_log

    settings = EmbedSettings(
        encoder=embedder or DEFAULT_ENCODER, part_texts=part_texts, engine=options.engine_of(engine, actors, gpus)
    )
    with stage_progress(f"Embedding the queries of {source}.") as progress:
        done = embed_log(source, out, settings=settings, columns=roles_of(column), progress=progress)
    before = f"; {done.n_before:,} were there" if done.n_before else ""
    typer.echo(f"{done.n_added:,} distinct queries embedded by {done.encoder}{before}.\nWrote {out}")
    for note in done.notes:
        typer.echo(f"Note: {note}", err=True)
