from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import pytest
from scipy import stats

from drift_core.measures.level_ratios import (
    PRIOR_GROUPS,
    USUAL_BETWEEN,
    Between,
    between_groups,
    between_levels,
    loss_implied,
    mixed_level,
    paired_rise,
    pooled,
    rise_beyond,
    rise_by_mix,
    rise_of,
    scales_differ,
    usual_factors,
)
from drift_core.measures.residual_levels import TEACHER, Level
from drift_core.measures.residuals import Residuals


def level(mean: float, error: float, *, student: float | None = None, teacher: float | None = None, **sizes) -> Level:
    """A level of both errors, with the student's and the teacher's the same unless given."""
    means = [mean if student is None else student, mean if teacher is None else teacher, mean]
    plain = {"degrees": 20, "n_pairs": 100, "n_queries": 50, "gap_error": error} | sizes
    return Level(log_mean=np.log(means), standard_error=np.full(3, error), **plain)


AFTER, BEFORE = level(2.0, 0.3, degrees=20), level(1.0, 0.4, degrees=30)
WELCH = 0.25**2 / (0.09**2 / 20 + 0.16**2 / 30)


def f_tail(estimate: float, above: float, below: float, degrees: float) -> float:
    """Chance of such a ratio of two mean squares of these relative variances, the variances being estimates."""
    return stats.t.sf(stats.norm.isf(stats.f.sf(exp(estimate), 2 / above, 2 / below)), degrees)


def test_a_rise_is_the_log_ratio_with_a_one_sided_p_value_of_the_ratio_at_welchs_degrees():
    rise = rise_of(AFTER, BEFORE)

    assert rise.estimate == pytest.approx(log(2))
    assert rise.standard_error == pytest.approx(0.5)
    assert rise.degrees == pytest.approx(WELCH)
    assert rise.p_value == pytest.approx(f_tail(log(2), 0.09, 0.16, WELCH))
    assert (rise.n_pairs, rise.n_queries) == (100, 50)


def test_the_interval_of_a_rise_is_two_sided_at_its_degrees():
    measured = rise_of(AFTER, BEFORE).measured(0.9)

    reach = stats.t.ppf(0.95, WELCH) * 0.5
    assert (measured.low, measured.high) == pytest.approx((log(2) - reach, log(2) + reach))


def test_what_groups_differ_by_anyway_widens_a_rise_of_a_sample():
    between = Between(variance=0.2, degrees=5, n_groups=4)

    rise = rise_of(AFTER, BEFORE, between=between)

    assert rise.standard_error == pytest.approx(sqrt(0.25 + 0.2 * 1.25))
    assert rise.degrees == pytest.approx(0.5**2 / (0.09**2 / 20 + 0.16**2 / 30 + 0.25**2 / 5))


def test_over_time_the_mean_of_both_errors_counts_where_their_rises_agree():
    after = level(2.0, 0.1, student=2.2, teacher=1.9)

    assert rise_of(after, level(1.0, 0.1)).estimate == pytest.approx(log(2))


@pytest.mark.parametrize(("student", "teacher", "differ"), [(9.0, 1.2, True), (1.2, 9.0, True), (2.2, 2.0, False)])
def test_scales_differ_where_one_error_rose_far_more_than_the_other(student: float, teacher: float, differ: bool):
    after = level(5.1, 0.1, student=student, teacher=teacher)

    assert scales_differ(after, level(1.0, 0.1)) is differ
    assert rise_of(after, level(1.0, 0.1), side=TEACHER).estimate == pytest.approx(log(teacher))


def test_a_rise_that_the_rest_shares_is_no_rise_beyond_it():
    usual, usual_before = level(3.0, 0.1), level(1.5, 0.1)

    rise = rise_beyond(AFTER, BEFORE, usual, usual_before)

    assert rise.estimate == pytest.approx(0)
    assert rise.standard_error == pytest.approx(sqrt(0.09 + 0.16 + 0.02))
    assert rise.p_value == pytest.approx(f_tail(0, 0.09 + 0.01, 0.16 + 0.01, rise.degrees))


@pytest.mark.parametrize("n_pairs", [12, 25, 60])
def test_as_many_groups_of_few_pairs_pass_a_limit_by_chance_as_it_says(n_pairs: int):
    rng = np.random.default_rng(0)
    ratios = np.log(rng.chisquare(n_pairs, 20_000) / n_pairs)
    error = sqrt(2 / n_pairs)
    usual = level(1.0, 0.02, degrees=1e6)

    p_values = [rise_of(level(exp(ratio), error, degrees=1e6), usual).p_value for ratio in ratios]

    for alpha in (0.05, 0.01):  # the tolerance is four standard errors of the share
        assert np.mean(np.array(p_values) <= alpha) == pytest.approx(alpha, abs=4 * sqrt(alpha / len(ratios)))


def test_the_same_pairs_under_two_teachers_are_compared_query_by_query():
    before, after = np.array([1.0, 1, 2, 4]), np.array([2.0, 1, 5, 8])
    queries = np.array([3, 3, 5, 8])

    rise = paired_rise(
        Residuals(of_student=after, of_teacher=after), Residuals(of_student=before, of_teacher=before), queries
    )

    # Errors over their means 4 and 2: 3/4 - 1, 5/4 - 1, 2 - 2 by query.
    assert rise.estimate == pytest.approx(log(2))
    assert rise.standard_error == pytest.approx(sqrt((1 / 16 + 1 / 16) * 3 / 2) / 4)
    assert (rise.degrees, rise.n_pairs, rise.n_queries) == (pytest.approx(2), 4, 3)


