"""The commands ``review draw``, ``spot-check``, ``export``, ``import`` and ``result``."""

from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift_core.commands import options
from drift_core.commands.date_option import read_time
from drift_core.commands.progress import progress_bar
from drift_core.installation import need_extra
from drift_core.review.pairs import RIGHT_WORDS, ReviewSettings
from drift_core.wording import counted, no_option

if TYPE_CHECKING:
    from datetime import datetime

    from drift_core.review.readiness import Readiness
    from drift_core.review.result import ReviewResult
    from drift_core.review.review_file import Review

EXIT_CODES = {"ready": 0, "not ready": 1, "cannot tell": 3}
Place = Annotated[str, typer.Argument(metavar="REVIEW", help="File of the review.")]
Out = Annotated[str, typer.Option("--out", metavar="FILE", help="New file for the review, such as review.db.")]

review = typer.Typer(
    name="review",
    help="Have people say who is right where teacher and student differ, without showing them who said what.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@review.command("draw")
@options.takes(ReviewSettings)
def draw(
    production: Annotated[str, typer.Argument(metavar="PRODUCTION", help="The production sample that was diagnosed.")],
    diagnosis: Annotated[str, typer.Option(metavar="FILE", help="The JSON that diagnose wrote for this sample.")],
    out: Out,
    heldout: Annotated[
        str | None, typer.Option(metavar="FILE", help="The held-out sample, when it has moved since the diagnosis.")
    ] = None,
    partition: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Whose regions are drawn from; by default the one that tells most."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="First day of a shadow run: pairs of its days are drawn, and its end is waited for."
        ),
    ] = None,
    embedder: options.Embedder = None,
    embeddings: options.Embeddings = None,
    cache: options.Cache = None,
    no_cache: options.NoCache = False,
    **entered: Any,
) -> None:
    """Draw pairs on which teacher and student differ, by region, into a file that the page Review opens."""
    need_extra("samples", "Drawing a review")
    from drift_core.regions.embedding_source import EmbeddingSource
    from drift_core.retrain_list.read_diagnosis import read_diagnosis
    from drift_core.review.draw import draw_review
    from drift_core.review.review_file import check_new, create_review

    settings = ReviewSettings(**entered)
    first = None if start is None else read_time(start, option="--start").date()
    check_new(out)
    source = EmbeddingSource(encoder=embedder, file=embeddings, cache=cache, is_cached=not no_cache)
    with progress_bar() as progress:
        found = read_diagnosis(diagnosis, production, heldout=heldout, embedding=source, progress=progress)
    made = draw_review(found, settings=settings, partition=partition, start=first)
    _tell_drawn(create_review(made, out))


@review.command("spot-check")
def spot_check(
    list_: Annotated[str, typer.Argument(metavar="LIST", help="A retrain list, re-scored: Parquet, CSV, JSON lines.")],
    out: Out,
    share: Annotated[float, typer.Option(metavar="S", help="Share of the list; 0.05 to 0.1 is usual.")] = 0.1,
    threshold: Annotated[
        float, typer.Option(metavar="T", help="Probability from which a student passes a pair, beside a pass or fail.")
    ] = ReviewSettings().threshold,
    seed: options.Seed = 0,
) -> None:
    """Draw a share of a retrain list, by region, to hold the teacher's new scores to a reviewer."""
    need_extra("samples", "A spot check")
    from drift_core.review.draw import draw_spot_check
    from drift_core.review.review_file import check_new, create_review

    check_new(out)
    settings = ReviewSettings(seed=seed, threshold=threshold)
    _tell_drawn(create_review(draw_spot_check(list_, share=share, settings=settings), out))


def _tell_drawn(made: "Review") -> None:
    drawn = made.draw
    n_all = sum(region.n_pairs for region in drawn.regions)
    typer.echo(f"Drew {counted(len(drawn.pairs), 'pair', 'pairs')} of {n_all:,} different ones ({drawn.kind}).")
    if drawn.why_fewer:
        typer.echo(drawn.why_fewer)
    for region in drawn.regions:
        typer.echo(f"- {region.name}: {region.n_drawn:,} of {region.n_pairs:,}")
    if drawn.shadow is not None:
        typer.echo(f"The shadow run is from {drawn.shadow.start} to {drawn.shadow.end}.")
    typer.echo(f"Wrote {made.path}")
    command = f"distillation-drift review export {quote(no_option(str(made.path)))} --format csv --out DIR"
    typer.echo(f"Review it on the page Review, or: {command}")


@review.command("export")
def export(
    place: Place,
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="Folder for the files.")],
    form: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="csv, a sheet to fill in (by default); label-studio; argilla; answers, with every answer. Repeatable.",
        ),
    ] = None,
) -> None:
    """Write the queue for people who answer elsewhere, or what was answered."""
    from drift_core.review.exchange import export_review
    from drift_core.review.review_file import open_review
    from drift_core.tables.writing import replace_files

    made = open_review(place)
    files = {name: content for each in form or ["csv"] for name, content in export_review(made, each).items()}
    for path in replace_files(out, files, record=next(iter(files))):
        typer.echo(f"Wrote {path}")


