"""Progress of long work on stderr: a bar on a terminal, else a plain line at its start and one every half minute."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from drift_core.commands.diagnosis_in_words import progress_bar
from drift_core.commands.guarded_output import own

if TYPE_CHECKING:
    from drift_core.diagnosis.diagnose import Progress
    from drift_core.rescoring.progress import Report, RescoreProgress

SECONDS_BETWEEN = 30.0
Clock = Callable[[], float]


class PlainLines:
    """Tells the first line at once, and of those that follow at most one every `SECONDS_BETWEEN`."""

    def __init__(self, first: str, clock: Clock) -> None:
        self._clock = clock
        self._told_at = clock()
        typer.echo(first, err=True)

    def tell(self, line: str) -> None:
        now = self._clock()
        if now - self._told_at >= SECONDS_BETWEEN:
            self._told_at = now
            typer.echo(line, err=True)


@contextmanager
def stage_progress(first: str, *, clock: Clock = time.monotonic) -> "Iterator[Progress]":
    """Show how far each stage of the work is while the block runs.

    Parameters
    ----------
    first
        What is being done, for where there is no terminal.
    """
    if sys.stderr.isatty():
        with progress_bar() as report:
            yield report
        return
    lines = PlainLines(first, clock)
    begun: dict[str, tuple[float, int]] = {}

    def tell(stage: str, done: int, total: int) -> None:
        since, before = begun.setdefault(stage, (clock(), done))
        lines.tell(f"{stage.capitalize()}: {done:,} of {total:,}.{_left(clock() - since, done - before, total - done)}")

    yield tell


@contextmanager
def rescoring_progress(model: str, address: str, n_pairs: int, *, clock: Clock = time.monotonic) -> "Iterator[Report]":
    """Show how far a re-scoring is, with time and cost left, while the block runs."""
    if not sys.stderr.isatty():
        begun: list[PlainLines] = []

        def tell(now: "RescoreProgress") -> None:
            if begun:
                begun[0].tell(now.sentence)
            else:  # only the ledger tells what is left to ask
                begun.append(PlainLines(f"Re-scoring with {model}: {now.done_and_left}, at {address}.", clock))

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(
        BarColumn(bar_width=24), TextColumn("{task.description}"), console=Console(file=own(sys.stderr)), transient=True
    ) as bars:
        task = bars.add_task("", total=n_pairs)
        yield lambda now: bars.update(task, completed=now.n_done, description=now.sentence)


def _left(seconds: float, n_done: int, n_left: int) -> str:
    """Time left at the pace so far; empty before there is one."""
    from drift_core.rescoring.progress import time_in_words

    return f" About {time_in_words(seconds * n_left / n_done)} left." if n_done > 0 and n_left else ""
