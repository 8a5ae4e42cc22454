import pytest

from drift_core import Cap, SettingError
from drift_core.rescoring.budget import PICOS, Budget, CallPrices, worst_tokens


def test_costs_are_exact_and_round_up():
    prices = CallPrices(per_million_in=0.1, per_million_out=0.4, per_call=0.01)

    assert prices.cost(3, 2) == 3 * 100_000 + 2 * 400_000 + PICOS // 100
    assert CallPrices(per_million_in=1e-7).cost(1, 0) == 1


def test_ten_tenths_fit_a_cap_of_one_and_an_eleventh_does_not():
    budget = Budget(Cap(max_spend=1.0, prices=CallPrices(per_call=0.1)))
    reserve = budget.cap.prices.cost(0, 0)

    for _ in range(10):
        assert budget.fits(reserve)
        budget.reserve(reserve)
    assert not budget.fits(reserve)
    assert budget.in_flight

    budget.settle(reserve, 0)
    assert budget.fits(reserve)
    budget.settle(reserve, None)
    assert budget.spent == 9 * reserve


def test_calls_are_never_given_back():
    budget = Budget(Cap(max_calls=1))

    budget.reserve(0)
    assert not budget.fits(0)
    budget.settle(0, 0)

    assert not budget.fits(0)
    assert not budget.in_flight


def test_a_call_that_was_not_sent_is_none():
    budget = Budget(Cap(max_calls=1))

    budget.reserve(0)
    assert budget.in_flight
    budget.settle(0, 0, was_sent=False)

    assert (budget.calls, budget.fits(0)) == (0, True)


@pytest.mark.parametrize("more", [{"max_calls": -1}, {"max_spend": -1, "max_calls": 1}, {"max_spend": float("nan")}])
def test_a_cap_that_is_none_is_refused(more):
    with pytest.raises(SettingError):
        Cap(prices=CallPrices(per_call=1), **more)


@pytest.mark.parametrize("name", ["per_million_in", "per_million_out", "per_call"])
@pytest.mark.parametrize("value", [-1, float("inf"), float("nan")])
def test_a_price_is_a_number_from_zero(name, value):
    with pytest.raises(SettingError, match=name):
        CallPrices(**{name: value})


def test_a_prompt_never_has_more_tokens_than_bytes():
    assert worst_tokens("ä€", 10) >= 5 + 10
    assert worst_tokens("\ud800", 0) > 1
