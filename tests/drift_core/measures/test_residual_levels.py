from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_core.measures.residual_levels import ErrorSample, Level
from drift_core.measures.residuals import Residuals
from drift_core.measures.scores import Scores

ALL = np.ones(4, dtype=bool)


def by_hand() -> ErrorSample:
    """Four pairs under three queries; mean errors are 3 of the student, 2 of the teacher, 2.5 of both."""
    residuals = Residuals(of_student=np.array([1.0, 3, 2, 6]), of_teacher=np.array([2.0, 2, 1, 3]))
    return ErrorSample.of(scores(np.array([7, 7, 9, 12])), residuals)


def scores(queries: np.ndarray | None, n: int = 4) -> Scores:
    return Scores(student=np.arange(n, dtype=float), teacher=np.arange(n, dtype=float), queries=queries)


def drawn(seed: int, n: int = 40) -> tuple[ErrorSample, np.ndarray, np.ndarray]:
    """Errors, four groups that queries lie across, and a choice of pairs that leaves the last group empty."""
    rng = np.random.default_rng(seed)
    residuals = Residuals(of_student=rng.chisquare(1, n), of_teacher=rng.chisquare(1, n))
    sample = ErrorSample.of(scores(rng.integers(12, size=n), n), residuals)
    groups = rng.integers(4, size=n)
    return sample, groups, (rng.random(n) < 0.7) & (groups != 3)


def check_same(one: Level | None, two: Level) -> None:
    assert one is not None
    assert one.log_mean == pytest.approx(two.log_mean)
    assert one.standard_error == pytest.approx(two.standard_error)
    assert one.gap_error == pytest.approx(two.gap_error)
    assert (one.degrees, one.n_pairs, one.n_queries) == (two.degrees, two.n_pairs, two.n_queries)


def test_the_level_of_all_is_the_log_mean_with_deviations_summed_within_queries():
    level = by_hand().level(ALL)

    assert level.log_mean == pytest.approx([log(3), log(2), log(2.5)])
    # Sums of e / mean - 1 by query are -2/3, -1/3, 1; 0, -1/2, 1/2; and -0.4, -0.4, 0.8.
    assert level.standard_error == pytest.approx([sqrt(14 / 9 * 1.5) / 4, sqrt(0.5 * 1.5) / 4, 0.3])
    # The gap's sums are the differences of the first two: -2/3, 1/6, 1/2.
    assert level.gap_error == pytest.approx(sqrt(26 / 36 * 1.5) / 4)
    assert (level.degrees, level.n_pairs, level.n_queries) == (12, 4, 3)


def test_a_group_borrows_the_scatter_of_the_whole_for_the_weight_of_ten_queries():
    level = by_hand().level(np.array([True, True, True, False]))

    # The student's errors 1 + 3 and 2 lie at the mean in both queries: their own variance is 0.
    usual = 14 / 9 * 1.5 / 16 * 4 / 3
    assert level.log_mean[0] == pytest.approx(log(2))
    assert level.standard_error[0] == pytest.approx(sqrt(usual * 10 / 11))
    assert level.degrees == 11


def test_pairs_without_shared_queries_have_the_error_of_a_plain_mean():
    residuals = Residuals(of_student=np.array([1.0, 2, 3, 6]), of_teacher=np.array([1.0, 2, 3, 6]))

    level = ErrorSample.of(scores(None), residuals).level(ALL)

    plain = np.std([1, 2, 3, 6], ddof=1) / sqrt(4) / 3
    assert level.standard_error == pytest.approx([plain] * 3)
    assert level.gap_error == pytest.approx(0, abs=1e-9)


def test_docs_of_one_query_that_err_alike_count_as_one():
    errors = np.random.default_rng(0).chisquare(1, 30)
    once = ErrorSample.of(scores(None, 30), Residuals(of_student=errors, of_teacher=errors))
    five = np.repeat(errors, 5)
    repeated = ErrorSample.of(scores(np.repeat(np.arange(30), 5), 150), Residuals(of_student=five, of_teacher=five))

    levels = [each.level(np.ones(len(each.errors), dtype=bool)) for each in (once, repeated)]

    assert levels[1].standard_error == pytest.approx(levels[0].standard_error)
    assert levels[1].n_queries == levels[0].n_queries == 30


@given(st.integers(0, 1000))
def test_levels_of_groups_equal_the_level_of_each_mask(seed: int) -> None:
    sample, groups, chosen = drawn(seed)

    found = sample.levels(groups, 5, chosen)

    for group in range(5):
        inside = chosen & (groups == group)
        if inside.any():
            check_same(found[group], sample.level(inside))
        else:
            assert found[group] is None


@given(st.integers(0, 1000))
def test_levels_of_rests_equal_the_level_of_each_mask(seed: int) -> None:
    sample, groups, chosen = drawn(seed)

    found = sample.levels_of_rests(groups, 5, chosen)

    for group in range(5):
        check_same(found[group], sample.level(chosen & (groups != group)))


def test_a_rest_without_pairs_has_no_level():
    only = np.zeros(4, dtype=np.int64)

    assert by_hand().levels_of_rests(only, 2, ALL)[0] is None
    assert by_hand().levels(only, 2, ALL)[1] is None


def test_the_order_of_rows_and_the_codes_of_queries_do_not_matter():
    rng = np.random.default_rng(3)
    errors, queries = rng.chisquare(1, (40, 2)), rng.integers(12, size=40)
    order = rng.permutation(40)
    turned = ErrorSample.of(
        scores(99 - queries[order], 40), Residuals(of_student=errors[order, 0], of_teacher=errors[order, 1])
    )
    plain = ErrorSample.of(scores(queries, 40), Residuals(of_student=errors[:, 0], of_teacher=errors[:, 1]))
    chosen = rng.random(40) < 0.5

    check_same(turned.level(chosen[order]), plain.level(chosen))


def test_adjusted_errors_are_in_units_of_their_factor():
    factors = np.array([1.0, 3.0, 2.0, 2.0])

    level = by_hand().adjusted(factors).level(ALL)

    assert level.log_mean == pytest.approx([log(6 / 4), log((2 + 2 / 3 + 1 / 2 + 3 / 2) / 4), log(4 / 3)])
