"""The command ``manifest``: a diagnosed production sample in, the retrain list out; ``manifest verify`` checks one."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from drift_core.commands import options
from drift_core.commands.column_option import column_mapping
from drift_core.commands.diagnosis_in_words import describe_manifest
from drift_core.commands.progress import progress_bar
from drift_core.errors import SettingError
from drift_core.installation import need_extra
from drift_core.retrain_list.settings import ListSettings

if TYPE_CHECKING:
    from drift_core.retrain_list.exclusions import ExcludedPairs

DOES_NOT_MATCH = 1
Canaries = Annotated[
    list[str] | None,
    typer.Option(
        "--canary",
        metavar="FILE",
        help="Canary week, or a pattern of several; repeatable. No pair of it may be on the list.",
    ),
]


def _columns(files: str, owners: str) -> Any:
    told = (
        f"Which column of the {files} files holds the query or the doc: query=COLUMN, doc=COLUMN{owners}. Repeatable."
    )
    return typer.Option("--column", metavar="ROLE=COLUMN", help=told)


CANARY_ALONE, BOTH = ("canary",), ("heldout", "canary")
CanaryColumns = Annotated[
    list[str] | None,
    _columns(
        "canary",
        ", or canary.query=COLUMN. By teacher=COLUMN, student=COLUMN and so on a recorded week is known again that was "
        "read with other columns than the diagnosis",
    ),
]
ExcludedColumns = Annotated[
    list[str] | None,
    _columns("held-out and canary", "; for one of them alone heldout.query=COLUMN or canary.query=COLUMN"),
]


class DrawsByDefault(TyperGroup):
    """A group whose first word may be the production sample, which means `draw`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_command = bool(args) and args[0] in self.commands
        return super().parse_args(ctx, args if is_command else ["draw", *args])


manifest = typer.Typer(
    name="manifest",
    cls=DrawsByDefault,
    help="Draw the pairs to re-score and retrain on, or verify a list against its manifest.",
    rich_markup_mode=None,
)


@manifest.command(epilog="A list is checked by: distillation-drift manifest verify LIST MANIFEST")
@options.takes(ListSettings)
def draw(
    production: Annotated[str, typer.Argument(metavar="PRODUCTION", help="The production sample that was diagnosed.")],
    diagnosis: Annotated[str, typer.Option(metavar="FILE", help="The JSON that diagnose wrote for this sample.")],
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder for the list and its manifest.json.")],
    heldout: Annotated[
        str | None, typer.Option(metavar="FILE", help="The held-out sample, when it has moved since the diagnosis.")
    ] = None,
    canary: Canaries = None,
    tail: Annotated[
        str | None, typer.Option(metavar="FILE", help="The tail set. No pair of it may be on the list.")
    ] = None,
    card: Annotated[
        str | None, typer.Option(metavar="FILE", help="Judge card; where it has a tail set, the list needs its file.")
    ] = None,
    history: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="History of canary runs: tells which recorded weeks are not among the canary files."
        ),
    ] = None,
    partition: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Whose regions get quotas: query clusters or a slice column; by default the one whose drifted regions "
            "hold most.",
        ),
    ] = None,
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="parquet, csv, jsonl (these by default), huggingface, label-studio or croissant. Repeatable.",
        ),
    ] = None,
    teacher_revision: Annotated[
        str | None, typer.Option(metavar="NAME", help="Revision that will re-score the list; recorded.")
    ] = None,
    columns: CanaryColumns = None,
    embedder: options.Embedder = None,
    embeddings: options.Embeddings = None,
    cache: options.Cache = None,
    no_cache: options.NoCache = False,
    **entered: Any,
) -> None:
    """Draw the pairs to re-score and retrain on: by region, none from held-out, a canary week or the tail set.

    Nearly equal pairs are drawn once. The regions are those that the diagnosis keeps; no pair of the held-out sample is
    drawn, so it must be there still.
    """
    need_extra("samples", "Drawing a list")
    from drift_core.regions.embedding_source import EmbeddingSource
    from drift_core.retrain_list.exclusions import weeks_in_words
    from drift_core.retrain_list.files import FORMATS, USUAL_FORMATS, write_manifest
    from drift_core.retrain_list.manifest import draw_list
    from drift_core.retrain_list.read_diagnosis import read_columns
    from drift_core.tables.writing import check_folder, check_formats

    settings = ListSettings(**entered)
    formats = tuple(format_ or USUAL_FORMATS)
    check_formats(formats, FORMATS)
    check_folder(out)
    embedding = EmbeddingSource(encoder=embedder, file=embeddings, cache=cache, is_cached=not no_cache)
    excluded = _read_canaries(
        canary, column_mapping(columns, "canary", samples=CANARY_ALONE), read_as=read_columns(diagnosis)
    )
    excluded += _read_canaries(None if tail is None else [tail], {})
    if card is not None:
        _need_tail(card, excluded)
    unchecked = None if history is None else _unchecked(history, excluded)
    with progress_bar() as progress:
        drawn = draw_list(
            diagnosis,
            production,
            heldout=heldout,
            settings=settings,
            partition=partition,
            exclude=excluded,
            embedding=embedding,
            teacher_revision=teacher_revision,
            unchecked_weeks=unchecked,
            progress=progress,
        )
    paths = write_manifest(drawn, out, formats=formats)
    typer.echo(describe_manifest(drawn))
    typer.echo("\n" + "\n".join(f"Wrote {path}" for path in paths))
    if unchecked:
        typer.echo(
            f"Note: canary weeks not kept off the list, for their files were not given: {weeks_in_words(unchecked)}."
            f"{_of_unknown(excluded)}",
            err=True,
        )


