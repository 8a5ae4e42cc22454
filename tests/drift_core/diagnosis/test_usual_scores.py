"""Scores that look odd and are not."""

import numpy as np
import pandas as pd
import pytest

from tests.drift_core.diagnosis.test_messy_files import answered, diagnosed, judged, names


def test_more_low_grades_in_their_place_are_no_odd_scores() -> None:
    samples = []
    for each, middle in ((1, 3.0), (2, 2.0)):
        teacher, student = judged(each, n=1000)
        samples.append(answered(np.clip(np.round(2 * teacher + middle), 0, 10), student, each))

    assert not [name for name in names(diagnosed(*samples)) if name.startswith("odd")]


def test_a_finer_scale_that_keeps_the_order_is_no_odd_score() -> None:
    samples = []
    for each, step in ((1, 1.0), (2, 0.5)):
        teacher, student = judged(each, n=1000)
        samples.append(answered(np.clip(np.round((2 * teacher + 5) / step) * step, 0, 10), student, each))

    assert not [name for name in names(diagnosed(*samples)) if name.startswith("odd")]


def test_a_unit_is_seen_on_a_scale_whose_scores_are_mostly_small() -> None:
    samples = []
    for each in (1, 2):
        teacher, student = judged(each, n=1000)
        samples.append(answered(1 / (1 + np.exp(2 - 1.5 * teacher)), student, each))
    rows = np.random.default_rng(3).random(1000) < 0.1
    samples[1].loc[rows, "teacher_score"] /= 10

    made = diagnosed(*samples)

    assert made.verdict.cause == "healthy"
    assert "fits the student's only when multiplied by 10" in made.verdict.summary


def test_a_student_cut_off_below_is_no_teacher_in_another_unit() -> None:
    samples = []
    for each in (1, 2):
        teacher, student = judged(each, n=1000)
        samples.append(answered(1 / (1 + np.exp(2 - 1.5 * teacher)), 1 / (1 + np.exp(2 - 1.5 * student)), each))
    samples[1]["student_score"] = np.maximum(samples[1]["student_score"] - 0.1, 0)

    assert "odd_teacher_scores" not in names(diagnosed(*samples))


def test_a_pair_that_is_asked_often_is_no_failed_parse() -> None:
    heldout, production = (answered(*judged(seed), seed) for seed in (1, 2))
    popular = pd.concat([production.iloc[:1].assign(teacher_score=-1.5, student_score=1.2)] * 40)

    made = diagnosed(heldout, pd.concat([production, popular], ignore_index=True))

    assert not [name for name in names(made) if name.startswith(("odd", "teacher_scores"))]


@pytest.mark.parametrize("seed", range(3))
def test_heavy_tails_are_no_scores_out_of_range(seed: int) -> None:
    samples = []
    for each in (10 + 2 * seed, 11 + 2 * seed):
        teacher, student = judged(each, n=300)
        samples.append(answered(np.exp(2 * teacher).round(6), student, each))

    assert "odd_teacher_scores" not in names(diagnosed(*samples))
