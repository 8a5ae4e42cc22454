"""Diagnoses of random plans around every cause, spread over processes: what was planted and what was named.

`python -m tests.calibration.causes 20 20000` draws 20 of each kind from seed 20000 and prints the tables.
"""

import csv
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np

from drift_core.diagnosis.diagnose import diagnose
from tests.calibration.planted import DRIFT, NO_DRIFT, draw_plan, draw_planted

NEEDS_PINNED = ("revision",)  # without the pinned scores it cannot be told from no revision
QUERY_DRIFT = ("query", "cohort")  # kinds whose drifted pairs are to be found
THREADS = "OMP_NUM_THREADS"
Drawn, Result = TypeVar("Drawn"), TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How large the planted causes and the samples are, and whether pinned scores are there."""

    is_hard: bool
    with_pinned: bool

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in (*NO_DRIFT, *DRIFT) if self.with_pinned or kind not in NEEDS_PINNED)

    def __str__(self) -> str:
        return f"{'hard' if self.is_hard else 'clear'}, {'with' if self.with_pinned else 'without'} pinned scores"


SETTINGS = tuple(Setting(is_hard=hard, with_pinned=pinned) for hard, pinned in product((False, True), repeat=2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One plan to draw and diagnose."""

    kind: str
    setting: Setting
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one draw gave; `f1` of the drifted pairs is None where none are to be found."""

    kind: str
    is_hard: bool
    with_pinned: bool
    seed: int
    n_heldout: int
    n_production: int
    planted: str
    named: str
    f1: float | None

    @property
    def is_right(self) -> bool:
        return self.named == self.planted

    @property
    def is_inconclusive(self) -> bool:
        return self.named == "inconclusive"

    @property
    def is_neither(self) -> bool:
        return not (self.is_right or self.is_inconclusive)


def list_draws(n: int, *, first_seed: int, settings: Sequence[Setting] = SETTINGS) -> list[Draw]:
    """List n draws of each kind in each setting; the kinds share their seeds."""
    seeds = range(first_seed, first_seed + n)
    return [Draw(kind=kind, setting=s, seed=seed) for s in settings for kind in s.kinds for seed in seeds]


def diagnose_draws(draws: Sequence[Draw], *, n_processes: int) -> tuple[Outcome, ...]:
    return spread_over(diagnose_draw, draws, n_processes=n_processes)


def spread_over(
    diagnose_one: Callable[[Drawn], Result], draws: Sequence[Drawn], *, n_processes: int
) -> tuple[Result, ...]:
    """Diagnose all draws, in their order, each process on one thread."""
    if n_processes == 1:
        return tuple(map(diagnose_one, draws))
    with _one_thread_each(), get_context("spawn").Pool(n_processes) as pool:
        return tuple(pool.imap(diagnose_one, draws, chunksize=4))


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Set the number of threads that processes started from here take."""
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"
    try:
        yield
    finally:
        del os.environ[THREADS]
        os.environ.update({} if before is None else {THREADS: before})


def diagnose_draw(draw: Draw) -> Outcome:
    hard, pinned = draw.setting.is_hard, draw.setting.with_pinned
    drawn = draw_planted(draw_plan(draw.kind, is_hard=hard, with_pinned=pinned, seed=draw.seed), seed=draw.seed)
    made = diagnose(drawn.heldout, drawn.production, embeddings=drawn.embeddings, doc_embeddings=drawn.doc_embeddings)
    return Outcome(
        kind=draw.kind,
        is_hard=hard,
        with_pinned=pinned,
        seed=draw.seed,
        n_heldout=len(drawn.heldout),
        n_production=len(drawn.production),
        planted=drawn.cause,
        named=made.verdict.cause,
        f1=f1_of(made.drifted, drawn.drifted) if draw.kind in QUERY_DRIFT else None,
    )


def f1_of(found: np.ndarray, planted: np.ndarray) -> float | None:
    """F1 of pairs found against pairs planted, None when the sample holds none of the planted ones."""
    if not planted.any():
        return None
    return float(2 * (found & planted).sum() / (found.sum() + planted.sum()))


def write_outcomes(path: Path, outcomes: Sequence[Outcome]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Outcome)])
        writer.writeheader()
        writer.writerows(map(asdict, outcomes))


def main() -> None:
    """Print the tables for N draws a kind from FIRST_SEED, over PROCESSES (2); rows go to FILE when it is given."""
    from tests.calibration.cause_tables import as_markdown

    n, first_seed = int(sys.argv[1]), int(sys.argv[2])
    n_processes = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    outcomes = diagnose_draws(list_draws(n, first_seed=first_seed), n_processes=n_processes)
    print(as_markdown(outcomes, on=datetime.now(UTC).date()))
    if len(sys.argv) > 4:
        write_outcomes(Path(sys.argv[4]), outcomes)


if __name__ == "__main__":
    main()
