"""The commands ``history list``, ``explain``, ``import``, ``export`` and ``accept``."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from drift_core.measures.estimate import Measurement
    from drift_core.treatment.canary.assessment import WeekAssessment

Place = Annotated[
    str,
    typer.Option("--history", metavar="PLACE", help="SQLite file, or postgresql://USER@HOST/DATABASE."),
]

history = typer.Typer(
    name="history",
    help="Read and write the history of canary runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@history.command("list")
def list_(place: Place) -> None:
    """List the runs with their outcome, quiet, alarm or gap, oldest first."""
    from drift_core.samples.wording import counted
    from drift_core.treatment.canary.alarm import assess
    from drift_core.treatment.canary.history import open_history

    with open_history(place, is_created=False) as kept:
        weeks = assess(kept.runs(), kept.decisions())
    typer.echo(f"{'at':<10}  outcome  {'agreement':<23}  {'overlap':<23}  {'pairs':>6}  teacher, student, cause")
    for week in weeks:
        typer.echo(_line(week))
    typer.echo(f"{counted(len(weeks), 'run', 'runs')} in {kept.shown}")


@history.command("import")
def import_(
    path: Annotated[str, typer.Argument(metavar="FILE", help="CSV with one week a row; the README lists the columns.")],
    place: Place,
) -> None:
    """Record past weeks from a CSV file, all or none of them."""
    from drift_core.samples.wording import counted
    from drift_core.treatment.canary.exchange import import_csv
    from drift_core.treatment.canary.place import find_place

    shown = find_place(place).shown
    done = import_csv(path, place)
    typer.echo(f"Imported {counted(done.n_new, 'run', 'runs')} into {shown}; {done.n_known:,} known already.")
    if done.unused:
        typer.echo(f"Columns not used: {', '.join(done.unused)}.")
    for note in done.notes:
        typer.echo(f"Note: {note}")


@history.command("export")
def export(
    path: Annotated[str, typer.Argument(metavar="FILE", help="CSV to write; import reads it back without loss.")],
    place: Place,
) -> None:
    """Write all runs to a CSV file; decisions stay in the history."""
    from drift_core.treatment.canary.exchange import export_csv
    from drift_core.treatment.canary.history import open_history
    from drift_core.treatment.export import check_place, replace_file

    check_place(path)
    with open_history(place, is_created=False) as kept:
        content = export_csv(kept)
    typer.echo(f"Wrote {replace_file(path, content)}")


@history.command("explain")
def explain(place: Place) -> None:
    """Say of the newest alarm since when, where and beside what; and what the textbook's rule would have done."""
    from drift_core.treatment.canary.alarm import assess
    from drift_core.treatment.canary.events import find_events
    from drift_core.treatment.canary.explanation import explain_alarm
    from drift_core.treatment.canary.history import open_history
    from drift_core.treatment.canary.strict import strict_reading

    with open_history(place, is_created=False) as kept:
        runs, decisions = kept.runs(with_regions=True), kept.decisions()
    weeks = assess(runs, decisions)
    found = explain_alarm(weeks, decisions)
    if found is None:
        typer.echo("No week alarms, so there is nothing to explain.")
    else:
        typer.echo(f"Newest alarm {found.week.run.at:%Y-%m-%d}: {' '.join(found.week.reasons)}")
        if found.change is not None:
            typer.echo(found.sentence)
    for move in found.regions if found else ():
        before = "new" if move.before is None else f"held-out {move.before:.2f}"
        typer.echo(f"- {move.name} ({move.partition}): {move.now:.2f}, {before}, {move.share:.0%} of the pairs")
    for event in find_events(runs, decisions):
        typer.echo(f"{event.at:%Y-%m-%d}  {event.label}")
    typer.echo(strict_reading(weeks).sentence)


@history.command("accept")
def accept(
    place: Place,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who accepts it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    student_version: Annotated[
        str | None,
        typer.Option(
            "--student-version", metavar="V", help="Whose newest run; needed where there are several students."
        ),
    ] = None,
) -> None:
    """Take a student's newest agreement as its new baseline; name and reason are kept in the history."""
    from datetime import UTC, datetime

    from drift_core.treatment.canary.accepting import accept_level
    from drift_core.treatment.canary.history import open_history

    with open_history(place, is_created=False) as kept:
        run = accept_level(kept, by=by, reason=reason, at=datetime.now(UTC), student_version=student_version)
    shown = _shown(run.agreement)
    typer.echo(f"Agreement {shown} of {run.at:%Y-%m-%d} is the baseline from that week on, accepted by {by}.")


def _line(week: "WeekAssessment") -> str:
    run = week.run
    who = ", ".join(each for each in (run.teacher_revision, run.student_version, run.cause) if each)
    figures = f"{_shown(run.agreement):<23}  {_shown(run.overlap):<23}"
    return f"{run.at:%Y-%m-%d}  {week.status:<7}  {figures}  {run.n_pairs:>6,}  {who}"


def _shown(figure: "Measurement") -> str:
    from drift_core.measures.estimate import Measured

    if not isinstance(figure, Measured):
        return "not measured"
    return f"{figure.estimate:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
