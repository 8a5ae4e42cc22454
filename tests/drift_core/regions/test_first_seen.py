import numpy as np

from drift_core.regions.first_seen import first_seen
from drift_core.regions.partitions import Partition
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


def partition(heldout, production):
    return Partition(
        name="p",
        kind="slice",
        regions=("old", "new", "timeless"),
        terms=((), (), ()),
        heldout=np.array(heldout, dtype=np.int64),
        production=np.array(production, dtype=np.int64),
        reason="",
    )


def test_a_region_is_seen_from_its_first_pairs_on_and_one_stray_pair_does_not_count():
    heldout = sample(["2025-09-01", "2025-09-02", "2025-09-03"])
    production = sample(["2026-03-01"] * 40 + ["NaT"])
    seen = first_seen(partition([0, 0, 1], [1] * 40 + [2]), heldout, production)
    assert str(seen[0])[:10] == "2025-09-01"
    assert str(seen[1])[:10] == "2026-03-01"
    assert np.isnat(seen[2])


def test_without_times_nothing_is_known():
    seen = first_seen(partition([0], [1]), sample([None]), sample([None]))
    assert np.isnat(seen).all()
