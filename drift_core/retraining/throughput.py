"""How many pairs a student scores a second while its calls stay within a latency budget."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from drift_core.errors import SettingError, StudentError
from drift_core.measured import Measured, Measurement
from drift_core.operations.quantile import quantile
from drift_core.regions.encoding import Progress
from drift_core.regions.model_folder import LOADING_ERRORS
from drift_core.retraining.student import Student
from drift_core.tables.paths import reason_of

CONFIDENCE = 0.95
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
WARM_UP = 3  # calls of each size that are not counted; the first ones allocate memory
MOST_CALLS = 400  # of a size: limits of P99 need 368
MOST_SECONDS = 10.0  # of a size (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedBatch:
    """Calls of one batch size, one after another.

    Attributes
    ----------
    batch_size, n_calls
        Pairs a call, and calls that were timed.
    pairs_per_second
        Over all of them.
    p50, p95, p99
        Milliseconds of a call.
    slowest
        Milliseconds of the slowest.
    """

    batch_size: int
    n_calls: int
    pairs_per_second: float
    p50: Measurement
    p95: Measurement
    p99: Measurement
    slowest: float

    def is_within(self, budget_ms: float) -> bool:
        """Whether P95 is surely within a budget; where calls are too few for P95, whether every call was."""
        return (self.p95.high if isinstance(self.p95, Measured) else self.slowest) <= budget_ms

    def to_json(self) -> dict[str, object]:
        return {
            "batch_size": self.batch_size,
            "n_calls": self.n_calls,
            "pairs_per_second": self.pairs_per_second,
            **{name: getattr(self, name).to_json() for name in ("p50", "p95", "p99")},
            "slowest": self.slowest,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What a student manages within a latency budget on this machine, one call at a time.

    Attributes
    ----------
    budget_ms
        Milliseconds that 95 of 100 calls may take at most.
    tried
        Batch sizes from small to large, up to the first beyond the budget.
    device
        What it ran on.
    """

    budget_ms: float
    tried: tuple[TimedBatch, ...]
    device: str

    @property
    def best(self) -> TimedBatch | None:
        """The batch size with the most pairs a second within the budget; None where even the smallest is beyond."""
        within = [each for each in self.tried if each.is_within(self.budget_ms)]
        return max(within, key=lambda each: each.pairs_per_second, default=None)

    @property
    def sentence(self) -> str:
        """The throughput in words."""
        budget = f"{self.budget_ms:g} ms a call on {self.device}"
        best = self.best
        if best is None:
            first = self.tried[0]
            return (
                f"Not within {budget}: calls of {first.batch_size} pair take {_milliseconds(first.p50)} in the median, "
                f"and the slowest of {first.n_calls:,} took {first.slowest:,.3g} ms."
            )
        quantiles = ", ".join(f"{name.upper()} {_milliseconds(getattr(best, name))}" for name in ("p50", "p95", "p99"))
        pairs = "1 pair" if best.batch_size == 1 else f"{best.batch_size} pairs"
        return (
            f"{best.pairs_per_second:,.0f} pairs a second within {budget}, in calls of {pairs}; "
            f"{quantiles}, of {best.n_calls:,} calls."
        )

    def to_json(self) -> dict[str, object]:
        return {
            "sentence": self.sentence,
            "latency_budget_ms": self.budget_ms,
            "device": self.device,
            "best": None if self.best is None else self.best.to_json(),
            "tried": [each.to_json() for each in self.tried],
        }


def _milliseconds(figure: Measurement) -> str:
    return f"{figure.estimate:,.3g} ms" if isinstance(figure, Measured) else "of too few calls"


