"""Thresholds that keep an error: exact counts by hand, what queries cost, and what is too few."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from drift_core.calibration.threshold import Threshold, error_at, passed_share, set_threshold
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores
from tests.drift_core.calibration.answered import draw_answers


def ladder(n):
    """n pairs that the teacher passes and n that it stops, every score another."""
    score = (np.arange(2 * n) + 0.5) / (2 * n)
    return Scores(student=score, teacher=np.tile([0.0, 1.0], n))


@pytest.mark.parametrize(("n", "level"), [(59, 0.05), (200, 0.05), (500, 0.1)])
def test_as_many_errors_are_let_be_as_show_the_level(n, level):
    answers = ladder(n)
    most = int(binom.ppf(0.05, n, level)) - (binom.cdf(binom.ppf(0.05, n, level), n, level) > 0.05)

    missed, passed = (set_threshold(answers, error, level=level) for error in ("misses", "false_passes"))

    assert isinstance(missed, Threshold)
    assert isinstance(passed, Threshold)
    assert int((answers.student[answers.teacher == 1] < missed.value).sum()) == most
    assert int((answers.student[answers.teacher == 0] >= passed.value).sum()) == most
    assert binom.cdf(most, n, level) <= 0.05 < binom.cdf(most + 1, n, level)
    assert missed.observed.estimate == pytest.approx(most / n)
    assert error_at(answers, "misses", missed.value) == missed.observed
    assert binom.cdf(most, n, missed.highest) == pytest.approx(0.05)
    assert missed.highest <= level
    assert f"{missed.value:.4g} on the student's own score keeps misses at {level:.1%} or less" in missed.sentence
    assert missed.sentence.endswith(f"of all such traffic at most {missed.highest:.1%}.")


def test_too_few_pairs_of_an_answer_promise_nothing():
    found = set_threshold(ladder(58), "misses", level=0.05)

    assert isinstance(found, Unmeasured)
    assert found.reason == (
        "No threshold can be sure to keep misses at 5.0%: the teacher passes 58 pairs, and at least 59 are needed."
    )
    own = set_threshold(replace(ladder(59), queries=np.arange(118)), "misses", level=0.05)
    assert isinstance(own, Threshold)
    assert own.n_effective == 59
    shared = set_threshold(replace(ladder(59), queries=np.arange(118) // 8), "misses", level=0.05)
    assert "passes 59 pairs, which count as " in shared.reason
    none = set_threshold(Scores(student=np.linspace(0, 1, 9), teacher=np.zeros(9)), "misses", level=0.1)
    assert isinstance(none, Unmeasured)


@pytest.mark.parametrize(("error", "whole"), [("misses", "passes every pair"), ("false_passes", "stops every pair")])
def test_a_threshold_that_treats_every_pair_alike_keeps_nothing(error, whole):
    worst = np.r_[np.zeros(100), np.linspace(0.1, 1, 100)]  # half of each answer lies at the end
    answers = Scores(student=worst if error == "misses" else 1 - worst, teacher=np.tile([0.0, 1.0], 100))

    found = set_threshold(answers, error, level=0.05)

    assert isinstance(found, Unmeasured)
    assert f"at 5.0% but one that {whole}" in found.reason


def test_pairs_of_one_query_count_as_fewer():
    own = ladder(300)
    alike = np.repeat(np.arange(60), 10)  # ten pairs of a query lie side by side
    shared = replace(own, queries=alike)

    apart, together = (set_threshold(each, "misses", level=0.1) for each in (own, shared))

    assert isinstance(apart, Threshold)
    assert isinstance(together, Threshold)
    assert together.n_effective < 80 < 299 < apart.n_effective
    assert together.value < apart.value


def test_equal_scores_stay_on_one_side():
    answers = draw_answers(1000, np.random.default_rng(1))
    coarse = replace(answers, student=np.round(answers.student, 1))

    for error in ("misses", "false_passes"):
        found = set_threshold(coarse, error, level=0.1)
        assert isinstance(found, Threshold)
        assert found.observed.estimate <= 0.1
        assert passed_share(coarse, found.value).estimate == (coarse.student >= found.value).mean()
