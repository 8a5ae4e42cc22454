import pytest

from tests.calibration.rates import Rate, fewest, most


def test_interval_of_no_event_ends_where_seeing_none_has_half_of_one_minus_the_level() -> None:
    low, high = Rate(count=0, n=10).interval

    assert low == 0.0
    assert (1 - high) ** 10 == pytest.approx(0.025)


def test_intervals_of_a_count_and_of_what_is_left_mirror_each_other() -> None:
    low, high = Rate(count=3, n=40).interval

    assert Rate(count=37, n=40).interval == pytest.approx((1 - high, 1 - low))


def test_limits_are_quantiles_of_the_binomial() -> None:
    # Ten fair coins give no head, or no tail, once in 1,024 runs, which is rarer than once in 1,000.
    assert (fewest(10, 0.5), most(10, 0.5)) == (1, 9)
    assert most(5, 1e-6) == 0
    assert fewest(5, 1 - 1e-6) == 5


def test_a_rate_reads_as_count_share_and_interval() -> None:
    assert str(Rate(count=0, n=10)) == "0 of 10: 0.0% (0.0% to 30.8%)"
