import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from drift_core.weekly_sample.allocation import queries_per_stratum

STRATA = st.lists(st.tuples(st.integers(1, 5_000), st.integers(1, 6)), min_size=1, max_size=12)


def share(n, rows, queries=None, floor=None):
    rows = np.array(rows)
    return queries_per_stratum(n, n_rows=rows, n_queries=np.array(rows if queries is None else queries), floor=floor)


def test_strata_share_in_proportion_to_their_rows():
    assert share(100, [6_000, 3_000, 1_000], floor=0).tolist() == [60, 30, 10]


def test_a_small_stratum_gets_the_floor_and_the_others_share_the_rest():
    assert share(100, [6_000, 3_000, 90], floor=10).tolist() == [60, 30, 10]


def test_the_default_floors_take_at_most_half_of_the_sample():
    assert share(300, [10_000, 10, 10_000, 100]).tolist() == [135, 10, 135, 20]
    assert share(40, [10_000, 100, 100, 100]).tolist() == [25, 5, 5, 5]


def test_pairs_are_turned_into_queries_by_the_mean_rows_of_a_query():
    assert share(100, [8_000, 2_000], queries=[2_000, 2_000], floor=0).tolist() == [20, 20]


def test_a_floor_is_rounded_up_to_whole_queries():
    assert share(100, [9_900, 100], queries=[9_900, 33], floor=10).tolist() == [90, 4]


def test_more_than_there_is_takes_all():
    assert share(10_000, [60, 30], queries=[20, 30]).tolist() == [20, 30]


def test_floors_above_the_sample_are_cut_to_one_level():
    assert share(30, [1_000, 1_000, 1_000], floor=500).tolist() == [10, 10, 10]


@given(strata=STRATA, n=st.integers(12, 3_000), floor=st.none() | st.integers(0, 100))
def test_every_stratum_gives_some_and_the_pairs_come_near_to_what_was_asked(strata, n, floor):
    queries, docs = (np.array(column) for column in zip(*strata, strict=True))
    rows = queries * docs

    taken = share(n, rows, queries, floor)

    assert np.all((taken >= 1) & (taken <= queries))
    assert abs(taken @ docs - min(n, rows.sum())) <= docs.sum()
