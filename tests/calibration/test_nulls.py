"""The false discovery rate over regions holds where nothing is planted."""

from datetime import UTC, datetime

import pytest

from drift_core.agreement.rule import Rule
from tests.calibration.measured import MeasuredTables
from tests.calibration.nulls import any_flagged, as_markdown, draw_nulls
from tests.calibration.rates import most
from tests.sweeps import sweep

FIRST_SEED = 20_000  # apart from the seeds that the method was made with
N_SLOW = 1000


# 6 draws, each with a flag at a rate of 5 %, show more than 3 at most once in 1,000 runs; 1,000 draws more than 73.
@pytest.mark.parametrize("n_draws", sweep((6, N_SLOW), 6))
def test_regions_are_rarely_flagged_when_nothing_is_planted(n_draws: int, tables: MeasuredTables) -> None:
    draws = draw_nulls(n_draws, first_seed=FIRST_SEED)
    if n_draws == N_SLOW:
        tables.put("nothing planted", as_markdown(draws, on=datetime.now(UTC).date()))

    assert any_flagged(draws).count <= most(n_draws, Rule().alpha)
