"""The commands ``history list``, ``explain``, ``import``, ``export``, ``accept``, ``withdraw`` and ``restore``.

Those of named regions are in `history_regions`, ``merge`` is in `history_merge`.
"""

from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.commands import history_merge, history_regions, options
from drift_core.commands.history_in_words import entropy_lines, history_lines
from drift_core.errors import SettingError
from drift_core.installation import need_extra
from drift_core.wording import counted, one_line

if TYPE_CHECKING:
    from drift_core.canary.assessment import WeekAssessment
    from drift_core.canary.events import Event
    from drift_core.canary.explanation import Explanation
    from drift_core.canary.run import CanaryRun
    from drift_core.canary.textbook_rule import TextbookAlarms
    from drift_core.history.history import History

N_REGIONS = 8  # that are told in words

Place = options.HistoryPlace
Run = Annotated[
    str, typer.Argument(metavar="RUN", help="Its day, or the beginning of its key, as `history list` shows them.")
]
Card = Annotated[
    str | None,
    typer.Option("--card", metavar="FILE", help="Judge card whose last canary is mended where this run changes it."),
]

history = typer.Typer(
    name="history",
    help="Read and write the history of canary runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
for each in (history_merge.merge, history_regions.name, history_regions.rename, history_regions.forget):
    history.command()(each)


@history.command("list")
def list_(place: Place) -> None:
    """List the runs with their outcome (quiet, alarm, gap, withdrawn) and the beginning of their key, oldest first."""
    from drift_core.canary.alarm import assess
    from drift_core.canary.withdrawals import find_withdrawals
    from drift_core.history.history import open_history

    with open_history(place, is_created=False) as kept:
        runs, decisions = kept.runs(with_regions=True), kept.decisions()
    weeks = assess(runs, decisions)
    typer.echo("\n".join(history_lines(weeks, find_withdrawals(runs, decisions), shown=kept.shown)))
    typer.echo("".join(f"{line}\n" for line in entropy_lines(weeks)), nl=False)


@history.command("import")
def import_(
    path: Annotated[str, typer.Argument(metavar="FILE", help="CSV with a week a row, as docs/history.md says.")],
    place: Place,
) -> None:
    """Record past weeks from a CSV file, all or none of them.

    A week that the file says was withdrawn is recorded as withdrawn: it counts only once somebody restores it.
    """
    from drift_core.history.csv_exchange import import_csv
    from drift_core.history.database import find_place

    shown = find_place(place).shown
    done = import_csv(path, place)
    apart = counted(done.n_withdrawn, "of the new ones is", "of the new ones are")
    marked = f" {apart} withdrawn and counted only once restored." if done.n_withdrawn else ""
    typer.echo(f"Imported {counted(done.n_new, 'run', 'runs')} into {shown}; {done.n_known:,} known already.{marked}")
    if done.unused:
        typer.echo(f"Columns not used: {', '.join(done.unused)}.")
    for note in done.notes:
        typer.echo(f"Note: {note}")


@history.command("export")
def export(
    place: Place,
    path: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="CSV to write; import reads it back without loss.", show_default=False),
    ] = None,
    mlflow: Annotated[
        str | None,
        typer.Option(
            metavar="URI",
            help="Write each week as a run of MLflow at the address of its server; repeated, it adds what is new. "
            "Credentials come from the environment.",
        ),
    ] = None,
    experiment: Annotated[
        str, typer.Option(metavar="NAME", help="The experiment in MLflow; made where there is none.")
    ] = "distillation-drift",
) -> None:
    """Write all runs to a CSV file, or to MLflow.

    Withdrawn runs are written too, with columns that say when, by whom and why; import withdraws them again. Other
    decisions stay in the history.
    """
    from drift_core.history.csv_exchange import export_csv
    from drift_core.history.history import open_history
    from drift_core.tables.writing import check_place, replace_file

    if path is None and mlflow is None:
        raise SettingError("There is nothing to write to. Name a CSV file, or an MLflow with --mlflow.")
    if mlflow is not None:
        need_extra("mlflow", "An export to MLflow")
    if path is not None:
        check_place(path)
    with open_history(place, is_created=False) as kept:
        if path is not None:
            typer.echo(f"Wrote {replace_file(path, export_csv(kept))}")
        if mlflow is not None:
            _export_to_mlflow(kept, mlflow, experiment)


def _export_to_mlflow(kept: "History", place: str, experiment: str) -> None:
    from drift_core.history.mlflow_export import export_mlflow

    done = export_mlflow(kept, place, experiment=experiment)
    there = f", {counted(done.n_known, 'week', 'weeks')} there before" if done.n_known else ""
    typer.echo(f"Wrote {counted(done.n_new, 'week', 'weeks')} to the experiment {done.experiment} of MLflow{there}.")


@history.command("explain")
def explain(
    place: Place,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write it as JSON; - writes it to standard output.")
    ] = None,
) -> None:
    """Say of the newest alarm since when, where and beside what, and what every region's weeks say together."""
    options.check_places(json)
    from drift_core.canary.alarm import assess
    from drift_core.canary.events import find_events
    from drift_core.canary.explanation import explain_alarm
    from drift_core.canary.textbook_rule import textbook_alarms
    from drift_core.canary.week_json import explanation_to_json
    from drift_core.history.history import open_history

    with open_history(place, is_created=False) as kept:
        runs, decisions = kept.runs(with_regions=True), kept.decisions()
    weeks = assess(runs, decisions)
    found, events, strict = explain_alarm(weeks, decisions), find_events(runs, decisions), textbook_alarms(weeks)
    if json != "-":
        _tell(weeks, found, events, strict)
    options.write_json(explanation_to_json(weeks, found, events=events, strict=strict), json)


