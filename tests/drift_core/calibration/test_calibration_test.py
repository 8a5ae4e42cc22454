"""Calibration of two samples: what moved, what never was, and what is no matter of calibration."""

import re
from dataclasses import replace

import numpy as np
import pytest

from drift_core.calibration.calibration_test import compare_calibration, has_two_answers
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores
from tests.drift_core.calibration.answered import draw_answers


@pytest.fixture(scope="module")
def draws():
    rng = np.random.default_rng(8)
    return {
        "calm": draw_answers(900, rng),
        "other traffic": draw_answers(900, rng, base=0.3),
        "too sure": draw_answers(900, rng, slope=2.5),
        "too sure again": draw_answers(900, rng, slope=2.5),
    }


@pytest.mark.parametrize(
    ("heldout", "production", "state", "finding"),
    [
        ("calm", "other traffic", "calibrated", None),
        ("calm", "too sure", "moved", "calibration_moved"),
        ("too sure", "too sure again", "not calibrated", "not_calibrated"),
        ("too sure", "calm", "came right", "calibration_came_right"),
    ],
)
def test_what_moved_is_told_from_what_never_was(draws, heldout, production, state, finding):
    found = compare_calibration(draws[heldout], draws[production], ranks="held")

    assert found is not None
    assert (found.state, found.finding) == (state, finding)
    assert found.to_json()["sentence"] == found.sentence
    assert bool(found.change) == (state == "moved")


def test_the_next_step_is_to_recalibrate_and_leaves_a_retraining_to_the_verdict(draws):
    held, fell = (compare_calibration(draws["calm"], draws["too sure"], ranks=ranks) for ranks in ("held", "fell"))

    assert held is not None
    assert fell is not None
    assert held.sentence.startswith("Calibration moved, ranks held: the student expects ")
    recalibrate = "Recalibrate and set thresholds again (distillation-drift calibrate)"
    assert held.next_step == f"{recalibrate}; calibration alone is no reason to retrain."
    assert fell.next_step.startswith(
        "Agreement fell too, which no recalibration mends: first do what the verdict says."
    )
    assert fell.next_step.endswith(f" {recalibrate}.")
    assert fell.sentence.startswith("Calibration moved: ")
    assert re.fullmatch(r"calibration moved, its error from \d+\.\d% to \d+\.\d%", held.change)


def test_what_moved_is_told_by_its_own_interval_and_an_error_that_may_be_none_by_its_own(draws):
    found = compare_calibration(draws["calm"], draws["too sure"], ranks="held")

    assert found is not None
    assert f"what passes at the same probability moved by {found.moved.error:.1%}; " in found.sentence
    gap = found.production.gap
    assert "(at least " in gap.told
    assert replace(gap, at_least=0.0004).told == f"{gap.error:.1%}"


def test_a_calibration_that_came_right_asks_for_no_recalibration(draws):
    found = compare_calibration(draws["too sure"], draws["calm"], ranks="held")

    assert found is not None
    assert found.sentence.startswith("Calibration moved, ranks held: the student expects ")
    assert found.sentence.endswith("Production is calibrated.")
    assert found.next_step.startswith("Set thresholds of earlier weeks again")
    assert "ecalibrate" not in found.told.replace("calibrate)", "")


def test_an_error_is_told_with_the_limit_that_it_is_called_one_by(draws):
    found = compare_calibration(draws["too sure"], draws["too sure again"], ranks="held")

    assert found is not None
    gap = found.production.gap
    assert 0 < gap.error.low < gap.at_least < gap.error.estimate
    assert f"its calibration error is {gap.error.estimate:.1%} (at least {gap.at_least:.1%})" in found.sentence
    calm = compare_calibration(draws["calm"], draws["other traffic"], ranks="held")
    assert calm is not None
    assert (calm.production.gap.at_least, "at least" in calm.sentence) == (0, False)


def test_too_few_pairs_are_said(draws):
    found = compare_calibration(draws["calm"], draws["too sure"].take(np.arange(30)), ranks="held")

    assert found is not None
    assert found.state == "cannot tell"
    assert found.finding is None
    assert "calibration needs at least 50 pairs" in found.sentence


def test_scores_labels_and_one_answer_are_no_matter_of_calibration():
    score = np.linspace(0, 1, 90)
    answer = (np.arange(90) % 2).astype(float)

    def pair(teacher, student, **how):
        return Scores(teacher=teacher, student=student, **how)

    assert has_two_answers(pair(answer, score))
    assert not has_two_answers(pair(score, score))
    assert not has_two_answers(pair(answer, answer))
    assert not has_two_answers(pair(answer, score, is_ranked=False))
    assert not has_two_answers(pair(np.ones(90), score))
    beyond = pair(answer, score * 3)
    assert compare_calibration(beyond, beyond, ranks="held") is None


def test_scores_that_lie_apart_cannot_be_compared():
    low, high = (Scores(student=np.full(60, chance), teacher=np.tile([0.0, 1.0], 30)) for chance in (0.3, 0.6))

    found = compare_calibration(low, high, ranks="held")

    assert found is not None
    assert isinstance(found.moved, Unmeasured)
    assert "apart from held-out's" in found.moved.reason


def test_whose_move_it_is_is_told_by_the_pinned_revisions_answers_alone(draws):
    calm, moved = draws["calm"], draws["too sure"]
    unpinned = compare_calibration(calm, moved, ranks="held")
    assert unpinned.whose.endswith("is not known without scores of the pinned revision.")
    assert unpinned.whose in unpinned.told
    assert unpinned.to_json()["under_pinned"] is None

    # The teacher was revised: today's answers are those of a student that is too sure, the pinned ones of this one.
    pinned = draw_answers(900, np.random.default_rng(9))
    passed = np.random.default_rng(10).random(900) < 1 / (1 + (1 / pinned.student - 1) ** 0.2)
    current = replace(pinned, teacher=passed.astype(float))
    revised = compare_calibration(calm, current, (pinned, current), ranks="held")
    assert revised.state == "moved"
    assert revised.whose.startswith("It is the teacher: by the pinned revision's answers what passes moved by ")

    students = compare_calibration(calm, moved, (moved, moved), ranks="held")
    assert students.whose.startswith("It is not the teacher's revision alone: ")
    assert compare_calibration(calm, draws["other traffic"], ranks="held").whose == ""
