import json
import math

import pytest

from drift_core.errors import SettingError
from drift_core.measured import Unmeasured
from drift_core.options.costs import Prices, canary_costs, price_per_pair

GIVEN = {"teacher_per_pair": 0.002, "student_per_1000": 0.02, "calls_a_week": 1_000_000, "canary_pairs": 300}


def costs(**changed):
    return canary_costs(Prices(**GIVEN | changed))


def test_each_figure_follows_from_the_prices():
    found = costs(retrain_pairs=5_000, drifted_share=0.1)

    assert found.teacher_per_1000 == pytest.approx(2.0)
    assert found.student_per_1000 == pytest.approx(0.02)
    assert found.saving_a_week == pytest.approx(2_000 - 20)
    assert found.canary_a_week == pytest.approx(0.6)
    assert found.canary_a_year == pytest.approx(31.2)
    assert found.canary_share_of_saving == pytest.approx(0.6 / 1_980)
    assert found.retrain == pytest.approx(10.0)
    assert found.fallback_a_year == pytest.approx(0.1 * 1_980 * 52)
    assert found.teacher_a_year == pytest.approx(1_980 * 52)


@pytest.mark.parametrize(("canary_pairs", "a_week", "share"), [(100, 1.0, 0.0001), (1_000, 10.0, 0.001)])
def test_one_to_ten_a_week_against_ten_thousand_is_a_hundredth_to_a_tenth_of_a_percent(canary_pairs, a_week, share):
    found = costs(teacher_per_pair=0.01, student_per_1000=0.0, calls_a_week=1_000_000, canary_pairs=canary_pairs)

    assert found.saving_a_week == pytest.approx(10_000)
    assert found.canary_a_week == pytest.approx(a_week)
    assert found.canary_share_of_saving == pytest.approx(share)


def test_with_a_free_student_the_canary_takes_its_share_of_the_calls_at_any_price():
    shares = [
        costs(teacher_per_pair=price, student_per_1000=0.0, calls_a_week=10_000_000, canary_pairs=500)
        for price in (0.001, 0.02)
    ]

    assert [each.canary_share_of_saving for each in shares] == pytest.approx([0.00005, 0.00005])


def test_tokens_give_the_price_of_a_pair():
    assert price_per_pair(per_million_tokens=2.5, tokens_per_pair=800) == pytest.approx(0.002)


@pytest.mark.parametrize(
    ("changed", "reason"), [({"calls_a_week": 0}, "no calls a week"), ({"student_per_1000": 2.0}, "costs no less")]
)
def test_without_a_saving_the_share_is_unmeasured_and_null_in_json(changed, reason):
    found = costs(**changed)

    assert isinstance(found.canary_share_of_saving, Unmeasured)
    assert reason in found.canary_share_of_saving.reason
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["canary_share_of_saving"] is None


def test_a_student_that_costs_more_is_a_negative_saving():
    assert costs(student_per_1000=3.0).saving_a_week == pytest.approx(-1_000)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("teacher_per_pair", r"The teacher's price of a pair \(--teacher-price\)"),
        ("student_per_1000", r"The student's price of 1,000 calls \(--student-price\)"),
        ("calls_a_week", r"The number of calls a week \(--calls\)"),
        ("canary_pairs", r"The number of pairs in the weekly sample \(--pairs\)"),
    ],
)
@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "2", True])
def test_what_is_no_price_is_refused_by_the_name_that_was_typed(name, typed, value):
    with pytest.raises(SettingError, match=rf"{typed} must be a number in \[0, inf\); found"):
        costs(**{name: value})


def test_a_share_of_traffic_lies_between_nothing_and_all():
    share = r"The share of the calls in drifted regions \(--drifted-share\) must be a number in \[0, 1\]; found 1.5"
    with pytest.raises(SettingError, match=share):
        costs(drifted_share=1.5)
    with pytest.raises(SettingError, match="--tokens"):
        price_per_pair(per_million_tokens=1.0, tokens_per_pair=-1)


def test_the_json_holds_the_prices_and_the_figures():
    document = costs().to_json()

    assert document["prices"]["canary_pairs"] == 300
    assert {"canary_a_year", "saving_a_week", "retrain", "fallback_a_year"} <= set(document)


def test_the_costs_say_themselves_in_a_sentence_and_in_lines():
    found = costs(retrain_pairs=5_000, drifted_share=0.1)

    assert found.sentence == "The canary costs 31.20 a year: 0.030% of what the student saves."
    assert found.lines["canary, a year"] == found.canary_a_year
    assert found.lines["10% of the calls back to the teacher, a year more"] == found.fallback_a_year
    assert costs(calls_a_week=0).sentence.endswith("There are no calls a week, so the student saves nothing.")


def test_a_share_that_is_not_known_has_no_fallback_and_no_line():
    found = costs(drifted_share=None)

    assert found.fallback_a_year is None
    assert found.to_json()["fallback_a_year"] is None
    assert not [name for name in found.lines if "calls back to the teacher" in name and "all" not in name.split()]
