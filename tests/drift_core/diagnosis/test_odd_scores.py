from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest

from drift_core.canary.measure import canary_run
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.distributions.odd_scores import find_odd_scores
from drift_core.measured import Measured
from drift_core.measures.scores import Scores
from drift_core.samples.reading import read_pairs
from tests.drift_core.diagnosis.by_hand import decided
from tests.drift_core.diagnosis.test_messy_files import answered, diagnosed, judged, names
from tests.sweeps import sweep


def test_grades_in_another_unit_are_told_before_any_cause_and_read_in_the_usual_unit() -> None:
    samples = []
    for each in (1, 2):
        teacher, student = judged(each, n=1000)
        samples.append(answered(np.clip(np.round(2 * teacher + 5), 0, 10), student, each))
    rows = np.random.default_rng(3).random(1000) < 0.1
    before = samples[1]["teacher_score"].to_numpy().copy()
    samples[1].loc[rows, "teacher_score"] /= 10

    made = diagnosed(*samples)

    assert made.verdict.cause == "healthy"
    assert "fits the student's only when multiplied by 10" in made.verdict.reason.split("Agreement")[0]
    assert np.mean(np.isclose(made.production.teacher, before)) > 0.98  # 0 and 1 are grades in both units


def test_grades_of_which_a_few_lie_between_the_usual_ones_are_told_and_set_aside() -> None:
    samples = []
    for each in (1, 2):
        teacher, student = judged(each, n=1000)
        samples.append(answered(np.clip(np.round(2 * teacher + 5), 0, 10), student, each))
    rows = np.random.default_rng(3).random(1000) < 0.1
    samples[1].loc[rows, "teacher_score"] = 0.5

    made = diagnosed(*samples)

    assert made.verdict.cause == "healthy"
    assert "which held-out never has" in made.verdict.reason.split("Agreement")[0]


def fractions() -> list[pd.DataFrame]:
    """Two samples whose scores lie between 0 and 1."""
    return [answered(*(1 / (1 + np.exp(-1.5 * side)) for side in judged(each, n=600)), each) for each in (1, 2)]


@cache
def diagnosed_fractions() -> Diagnosis:
    return diagnosed(*fractions())


@pytest.mark.parametrize(
    ("column", "share", "place"),
    sweep(
        product(("teacher_score", "student_score"), (0.3, 1.0), (0, 1)),
        ("teacher_score", 0.3, 1),
        ("student_score", 1.0, 0),
    ),
)
def test_percentages_between_fractions_are_told_and_read_as_fractions(column: str, share: float, place: int) -> None:
    samples, usual = fractions(), diagnosed_fractions()
    rows = np.random.default_rng(3).random(600) < share
    samples[place].loc[rows, column] *= 100

    made = diagnosed(*samples)

    side = column.removesuffix("_score")
    assert names(made)[0] == f"{side}_scores_in_other_unit"
    assert made.findings[0].figures["n_rows"] == (600 if share == 1 else pytest.approx(rows.sum(), rel=0.02))
    assert made.findings[0].sentence in made.verdict.summary
    assert made.verdict.cause == usual.verdict.cause == "healthy"
    assert made.spread.spread.estimate == pytest.approx(usual.spread.spread.estimate, abs=0.005)
    assert made.production.digest == read_pairs(samples[1], name="production").digest


def test_rows_in_percent_that_are_exactly_those_of_an_arm_are_said_to_be() -> None:
    samples = fractions()
    arm = np.where(np.random.default_rng(3).random(600) < 0.3, "B", "A")
    samples[1] = samples[1].assign(arm=arm, site=np.tile(["x", "y"], 300))
    samples[1].loc[arm == "B", "student_score"] *= 100

    made = diagnosed(*samples)

    assert "They are exactly the rows of arm B. They are read in that unit." in made.findings[0].sentence


def test_a_week_in_percent_is_measured_by_the_canary() -> None:
    samples = fractions()
    samples[1]["student_score"] *= 100
    now = datetime(2026, 3, 2, tzinfo=UTC)

    run = canary_run(diagnosed(*samples), at=now, recorded_at=now, teacher_revision="r1")

    assert isinstance(run.agreement, Measured)
    assert run.findings[0] == "student_scores_in_other_unit"