@review.command("import")
def import_(
    place: Place,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A filled-in sheet, answers, or an export of Label Studio or Argilla.")
    ],
    reviewer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who answered, where the file does not say.")
    ] = None,
) -> None:
    """Read answers back, all or none; the newest of each reviewer counts."""
    from drift_core.review.exchange import import_answers
    from drift_core.review.review_file import open_review

    done = import_answers(open_review(place), file, reviewer=reviewer)
    typer.echo(f"Read {counted(done.n_read, 'answer', 'answers')}, {done.n_new:,} of them new; {done.n_blank:,} blank.")
    for problem in done.problems:
        typer.echo(f"Note: {problem}")


@review.command("result")
def result(
    place: Place,
    now: Annotated[
        str | None, typer.Option(metavar="TIME", help="Takes this for now, to tell whether a shadow run is over.")
    ] = None,
    student_version: Annotated[
        str | None, typer.Option(metavar="NAME", help="The student that was reviewed, for the gate.")
    ] = None,
    card: Annotated[
        str | None, typer.Option(metavar="FILE", help="Judge card to note the share in, once the review is complete.")
    ] = None,
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write it as JSON, which gate --review reads; - for standard output."),
    ] = None,
) -> None:
    """Say in which share of the disagreements the student is wrong, by region, and whether it is ready.

    Exit codes: 0 ready, or a spot check; 1 not ready; 2 bad usage or bad input; 3 it cannot be told yet.
    """
    options.check_places(json)
    need_extra("samples", "The result of a review")
    from datetime import UTC, datetime

    from drift_core.review.readiness import read_readiness
    from drift_core.review.result import estimate_review
    from drift_core.review.review_file import open_review

    at: datetime = datetime.now(UTC) if now is None else read_time(now, option="--now")
    opened = open_review(place)
    found = estimate_review(opened.draw, opened.answers())
    is_check = opened.draw.kind == "spot check"
    readiness = None if is_check else read_readiness(opened.draw, found, today=at.date())
    if json != "-":
        _tell(found, readiness)
    named = {"made_at": at.isoformat(), "student_version": student_version}
    options.write_json(result_document(opened, found, readiness) | named, json)
    if card is not None:
        _note(card, found, readiness, at=at, student_version=student_version)
    if readiness is not None and EXIT_CODES[readiness.status]:
        raise typer.Exit(EXIT_CODES[readiness.status])


def _tell(found: "ReviewResult", readiness: "Readiness | None") -> None:
    from drift_core.measured import Measured
    from drift_core.review.result import against_band

    typer.echo(found.sentence)
    if readiness is not None:
        against_pattern = [found.against_pattern] if isinstance(found.wrong, Measured) else []
        typer.echo("\n".join((readiness.sentence, *readiness.further, *against_pattern)))
    for right, share in found.rights.items() if isinstance(found.wrong, Measured) else ():
        typer.echo(f"- {RIGHT_WORDS[right]}: {share:.0%}")
    for region in found.regions:
        against = "" if readiness is None else f" ({against_band(region.wrong)})"
        wrong = f": wrong in {region.wrong:.0%}{against}" if isinstance(region.wrong, Measured) else ""
        done = f"{region.n_answered:,} of {region.n_drawn:,} reviewed"
        typer.echo(f"{region.name} ({region.share:.0%} of what is reviewed), {done}{wrong}")
    if found.agreement is not None:
        typer.echo(found.agreement.sentence)


def _note(
    card: str, found: "ReviewResult", readiness: "Readiness | None", *, at: "datetime", student_version: str | None
) -> None:
    """Write the share on the judge card, or say why it stays as it is."""
    from drift_core.judge_card.file import note_review
    from drift_core.measured import Measured

    if readiness is None or not readiness.is_complete or not isinstance(found.wrong, Measured):
        why = "a spot check says nothing of the student" if readiness is None else "the review is not complete"
        typer.echo(f"The card stays as it is: {why}.", err=True)
        return
    note_review(card, at=at, wrong=found.wrong, student_version=student_version)
    typer.echo(f"Noted in {card}.", err=True)


def result_document(opened: "Review", found: "ReviewResult", readiness: "Readiness | None") -> dict[str, object]:
    """The result as JSON has it."""
    from dataclasses import asdict

    shadow, agreement = opened.draw.shadow, found.agreement
    return {
        "schema": 1,
        "name": opened.draw.name,
        "digest": opened.draw.digest,
        "settings": asdict(opened.draw.settings),
        "shadow": None if shadow is None else {"start": str(shadow.start), "end": str(shadow.end)},
        "sentence": found.sentence,
        "readiness": None if readiness is None else asdict(readiness),
        **asdict(found),
        "wrong": found.wrong.to_json(),
        "rights": {right: share.to_json() for right, share in found.rights.items()},
        "regions": [asdict(each) | {"wrong": each.wrong.to_json()} for each in found.regions],
        "agreement": agreement
        and asdict(agreement) | {"same": agreement.same.to_json(), "gwet": agreement.gwet.to_json()},
    }