def _tell(
    weeks: "Sequence[WeekAssessment]", found: "Explanation | None", events: "Sequence[Event]", strict: "TextbookAlarms"
) -> None:
    from drift_core.canary.region_weeks import follow_regions

    if found is None:
        typer.echo("No week alarms, so there is nothing to explain.")
    else:
        typer.echo(f"Newest alarm {found.week.run.at:%Y-%m-%d}: {' '.join(found.reasons)}")
        if found.change is not None:
            typer.echo(" ".join(filter(None, (found.sentence, found.no_region))))
    for move in found.regions if found else ():
        alike = "" if move.is_place else "; not surely more than the rest"
        share = f"{move.share:.0%} of the pairs of these weeks"
        typer.echo(f"- {move.name} ({move.partition}): {move.told}, {share}{alike}")
    for event in events:
        typer.echo(f"{event.at:%Y-%m-%d}  {event.label}")
    regions = follow_regions(weeks, min_weeks=1)
    for region in regions[:N_REGIONS]:
        typer.echo(region.sentence)
    if len(regions) > N_REGIONS:
        typer.echo(f"And {counted(len(regions) - N_REGIONS, 'region', 'regions')} that lost less; --json - lists all.")
    typer.echo(strict.sentence)


@history.command("accept")
def accept(
    place: Place,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who accepts it.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why.")],
    student_version: Annotated[
        str | None, typer.Option(metavar="V", help="Whose newest run; needed where there are several students.")
    ] = None,
) -> None:
    """Take a student's newest agreement as its new baseline; name and reason are kept in the history."""
    from datetime import UTC, datetime

    from drift_core.history.accept import accept_level
    from drift_core.history.history import open_history

    with open_history(place, is_created=False) as kept:
        run = accept_level(kept, by=by, reason=reason, at=datetime.now(UTC), student_version=student_version)
    level = f"Agreement {run.agreement} of {run.at:%Y-%m-%d}"
    typer.echo(f"{level} is the baseline from that week on, accepted by {one_line(by)}.")


@history.command("withdraw")
def withdraw(
    run: Run,
    place: Place,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who withdraws it.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why.")],
    card: Card = None,
) -> None:
    """Take a wrong record back: it no longer alarms, moves a baseline or decides the gate.

    It stays in the history and its exports, marked with name and reason, until `history restore`.
    """
    from drift_core.history.history import open_history
    from drift_core.history.withdraw import find_withdrawal, withdraw_run

    _check_card(card)
    with open_history(place, is_created=False) as kept:
        known = find_withdrawal(kept, run) if card is not None else None
        taken = known or withdraw_run(kept, run, by=by, reason=reason)
        left, apart = _active_and_withdrawn(kept)
        where = quote(kept.shown)
    typer.echo(f"{taken.sentence} It is withdrawn already." if known else taken.sentence)
    newest = f"the newest of {left[-1].at:%Y-%m-%d}" if left else "record a week"
    typer.echo(f"{counted(len(left), 'record counts', 'records count')} now; {newest}.")
    typer.echo(f"To count it again: {taken.how_to_restore.replace('PLACE', where)}")
    if card is not None:
        typer.echo(_mended(card, taken.run, left, apart))


@history.command("restore")
def restore(
    run: Run,
    place: Place,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who restores it.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why.")],
    card: Card = None,
) -> None:
    """Let a withdrawn record count again; name and reason are kept in the history."""
    from drift_core.history.history import open_history
    from drift_core.history.withdraw import choose_run, find_withdrawal, restore_run

    _check_card(card)
    with open_history(place, is_created=False) as kept:
        counts = card is not None and find_withdrawal(kept, run) is None
        found = choose_run(kept, run) if counts else restore_run(kept, run, by=by, reason=reason)
        left, apart = _active_and_withdrawn(kept)
    how = "already" if counts else f"again, restored by {one_line(by)}"
    typer.echo(f"The record of {found.at:%Y-%m-%d} counts {how}.")
    if card is not None:
        typer.echo(_mended(card, found, left, apart))


def _active_and_withdrawn(kept: "History") -> "tuple[Sequence[CanaryRun], Sequence[CanaryRun]]":
    """The runs that count, and the withdrawn ones."""
    from drift_core.canary.withdrawals import active_runs, find_withdrawals

    runs, decisions = kept.runs(), kept.decisions()
    return active_runs(runs, decisions), [each.run for each in find_withdrawals(runs, decisions)]


def _mended(card: str, run: "CanaryRun", left: "Sequence[CanaryRun]", withdrawn: "Sequence[CanaryRun]") -> str:
    """Mend the last canary of a card, and say which it is now."""
    from drift_core.gate.last_canary import mend_last_canary
    from drift_core.judge_card.file import read_card

    mend_last_canary(card, run, left, withdrawn=withdrawn)
    at = read_card(card).canary.last.at
    return f"The judge card {card} has {f'the run of {at[:10]}' if at else 'no run'} as its last canary."


def _check_card(card: str | None) -> None:
    """A card that cannot be read is said before anything is decided."""
    if card is not None:
        from drift_core.judge_card.file import read_card

        read_card(card)
