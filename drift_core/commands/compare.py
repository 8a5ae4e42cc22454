"""The command ``compare``: two students on the same pairs in, better or worse out."""

from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.commands import options
from drift_core.commands.column_option import column_mapping
from drift_core.commands.operations_in_words import describe_operations
from drift_core.commands.progress import progress_bar
from drift_core.errors import SettingError
from drift_core.installation import need_extra
from drift_core.measured import Measured

if TYPE_CHECKING:
    from drift_core.comparison.compare import Comparison
    from drift_core.comparison.part_change import PartChange

GOT_WORSE, CANNOT_TELL = 1, 3
SAMPLES = ("frozen", "fresh", "tail")
N_REGIONS_SHOWN = 20
ORDER = ("worse", "better", "cannot tell", "same")


def compare(
    frozen: Annotated[
        str | None,
        typer.Argument(
            metavar="FROZEN", help="The frozen set: pairs scored by the teacher and by both students; a file or -."
        ),
    ] = None,
    fresh: Annotated[
        str | None, typer.Option(metavar="FILE", help="Fresh production pairs, scored in the same way.")
    ] = None,
    before_file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="The frozen pairs scored by the student before, where FROZEN has only the student after; "
            "joined by query and doc.",
        ),
    ] = None,
    fresh_before_file: Annotated[str | None, typer.Option(metavar="FILE", help="The same for the fresh pairs.")] = None,
    tail: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The tail set, as the command tail drew it, scored in the same way."),
    ] = None,
    tail_before_file: Annotated[str | None, typer.Option(metavar="FILE", help="The same for the tail set.")] = None,
    card: Annotated[
        str | None, typer.Option(metavar="FILE", help="Judge card, whose tail set --tail must be; another is refused.")
    ] = None,
    before: Annotated[str | None, typer.Option(metavar="NAME", help="Version of the student before.")] = None,
    after: Annotated[
        str | None, typer.Option(metavar="NAME", help="Version of the student after, as the judge card names it.")
    ] = None,
    trained_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LIST",
            help="Pairs that the student after was trained on, such as the retrain list and the replayed pairs; they "
            "are left out. Repeatable.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=COLUMN",
            help="Which column holds a role, in every file: query, doc, teacher, student, student_before, and more; "
            "with another name, the slice of that name. For the files of one sample alone: frozen.ROLE=COLUMN, "
            "fresh.ROLE=COLUMN or tail.ROLE=COLUMN. Repeatable.",
        ),
    ] = None,
    kind: options.ScoreKindName = None,
    labels: options.Labels = None,
    slice_: options.Slices = None,
    embedder: options.Embedder = None,
    embeddings: options.Embeddings = None,
    cache: options.Cache = None,
    no_cache: options.NoCache = False,
    clusters: Annotated[
        bool, typer.Option("--clusters/--no-clusters", help="Whether clusters of the queries are regions too.")
    ] = True,
    rule: options.RuleFile = None,
    seed: options.Seed = 0,
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the comparison as JSON, which the gate reads; - for stdout."),
    ] = None,
    report: options.Report = None,
) -> None:
    """Tell whether a retrained student judges better than the one before, overall and in every region.

    Values of slice columns are regions, and so are clusters of the queries.

    Exit codes: 0 better or no worse, 1 something got worse, 2 bad usage or bad input, 3 cannot tell.
    """
    need_extra("samples", "A comparison")
    from drift_core.comparison.compare import Students
    from drift_core.comparison.compare_files import StudentFiles, compare_files
    from drift_core.comparison.comparison_json import comparison_to_json
    from drift_core.judge_card.file import read_card
    from drift_core.regions.embedding_source import EmbeddingSource

    files = StudentFiles(
        frozen=frozen,
        fresh=fresh,
        frozen_before=before_file,
        fresh_before=fresh_before_file,
        tail=tail,
        tail_before=tail_before_file,
        tail_digest=None if card is None else read_card(card).tail_set.digest,
        trained_on=trained_on or (),
        **{f"{name}_columns": column_mapping(column, name, samples=SAMPLES) for name in SAMPLES},  # type: ignore[arg-type]
        slices=None if slice_ is None else tuple(filter(None, slice_)),
        seed=seed,
        **options.kind_options(kind, labels),
    )
    embedding = EmbeddingSource(encoder=embedder, file=embeddings, cache=cache, is_cached=not no_cache)
    if not clusters and (embedder, embeddings) != (None, None):
        raise SettingError(
            "--embedder and --embeddings are for clusters of the queries; found --no-clusters. Leave out one."
        )
    if report is not None:
        need_extra("report", "The report")
    options.check_places(json, report)
    with progress_bar() as progress:
        made = compare_files(
            files,
            students=Students(before=_named(before, "--before"), after=_named(after, "--after")),
            rule=options.rule_with(rule),
            embedding=embedding if clusters else None,
            progress=progress,
        )
    if json != "-":
        typer.echo(describe_comparison(made))
    options.write_json(comparison_to_json(made), json)
    if report is not None:
        from drift_core.report.summaries import comparison_page

        options.write_page(comparison_page(made), report)
    if made.worse:
        raise typer.Exit(GOT_WORSE)
    if made.outcome == "cannot tell":
        raise typer.Exit(CANNOT_TELL)