def test_a_file_in_percent_on_both_sides_is_read_as_fractions() -> None:
    samples = fractions()
    samples[1][["teacher_score", "student_score"]] *= 100

    made = diagnosed(*samples)

    assert {"teacher_scores_in_other_unit", "student_scores_in_other_unit"} <= set(names(made))
    assert made.production.teacher.max() <= 1
    assert made.verdict.cause == "healthy"


def test_pinned_scores_in_percent_are_read_as_fractions_too() -> None:
    samples = fractions()
    samples[1]["teacher_score_pinned"] = 100 * samples[1]["teacher_score"]

    made = diagnosed(*samples)

    assert "a pinned teacher score that fits the student's only when multiplied by 0.01" in made.verdict.summary
    assert np.allclose(made.production.teacher_pinned, made.production.teacher)


def test_a_grade_given_in_place_of_an_answer_is_told_and_counts_where_the_scale_has_that_grade() -> None:
    samples = []
    for each in (1, 2):
        teacher, student = judged(each, n=1000)
        samples.append(answered(np.clip(np.round(2 * teacher + 3), 0, 10), student, each))
    rows = np.random.default_rng(3).random(1000) < 0.1
    samples[1].loc[rows, "teacher_score"] = 0

    made = diagnosed(*samples)

    assert made.verdict.cause == "inconclusive"
    assert "which held-out has more seldom, and in its place" in made.verdict.reason
    assert len(made.production) == 1000


TOPICS = (
    *("refund order money", "broken phone screen", "late parcel delivery", "voucher card balance"),
    *("invoice copy tax", "password reset login", "size exchange shoes", "warranty claim repair"),
)


