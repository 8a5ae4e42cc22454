"""The budget of regions holds whatever is born, and a small new topic that errs is seen in its first weeks."""

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from tests.calibration.alarms import WEEKS
from tests.calibration.measured import MeasuredTables
from tests.calibration.rates import fewest, most
from tests.calibration.regional_alarms import (
    NEW_TOPIC_HEAD,
    STABLE_HEAD,
    Cell,
    judge,
    new_topic_cells,
    new_topic_row,
    stable_cells,
    stable_row,
)

FIRST_SEED = 47_000
N_YEARS, N_DRAWS = 20, 100


def test_new_topics_as_good_as_the_rest_rarely_alarm() -> None:
    years = [judge(Cell(agreement=0.95, answers="labels", is_restless=True), FIRST_SEED + each) for each in range(4)]

    # At a budget of 5 % more than 2 of 4 years alarm once in 2,000 runs.
    assert sum(each.first <= WEEKS for each in years) <= 2


def test_a_small_new_topic_that_errs_is_seen_within_three_weeks() -> None:
    cell = new_topic_cells()[0]
    seen = [judge(cell, seed).first <= 3 for seed in range(FIRST_SEED, FIRST_SEED + 20)]

    # Of 20, fewer than 15 are less than one in 400 at 95 %.
    assert sum(seen) >= 15


@pytest.mark.slow
@pytest.mark.parametrize("cell", stable_cells(), ids=str)
def test_the_budget_holds_with_regions(cell: Cell, tables: MeasuredTables) -> None:
    years = [judge(cell, seed) for seed in range(FIRST_SEED, FIRST_SEED + N_YEARS)]
    how = f"{N_YEARS} years a row, seeds from {FIRST_SEED}"
    tables.add("stable years with regions", STABLE_HEAD, stable_row(cell, years), n_rows=len(stable_cells()), how=how)

    assert sum(each.first <= WEEKS for each in years) <= most(N_YEARS, Rule().alarm_budget)


@pytest.mark.slow
@pytest.mark.parametrize("cell", new_topic_cells(), ids=str)
def test_how_soon_a_new_topic_that_errs_is_seen(cell: Cell, tables: MeasuredTables) -> None:
    years = [judge(cell, seed) for seed in range(FIRST_SEED, FIRST_SEED + N_DRAWS)]
    how = f"{N_DRAWS} draws a row, seeds from {FIRST_SEED}"
    tables.add("new topics", NEW_TOPIC_HEAD, new_topic_row(cell, years), n_rows=len(new_topic_cells()), how=how)

    if cell.docs == 1:
        assert sum(each.first <= 3 for each in years) >= fewest(N_DRAWS, 0.9)
    if cell.answers == "labels" and cell.docs == 1:
        assert np.median([each.first for each in years]) == 1
