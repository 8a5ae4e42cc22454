"""Progress of long work on stderr: a bar on a terminal, else a plain line every half minute."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from drift_core.commands.guarded_output import own

if TYPE_CHECKING:
    from drift_core.diagnosis.diagnose import Progress
    from drift_core.rescoring.progress import Report, RescoreProgress

SECONDS_BETWEEN = 30.0
Clock = Callable[[], float]


class PlainLines:
    """Tells the first line at once where there is one, and of those that follow one every `SECONDS_BETWEEN` at most."""

    def __init__(self, first: str, clock: Clock) -> None:
        self._clock = clock
        self._told_at = clock()
        self._lock = threading.Lock()
        if first:
            typer.echo(first, err=True)

    @property
    def due_in(self) -> float:
        """Seconds until the next line may be told."""
        return self._told_at + SECONDS_BETWEEN - self._clock()

    def tell(self, line: str) -> None:
        with self._lock:
            if self.due_in <= 0:
                self._told_at = self._clock()
                typer.echo(line, err=True)


@contextmanager
def progress_bar() -> "Iterator[Progress]":
    """Show one bar a stage on stderr while the block runs; a line every half minute when stderr is no terminal."""
    if not sys.stderr.isatty():
        with plain_progress() as tell:
            yield tell
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(file=own(sys.stderr)), transient=True) as bars:
        tasks: dict[str, object] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage.capitalize(), total=total)
            bars.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]  # an id of rich's own

        yield report


@contextmanager
def stage_progress(first: str, *, clock: Clock = time.monotonic) -> "Iterator[Progress]":
    """Show how far each stage of the work is while the block runs.

    Parameters
    ----------
    first
        What is being done, for where there is no terminal.
    """
    with progress_bar() if sys.stderr.isatty() else plain_progress(first, clock=clock) as report:
        yield report


@contextmanager
def plain_progress(first: str = "", *, clock: Clock = time.monotonic) -> "Iterator[Progress]":
    """Tell in a line every half minute how far the work is, also while a stage says nothing for long."""
    lines, started, ended = PlainLines(first, clock), clock(), threading.Event()
    begun: dict[str, tuple[float, int]] = {}
    newest = ["Working"]

    def tell(stage: str, done: int, total: int) -> None:
        since, before = begun.setdefault(stage, (clock(), done))
        newest[0] = f"{stage.capitalize()}: {done:,} of {total:,}"
        lines.tell(f"{newest[0]}.{_left(clock() - since, done - before, total - done)}")

    def repeat() -> None:
        from drift_core.rescoring.progress import time_in_words

        while not ended.wait(max(0.1, lines.due_in)):
            lines.tell(f"{newest[0]}, {time_in_words(clock() - started)} so far.")

    beside = threading.Thread(target=repeat, daemon=True)
    beside.start()
    try:
        yield tell
    finally:
        ended.set()
        beside.join()


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
