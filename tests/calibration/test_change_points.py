"""The interval of "since when" holds the week as often as it says, though the baseline is one week."""

import pytest

from tests.calibration.change_points import Cell, covered
from tests.calibration.measured import MeasuredTables
from tests.calibration.rates import Rate, fewest

N_DRAWS = 2000
FIRST_SEED = 30_000
CELLS = (
    Cell(),
    Cell(fall=0.15),
    Cell(fall=0.5),
    Cell(first=2),
    Cell(first=9),
    Cell(n_weeks=24, first=18),
    Cell(n_weeks=24, first=18, error=0.1),
    Cell(n_queries=10),
    Cell(fall=0.15, n_queries=10),
)


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_interval_covers_the_week_of_the_fall(cell: Cell, tables: MeasuredTables) -> None:
    hits, n = covered(cell, N_DRAWS, seed=FIRST_SEED)
    head, row = ("a fall", "the interval holds its first week"), (str(cell), str(Rate(count=hits, n=n)))
    tables.add("since when", head, row, n_rows=len(CELLS), how=f"{N_DRAWS:,} draws each, seed {FIRST_SEED}")

    assert hits >= fewest(n, 0.95)
