"""The command ``score``: pairs in, the same pairs with a student's score out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.commands import options
from drift_core.commands.column_option import roles_of
from drift_core.commands.progress import stage_progress
from drift_core.errors import SettingError
from drift_core.installation import need_extra

if TYPE_CHECKING:
    from drift_core.retraining.score_file import TextsOfFile
    from drift_core.retraining.student import Student


def score(
    pairs: Annotated[str, typer.Argument(metavar="PAIRS", help="File with the pairs: any table with query and doc.")],
    student: options.StudentFolder,
    out: Annotated[str, typer.Option(metavar="FILE", help="File to write, ending in .parquet, .csv or .jsonl.")],
    into: Annotated[
        str, typer.Option(metavar="NAME", help="Column for the scores; student_score_before for the one before.")
    ] = "student_score",
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=COLUMN", help="Which column holds the query or the doc. Repeatable."),
    ] = None,
    from_: options.Tool = None,
    teacher_score: options.TeacherScore = None,
    student_score: options.StudentScore = None,
    calibration: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="JSON of the command calibrate: adds the columns calibrated_score and, with a threshold, decision.",
        ),
    ] = None,
    batch_size: Annotated[int, typer.Option(metavar="N", min=1, help="Pairs a forward pass.")] = 32,
    device: options.Device = None,
    engine: options.EngineName = options.EngineChoice.LOCAL,
    actors: options.Actors = None,
    gpus: options.Gpus = 0.0,
    cache: Annotated[
        str | None, typer.Option(metavar="FILE", help="Where scores are kept; by default in your cache folder.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither look up nor keep scores.")] = False,
    latency_budget: Annotated[
        float | None,
        typer.Option(
            metavar="MS",
            help="Time the student's calls on these pairs: how many pairs a second it scores while 95 of 100 calls "
            "take no more milliseconds than this. Takes up to a minute and a half.",
        ),
    ] = None,
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write what the student takes and manages as JSON; - for stdout."),
    ] = None,
) -> None:
    """Score pairs with a student on this machine; a run that is killed goes on where it was.

    A student with several labels gives a probability for each, written as JSON. Every other column is written as it
    was read. A column of the same name is replaced.
    """
    need_extra("retrain", "A student on this machine")
    from drift_core.calibration.calibration_file import ADDED, read_calibration
    from drift_core.exports.adapter import as_pairs
    from drift_core.regions.cache import EmbeddingCache
    from drift_core.retraining.score_file import read_texts_of, table_writer
    from drift_core.retraining.scoring import default_score_cache_path, score_pairs
    from drift_core.retraining.student import load_student
    from drift_core.retraining.student_card import version_of
    from drift_core.retraining.throughput import check_budget
    from drift_core.samples.class_probabilities import written_chances

    options.check_places(out, json)
    where = options.engine_of(engine, actors, gpus)
    if latency_budget is not None:
        check_budget(latency_budget)
    write = table_writer(out)
    read = read_texts_of(
        pairs, chosen=roles_of(column), adapt=as_pairs(from_, scores=options.named(teacher_score, student_score))
    )
    for name in (into, *([] if calibration is None else ADDED)):
        read.check_column(name)
    made = None if calibration is None else read_calibration(calibration)
    if made is not None and into in ADDED:
        raise SettingError(f"--calibration writes the column {into!r}. Give another name with --into.")
    for note in [] if made is None else made.notes_on(version_of(student)):
        typer.echo(f"Note: {note}", err=True)
    kept = None if no_cache else EmbeddingCache(cache or default_score_cache_path())
    scorer = load_student(student, device=device, may_have_labels=True)
    if made is not None:
        made.check_takes(scorer.labels)
    with stage_progress(f"Scoring {len(read.query):,} pairs with {student}.") as progress:
        scores = score_pairs(
            scorer,
            read.query,
            read.doc,
            batch_size=batch_size,
            cache=kept,
            engine=where,
            folder=Path(out).parent,
            progress=progress,
        )
    table = read.with_scores(into, written_chances(scores, scorer.labels) if scorer.labels else scores)
    for name, values in made.columns(scores, scorer.labels).items() if made else ():
        table[name] = values
    write(read.marked(table, out), Path(out))
    for note in kept.notes if kept else ():
        typer.echo(f"Note: {note}", err=True)
    if json != "-":
        typer.echo(f"{len(scores):,} pairs scored by {student}.\nWrote {out}")
    _tell_performance(scorer, read, latency_budget, json)


def _tell_performance(student: "Student", read: "TextsOfFile", budget_ms: float | None, json: str | None) -> None:
    """Say what the student manages within a latency budget, where there is one, and the room that it takes."""
    from drift_core.retraining.footprint import footprint_of, performance_to_json
    from drift_core.retraining.throughput import measure_throughput

    throughput = None
    if budget_ms is not None:
        with stage_progress(f"Timing calls of {student.path}.") as progress:
            throughput = measure_throughput(student, read.query, read.doc, budget_ms=budget_ms, progress=progress)
    footprint = footprint_of(student)
    if json != "-":
        typer.echo("\n".join([*([] if throughput is None else [throughput.sentence]), footprint.sentence]))
    options.write_json(performance_to_json(student, footprint, throughput), json)