def timed_batch(batch_size: int, seconds: Sequence[float]) -> TimedBatch:
    """Sum up how long calls of one size took, in the order in which they were made.

    Examples
    --------
    >>> timed_batch(4, [0.02] * 100).pairs_per_second
    200.0
    """
    values = np.asarray(seconds, dtype=np.float64) * 1000
    levels = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return TimedBatch(
        batch_size=batch_size,
        n_calls=len(values),
        pairs_per_second=float(round(batch_size * len(values) / (values.sum() / 1000), 6)),
        slowest=float(values.max()),
        **{name: quantile(values, level, confidence=CONFIDENCE) for name, level in levels.items()},
    )


def measure_throughput(
    student: Student,
    query: Sequence[str] | np.ndarray,
    doc: Sequence[str] | np.ndarray,
    *,
    budget_ms: float,
    clock: Callable[[], float] = time.perf_counter,
    progress: Progress | None = None,
) -> Throughput:
    """Time a student's calls at growing batch sizes, until one is beyond the budget or no longer gains.

    Parameters
    ----------
    query, doc
        Texts, shape (n,), scored in turn from the first; call them in the order in which traffic comes.
    budget_ms
        Milliseconds that 95 of 100 calls may take at most, above 0.
    clock
        Seconds that only rise.
    progress
        Called as ``progress("timing", done, total)`` with counts of batch sizes.

    Raises
    ------
    SettingError
        When the budget is not above 0, or there are no pairs.
    StudentError
        When it cannot score one pair; a larger batch that fails ends the search.

    Notes
    -----
    Calls follow each other, so the time that a call waits for others is not in it. Limits of the quantiles take calls
    for independent; on a busy machine they are not.
    """
    check_budget(budget_ms)
    pairs = list(zip(query, doc, strict=True))
    if not pairs:
        raise SettingError("There are no pairs to time. Give a file with pairs.")
    tried: list[TimedBatch] = []
    for place, size in enumerate(BATCH_SIZES):
        if progress:
            progress("timing", place, len(BATCH_SIZES))
        try:
            seconds = time_calls(_caller(student, size), _batches(pairs, size), clock=clock)
        except LOADING_ERRORS as error:
            if tried:  # a larger batch may not fit into memory
                break
            raise StudentError(f"The student {student.path} cannot score: {reason_of(error)}.") from error
        tried.append(timed_batch(size, seconds))
        if not tried[-1].is_within(budget_ms) or _gains_no_more(tried):
            break
    return Throughput(budget_ms=budget_ms, tried=tuple(tried), device=str(student.model.device))


def check_budget(budget_ms: float) -> None:
    """Raise a SettingError where a latency budget is no number of milliseconds above 0."""
    if not (budget_ms > 0 and np.isfinite(budget_ms)):
        raise SettingError(f"The latency budget must be a number of milliseconds above 0; found {budget_ms:g}.")


def time_calls(
    call: Callable[[Sequence[tuple[str, str]]], object],
    batches: Iterator[Sequence[tuple[str, str]]],
    *,
    clock: Callable[[], float],
) -> list[float]:
    """Seconds of each call, up to a number of calls and a total time; the first few are not counted."""
    for _ in range(WARM_UP):
        call(next(batches))
    seconds: list[float] = []
    while len(seconds) < MOST_CALLS and sum(seconds) < MOST_SECONDS:
        batch = next(batches)
        start = clock()
        call(batch)
        seconds.append(clock() - start)
    return seconds


def _gains_no_more(tried: Sequence[TimedBatch]) -> bool:
    """Whether two sizes in a row brought no more pairs a second than the best before."""
    best = max((each.pairs_per_second for each in tried[:-2]), default=0.0)
    return all(each.pairs_per_second < best for each in tried[-2:])


def _batches(pairs: Sequence[tuple[str, str]], size: int) -> Iterator[Sequence[tuple[str, str]]]:
    place = 0
    while True:
        yield [pairs[(place + i) % len(pairs)] for i in range(size)]
        place = (place + size) % len(pairs)


def _caller(student: Student, size: int) -> Callable[[Sequence[tuple[str, str]]], object]:
    return lambda batch: student.model.predict(list(batch), batch_size=size, show_progress_bar=False)
