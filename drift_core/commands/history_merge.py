"""The command ``history merge``: what two writers recorded apart, in one history."""

from typing import Annotated

import typer

from drift_core.commands.options import HistoryPlace as Place
from drift_core.wording import counted


def merge(
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The history to take them from; it is only read.")],
    place: Place,
    card: Annotated[
        str | None, typer.Option(metavar="FILE", help="Judge card to note the newest of the added runs in.")
    ] = None,
) -> None:
    """Add the runs and decisions of another history that this one lacks, such as after two people recorded a week.

    A run that both have is one record. Whether a run counts is what was decided last in either.
    """
    from drift_core.canary.run import in_time
    from drift_core.canary.withdrawals import withdrawals_in_force
    from drift_core.gate.last_canary import is_of_another, mend_last_canary, update_last_canary
    from drift_core.history.history import open_history
    from drift_core.judge_card.file import read_card

    held = None if card is None else read_card(card)  # what would fail after the merge fails now
    with open_history(other, is_read_only=True) as taken, open_history(place, is_created=False) as kept:
        before = kept.decisions()
        added = kept.merge(taken)
        runs, decisions = kept.runs(), kept.decisions()
    told = [counted(len(added), "run", "runs"), counted(len(decisions) - len(before), "decision", "decisions")]
    typer.echo(f"Added {' and '.join(told)} of {taken.shown} to {kept.shown}.")
    strangers = [is_of_another(held, each.run) for each in added] if held else []
    for note in dict.fromkeys((*(note for each in added for note in each.notes), *filter(None, strangers))):
        typer.echo(f"Note: {note}")
    if card is None:
        return
    out = withdrawals_in_force(decisions).keys()
    counting, apart = [run for run in runs if run.key not in out], [run for run in runs if run.key in out]
    for run in sorted((each.run for each in added if each.run.key not in out), key=in_time):
        update_last_canary(card, run)
    for run in runs:  # taken back or restored by a decision that came along
        if run.key in out ^ withdrawals_in_force(before).keys():
            mend_last_canary(card, run, counting, withdrawn=apart)
