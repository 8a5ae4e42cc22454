import random

import pytest

from drift_core.canary.sequential import WEEKS_A_YEAR
from drift_core.canary.spending import spend_on_births


@pytest.mark.parametrize("rate", [0.02, 0.2, 0.6, 1.0])
def test_no_year_spends_more_than_the_whole(rate):
    drawn = random.Random(7)
    shares = spend_on_births([drawn.random() < rate for _ in range(300)])

    assert max(sum(shares[start : start + WEEKS_A_YEAR]) for start in range(300 - WEEKS_A_YEAR)) <= 1 + 1e-9


@pytest.mark.parametrize("n_earlier", [1, 10, 40, 51])
def test_equal_parts_that_were_spent_before_leave_no_year_more_than_the_whole(n_earlier):
    shares = [1 / WEEKS_A_YEAR] * n_earlier + spend_on_births([True] * 104)[n_earlier:]

    assert max(sum(shares[start : start + WEEKS_A_YEAR]) for start in range(53)) <= 1 + 1e-9


def test_a_week_without_a_new_region_spends_nothing_and_takes_nothing():
    assert spend_on_births([False, False, True, False]) == [0.0, 0.0, *spend_on_births([True]), 0.0]
