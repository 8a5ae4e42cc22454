import numpy as np
import pandas as pd

from drift_core.regions.picking import Picked
from drift_core.report.first_seen import first_seen
from drift_core.samples.pairs import ScoredPairs


def sample(times):
    n = len(times)
    return ScoredPairs(
        name="s",
        query=np.array([f"q{i}" for i in range(n)], dtype=object),
        teacher=np.arange(n, dtype=float),
        student=np.arange(n, dtype=float),
        timestamp=None if times[0] is None else np.array(times, dtype="datetime64[us]"),
    )


HELDOUT = sample(["2025-09-01", "2025-09-02", "2025-09-03"])
DAYS = [f"2026-03-{day:02}" for day in range(1, 31)]
NONE_OF_HELDOUT = np.zeros(3, dtype=bool)


def picked(chosen, heldout=NONE_OF_HELDOUT):
    return Picked(heldout=heldout, production=np.array(chosen, dtype=bool))


def test_what_comes_up_late_is_seen_from_its_first_pairs_on_and_one_stray_pair_does_not_count():
    production = sample(DAYS * 10)
    late = np.tile(np.arange(30) >= 14, 10)
    late[0] = True

    assert first_seen(picked(late), HELDOUT, production) == pd.Timestamp("2026-03-15")


def test_what_is_there_all_the_time_has_no_first_day():
    production = sample(DAYS * 10)

    assert first_seen(picked(np.tile(np.arange(30) % 2 == 0, 10)), HELDOUT, production) is None
    assert first_seen(picked(np.arange(300) == 200), HELDOUT, production) is None
    assert first_seen(picked(np.ones(300)), HELDOUT, production) is None
    assert (
        first_seen(picked(np.tile(np.arange(30) >= 14, 10), heldout=~NONE_OF_HELDOUT), HELDOUT, production) is not None
    )


def test_without_all_times_nothing_is_known():
    assert first_seen(picked([True]), sample([None] * 3), sample([None])) is None
    assert first_seen(picked([True, True]), HELDOUT, sample(["2026-03-01", "NaT"])) is None
    assert first_seen(picked([False, False]), HELDOUT, sample(DAYS[:2])) is None
