import numpy as np
import pytest
from scipy import stats

from drift_core.measures.error_level import error_reference
from drift_core.measures.error_tails import LEAST_CUT, find_tails
from drift_core.measures.scores import Scores


def squares(distribution, n=1000):
    """Squares of its quantiles, with a mean of 1."""
    values = distribution.ppf((np.arange(n) + 0.5) / n) ** 2
    return values / values.mean()


NORMAL, HEAVY = stats.norm, stats.t(3)


def test_normal_errors_count_in_full():
    errors = squares(NORMAL)

    assert find_tails(errors, np.arange(1000)).cut(errors, None).tolist() == errors.tolist()


def test_the_longest_of_errors_with_heavy_tails_are_cut():
    errors = squares(HEAVY)
    kept = find_tails(errors, np.arange(1000)).cut(errors, None)

    assert LEAST_CUT <= kept.max() < errors.max() / 2
    assert np.mean(kept < errors) < 0.02


def test_a_query_whose_pairs_are_all_far_off_counts_as_little_as_it_can_be_told():
    queries = np.repeat(np.arange(200), 5)
    errors = np.random.default_rng(0).permutation(squares(HEAVY))
    tails = find_tails(errors, queries)
    one, five = tails.cut(np.array([100.0]), np.zeros(1, int)), tails.cut(np.full(5, 100.0), np.zeros(5, int))

    assert one.max() == pytest.approx(tails.most)
    assert five.mean() == pytest.approx(stats.gamma(2.5, scale=0.4).isf(stats.chi2(1).sf(tails.most)), rel=0.1)


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_a_first_mistake_where_the_reference_shows_none_does_not_decide_a_week(seed):
    rng = np.random.default_rng(seed)

    def answers(n):
        near = rng.normal(size=n)
        return Scores(student=near + 0.33 * rng.normal(size=n), teacher=(near > -0.5) * 1.0, is_answered=True)

    reference, week = error_reference(answers(1000)), answers(200)
    week.teacher[np.argmax(week.student)] = 0.0

    # Over the usual error of its own step alone it would count as 40,000 to 280,000 usual ones.
    assert reference.of(week).max() < 40
