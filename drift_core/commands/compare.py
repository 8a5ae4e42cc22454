"""The command ``compare``: two students on the same pairs in, better or worse out."""

from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.commands import options
from drift_core.commands.column_option import column_mapping
from drift_core.errors import SettingError
from drift_core.installation import need_extra

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drift_core.comparison.compare import Comparison
    from drift_core.regions.partitions import Partition
    from drift_core.samples.pairs import ScoredPairs

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
    from drift_core.comparison.compare import compare as compare_students
    from drift_core.comparison.usable_pairs import join_trained, read_trained_pairs
    from drift_core.diagnosis.rule import Rule
    from drift_core.diagnosis.rule_file import read_rule

    _check(frozen, fresh, before_file, fresh_before_file, embedder, embeddings, json)
    limits = Rule() if rule is None else read_rule(rule)
    columns = {name: column_mapping(column, name, samples=SAMPLES) for name in SAMPLES}
    slices = None if slice_ is None else tuple(slice_)
    first = _read(frozen, before_file, columns["frozen"], slices, seed)
    second = _read(fresh, fresh_before_file, columns["fresh"], slices, seed)
    made = compare_students(
        first,
        second,
        students=Students(before=_named(before, "--before"), after=_named(after, "--after")),
        rule=limits,
        slices=slices,
        partitions=_clusters(first, second, embedder, embeddings, None if no_cache else cache or "", seed),
        trained_on=join_trained([read_trained_pairs(path) for path in trained_on or ()]),
        seed=seed,
    )
    _tell(made, describe_comparison(made), json)
    if made.worse:
        raise typer.Exit(GOT_WORSE)
    if made.outcome == "cannot tell":
        raise typer.Exit(CANNOT_TELL)


def _check(
    frozen: str | None,
    fresh: str | None,
    before_file: str | None,
    fresh_before_file: str | None,
    embedder: str | None,
    embeddings: str | None,
    json: str | None,
) -> None:
    from drift_core.tables.writing import check_place

    if frozen is None and fresh is None:
        raise SettingError("compare needs the frozen set, --fresh FILE, or both; found neither.")
    for option, needed, given in (
        ("--before-file", frozen, before_file),
        ("--fresh-before-file", fresh, fresh_before_file),
    ):
        if given is not None and needed is None:
            raise SettingError(f"{option} belongs to pairs that are not given. Add them, or leave it out.")
    if [frozen, fresh, before_file, fresh_before_file].count("-") > 1:
        raise SettingError("Only one file can come from standard input. Give files for the others.")
    if embedder is not None and embeddings is not None:
        raise SettingError("--embedder and --embeddings exclude each other: texts are embedded, or you give them.")
    if json not in (None, "-"):
        check_place(str(json))


def _named(name: str | None, option: str) -> str | None:
    if name is not None and not name.strip():
        raise SettingError(f"{option} expects the version of a student; found an empty text.")
    return None if name is None else name.strip()


def _read(
    path: str | None, before: str | None, columns: "Mapping[str, str]", slices: tuple[str, ...] | None, seed: int
) -> "ScoredPairs | None":
    from drift_core.comparison.usable_pairs import with_scores_before
    from drift_core.samples.reading import read_pairs
    from drift_core.tables.roles import ROLES

    if path is None:
        return None
    sample = _read_sliced(path, columns, slices, seed)
    if before is None:
        return sample
    own = {role: name for role, name in columns.items() if role in ROLES and role != "student_before"}
    return with_scores_before(sample, read_pairs(before, columns=own, slices=(), seed=seed))


def _read_sliced(path: str, columns: "Mapping[str, str]", slices: tuple[str, ...] | None, seed: int) -> "ScoredPairs":
    """Read the chosen slice columns, and the others too, so that what is left out can be named."""
    from drift_core.samples.reading import read_pairs

    if not slices or path == "-":  # standard input is read once
        return read_pairs(path, columns=columns, slices=slices, seed=seed)
    found = read_pairs(path, columns=columns, seed=seed)
    if set(slices) <= set(found.slices):
        return found
    return read_pairs(path, columns=columns, slices=tuple(dict.fromkeys((*found.slices, *slices))), seed=seed)


def _clusters(
    frozen: "ScoredPairs | None",
    fresh: "ScoredPairs | None",
    embedder: str | None,
    embeddings: str | None,
    cache: str | None,
    seed: int,
) -> "tuple[Partition, ...]":
    """Cluster the queries where that is asked for; `cache` is empty text for the default one, None for none."""
    one, two = frozen or fresh, fresh or frozen
    if one is None or two is None or (embedder is None and embeddings is None):
        return ()
    from drift_core.comparison.partitions import query_clusters

    if embeddings is not None:
        from drift_core.regions.embeddings_reader import read_embeddings

        return (query_clusters(one, two, read_embeddings(embeddings, one, two), seed=seed),)
    from drift_core.commands.diagnosis_in_words import progress_bar
    from drift_core.regions.cache import EmbeddingCache, default_cache_path
    from drift_core.regions.embeddings import embed_queries
    from drift_core.regions.encoding import load_encoder

    kept = None if cache is None else EmbeddingCache(cache or default_cache_path())
    with progress_bar() as progress:
        vectors = embed_queries(one, two, encoder=load_encoder(str(embedder)), cache=kept, progress=progress)
    return (query_clusters(one, two, vectors, seed=seed),)


def _tell(made: "Comparison", words: str, target: str | None) -> None:
    """Say it in words and write the JSON where it is wanted; on standard output the JSON stands alone."""
    from drift_core.comparison.comparison_json import comparison_to_json
    from drift_core.tables.json_text import json_text
    from drift_core.tables.writing import replace_file

    text = "" if target is None else json_text(comparison_to_json(made))
    typer.echo(text if target == "-" else words, nl=target != "-")
    if target not in (None, "-"):
        replace_file(str(target), text.encode())
        typer.echo(f"Wrote {target}.")
