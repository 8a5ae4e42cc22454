import numpy as np
import pytest

from drift_core.distributions.region_weights import weigh_by_region

N = 1200
REGIONS = np.random.default_rng(0).choice(6, N, p=[0.15, *[0.17] * 5])
OTHER = np.arange(N) % 2


def picked(n_in_first: int, n_elsewhere: int, seed: int = 1) -> np.ndarray:
    rng, inside = np.random.default_rng(seed), np.zeros(N, dtype=bool)
    for rows, n in ((np.flatnonzero(REGIONS == 0), n_in_first), (np.flatnonzero(REGIONS != 0), n_elsewhere)):
        inside[rng.choice(rows, n, replace=False)] = True
    return inside


def test_a_part_that_is_spread_as_all_are_keeps_its_weights_about_as_often_as_asked() -> None:
    rng = np.random.default_rng(2)
    kept = [
        weigh_by_region(rng.permutation(N) < 200, [REGIONS, OTHER], queries=None, alpha=0.05).uneven == ()
        for _ in range(200)
    ]

    assert np.mean(kept) >= 0.9


def test_pairs_of_whole_queries_scatter_more_and_are_no_uneven_spread() -> None:
    rng, queries = np.random.default_rng(2), np.repeat(np.arange(N // 6), 6)
    regions = rng.integers(6, size=N // 6)[queries]
    kept = [
        weigh_by_region(np.isin(queries, rng.permutation(N // 6)[:30]), [regions], queries=queries, alpha=0.05).uneven
        == ()
        for _ in range(200)
    ]

    assert np.mean(kept) >= 0.9


def test_a_part_that_crowds_in_one_region_is_weighed_to_the_shares_of_all() -> None:
    inside, weights = picked(100, 100), np.where(OTHER == 1, 3.0, 1.0)

    made = weigh_by_region(inside, [OTHER, REGIONS], queries=None, weights=weights, alpha=0.05)

    assert made.uneven == (1,)
    every = np.bincount(REGIONS, weights=weights)
    assert np.bincount(REGIONS[inside], weights=made.weights) == pytest.approx(every)


def test_two_cuts_that_are_uneven_both_fit() -> None:
    inside = picked(80, 60) & ~((OTHER == 1) & (np.arange(N) % 8 < 5))

    made = weigh_by_region(inside, [OTHER, REGIONS], queries=None, alpha=0.05)

    assert sorted(made.uneven) == [0, 1]
    for cut in (OTHER, REGIONS):
        assert np.bincount(cut[inside], weights=made.weights) == pytest.approx(np.bincount(cut), rel=1e-6)


def test_regions_that_it_does_not_reach_are_told_and_some_few_pairs_speak_together() -> None:
    only = weigh_by_region(picked(100, 0), [REGIONS], queries=None, alpha=0.05)
    few = weigh_by_region(picked(100, 6, seed=4), [REGIONS], queries=None, alpha=0.05)

    assert only.left_out == (1, 2, 3, 4, 5)
    assert set(few.left_out) < {1, 2, 3, 4, 5}


def test_all_pairs_need_no_weights() -> None:
    assert weigh_by_region(np.ones(N, dtype=bool), [REGIONS], queries=None, alpha=0.05).uneven == ()
