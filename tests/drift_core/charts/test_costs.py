import vl_convert

from drift_core.charts.costs import costs_chart, describe_costs
from drift_core.options.costs import Prices, canary_costs

COSTS = canary_costs(
    Prices(
        teacher_per_pair=0.002,
        student_per_1000=0.02,
        calls_a_week=1_000_000,
        canary_pairs=300,
        retrain_pairs=5_000,
        drifted_share=0.1,
    )
)


def test_every_amount_stands_beside_its_bar():
    svg = vl_convert.vegalite_to_svg(costs_chart(COSTS).to_dict())

    for words in ("The canary, a year", "31.20", "Fallback for 10% of the calls, a year", "10,296.00"):
        assert words in svg


def test_the_text_alternative_states_every_amount():
    assert describe_costs(COSTS) == (
        "The canary, a year: 31.20; A retrain list of 5,000 pairs, once: 10.00; "
        "Fallback for 10% of the calls, a year: 10,296.00; What the student saves, a year: 102,960.00."
    )