def _named(name: str | None, option: str) -> str | None:
    if name is not None and not name.strip():
        raise SettingError(f"{option} expects the version of a student; found an empty text.")
    return None if name is None else name.strip()


def describe_comparison(comparison: "Comparison") -> str:
    """Put a comparison into lines: the verdict, what got worse, the parts, the operational table, notes."""
    first = [comparison.headline] if comparison.worse and comparison.outcome != "worse" else []
    lines = [*first, comparison.sentence, *(f"- {part.full_title}: {part.reason}" for part in comparison.worse)]
    lines += [each.sentence for each in comparison.calibration]
    lines += [each.sentence for each in comparison.entropy]
    for sample in comparison.samples:
        lines += ["", *_table(sample.whole, sample.regions)]
    if comparison.tail is not None:
        lines += ["", *_table(comparison.tail.whole, ())]
    lines += describe_operations(comparison.operations)
    read = (*comparison.samples, *filter(None, [comparison.tail]))
    notes = [p.message for sample in read for p in (*sample.left_out, *sample.problems)]
    notes += comparison.cautions
    if comparison.trained_on is None:
        notes.append("Pairs that the student after was trained on are not known; name them with --trained-on.")
    return "\n".join([*lines, "", *(f"Note: {note}" for note in notes)])


def _table(whole: "PartChange", regions: "tuple[PartChange, ...]") -> list[str]:
    ordered = sorted(regions, key=lambda part: (ORDER.index(part.outcome), -part.share))
    shown = [whole, *ordered[:N_REGIONS_SHOWN]]
    width = max(len(_title(part)) for part in shown)
    header = f"{'Part':<{width}}  {'before':>6}  {'after':>6}  {'change':>26}  {'pairs':>7}  verdict"
    left = len(ordered) - N_REGIONS_SHOWN
    return [header, *(_row(part, width) for part in shown), *([f"and {left} more in the JSON"] if left > 0 else [])]


def _title(part: "PartChange") -> str:
    return part.title if len(part.title) <= 48 else part.title[:47] + "…"


def _row(part: "PartChange", width: int) -> str:
    before, after, change = part.order.before, part.order.after, part.change
    if not (isinstance(before, Measured) and isinstance(after, Measured) and isinstance(change, Measured)):
        return f"{_title(part):<{width}}  {'-':>6}  {'-':>6}  {'-':>26}  {part.n_pairs:>7,}  {part.reason}"
    figures = f"{change:+.3f}"
    ends = f"{before.figure():>6}  {after.figure():>6}"
    return f"{_title(part):<{width}}  {ends}  {figures:>26}  {part.n_pairs:>7,}  {part.outcome}"
