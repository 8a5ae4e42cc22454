from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.calibration.cause_tables import as_markdown, found_pairs, inconclusive, neither, right
from tests.calibration.causes import SETTINGS, Outcome, f1_of, list_draws
from tests.calibration.promises import broken

RIGHT = Outcome(
    kind="query",
    is_hard=False,
    with_pinned=False,
    seed=5,
    n_heldout=400,
    n_production=500,
    planted="query_drift",
    named="query_drift",
    f1=1.0,
)
OPEN = replace(RIGHT, seed=6, named="inconclusive", f1=0.5)
MISSED = replace(RIGHT, seed=7, named="healthy", f1=0.0)
ALARM = replace(RIGHT, kind="mix", planted="healthy", named="teacher_drift", f1=None)


def test_each_outcome_is_right_inconclusive_or_neither() -> None:
    outcomes = (RIGHT, OPEN, MISSED)

    assert [rate(outcomes).count for rate in (right, inconclusive, neither)] == [1, 1, 1]


def test_found_pairs_are_the_mean_over_draws_that_have_some() -> None:
    found = found_pairs((RIGHT, OPEN, MISSED, ALARM))

    assert found is not None
    assert (found.mean, found.n) == (0.5, 3)
    assert found.standard_error == pytest.approx(0.5 / 3**0.5)


def test_f1_is_worked_out_by_hand() -> None:
    found, planted = np.array([True, True, False, False]), np.array([True, False, True, False])

    assert f1_of(found, planted) == 0.5
    assert f1_of(found, np.zeros(4, dtype=bool)) is None


def test_the_tables_say_date_seeds_and_draws_and_name_what_went_wrong() -> None:
    text = as_markdown((RIGHT, OPEN, MISSED, ALARM), on=date(2026, 1, 2))

    assert "(2026-01-02, seeds 5 to 7, 3 draws of each kind" in text
    assert "| drift planted, clear, without pinned scores | 1 of 3: 33.3%" in text
    assert "| query drift, clear, without pinned scores | 1 | 1 |  |  |  | 1 |" in text
    assert "- mix 5, clear, without pinned scores: teacher drift (400 and 500 pairs)" in text


def test_every_kind_is_drawn_in_each_setting_and_a_revision_only_with_pinned_scores() -> None:
    draws = list_draws(2, first_seed=10)

    assert len(draws) == 2 * (12 + 13) * 2
    assert {draw.seed for draw in draws} == {10, 11}
    assert all(draw.setting.with_pinned for draw in draws if draw.kind == "revision")
    assert {draw.setting for draw in draws} == set(SETTINGS)


def test_a_promise_is_broken_by_more_errors_than_chance_brings() -> None:
    right_often = [replace(RIGHT, seed=seed) for seed in range(100)]
    missed_often = [replace(MISSED, seed=seed) for seed in range(20)]

    assert broken(right_often) == []
    assert broken([*right_often[20:], *missed_often]) == [
        "clear, without pinned scores: right at least 98.0%",
        "clear, without pinned scores: neither at most 2.0%",
        "clear, without pinned scores: F1 at least 0.95",
    ]
    assert broken([ALARM] * 20) == ["clear, without pinned scores: false alarms at most 1%"]
