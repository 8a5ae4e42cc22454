import math

import numpy as np
import pytest
from scipy import stats

from drift_core.canary.sequential import (
    WINDOWS,
    YEARLY_LIMITS,
    Weeks,
    count_score,
    excess_at,
    normal_score,
    p_of_score,
    window_scores,
    yearly_limit,
)

MANY = 1e6


def weeks(excess, *, shared=0.0):
    return Weeks(
        excess=tuple(excess),
        variance=(1.0,) * len(excess),
        third=(0.0,) * len(excess),
        shared_variance=shared,
        shared_third=0.0,
        degrees=MANY,
    )


def test_a_week_alone_is_its_excess_over_its_error():
    scores = window_scores(weeks([0.0, 2.0])).scores

    assert scores[1][0] == pytest.approx(2.0, abs=1e-3)


def test_two_weeks_together_divide_by_the_root_of_two():
    scores = window_scores(weeks([2.0, 2.0])).scores

    assert scores[1][1] == pytest.approx(2 * math.sqrt(2), abs=2e-3)


def test_a_window_longer_than_the_history_has_no_score():
    scores = window_scores(weeks([1.0, 1.0, 1.0])).scores

    assert [week[WINDOWS.index(4)] for week in scores] == [-math.inf] * 3
    assert scores[0][1] == -math.inf


def test_the_error_of_the_baseline_does_not_shrink_with_the_window():
    scores = window_scores(weeks([2.0] * 8, shared=1.0)).scores

    assert scores[7][WINDOWS.index(8)] == pytest.approx(2 / math.sqrt(1 + 1 / 8), abs=2e-3)


def test_the_tail_is_that_of_a_gamma_variable():
    shape = 30.0
    sums = stats.gamma(shape)
    excess = sums.ppf(1 - 1e-4) - shape

    score = normal_score(excess, shape, 2 * shape, MANY)

    assert score == pytest.approx(stats.norm.ppf(1 - 1e-4), abs=0.01)


def test_few_degrees_of_freedom_widen_the_tail_to_students():
    excess = stats.t(40).ppf(1 - 1e-3)

    score = normal_score(excess, 1.0, 0.0, 40.0)

    assert score == pytest.approx(stats.norm.ppf(1 - 1e-3), abs=0.01)


@pytest.mark.parametrize("degrees", [20.0, 200.0, MANY])
@pytest.mark.parametrize("third", [0.0, 0.001])
def test_the_excess_at_a_score_has_that_score(degrees, third):
    excess = excess_at(3.4, 0.01, third, degrees)

    assert normal_score(excess, 0.01, third, degrees) == pytest.approx(3.4, abs=1e-6)


def test_the_limit_of_a_tabulated_budget_is_the_tabulated_one():
    assert yearly_limit(0.05) == pytest.approx(YEARLY_LIMITS[0.05])


def test_a_smaller_budget_has_a_higher_limit():
    limits = [yearly_limit(budget) for budget in (0.2, 0.1, 0.04, 0.01, 0.003, 0.0001)]

    assert limits == sorted(limits)


def test_a_stable_year_exceeds_the_limit_as_often_as_the_budget_says():
    rng = np.random.default_rng(5)
    n_years = 4000
    years = rng.normal(size=(n_years, 52))

    exceeded = sum(max(map(max, window_scores(weeks(year)).scores)) > yearly_limit(0.05) for year in years.tolist())

    # 4,000 years at 5 % exceed 200 times, with a standard error of 13.8; four of them leave 1 in 16,000 seeds.
    assert abs(exceeded - 200) < 4 * 13.8


def test_the_p_value_of_a_score_is_its_upper_tail():
    assert p_of_score(1.6448536) == pytest.approx(0.05)


@pytest.mark.parametrize(("differing", "n", "expected"), [(7, 20, 1.0), (6, 20, 1.0), (30, 400, 12.0), (20, 20, 5.0)])
def test_a_count_of_independent_pairs_has_the_binomial_tail(differing, n, expected):
    score = count_score(differing, n, expected, expected * (1 - expected / n))

    assert p_of_score(score) == pytest.approx(stats.binom.sf(differing - 1, n, expected / n), rel=0.01)


def test_a_count_that_scatters_more_has_the_beta_binomial_tail():
    n, mean, alike = 40, 0.05, 0.03
    tail = stats.betabinom.sf(7, n, mean * (1 / alike - 1), (1 - mean) * (1 / alike - 1))
    variance = n * mean * (1 - mean) * (1 + (n - 1) * alike)

    assert p_of_score(count_score(8, n, n * mean, variance)) == pytest.approx(tail, rel=1e-6)


def test_a_count_below_what_is_expected_is_no_excess():
    assert count_score(0, 20, 1.0, 1.0) < 0
    assert count_score(1, 20, 1.0, 1.0) == 0
