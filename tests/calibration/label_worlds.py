"""Judges that answer with labels in messy worlds: the traffic and the causes are those of the designs.

`python -m tests.calibration.label_worlds --draws 20` prints which causes are named, judge by judge.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.samples.score_kind import Kind, ScoreKind
from tests.calibration.causes import f1_of, spread_over
from tests.calibration.drifting_designs import DESIGNS
from tests.calibration.messy_traffic import Sample, World, draw_world
from tests.calibration.worlds import SHORT, diagnose_world

AT_SHIP = (0.03, 0.08)  # share of labels that differ, by draw (pattern)
DRIFTED = {"clear": (0.30, 0.40), "hard": (0.15, 0.30)}  # of drifted pairs
REVISED = {"clear": (0.10, 0.20), "hard": (0.05, 0.10)}  # of labels that another revision gives otherwise
UNLIKE = 0.3  # sd of the log rate between topics
QUIET = (
    *("nothing", "new topics alike", "shares turned round", "fewer docs", "repeated pairs", "small held-out"),
    *("small production", "few queries", "held-out fifty times", "held-out a fiftieth"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What a judge answers with, and how often it gives each answer."""

    kind: Kind
    labels: tuple[str, ...]
    shares: tuple[float, ...]

    def read(self, scores: np.ndarray, heldout: np.ndarray) -> np.ndarray:
        """Labels of scores, so common on held-out."""
        return np.searchsorted(np.quantile(heldout, np.cumsum(self.shares)[:-1]), scores)

    def other(self, given: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Another label; of grades a neighbour."""
        n = len(self.labels)
        if self.kind == "ordinal":
            step = np.where(given == 0, 1, np.where(given == n - 1, -1, rng.choice((-1, 1), len(given))))
            return given + step
        return (given + rng.integers(1, n, len(given))) % n


JUDGES: Mapping[str, Judge] = {
    "pass or fail": Judge(kind="binary", labels=("fail", "pass"), shares=(0.5, 0.5)),
    "few fail": Judge(kind="binary", labels=("fail", "pass"), shares=(0.1, 0.9)),
    "three classes": Judge(kind="nominal", labels=("a", "b", "c"), shares=(0.5, 0.3, 0.2)),
    "five grades": Judge(kind="ordinal", labels=("1", "2", "3", "4", "5"), shares=(0.1, 0.2, 0.3, 0.25, 0.15)),
}
# A teacher of two answers beside a student's probability; its worlds are those of scores.
ANSWERED: Mapping[str, Judge] = {
    "probability": Judge(kind="probability", labels=("fail", "pass"), shares=(0.5, 0.5)),
    "probability, few fail": Judge(kind="probability", labels=("fail", "pass"), shares=(0.1, 0.9)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One draw to diagnose."""

    judge: str
    design: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one draw gave."""

    draw: Draw
    named: str
    f1: float | None

    @property
    def is_right(self) -> bool:
        return self.named in DESIGNS[self.draw.design].right

    @property
    def is_wrong(self) -> bool:
        """Whether it is neither right nor left open."""
        return not self.is_right and self.named != "inconclusive"


def draw_labels(draw: Draw) -> tuple[Sample, Sample]:
    """Draw a design's traffic and answer it with labels; both sides' codes are numbers from 0."""
    rng = np.random.default_rng(draw.seed)
    world = DESIGNS[draw.design].world(rng)
    if draw.judge in ANSWERED:
        return _answered(ANSWERED[draw.judge], *draw_world(replace(world, levels=None), rng))
    judge, how = JUDGES[draw.judge], "hard" if ", hard" in draw.design else "clear"
    sides = draw_world(replace(world, revision=0.0, levels=None), rng)
    rates = rng.uniform(*AT_SHIP) * np.exp(UNLIKE * rng.normal(size=len(world.noise)))
    drifted = rng.uniform(*DRIFTED[how])
    revised = rng.uniform(*REVISED[how]) if world.revision else 0.0
    scores = sides[0].table["teacher_score"].to_numpy()
    labelled = []
    for side in sides:
        at_ship = judge.read(side.table["teacher_score"].to_numpy(), scores)
        is_off = _happens(np.where(side.drifted, drifted, rates[side.topic]), side, world, rng)
        table = side.table.assign(student_score=np.where(is_off, judge.other(at_ship, rng), at_ship))
        today = at_ship
        if side is sides[1] and revised:
            is_revised = _happens(np.full(len(at_ship), revised), side, world, rng)
            today = np.where(is_revised, judge.other(at_ship, rng), at_ship)
        table["teacher_score"] = today
        if "teacher_score_pinned" in table:
            table["teacher_score_pinned"] = at_ship
        labelled.append(replace(side, table=table))
    return labelled[0], labelled[1]


def _answered(judge: Judge, *sides: Sample) -> tuple[Sample, Sample]:
    """The teacher's scores, without ties, cut in two, and the student's as places among those of held-out."""
    known = [sides[0].table[name].to_numpy() for name in ("teacher_score", "student_score")]
    answered = []
    for side in sides:
        table = side.table.copy()
        for name in {"teacher_score", "teacher_score_pinned"} & set(table):
            given = table[name].to_numpy()
            table[name] = np.where(np.isnan(given), np.nan, judge.read(given, known[0]))
        table["student_score"] = np.searchsorted(np.sort(known[1]), table["student_score"]) / len(known[1])
        answered.append(replace(side, table=table))
    return answered[0], answered[1]


def _happens(rate: np.ndarray, side: Sample, world: World, rng: np.random.Generator) -> np.ndarray:
    """Whether something of this rate happens to each pair, alike within a query."""
    codes = np.unique(side.table["query_id"], return_inverse=True)[1]
    shared, own = rng.normal(size=codes.max() + 1), rng.normal(size=len(rate))
    return np.sqrt(world.alike) * shared[codes] + np.sqrt(1 - world.alike) * own < ndtri(rate)


def diagnose_labels(draw: Draw) -> tuple[Diagnosis, Sample]:
    judge, drawn = {**JUDGES, **ANSWERED}[draw.judge], draw_labels(draw)
    kind = ScoreKind(name=judge.kind, labels=judge.labels)
    return diagnose_world(*drawn, kind=kind), drawn[1]


def diagnose_draw(draw: Draw) -> Outcome:
    made, production = diagnose_labels(draw)
    return Outcome(draw=draw, named=made.verdict.cause, f1=f1_of(made.drifted, production.drifted[made.production.row]))


def outcome_row(outcomes: list[Outcome]) -> tuple[str, ...]:
    """Judge, design, draws, right, each cause named, and the F1 of the drifted pairs."""
    named = Counter(each.named for each in outcomes)
    f1 = [each.f1 for each in outcomes if each.f1 is not None]
    first = outcomes[0].draw
    counts = [str(sum(each.is_right for each in outcomes)), *(str(named[cause] or "") for cause in SHORT)]
    return (first.judge, first.design, str(len(outcomes)), *counts, f"{np.mean(f1):.2f}" if f1 else "")


def main(judges: Iterable[str], designs: Iterable[str], *, n: int, first_seed: int, n_processes: int) -> None:
    widths = (21, 24, 5, 5, *(8,) * len(SHORT), 4, 0)
    for row in [("judge", "design", "draws", "right", *SHORT.values(), "F1", "wrong")]:
        print("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)))
    for judge in judges:
        for design in designs:
            draws = [Draw(judge=judge, design=design, seed=seed) for seed in range(first_seed, first_seed + n)]
            outcomes = list(spread_over(diagnose_draw, draws, n_processes=n_processes))
            wrong = " ".join(f"{each.draw.seed}:{SHORT[each.named]}" for each in outcomes if each.is_wrong)
            row = (*outcome_row(outcomes), wrong)
            print("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--seed", type=int, default=90_000)
    parser.add_argument("--judge", action="append", choices=[*JUDGES, *ANSWERED])
    parser.add_argument("--design", action="append")
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    main(
        asked.judge or JUDGES,
        asked.design or [*QUIET, *(name for name in DESIGNS if ", clear" in name)],
        n=asked.draws,
        first_seed=asked.seed,
        n_processes=asked.processes,
    )
