from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from drift_core.canary.measure import canary_run
from drift_core.canary.run import CanaryRun
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.distributions.copied_scores import copied_scores
from drift_core.distributions.odd_scores import IN_DOUBT, find_odd_scores
from drift_core.distributions.other_names import OtherName
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.scores import Scores
from tests.drift_core.diagnosis.by_hand import HEALTHY, decided
from tests.drift_core.diagnosis.test_messy_files import answered, diagnosed, names
from tests.drift_core.diagnosis.test_odd_scores import passed

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def run_of(made: Diagnosis) -> CanaryRun:
    return canary_run(made, at=NOW, recorded_at=NOW, teacher_revision="r1")


def judged_as(kind: str, seed: int, n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Teacher's scores of a kind, and the student's."""
    rng = np.random.default_rng(seed)
    worth = rng.normal(size=n)
    student = 1 / (1 + np.exp(-2 * (worth + 0.35 * rng.normal(size=n))))
    scores = {
        "two values": (worth > 0) * 1.0,
        "grades": np.digitize(worth, [-1.2, -0.4, 0.4, 1.2]) + 1.0,
        "numbers with a common 0": np.where(worth < -1, 0.0, (1 / (1 + np.exp(-2 * worth))).round(3)),
        "numbers": (1 / (1 + np.exp(-2 * worth))).clip(0.02, 0.98).round(3),
    }
    return scores[kind], student


def fooled(kind: str, *, value: float, share: float = 0.09) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Held-out, and a production in which a student that is fooled says much where the teacher says `value`."""
    samples = [answered(*judged_as(kind, seed), seed) for seed in (1, 2)]
    rng = np.random.default_rng(3)
    rows = rng.random(600) < share
    samples[1].loc[rows, "teacher_score"] = value
    samples[1].loc[rows, "student_score"] = rng.uniform(0.85, 0.98, rows.sum()).round(4)
    return samples[0], samples[1]


@pytest.mark.parametrize(("kind", "value"), [("two values", 0.0), ("grades", 1.0), ("numbers with a common 0", 0.0)])
def test_an_answer_that_held_out_gives_often_counts_however_far_the_student_is_off(kind: str, value: float) -> None:
    made = diagnosed(*fooled(kind, value=value))

    assert len(made.production) == 600
    assert made.production.unscored is None
    assert made.spread.reading == "fell"
    assert made.verdict.cause != "healthy"
    run = run_of(made)
    assert isinstance(run.agreement, Measured)
    assert "aside" not in run.set_aside


def test_a_value_of_two_is_an_answer_however_rare() -> None:
    rng = np.random.default_rng(1)
    teachers, student = np.ones((2, 800)), rng.normal(size=(2, 800))
    teachers[0, np.argsort(student[0])[:3]] = 0
    teachers[1, np.argsort(student[1])[-60:]] = 0
    heldout, production = (Scores(student=s, teacher=t) for s, t in zip(student, teachers, strict=True))

    assert find_odd_scores(heldout, production) == ()


@pytest.mark.parametrize(("value", "is_measured"), [(0.0, False), (-1.0, True)])
def test_a_canary_week_says_what_was_set_aside_and_is_not_judged_where_it_may_be_answers(
    value: float, is_measured: bool
) -> None:
    samples = [answered(*judged_as("numbers", seed), seed) for seed in (1, 2)]
    samples[1].loc[np.random.default_rng(3).random(600) < 0.09, "teacher_score"] = value
    made = diagnosed(*samples)
    run = run_of(made)

    assert len(made.production) < 600
    assert isinstance(run.agreement, Measured) == is_measured
    assert f"have the teacher score {value:.0f}, which held-out never has. They are set aside." in run.set_aside
    assert made.missing is not None
    assert "gave no score, or one that was set aside, for" in made.missing.sentence


def test_what_is_in_doubt_stands_in_the_words_of_the_canary_and_leaves_the_verdict_open() -> None:
    (heldout, _), (production, _) = passed(1), passed(2)
    production.loc[np.random.default_rng(3).random(1200) < 0.1, "teacher_score"] = 0
    made = diagnosed(heldout, production)

    assert made.verdict.cause == "inconclusive"
    assert IN_DOUBT["teacher"] in names(made)
    assert "They count" in run_of(made).set_aside
    assert "Read the raw answers of these rows." in made.settling[0].sentence
    assert not [each for each in made.settling if each.aim == "spread"]


def copied(share: float, n: int = 300, *, off: float = 0.0, kind: str = "numbers") -> tuple[pd.DataFrame, pd.DataFrame]:
    samples = [answered(*judged_as(kind, seed, n), seed) for seed in (1, 2)]
    rows = np.random.default_rng(3).random(n) < share
    samples[1].loc[rows, "student_score"] = samples[1].loc[rows, "teacher_score"] + off
    return samples[0], samples[1]


@pytest.mark.parametrize(("share", "off"), [(1.0, 0.0), (1.0, 0.0003), (0.3, 0.0)])
def test_scores_of_the_student_that_are_the_teachers_are_neither_healthy_nor_a_quiet_week(
    share: float, off: float
) -> None:
    made = diagnosed(*copied(share, off=off))

    assert made.verdict.cause == "inconclusive"
    assert "scores_copied" in names(made)
    assert "looks like a copy of the teacher's" in made.verdict.summary
    run = run_of(made)
    assert isinstance(run.agreement, Unmeasured)
    assert "copy" in run.agreement.reason


def test_a_student_that_rounds_as_the_teacher_does_is_no_copy() -> None:
    samples = [answered(*judged_as("numbers", seed), seed) for seed in (1, 2)]
    for each in samples:
        each["teacher_score"] = each["teacher_score"].round(1)
    samples[1]["student_score"] = samples[1]["student_score"].round(1)

    assert "scores_copied" not in names(diagnosed(*samples))


@pytest.mark.parametrize(("rate", "n", "is_told"), [(0.02, 200, False), (0.02, 400, False), (0.15, 400, True)])
def test_labels_that_are_all_equal_are_told_only_where_held_out_lets_one_expect_many_that_differ(
    rate: float, n: int, is_told: bool
) -> None:
    rng = np.random.default_rng(1)
    teacher = (rng.random(1000) < 0.5) * 1.0
    differs = rng.random(1000) < rate
    heldout = Scores(student=np.where(differs, 1 - teacher, teacher), teacher=teacher, is_ranked=False)
    production = Scores(student=teacher[:n], teacher=teacher[:n], is_ranked=False)

    assert bool(copied_scores(heldout, production)) == is_told
    assert copied_scores(production, production) == ()


def test_a_doubt_leaves_no_verdict_open_where_agreement_held() -> None:
    held = replace(HEALTHY.spread, reading="held")
    doubt = OtherName(name=IN_DOUBT["teacher"], clause="c", told="T.", look="L.", figures={}, where="among these rows")

    assert decided(dropped=(doubt,), spread=held).cause == "healthy"
    assert decided(dropped=(doubt,)).cause == "inconclusive"
    assert decided(dropped=(replace(doubt, is_sure=True),), spread=held).cause == "inconclusive"