def passed(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """1,200 pairs that pass five times in six, with the student's probability, and their topic."""
    teacher, student = judged(seed, n=1200)
    made = answered((teacher > -1).astype(int), 1 / (1 + np.exp(-3 * student)), seed)
    topic = np.random.default_rng(seed).integers(len(TOPICS), size=1200)
    words = made["query"].str.split(n=2).str[2]
    made["query"] = np.array(TOPICS)[topic] + " " + words
    return made, topic


def test_a_judge_that_grew_strict_on_one_topic_gave_answers() -> None:
    (heldout, _), (production, topic) = passed(1), passed(2)
    production.loc[(topic == 2) & (np.random.default_rng(3).random(1200) < 0.85), "teacher_score"] = 0

    made = diagnosed(heldout, production)

    assert made.verdict.cause == "query_drift"
    assert made.outcome == "fall of a familiar region"
    assert [region.name for region in made.regions.regions if region.drifted] == ["delivery, late, parcel"]
    assert made.missing is None
    assert made.to_pin


@pytest.mark.parametrize(("in_topic", "cause"), [(0.1, "inconclusive"), (0.5, "query_drift")])
def test_a_pass_that_failed_at_random_may_be_no_answer_of_the_judge_and_counts(in_topic: float, cause: str) -> None:
    (heldout, _), (production, topic) = passed(1), passed(2)
    production.loc[np.random.default_rng(3).random(1200) < np.where(topic == 2, in_topic, 0.1), "teacher_score"] = 0

    made = diagnosed(heldout, production)

    assert made.verdict.cause == cause
    assert "which held-out has more seldom, and in its place" in made.verdict.reason
    assert (len(made.production), made.missing) == (1200, None)


def in_three_grades(seed: int, *, error: float = 0.5, cut: float = -0.2) -> Scores:
    rng = np.random.default_rng(seed)
    worth = rng.normal(size=1500)
    return Scores(student=worth + error * rng.normal(size=1500), teacher=np.digitize(worth, [cut, 0.8]) * 1.0)


def test_failed_answers_are_found_though_the_grade_is_no_more_frequent_than_before() -> None:
    heldout, production = in_three_grades(1), in_three_grades(2, cut=-0.4)
    rows = np.random.default_rng(3).random(1500) < 0.1
    production = replace(production, teacher=np.where(rows, 0.0, production.teacher))

    (found,) = find_odd_scores(heldout, production)

    assert abs((production.teacher == 0).mean() - (heldout.teacher == 0).mean()) < 0.03
    assert rows[found.rows].mean() > 0.75


def in_five_grades(seed: int, *, n: int = 800) -> Scores:
    rng = np.random.default_rng(seed)
    worth = rng.normal(size=n)
    return Scores(student=worth + 0.4 * rng.normal(size=n), teacher=np.digitize(worth, [-1.2, -0.4, 0.4, 1.2]) + 1.0)


@pytest.mark.parametrize("is_pinned", [True, False])
@pytest.mark.parametrize(("grade", "became"), [(4, 2), (5, 2), (3, 1), (4, 1)])
def test_a_grade_that_a_revision_gives_in_place_of_another_is_an_answer(
    grade: int, became: int, is_pinned: bool
) -> None:
    heldout, production = in_five_grades(1), in_five_grades(2)
    rows = (production.teacher == grade) & (np.random.default_rng(3).random(800) < 0.55)
    today = replace(production, teacher=np.where(rows, became, production.teacher))

    assert find_odd_scores(heldout, today, pinned=production.teacher if is_pinned else None) == ()


@pytest.mark.parametrize("is_new", [True, False])
def test_what_the_pinned_revision_says_as_well_is_an_answer(is_new: bool) -> None:
    heldout, production = in_five_grades(1), in_five_grades(2)
    if is_new:  # a grade within the scale that held-out never has
        heldout = replace(heldout, teacher=np.where(heldout.teacher == 2, 1, heldout.teacher))
    rows = np.random.default_rng(3).random(800) < 0.1
    today = replace(production, teacher=np.where(rows, 2.0 if is_new else 1.0, production.teacher))

    assert find_odd_scores(heldout, today, pinned=today.teacher) == ()


@pytest.mark.parametrize("is_pinned", [True, False])
def test_an_error_code_is_no_answer_whatever_the_pinned_revision_says(is_pinned: bool) -> None:
    heldout, production = in_five_grades(1), in_five_grades(2)
    rows = np.random.default_rng(3).random(800) < 0.1
    today = replace(production, teacher=np.where(rows, -1.0, production.teacher))

    (found,) = find_odd_scores(heldout, today, pinned=production.teacher if is_pinned else None)

    assert np.array_equal(found.rows, rows)


def test_a_tenth_of_a_grade_is_told_though_some_grades_are_rare() -> None:
    rng = np.random.default_rng(5)
    heldout, production = (
        Scores(student=latent + rng.normal(0, 0.4, 400), teacher=np.clip(np.round(7 + 0.8 * latent), 5, 9))
        for latent in rng.normal(size=(2, 400))
    )
    rows = rng.choice(400, 40, replace=False)
    teacher = production.teacher.copy()
    teacher[rows] /= 10
    (found,) = find_odd_scores(heldout, replace(production, teacher=teacher))
    assert np.array_equal(np.flatnonzero(found.rows), np.sort(rows))


def test_larger_errors_in_all_grades_are_no_failed_answers() -> None:
    assert find_odd_scores(in_three_grades(1), in_three_grades(2, error=1.5)) == ()


def test_odd_scores_stay_where_setting_them_aside_would_leave_one_score_alone() -> None:
    heldout = answered((judged(1)[0] > 0).astype(float), judged(1)[1], 1)
    production = answered(np.where(np.arange(100) < 40, 50.0, 0.0), judged(2, n=100)[1], 2)

    made = diagnosed(heldout, production)

    assert len(made.production) == 100
    assert not [name for name in names(made) if name.startswith("odd")]
    assert made.production.unscored is None


def test_odd_scores_are_told_before_the_cause() -> None:
    verdict = decided(odd=(("odd_teacher_scores", "9 production rows have the teacher score -1."),))

    assert verdict.headline.startswith("Healthy: ")
    assert verdict.reason.startswith("9 production rows have the teacher score -1. ")
