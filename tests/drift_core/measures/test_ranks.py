import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from drift_core.measures.ranks import group_equals, mid_ranks, order_values

SCORES = st.lists(st.integers(-5, 5) | st.floats(-1e6, 1e6), min_size=1, max_size=60)


@given(SCORES)
def test_mid_ranks_equal_scipys_average_ranks(values: list[float]) -> None:
    array = np.array(values, dtype=float)

    assert np.array_equal(mid_ranks(array), stats.rankdata(array))


def test_groups_start_where_the_sorted_values_change() -> None:
    ordering = order_values(np.array([2.0, 1.0, 2.0, 3.0]))

    assert ordering.starts is not None
    assert ordering.group is not None
    assert ordering.starts.tolist() == [0, 1, 3, 4]
    assert ordering.group.tolist() == [0, 1, 1, 2]


def test_without_ties_no_groups_are_kept() -> None:
    assert not order_values(np.array([3.0, 1.0, 2.0])).has_ties


def test_some_of_the_entries_are_grouped_by_their_place_in_the_whole() -> None:
    ordering = group_equals(np.array([2.0, 1.0, 2.0, 3.0]), np.array([0, 2, 3]))

    assert ordering.starts is not None
    assert ordering.order.tolist() == [0, 2, 3]
    assert ordering.starts.tolist() == [0, 2, 3]
