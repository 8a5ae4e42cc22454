"""The command ``manifest``: a diagnosed production sample in, the retrain list out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.commands import options
from drift_core.commands.investigation import run
from drift_core.commands.recorded import check_same_regions, check_same_sample, read_record, rebuild
from drift_core.commands.terminal import describe_manifest, progress_bar

if TYPE_CHECKING:
    from drift_core.treatment.retrain_list.manifest import ListSettings


def manifest(
    production: Annotated[str, typer.Argument(metavar="PRODUCTION", help="The production sample that was diagnosed.")],
    diagnosis: Annotated[
        str, typer.Option("--diagnosis", metavar="FILE", help="The JSON that diagnose wrote for this sample.")
    ],
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="Folder for the list and its manifest.json.")],
    heldout: Annotated[
        str | None,
        typer.Option("--heldout", metavar="FILE", help="The held-out sample, when it has moved since the diagnosis."),
    ] = None,
    n: Annotated[int | None, typer.Option("--n", metavar="N", help="Pairs on the list; by default 5,000.")] = None,
    floor: Annotated[
        int | None,
        typer.Option("--floor", metavar="N", help="Pairs that each region gets at least; by default 200."),
    ] = None,
    weight: Annotated[
        float | None,
        typer.Option("--weight", metavar="W", help="How many times a drifted pair counts as traffic; by default 2."),
    ] = None,
    seed: options.Seed = 0,
    partition: Annotated[
        str | None,
        typer.Option(
            "--partition",
            metavar="NAME",
            help="Whose regions get quotas: query clusters or a slice column; by default the first that drifted.",
        ),
    ] = None,
    format_: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="NAME", help="parquet, csv or jsonl; by default all three. Repeatable."),
    ] = None,
    teacher_revision: Annotated[
        str | None,
        typer.Option("--teacher-revision", metavar="NAME", help="Revision that will re-score the list; recorded."),
    ] = None,
    embedder: options.Embedder = None,
    embeddings: options.Embeddings = None,
    cache: options.Cache = None,
    no_cache: options.NoCache = False,
) -> None:
    """Draw the pairs to re-score and retrain on: by region, none from held-out, with their probabilities.

    The regions are found again from what the diagnosis records, so the held-out sample must be there still.
    """
    from drift_core.treatment.export import check_folder
    from drift_core.treatment.retrain_list.list_files import FORMATS, write_manifest
    from drift_core.treatment.retrain_list.manifest import draw_manifest, sampling_frame

    settings = _settings(n=n, floor=floor, drifted_weight=weight, seed=seed)
    check_folder(out)
    record = read_record(diagnosis)
    investigation = rebuild(
        record,
        file=diagnosis,
        production=production,
        heldout=heldout,
        replaced={"embedder": embedder, "embeddings": embeddings, "cache": cache, "use_cache": not no_cache},
    )
    with progress_bar() as progress:
        found = run(investigation, progress, check=lambda *samples: check_same_sample(record, *samples))
    check_same_regions(record, found, file=diagnosis)
    drawn = draw_manifest(
        found,
        settings=settings,
        frame=sampling_frame(found, partition=partition),
        teacher_revision=teacher_revision,
    )
    paths = write_manifest(drawn, out, formats=tuple(format_ or FORMATS))
    typer.echo(describe_manifest(drawn))
    typer.echo("\n" + "\n".join(f"Wrote {path}" for path in paths))


def _settings(**chosen: int | float | None) -> "ListSettings":
    from drift_core.treatment.retrain_list.manifest import ListSettings

    given: Mapping[str, object] = {name: value for name, value in chosen.items() if value is not None}
    return ListSettings(**given)  # type: ignore[arg-type]  # checked by the settings themselves
