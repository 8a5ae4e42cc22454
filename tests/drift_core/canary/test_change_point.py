import math
from dataclasses import replace

import pytest

from drift_core.canary.alarm import assess
from drift_core.canary.change_point import find_change
from tests.calibration.change_points import Cell, covered
from tests.calibration.rates import fewest
from tests.drift_core.canary.runs_by_hand import measured, week


def weeks_of(agreements):
    return assess([week(i, agreement=measured(value), null_error=0.07) for i, value in enumerate(agreements)])


def test_a_clear_step_is_found_in_its_week():
    weeks = weeks_of([0.95, 0.95, 0.95, 0.95, 0.80, 0.80, 0.80])

    change = find_change(weeks)

    assert change.at == change.low == change.high == weeks[4].run.at
    assert change.fall == pytest.approx(0.15, abs=0.01)
    assert (change.n_weeks, change.n_since, change.reason) == (7, 3, None)


@pytest.mark.parametrize(("n_low", "told"), [(1, "one week"), (2, "two weeks")])
def test_one_or_two_weeks_of_evidence_have_no_interval_and_say_so(n_low, told):
    change = find_change(weeks_of([0.95] * 6 + [0.80] * n_low))

    assert (change.at, change.low, change.high) == (week(6).at, None, None)
    assert change.sentence == (
        f"Agreement is lower by 0.149, seen first in the week of 2026-02-16, with {told} of evidence."
    )
    assert change.to_json()["reason"] == f"{told.capitalize()} of evidence; an interval needs at least 3."
    assert (change.to_json()["low"], change.to_json()["n_weeks_since"]) == (None, n_low)


def test_the_week_that_the_baseline_was_taken_from_is_not_looked_at():
    runs = [week(i, agreement=measured(value), heldout=None) for i, value in enumerate([0.95, 0.8, 0.8, 0.8])]

    change = find_change(assess(runs))

    assert (change.at, change.n_weeks) == (week(1).at, 3)


def test_a_faint_step_has_an_interval_around_it():
    change = find_change(weeks_of([0.95, 0.95, 0.95, 0.95, 0.93, 0.93, 0.93]))

    assert change.low < change.at <= change.high


def test_gaps_are_passed_over():
    runs = [week(i, agreement=measured(0.95 if i < 3 else 0.80), null_error=0.07) for i in range(6)]
    runs[4] = week(4, agreement=measured(0.99), n_pairs=10)

    assert find_change(assess(runs)).n_weeks == 5


def test_a_sample_that_was_recorded_twice_is_evidence_once():
    runs = [week(i, agreement=measured(0.95 if i < 4 else 0.80), null_error=0.07) for i in range(6)]
    again = replace(runs[5], teacher_revision="r1 typo")

    once, twice = (find_change(assess([*runs, *more])) for more in ((), (again,)))

    assert twice == once
    assert once.evidence == "two weeks"


def test_a_week_of_no_weight_beside_sure_ones_divides_by_nothing():
    runs = [week(i, agreement=measured(0.9 - 0.01 * i), null_error=1e-6 if i < 4 else 1e6) for i in range(6)]

    change = find_change(assess(runs))

    assert math.isfinite(change.fall)


def test_no_measured_week_has_no_change():
    assert find_change(assess([week(0, n_pairs=5)])) is None


@pytest.mark.parametrize("cell", [Cell(n_queries=10), Cell(n_weeks=24, first=18)], ids=str)
def test_the_interval_holds_the_change_though_the_baseline_is_one_week(cell):
    hits, n = covered(cell, 150, seed=3)

    # At 95 %, fewer than `fewest` of n hit less than once in 1,000 runs; intervals of whole weeks cover more.
    assert hits >= fewest(n, 0.95)


@pytest.mark.parametrize("n", [5, 10])
def test_a_slow_fall_is_told_as_one_without_a_sure_week(n):
    weeks = weeks_of([0.95] * 6 + [0.95 - 0.15 * (i + 1) / n for i in range(n)])

    change = find_change(weeks)

    assert change.is_slow
    assert abs((change.at - week(6).at).days) <= 7
    assert (change.low, change.high) == (None, None)
    assert change.fall == pytest.approx(0.15, abs=0.03)  # a line of z, not of agreement
    assert change.sentence.startswith(f"Agreement has fallen since about {change.at:%Y-%m-%d}, ")
    assert "week by week, by 0.1" in change.sentence
    assert "no week is its first for sure" in change.to_json()["reason"]
    assert change.told("was").startswith("Agreement fell from about ")


def test_a_slow_fall_that_may_have_come_at_once_says_so():
    clear, close = (find_change(weeks_of([0.95] * 6 + low)) for low in ([0.93, 0.9, 0.86, 0.81, 0.74], [0.93] * 4))

    assert (clear.is_slow, clear.how) == (True, "week by week")
    assert not close.is_slow
    assert find_change(weeks_of([0.95] * 6 + [0.93, 0.94, 0.92, 0.92])).how == "at once or week by week"
