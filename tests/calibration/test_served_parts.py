"""Parts of production that were served otherwise: how often what broke is named, and a part where nothing broke.

Which pairs broke is drawn for whole queries, apart from what they are about. Among them the student's scores are partly
exchanged.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from drift_core.diagnosis.diagnosis import Diagnosis
from tests.calibration.causes import spread_over
from tests.calibration.designs import draw_design
from tests.calibration.drifting_designs import DESIGNS
from tests.calibration.measured import MeasuredTables
from tests.calibration.messy_traffic import Sample
from tests.calibration.rates import fewest, most
from tests.calibration.worlds import SHORT, diagnose_world

FIRST_SEED, N_DRAWS = 90_000, 100
FALSE = 0.02
FIRST_DAY, N_DAYS = np.datetime64("2026-11-01"), 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is drawn (see `designs`), the shares of its arms and which broke, or the days, and how often it is found."""

    of: str = "nothing"
    arms: tuple[float, ...] = ()
    broken: tuple[int, ...] = ()
    days: tuple[int, int] = (0, 0)
    least: float = 0.6

    @property
    def is_broken(self) -> bool:
        return bool(self.broken) or self.days[1] > self.days[0]


PLANS = {
    "four arms, none broken": Plan(arms=(0.25,) * 4),
    "times, none broken": Plan(),
    "new topics alike, three arms": Plan(of="new topics alike", arms=(0.4, 0.3, 0.3)),
    "a revision, four arms": Plan(of="teacher, hard", arms=(0.25,) * 4),
    "one arm of a fifth": Plan(arms=(0.8, 0.2), broken=(1,)),
    "two of four arms": Plan(arms=(0.25,) * 4, broken=(1, 2)),
    "an arm of three quarters": Plan(arms=(0.25, 0.75), broken=(1,)),
    "since a day, half": Plan(days=(14, N_DAYS), least=0.5),
    "four days of four weeks": Plan(days=(10, 14), least=0.2),
}


def named_in(case: tuple[str, int]) -> tuple[str, str]:
    """What one draw of a plan led to: the cause, and the parts that are named, which are to be those that broke."""
    name, seed = case
    plan, rng = PLANS[name], np.random.default_rng(seed)
    heldout, production = draw_design(DESIGNS[plan.of], seed)
    queries = np.unique(production.table["query"].to_numpy().astype(str), return_inverse=True)[1]
    n_queries = int(queries.max()) + 1
    day = rng.integers(N_DAYS, size=n_queries)[queries]
    arm = rng.choice(len(plan.arms), size=n_queries, p=plan.arms)[queries] if plan.arms else np.full(len(queries), -1)
    inside = np.isin(arm, plan.broken) | ((day >= plan.days[0]) & (day < plan.days[1]))
    made = diagnose_world(heldout, _broken(production, inside, day, arm if plan.arms else None, rng))
    return SHORT[made.verdict.cause], _named(made)


def _broken(
    side: Sample, inside: np.ndarray, day: np.ndarray, arm: np.ndarray | None, rng: np.random.Generator
) -> Sample:
    table, rows = side.table.copy(), np.flatnonzero(inside)
    scores = table["student_score"].to_numpy(dtype=float).copy()
    scores[rows] = 0.25 * scores[rows] + 0.75 * scores[rng.permutation(rows)]
    table["student_score"], table["timestamp"] = scores, FIRST_DAY + day.astype("timedelta64[D]")
    if arm is not None:
        table["topic"] = pd.Series(arm).map(lambda each: f"arm {each}").to_numpy()  # a column that held-out lacks
    return replace(side, table=table)


def _named(made: Diagnosis) -> str:
    served = sorted(each.name for each in made.regions.drifted if each.is_served)
    return ", ".join(served) if made.part is None else made.part.name


def outcome(name: str, found: tuple[str, str]) -> str:
    """Whether what broke is named, another cause is, or neither; where nothing broke, whether no part is."""
    plan, (cause, named) = PLANS[name], found
    wanted = ", ".join(f"arm {each}" for each in plan.broken)
    if not plan.is_broken:
        return "a part" if named else "right"
    if plan.broken:
        is_right = bool(named) and set(named.split(", ")) <= set(wanted.split(", "))
    else:
        is_right = named.startswith(("since", "until")) or " to " in named
    is_right = is_right and (cause == "open" or named.startswith("since"))
    return "right" if is_right else "left open" if cause in ("open", "healthy") else "another cause"


@pytest.mark.parametrize("name", ["four arms, none broken", "an arm of three quarters"])
def test_a_broken_arm_is_named_and_none_where_none_broke(name: str) -> None:
    assert outcome(name, named_in((name, FIRST_SEED + 2))) == "right"


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_parts_that_broke_are_named_and_hardly_any_other(name: str, tables: MeasuredTables) -> None:
    cases = [(name, FIRST_SEED + each) for each in range(N_DRAWS)]
    counts = Counter(outcome(name, found) for found in spread_over(named_in, cases, n_processes=2))
    kinds = ("right", "left open", "another cause", "a part")
    how = f"seeds {FIRST_SEED} to {FIRST_SEED + N_DRAWS - 1}"
    head = ("what broke", "draws", "right", "left open", "another cause", "a part that did not break")
    tables.add(
        "served parts", head, (name, str(N_DRAWS), *(str(counts[each]) for each in kinds)), n_rows=len(PLANS), how=how
    )

    if PLANS[name].is_broken:
        assert counts["right"] >= fewest(N_DRAWS, PLANS[name].least)
    assert counts["a part"] <= most(N_DRAWS, FALSE)
