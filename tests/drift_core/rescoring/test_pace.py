import random

import pytest

from drift_core import SettingError
from drift_core.rescoring.pace import Pace


def test_waits_double_up_to_the_longest_with_full_jitter():
    pace, rng = Pace(first_wait_seconds=1, longest_wait_seconds=8), random.Random(1)

    drawn = {attempt: [pace.wait_seconds(attempt, rng) for _ in range(2000)] for attempt in (1, 2, 3, 4, 9, 5000)}

    for attempt, most in ((1, 1), (2, 2), (3, 4), (4, 8), (9, 8), (5000, 8)):
        assert 0.9 * most < max(drawn[attempt]) <= most
        assert 0 <= min(drawn[attempt]) < 0.1 * most
        assert sum(drawn[attempt]) / 2000 == pytest.approx(most / 2, rel=0.05)


@pytest.mark.parametrize(
    "more",
    [
        {"concurrency": 0},
        {"attempts": 0},
        {"timeout_seconds": 0},
        {"requests_per_minute": 0},
        {"first_wait_seconds": -1},
    ],
)
def test_numbers_out_of_range_are_refused(more):
    with pytest.raises(SettingError, match=f"{next(iter(more))} must be a number in"):
        Pace(**more)
