"""The command ``history merge``: what two writers recorded apart, in one history."""

from typing import Annotated

import typer

from drift_core.commands.options import HistoryPlace as Place
from drift_core.wording import counted


def merge(
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The history to take them from; it is only read.")],
    place: Place,
    card: Annotated[
        str | None, typer.Option(metavar="FILE", help="Judge card whose last canary is mended where these change it.")
    ] = None,
) -> None:
    """Add the runs and decisions of another history that this one lacks, such as after two people recorded a week.

    A run that both have is one record. Whether a run counts is what was decided last in either.
    """
    from drift_core.canary.withdrawals import active_runs, find_withdrawals
    from drift_core.gate.last_canary import is_of_another, mend_last_canary, update_last_canary
    from drift_core.history.history import open_history
    from drift_core.judge_card.file import read_card

    held = None if card is None else read_card(card)  # what would fail after the merge fails now
    with open_history(other, is_read_only=True) as taken, open_history(place, is_created=False) as kept:
        merged, theirs = kept.merge(taken), {run.key for run in taken.runs()}
        runs, decisions = kept.runs(), kept.decisions()
    added = [each for each in merged if each.is_new]
    typer.echo(f"Added {counted(len(added), 'run', 'runs')} of {taken.shown} to {kept.shown}.")
    strangers = [is_of_another(held, each.run) for each in added] if held else []
    for note in dict.fromkeys((*(note for each in merged for note in each.notes), *filter(None, strangers))):
        typer.echo(f"Note: {note}")
    if card is None:
        return
    left, apart = active_runs(runs, decisions), [each.run for each in find_withdrawals(runs, decisions)]
    for run in (each for each in apart if each.key in theirs):
        mend_last_canary(card, run, left, withdrawn=apart)
    for run in (each for each in left if each.key in theirs | {each.run.key for each in added}):
        update_last_canary(card, run)
