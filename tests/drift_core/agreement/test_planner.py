from dataclasses import replace

import pytest
from scipy.stats import norm

from drift_core.agreement.planner import plan_sample
from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.errors import SettingError
from drift_core.measured import Measured, Unmeasured
from tests.drift_core.diagnosis.by_hand import measured

NEEDED = norm.ppf(0.95) + norm.ppf(0.8)


def sized(error: float) -> Measured:
    return replace(measured(0.9, n_pairs=400, n_queries=100), standard_error=error)


SPREAD = SpreadTest(
    heldout=sized(0.006), production=sized(0.016), spread=sized(0.017), band="healthy", reading="cannot tell"
)


def test_the_plan_is_worked_out_from_the_variance_that_each_side_shows() -> None:
    plan = plan_sample(SPREAD, loss=0.03, rule=Rule(), price_per_pair=0.5)

    pairs = 400 * 0.016**2 / ((0.03 / NEEDED) ** 2 - 0.006**2)
    assert plan.n_pairs == pytest.approx(pairs, abs=1)
    assert plan.n_queries == pytest.approx(pairs / 4, abs=1)
    assert plan.more_pairs == plan.n_pairs - 400
    assert plan.cost == plan.more_pairs * 0.5
    assert plan.detectable == pytest.approx(NEEDED * (0.006**2 + 0.016**2) ** 0.5)


def test_the_smallest_loss_that_these_samples_see_needs_no_more_of_them() -> None:
    detectable = plan_sample(SPREAD, loss=0.03, rule=Rule()).detectable

    plan = plan_sample(SPREAD, loss=detectable, rule=Rule())

    assert (plan.n_pairs, plan.n_queries, plan.more_pairs) == (400, 100, 0)


def test_a_loss_that_is_seen_already_needs_no_more_pairs_and_costs_nothing() -> None:
    plan = plan_sample(SPREAD, loss=0.3, rule=Rule(), price_per_pair=0.5)

    assert (plan.more_pairs, plan.cost) == (0, 0)


def test_without_a_price_there_is_no_cost() -> None:
    assert plan_sample(SPREAD, loss=0.03, rule=Rule()).cost is None


def test_no_number_of_pairs_makes_up_for_a_heldout_that_is_too_uncertain() -> None:
    plan = plan_sample(replace(SPREAD, heldout=sized(0.02)), loss=0.03, rule=Rule(), price_per_pair=0.5)

    assert (plan.n_pairs, plan.n_queries, plan.more_pairs, plan.cost) == (None, None, None, None)


def test_more_power_and_a_stricter_alpha_need_more_pairs() -> None:
    plain, surer, stricter = (
        plan_sample(SPREAD, loss=0.03, rule=rule).n_pairs for rule in (Rule(), Rule(power=0.9), Rule(alpha=0.01))
    )

    assert plain is not None
    assert surer is not None
    assert stricter is not None
    assert plain < surer < stricter


@pytest.mark.parametrize("loss", [0.0, 1.0, -0.1])
def test_a_loss_outside_its_range_is_refused(loss: float) -> None:
    with pytest.raises(SettingError, match=r"must be in \(0, 1\); found"):
        plan_sample(SPREAD, loss=loss, rule=Rule())


def test_a_sample_whose_agreement_is_unmeasured_cannot_be_planned_from() -> None:
    for side in ("heldout", "production"):
        spread = replace(SPREAD, **{side: Unmeasured(reason="one query")})

        with pytest.raises(SettingError, match=r"agreement measured on .*: one query"):
            plan_sample(spread, loss=0.03, rule=Rule())


def test_a_plan_is_rounded_up_so_that_it_keeps_its_power() -> None:
    plan = plan_sample(SPREAD, loss=0.03, rule=Rule())

    exact = 400 * 0.016**2 / ((0.03 / NEEDED) ** 2 - 0.006**2)
    assert plan.n_pairs is not None
    assert exact <= plan.n_pairs < exact + 1
    assert plan.n_queries is not None
    assert plan.n_queries >= plan.n_pairs / 4


def test_a_plan_is_no_smaller_than_a_sample_whose_agreement_can_be_measured() -> None:
    plan = plan_sample(SPREAD, loss=0.9, rule=Rule())

    assert (plan.n_pairs, plan.n_queries) == (12, 3)  # 4 pairs a query
