import numpy as np
import pytest

from drift_core.measured import Unmeasured
from drift_core.measures.stratified_share import stratified_share

STRATA = np.repeat([0, 1], 20)
VALUES = np.concatenate([np.arange(20) < 10, np.arange(20) < 2]).astype(float)
DRAWN = {"sizes": np.ones(40), "totals": np.array([100.0, 300.0]), "queries": np.arange(40), "n_queries": 400}


def test_strata_count_by_their_totals_and_not_by_what_was_drawn():
    found = stratified_share(VALUES, STRATA, **DRAWN)

    assert found.estimate == pytest.approx(0.25 * 0.5 + 0.75 * 0.1)
    within = 0.25**2 * 0.25 / 19 + 0.75**2 * 0.09 / 19
    between = 0.25 * (0.5 - 0.2) ** 2 + 0.75 * (0.1 - 0.2) ** 2
    assert found.standard_error >= np.sqrt(within + between / 400)
    assert found.standard_error == pytest.approx(np.sqrt(within + between / 400), rel=0.1)


def test_the_order_of_the_pairs_is_no_matter():
    turned = np.random.default_rng(1).permutation(40)
    again = {**DRAWN, "queries": np.arange(40)[turned]}

    found, other = stratified_share(VALUES, STRATA, **DRAWN), stratified_share(VALUES[turned], STRATA[turned], **again)

    assert (other.low, other.high) == pytest.approx((found.low, found.high))


def test_pairs_of_one_query_that_go_together_widen_the_interval():
    together = {**DRAWN, "queries": np.arange(40) // 2}
    values = np.repeat([1.0, 0.0, 0.0, 0.0], 2)[np.arange(40) % 8]

    alone, shared = (stratified_share(values, STRATA, **drawn) for drawn in (DRAWN, together))

    assert shared.high - shared.low > 1.2 * (alone.high - alone.low)


def test_larger_pairs_count_for_more_and_a_stratum_without_a_drawn_pair_is_left_out():
    sizes = np.where(VALUES == 1, 3.0, 1.0)
    drawn = {**DRAWN, "sizes": sizes, "totals": np.array([100.0, 300.0, 600.0])}

    assert stratified_share(VALUES, STRATA, **drawn).estimate == pytest.approx(0.25 * 30 / 40 + 0.75 * 6 / 24)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_all_alike_still_leaves_room_for_what_was_not_drawn(value):
    found = stratified_share(np.full(40, value), STRATA, **DRAWN)

    assert found.estimate == pytest.approx(value)
    assert 0.05 < found.high - found.low < 0.3


def test_one_query_is_not_measured_and_a_stratum_of_one_leans_on_the_whole():
    one = {**DRAWN, "queries": np.zeros(40, dtype=int)}
    assert isinstance(stratified_share(VALUES, STRATA, **one), Unmeasured)

    strata = np.where(np.arange(40) < 39, 0, 1)
    assert stratified_share(VALUES, strata, **DRAWN).high > 0.5