@manifest.command()
def verify(
    list_: Annotated[str, typer.Argument(metavar="LIST", help="The list: Parquet, CSV or JSON lines.")],
    manifest_: Annotated[str, typer.Argument(metavar="MANIFEST", help="The manifest.json beside it.")],
    heldout: Annotated[
        str | None, typer.Option(metavar="FILE", help="Held-out sample; no pair of it may be on the list.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(metavar="COLUMN=AT", help="Where that file holds both samples: what told them apart."),
    ] = None,
    canary: Canaries = None,
    teacher_revision: Annotated[
        str | None, typer.Option(metavar="NAME", help="Revision that the manifest must name.")
    ] = None,
    columns: ExcludedColumns = None,
) -> None:
    """Check a list against its manifest: digests, texts, quotas, probabilities, and what must not be on it.

    Exit code 1 when it does not match; each fault is one line.
    """
    need_extra("samples", "Verifying a list")
    from drift_core.retrain_list.exclusions import read_excluded
    from drift_core.retrain_list.verify import verify_manifest
    from drift_core.samples.parts import Part, split_of

    where = split_of(split)
    part = None if where is None else Part(split=where, side="heldout")
    own, weeks = (column_mapping(columns, name, samples=BOTH) for name in BOTH)
    found = verify_manifest(
        list_,
        manifest_,
        heldout=None if heldout is None else read_excluded(heldout, columns=own, part=part),
        canaries=_read_canaries(canary, weeks),
        teacher_revision=teacher_revision,
    )
    typer.echo("\n".join([found.sentence, *found.faults, *(f"Note: {note}" for note in found.notes)]))
    if not found.matches:
        raise typer.Exit(DOES_NOT_MATCH)


def _read_canaries(
    patterns: Sequence[str] | None, columns: Mapping[str, str], read_as: Mapping[str, str] | None = None
) -> "tuple[ExcludedPairs, ...]":
    """Each file of the patterns by itself, so that a history can be held against them."""
    from glob import glob

    from drift_core.retrain_list.exclusions import read_excluded

    paths = [path for pattern in patterns or () for path in sorted(glob(pattern)) or [pattern]]  # noqa: PTH207 - patterns may be absolute
    return tuple(read_excluded(path, columns=columns, read_as=read_as) for path in dict.fromkeys(paths))


def _need_tail(card: str, excluded: "Sequence[ExcludedPairs]") -> None:
    from drift_core.judge_card.file import read_card
    from drift_core.retrain_list.exclusions import is_kept_off

    if not is_kept_off(read_card(card).tail_set.digest, excluded):
        raise SettingError(
            "The judge card has a tail set, whose pairs must stay off the list, and none of the files given is that "
            "set, whole. Give it: --tail FILE."
        )


def _of_unknown(excluded: "Sequence[ExcludedPairs]") -> str:
    """Which files may be such a week all the same, for nothing tells their scores."""
    names = ", ".join(each.name for each in excluded if each.sample_digest is None)
    told = f" No week is known by {names}, whose scores were not found: name them with --column, as canary was told."
    return told if names else ""


def _unchecked(place: str, excluded: "Sequence[ExcludedPairs]") -> tuple[str, ...]:
    from drift_core.canary.unchecked_weeks import unchecked_weeks
    from drift_core.history.history import open_history

    with open_history(place, is_created=False) as kept:
        return unchecked_weeks(kept.runs(), excluded)  # a withdrawn week is a canary week all the same
