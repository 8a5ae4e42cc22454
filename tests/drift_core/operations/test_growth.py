import numpy as np
import pytest

from drift_core.operations.growth import Growth, find_growth

DAYS = np.datetime64("2026-11-01", "us") + np.arange(600) * np.timedelta64(72, "m")  # 30 days


def growth(share: np.ndarray, seed: int = 0) -> Growth | None:
    return find_growth(np.random.default_rng(seed).random(600) < share, DAYS, None)


@pytest.mark.parametrize("seed", range(5))
def test_a_share_that_grows_is_told_with_its_ends(seed: int) -> None:
    found = growth(np.linspace(0.05, 0.4, 600), seed)

    assert found is not None
    assert found.first < 0.2 < 0.25 < found.last
    assert found.clause.startswith("its share grew from ")


def test_what_was_not_there_at_first_is_told_with_its_day() -> None:
    found = growth(np.where(np.arange(600) < 300, 0.0, 0.4))

    assert found is not None
    assert found.seen == "2026-11-16"
    assert found.clause.startswith("first seen on 2026-11-16, and ")


@pytest.mark.parametrize("seed", range(20))
def test_a_steady_share_did_not_grow(seed: int) -> None:
    assert growth(np.full(600, 0.2), seed) is None


def test_without_times_or_with_all_at_one_time_nothing_is_told() -> None:
    inside = np.arange(600) > 400

    assert find_growth(inside, None, None) is None
    assert find_growth(inside, np.full(600, DAYS[0]), None) is None
    assert find_growth(inside, np.full(600, np.datetime64("NaT", "us")), None) is None


def test_many_docs_of_one_query_are_no_growth() -> None:
    queries = np.repeat(np.arange(10), 60)

    assert find_growth(queries == 9, DAYS, queries) is None