def test_equal_errors_under_both_teachers_are_no_rise():
    errors = Residuals(of_student=np.array([1.0, 2, 3]), of_teacher=np.array([2.0, 1, 4]))

    rise = paired_rise(errors, errors, None)

    assert (rise.estimate, rise.p_value) == (0, pytest.approx(0.5))


def test_pairing_takes_out_what_pairs_have_in_common():
    rng = np.random.default_rng(0)
    shared = rng.chisquare(1, 200)
    before, after = (Residuals(of_student=shared * f, of_teacher=shared * f) for f in (1.0, 1.1))

    assert paired_rise(after, before, None).p_value < 1e-6


def test_levels_that_agree_are_pooled_by_their_precision():
    both = pooled(level(2.0, 0.3), level(2.4, 0.4, degrees=30, n_pairs=60, n_queries=10))

    weights = 1 / 0.09, 1 / 0.16
    assert both.log_mean == pytest.approx(np.average(np.log([[2.0] * 3, [2.4] * 3]), axis=0, weights=weights))
    assert both.standard_error == pytest.approx([1 / sqrt(sum(weights))] * 3)
    assert (both.degrees, both.n_pairs, both.n_queries) == (50, 160, 60)


def test_of_levels_that_differ_by_more_than_a_standard_error_the_one_of_larger_error_counts():
    one, larger = level(2.0, 0.3), level(2.0 * exp(0.51), 0.4)

    assert pooled(one, larger) is larger
    assert pooled(larger, one) is larger


def test_variance_between_groups_is_dersimonian_and_lairds_shrunk_towards_the_usual():
    found = between_groups(np.array([0.0, 1.0]), np.array([0.1, 0.1]))

    # Q = 50 on one degree of freedom; (50 - 1) / (200 - 100) = 0.49.
    assert found.variance == pytest.approx((0.49 + PRIOR_GROUPS * USUAL_BETWEEN**2) / (1 + PRIOR_GROUPS))
    assert (found.degrees, found.n_groups) == (1 + PRIOR_GROUPS, 2)


def test_groups_that_differ_by_less_than_their_errors_have_no_variance_of_their_own():
    found = between_groups(np.array([0.0, 0.1, 0.05]), np.array([0.2, 0.3, 0.2]))

    assert found.variance == pytest.approx(PRIOR_GROUPS * USUAL_BETWEEN**2 / (2 + PRIOR_GROUPS))


@pytest.mark.parametrize("n_groups", [0, 1])
def test_the_usual_variance_stands_in_where_there_is_nothing_to_compare(n_groups: int) -> None:
    found = between_levels([level(2.0, 0.1)] * n_groups)

    assert found.variance == pytest.approx(USUAL_BETWEEN**2)
    assert found.degrees == PRIOR_GROUPS


def test_a_groups_factor_is_its_ratio_to_the_whole_as_far_as_it_is_known():
    known, unsure, whole = level(2.0, 0.01), level(2.0, 1.0), level(1.0, 0.01)

    sure, shrunk, none = usual_factors([known, unsure, None], whole)

    variance = between_levels([known, unsure]).variance
    assert none == 1
    assert sure == pytest.approx(2 ** (variance / (variance + 0.01**2)))
    assert shrunk == pytest.approx(2 ** (variance / (variance + 1)))


def test_a_mixed_level_weighs_means_by_share():
    mixed = mixed_level([(0.5, level(1.0, 0.1, gap_error=0.2)), (0.5, level(3.0, 0.2, gap_error=0.4))])

    assert mixed.log_mean == pytest.approx([log(2)] * 3)
    assert mixed.standard_error == pytest.approx([sqrt(0.025**2 + 0.15**2)] * 3)
    assert mixed.gap_error == pytest.approx(sqrt(0.05**2 + 0.3**2))
    assert (mixed.degrees, mixed.n_pairs, mixed.n_queries) == (99, 200, 100)


@pytest.mark.parametrize(("rise", "loss"), [(0.0, 0.0), (log(0.64 / 0.36), 0.2), (9.0, 0.8), (-9.0, -0.2)])
def test_a_rise_of_the_unexplained_share_comes_to_a_loss_of_agreement(rise: float, loss: float) -> None:
    assert loss_implied(0.8, rise) == pytest.approx(loss, abs=1e-4)


def test_another_mix_of_the_same_groups_raises_their_error_by_what_moved() -> None:
    groups = level(1.0, 0.1), level(4.0, 0.2)

    rise = rise_by_mix(
        *([(share, each) for share, each in zip(shares, groups, strict=True)] for shares in ((0.5, 0.5), (0.2, 0.8)))
    )

    moved = 0.2 / 3.4 - 0.5 / 2.5, 3.2 / 3.4 - 2.0 / 2.5
    assert rise.estimate == pytest.approx(log(3.4 / 2.5))
    assert rise.standard_error == pytest.approx(sqrt((moved[0] * 0.1) ** 2 + (moved[1] * 0.2) ** 2))
    assert rise.p_value < 0.001


def test_the_same_mix_raises_no_error() -> None:
    mix = [(0.5, level(1.0, 0.1)), (0.5, level(4.0, 0.2))]

    rise = rise_by_mix(mix, mix)

    assert (rise.estimate, rise.p_value) == (0, pytest.approx(0.5, abs=0.01))


@pytest.mark.parametrize(
    ("queries", "is_testable"), [(None, True), (4.2, True), (5.0, True), (4.0, False), (1.2, False)]
)
def test_a_test_over_queries_needs_so_many_that_chance_can_be_told(queries: float | None, is_testable: bool) -> None:
    assert replace(level(1.0, 0.1), effective_queries=queries).is_testable(0.05) is is_testable
