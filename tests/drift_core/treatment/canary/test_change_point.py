import numpy as np
import pytest

from drift_core.treatment.canary.alarm import assess
from drift_core.treatment.canary.change_point import find_change
from tests.drift_core.treatment.canary.runs_by_hand import measured, week


def weeks_of(agreements):
    return assess([week(i, agreement=measured(value), null_error=0.07) for i, value in enumerate(agreements)])


def test_a_clear_step_is_found_in_its_week():
    weeks = weeks_of([0.95, 0.95, 0.95, 0.95, 0.80, 0.80, 0.80])

    change = find_change(weeks)

    assert change.at == change.low == change.high == weeks[4].run.at
    assert change.fall == pytest.approx(0.15, abs=0.01)


def test_a_faint_step_has_an_interval_around_it():
    change = find_change(weeks_of([0.95, 0.95, 0.95, 0.95, 0.93, 0.93, 0.93]))

    assert change.low < change.at <= change.high


def test_gaps_are_passed_over():
    runs = [week(i, agreement=measured(0.95 if i < 3 else 0.80), null_error=0.07) for i in range(6)]
    runs[4] = week(4, agreement=measured(0.99), n_pairs=10)

    assert find_change(assess(runs)).n_weeks == 5


def test_no_measured_week_has_no_change():
    assert find_change(assess([week(0, n_pairs=5)])) is None


def test_the_interval_holds_the_change_as_often_as_it_says():
    rng, hits, n = np.random.default_rng(3), 0, 300
    for _ in range(n):
        z = np.arctanh(0.95) - np.where(np.arange(12) >= 6, 0.15, 0.0) + 0.07 * rng.normal(size=12)
        change = find_change(weeks_of(np.tanh(z)))
        hits += change.low <= week(6).at <= change.high

    # 300 draws at 95 % hit 285 times with a standard error of 3.8; the set is whole weeks, so it covers at least that.
    assert hits >= 285 - 4 * 3.8
