import numpy as np
import pytest

from drift_core.regions.mixture import Points, nearest_groups, refine_groups, splits_in_two


def points(places: np.ndarray, heldout: np.ndarray | None = None, weights: np.ndarray | None = None) -> Points:
    """Points of one text each unless told otherwise; all in production, none in held-out alone."""
    places = np.asarray(places, dtype=float).reshape(len(places), -1)
    weights = np.ones(len(places)) if weights is None else weights
    alone = np.zeros(len(places)) if heldout is None else heldout.astype(float)
    return Points(places=places, weights=weights, heldout=alone, production=weights - alone)


def clouds(apart: float, sizes: tuple[int, ...] = (40, 40), seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    return rng.standard_normal((len(group), 3)) + apart * group[:, None], group


def test_centres_are_weighted_by_texts() -> None:
    weight, centres = points(np.array([0.0, 4, 10]), weights=np.array([3.0, 1, 2])).centres(np.array([0, 0, 2]), 3)

    assert weight.tolist() == [4, 0, 2]
    assert centres[[0, 2], 0].tolist() == [1, 10]


def test_variance_is_pooled_within_groups_with_a_degree_of_freedom_for_each_that_is_used() -> None:
    found = points(np.array([0.0, 2, 10, 14])).variance(np.array([0, 0, 2, 2]), 3)

    assert found == pytest.approx((1 + 1 + 4 + 4) / (4 - 2))


def test_gathering_like_texts_keeps_counts_centres_and_variance() -> None:
    places, group = clouds(8.0)
    every = points(places, heldout=group == 0)
    leaf = np.arange(80) // 2

    few = every.gathered(leaf, 40)

    labels = group[::2]
    assert few.weights.tolist() == [2.0] * 40
    assert few.heldout.sum() == 40
    assert few.centres(labels, 2)[1] == pytest.approx(every.centres(group, 2)[1])
    assert few.variance(labels, 2) == pytest.approx(every.variance(group, 2))


def test_a_point_put_in_the_wrong_group_goes_back() -> None:
    places, group = clouds(8.0)
    wrong = group.copy()
    wrong[[3, 50]] = 1 - wrong[[3, 50]]

    assert refine_groups(points(places), wrong, 2).tolist() == group.tolist()


def test_refined_groups_stay_when_refined_again() -> None:
    places, group = clouds(2.0)

    once = refine_groups(points(places), group, 2)

    assert nearest_groups(points(places), once, 2).tolist() == once.tolist()


def test_the_order_of_points_and_the_numbers_of_groups_do_not_matter() -> None:
    places, group = clouds(2.5, sizes=(40, 30, 20))
    order, number = np.random.default_rng(1).permutation(90), np.array([2, 0, 1])
    only_heldout = group == 0

    plain = refine_groups(points(places, only_heldout), group, 3)
    turned = refine_groups(points(places[order], only_heldout[order]), number[group[order]], 3)

    assert turned.tolist() == number[plain[order]].tolist()


def test_a_text_that_only_held_out_has_leaves_a_group_that_is_all_production() -> None:
    places, group = clouds(3.0, sizes=(60, 60))
    between = np.array([[1.55, 1.55, 1.55]])  # a little nearer to the second centre
    places, start = np.concatenate((places, between)), np.append(group, 1)
    held = np.append(group == 0, [True])

    with_counts = refine_groups(points(places, heldout=held), start, 2)
    without = refine_groups(points(places), start, 2)

    assert without[-1] == 1
    assert with_counts[-1] == 0
    assert (with_counts[:-1] == without[:-1]).mean() > 0.95


def test_a_group_of_a_single_text_does_not_keep_it() -> None:
    places, group = clouds(8.0)
    alone = group.copy()
    alone[5] = 2

    assert refine_groups(points(places), alone, 3).tolist() == group.tolist()


@pytest.mark.parametrize(("apart", "splits"), [(0.0, False), (0.5, False), (3.0, True)])
def test_two_sets_split_where_their_centres_lie_clearly_apart(apart: float, splits: bool) -> None:
    places, group = clouds(apart)

    assert splits_in_two(points(places), np.flatnonzero(group == 0), np.flatnonzero(group == 1), 1.0) == splits


def test_the_split_follows_the_bayesian_criterion() -> None:
    both = points(np.array([0.0] * 10 + [1.0] * 30))
    # 10 * 30 / 40 / (2 * variance) - 40 * 0.5623 > ln(40) / 2 holds below a variance of 0.1541.
    sides = np.arange(10), np.arange(10, 40)

    assert [splits_in_two(both, *sides, variance) for variance in (0.153, 0.155)] == [True, False]
