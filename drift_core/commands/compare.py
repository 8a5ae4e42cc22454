"""The command ``compare``: two students on the same pairs in, better or worse out."""

from typing import Annotated

import typer

from drift_core.commands import options
from drift_core.commands.column_option import column_mapping
from drift_core.commands.diagnosis_in_words import progress_bar
from drift_core.errors import SettingError
from drift_core.installation import need_extra

GOT_WORSE, CANNOT_TELL = 1, 3
SAMPLES = ("frozen", "fresh")


def compare(
    frozen: Annotated[
        str | None,
        typer.Argument(
            metavar="FROZEN", help="The frozen set: pairs scored by the teacher and by both students; a file or -."
        ),
    ] = None,
    fresh: Annotated[
        str | None, typer.Option("--fresh", metavar="FILE", help="Fresh production pairs, scored in the same way.")
    ] = None,
    before_file: Annotated[
        str | None,
        typer.Option(
            "--before-file",
            metavar="FILE",
            help="The frozen pairs scored by the student before, where FROZEN has only the student after; "
            "joined by query and doc.",
        ),
    ] = None,
    fresh_before_file: Annotated[
        str | None,
        typer.Option("--fresh-before-file", metavar="FILE", help="The same for the fresh pairs."),
    ] = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="NAME", help="Version of the student before.")
    ] = None,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="NAME", help="Version of the student after, as the judge card names it."),
    ] = None,
    trained_on: Annotated[
        list[str] | None,
        typer.Option(
            "--trained-on",
            metavar="LIST",
            help="Pairs that the student after was trained on, such as the retrain list and the replayed pairs; they "
            "are left out. Repeatable.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="ROLE=COLUMN",
            help="Which column holds a role, in every file: query, doc, teacher, student, student_before, and more; "
            "with another name, the slice of that name. For the files of one sample alone: frozen.ROLE=COLUMN or "
            "fresh.ROLE=COLUMN. Repeatable.",
        ),
    ] = None,
    slice_: options.Slices = None,
    embedder: options.Embedder = None,
    embeddings: options.Embeddings = None,
    cache: options.Cache = None,
    no_cache: options.NoCache = False,
    rule: options.RuleFile = None,
    seed: options.Seed = 0,
    json: Annotated[
        str | None,
        typer.Option(
            "--json", metavar="FILE", help="Write the comparison as JSON, which the gate reads; - for stdout."
        ),
    ] = None,
) -> None:
    """Tell whether a retrained student judges better than the one before, overall and in every region.

    Values of slice columns are regions; with --embedder or --embeddings, query clusters are too.

    Exit codes: 0 better or no worse, 1 something got worse, 2 bad usage or bad input, 3 cannot tell.
    """
    need_extra("samples", "A comparison")
    from drift_core.commands.comparison_in_words import describe_comparison
    from drift_core.comparison.compare import Students
    from drift_core.comparison.compare_files import StudentFiles, compare_files
    from drift_core.comparison.comparison_json import comparison_to_json
    from drift_core.regions.embedding_source import EmbeddingSource
    from drift_core.tables.writing import check_place

    files = StudentFiles(
        frozen=frozen,
        fresh=fresh,
        frozen_before=before_file,
        fresh_before=fresh_before_file,
        trained_on=trained_on or (),
        **{f"{name}_columns": column_mapping(column, name, samples=SAMPLES) for name in SAMPLES},  # type: ignore[arg-type]
        slices=None if slice_ is None else tuple(slice_),
        seed=seed,
    )
    embedding = EmbeddingSource(encoder=embedder, file=embeddings, cache=cache, is_cached=not no_cache)
    if json not in (None, "-"):
        check_place(str(json))
    with progress_bar() as progress:
        made = compare_files(
            files,
            students=Students(before=_named(before, "--before"), after=_named(after, "--after")),
            rule=options.rule_with(rule),
            embedding=None if embedder is None and embeddings is None else embedding,
            progress=progress,
        )
    if json != "-":
        typer.echo(describe_comparison(made))
    options.write_json(comparison_to_json(made), json)
    if made.worse:
        raise typer.Exit(GOT_WORSE)
    if made.outcome == "cannot tell":
        raise typer.Exit(CANNOT_TELL)


def _named(name: str | None, option: str) -> str | None:
    if name is not None and not name.strip():
        raise SettingError(f"{option} expects the version of a student; found an empty text.")
    return None if name is None else name.strip()
