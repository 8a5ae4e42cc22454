import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

from drift_core.distributions.cells import Cells, cells_of_mass, cells_of_scores, cells_of_values
from drift_core.distributions.distances import areas_between, jensen_shannon, wasserstein

COUNTS = st.lists(st.integers(0, 50), min_size=3, max_size=3).filter(any)


def shares(counts: list[int]) -> np.ndarray:
    return np.array(counts) / sum(counts)


def test_the_distance_of_two_coins_is_the_one_worked_out_by_hand():
    # The middle of (1, 0) and (1/2, 1/2) is (3/4, 1/4): half of log2 4/3, and half of a half of log2 2/3 and log2 2.
    by_hand = np.sqrt(np.log2(4 / 3) / 2 + (np.log2(2 / 3) / 2 + np.log2(2) / 2) / 2)

    assert float(jensen_shannon(np.array([1.0, 0.0]), np.array([0.5, 0.5]))) == pytest.approx(by_hand)
    assert float(jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0]))) == pytest.approx(1)


@given(COUNTS, COUNTS, st.permutations(range(3)))
def test_it_is_zero_for_equal_shares_symmetric_in_0_to_1_and_knows_no_order_of_cells(one, two, order):
    first, second = shares(one), shares(two)
    far = float(jensen_shannon(first, second))

    assert far == pytest.approx(float(np.nan_to_num(jensenshannon(first, second, base=2))), abs=1e-12)
    assert 0 <= far <= 1 + 1e-12
    assert far == pytest.approx(float(jensen_shannon(second, first)), abs=1e-7)
    assert far == pytest.approx(float(jensen_shannon(first[order], second[order])), abs=1e-7)
    assert float(jensen_shannon(first, first)) == pytest.approx(0, abs=1e-7)


def test_a_shift_moves_outputs_by_itself_and_weights_count():
    scores, ones = np.array([0.0, 1.0, 4.0]), np.ones(3)

    assert wasserstein((scores, ones), (scores + 0.3, ones)) == pytest.approx(0.3)
    heavy = wasserstein((scores, np.array([1.0, 1.0, 2.0])), (scores, ones))
    assert heavy == pytest.approx(wasserstein_distance([0, 1, 4, 4], scores))


def test_the_area_between_two_functions_is_scipys_distance():
    rng = np.random.default_rng(0)
    points, one, two = np.sort(rng.normal(size=20)), rng.dirichlet(np.ones(20)), rng.dirichlet(np.ones(20))

    assert areas_between(one, two, points) == pytest.approx(wasserstein_distance(points, points, one, two))


def test_scores_get_ten_cells_of_equal_mass_whose_limits_lie_between_scores():
    scores = np.arange(1_000) / 10

    cells = cells_of_scores(scores, np.ones(1_000))

    assert cells.n == 10
    assert cells.shares(scores, np.ones(1_000)) == pytest.approx(np.full(10, 0.1))
    assert cells.cuts[0] == pytest.approx(9.95)
    assert cells.place(np.array([-5.0, 500.0])).tolist() == [0, 9]


def test_mass_counts_weights_and_equal_scores_stay_together():
    weights = np.where(np.arange(1_000) < 500, 9.0, 1.0)
    assert cells_of_mass(np.arange(1_000.0), weights).cuts[:9].max() < 560
    tied = np.concatenate((np.zeros(700), np.arange(1, 301)))
    assert cells_of_mass(tied, np.ones(1_000)).place(np.array([0.0, 0.4])).tolist() == [0, 0]


def test_a_scale_of_few_values_has_a_cell_a_value_and_one_value_alone_takes_those_of_what_it_is_compared_with():
    grades = np.tile([1.0, 2.0, 3.0], 20)

    assert cells_of_scores(grades, np.ones(60), np.array([4.0])).n == 4
    assert cells_of_scores(grades, np.ones(60), np.linspace(1, 3, 50)).place(np.array([1.4, 1.6, 2.9])).tolist() == [
        *(0, 1, 2)
    ]
    assert cells_of_scores(np.zeros(60), np.ones(60), np.linspace(0, 1, 50)).n == 10
    assert cells_of_scores(np.zeros(60), np.ones(60)).n == 1
    assert isinstance(cells_of_values(np.array([0.0, 1.0])), Cells)
