from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.findings import Finding
from drift_core.options.next_action import next_action, pairs_to_score_again
from drift_core.options.option import Option
from drift_core.options.treatment_steps import treatment_steps
from drift_core.options.weigh import Options
from drift_core.samples.next_in_words import VERSION_BETWEEN, score_part
from drift_core.samples.settling import Settling
from tests.drift_core.charts.by_hand import measured


def option(way, agreement):
    return Option(
        way=way, title=way, teacher_share=0.0, once=0.0, a_year=0.0, agreement=measured(agreement), assumes=""
    )


def routes(cheapest, *, floor=0.85, route=0.95, retrain=0.9):
    ways = (option("nothing", 0.8), option("route", route), option("retrain", retrain))
    return Options(options=ways, floor=floor, cheapest=cheapest, break_even_weeks=1.0, sentence="Because.")


def diagnosed(
    cause,
    *settling,
    findings=(),
    calibration=None,
    to_pin=None,
    to_score_again=None,
    crossing=None,
    sample=None,
    fell=False,
):
    found = tuple(SimpleNamespace(aim=aim, sentence=sentence, commands=()) for aim, sentence in settling)
    settings = SimpleNamespace(rule=Rule())
    spread = SimpleNamespace(is_ranked=True, floor=lambda rule: rule.agreement_healthy)
    return SimpleNamespace(
        findings=tuple(Finding(name=name, sentence=f"{name}.", sample=sample) for name in findings),
        verdict=SimpleNamespace(cause=cause),
        regions=SimpleNamespace(drifted=(SimpleNamespace(is_familiar_fall=True),) if fell else ()),
        rescored_first=(),
        revised_words=(),
        settling=found,
        settings=settings,
        spread=spread,
        calibration=calibration,
        to_pin=to_pin,
        crossing=crossing,
        to_score_again=to_score_again,
        moved_calibration=cause == "healthy" and calibration is not None,
    )


def test_a_healthy_student_whose_calibration_moved_is_recalibrated():
    moved = SimpleNamespace(state="moved", ranks="held", next_step="Recalibrate.")

    action = next_action(diagnosed("healthy", calibration=moved), routes("nothing"))

    assert (action.title, action.page, action.reason) == ("Recalibrate, do not retrain", "spread", moved.next_step)
    drifted = next_action(diagnosed("query_drift", calibration=moved), routes("retrain"))
    assert drifted.page == "retrain"


@pytest.mark.parametrize(
    ("cause", "weighed", "title", "page"),
    [
        ("healthy", routes("nothing"), "Keep the student, and watch it", "canary"),
        ("healthy", routes(None), "Keep the student, and watch it", "canary"),
        ("query_drift", routes("retrain"), "Re-score and retrain", "retrain"),
        ("query_drift", routes("route"), "Let the teacher answer the drifted regions", "costs"),
        ("query_drift", routes(None), "Re-score and retrain, or route", "retrain"),
        ("query_drift", routes(None, retrain=0.8), "Re-score and retrain", "retrain"),
        ("teacher_drift", routes("nothing"), "Re-score and retrain, or leave it", "retrain"),
        ("teacher_drift", routes("nothing", floor=0.7), "Keep the student, and watch it", "canary"),
    ],
)
def test_what_to_do_follows_the_cause_and_what_reaches_a_floor_that_somebody_set(cause, weighed, title, page):
    action = next_action(diagnosed(cause), weighed)

    assert (action.title, action.page) == (title, page)
    steps = treatment_steps(cause, way=action.way)
    assert next(step.page for step in steps if step.is_next) == page
    assert action.reason.startswith("Because.")
    judged = "Have people judge some of its answers before you copy them"
    assert (judged in action.reason) == (title == "Re-score and retrain, or leave it")


def test_a_familiar_region_that_the_teacher_may_have_made_fall_is_scored_with_the_pinned_revision_first():
    first = SimpleNamespace(sentence="Score 40 pairs.", commands=("draw", "diagnose"))

    for weighed in (routes("retrain"), routes("route"), routes("nothing")):
        action = next_action(diagnosed("query_drift", to_pin=first), weighed)
        steps = treatment_steps("query_drift", way=action.way)

        assert (action.title, action.reason) == ("Score with the pinned revision first", "Score 40 pairs.")
        assert [step.name for step in steps if step.is_next] == ["pinned_scores"]
        assert [step.name for step in steps].index("pinned_scores") < [step.name for step in steps].index("list")
    set_by_hand = routes("nothing", floor=0.7)
    assert next_action(diagnosed("query_drift", to_pin=first), set_by_hand).page == "canary"
    assert next_action(diagnosed("query_drift", to_pin=first, fell=True), set_by_hand).page == "samples"


def test_a_student_is_not_kept_where_a_familiar_region_fell_whatever_floor_is_set():
    action = next_action(diagnosed("query_drift", fell=True), routes("nothing", floor=0.7))

    assert (action.title, action.page) == ("Re-score and retrain, or leave it", "retrain")


def test_an_open_cause_is_settled_first_by_what_would_settle_it():
    settling = (("overturn", "Not this."), ("pinned", "Score 40 pairs."))

    action = next_action(diagnosed("inconclusive", *settling), replace(routes(None), sentence="Open."))

    assert (action.title, action.reason, action.page) == ("Settle it first", "Score 40 pairs.", "samples")
    assert treatment_steps("inconclusive", way=action.way)[0].title == action.title


def test_a_healthy_student_of_a_scale_that_moved_gets_its_thresholds_set_again():
    moved = SimpleNamespace(name="teacher_scale_moved", sentence="449 of 912 pairs change side.")

    action = next_action(diagnosed("healthy", crossing=moved), routes("nothing"))
    steps = treatment_steps("healthy", findings=[moved.name], way=action.way)

    assert action.title == "Keep the student, and set thresholds again"
    assert action.reason.startswith("449 of 912 pairs change side.")
    assert [(step.name, step.page) for step in steps if step.is_next] == [("thresholds", action.page)]
    assert next_action(diagnosed("query_drift", crossing=moved), routes("retrain")).page == "retrain"


def test_scores_that_may_be_another_students_are_made_again_before_a_retraining_or_pinned_scores():
    again = Settling(aim="student", sentence="Score production again.", commands=("score", "diagnose"))

    action = next_action(diagnosed("teacher_drift", to_pin=again, to_score_again=again), routes("retrain"))

    assert (action.title, action.reason) == ("Score with the student again first", "Score production again.")
    assert (action.way, action.commands) == ("student", ("score", "diagnose"))
    assert again.in_full == "Score production again. Score them: score Then diagnose: diagnose"
    assert treatment_steps("teacher_drift", way=action.way)[0].name == "student_scores"


@pytest.mark.parametrize(
    ("cause", "findings", "settling"),
    [
        ("healthy", ("one_query", "student_range_cut"), ()),
        ("healthy", ("student_range_cut", "mix_moved"), ()),
        ("healthy", ("mix_moved",), ()),
        ("healthy", ("mix_moved", "calibration_moved"), ()),
        ("healthy", ("mix_moved", "teacher_scale_moved"), ()),
        ("healthy", ("calibration_moved", "teacher_scale_moved"), ()),
        ("inconclusive", ("one_query",), (("spread", "More pairs."),)),
        ("inconclusive", ("student_range_cut", "one_query"), (("spread", "More pairs."),)),
        ("inconclusive", ("student_range_cut",), (("missing", "Score the missing."),)),
    ],
)
def test_the_first_step_is_the_next_action(cause, findings, settling):
    crossing = next((SimpleNamespace(sentence=f"{name}.") for name in findings if name.endswith("_scale_moved")), None)
    calibration = SimpleNamespace(next_step="Recalibrate.") if "calibration_moved" in findings else None
    made = diagnosed(cause, *settling, findings=findings, calibration=calibration, crossing=crossing)
    action = next_action(made, routes("nothing"))
    steps = treatment_steps(cause, findings=findings, way=action.way)
    words = {"recalibrate": "Recalibrate", "thresholds": "set thresholds again", "decide": action.title}

    assert [step for step in steps if step.is_next] == [steps[0]]
    assert words.get(steps[0].name, steps[0].title) in action.title
    assert steps[0].name != "decide" or steps[0].title.split()[:2] == action.title.split()[:2]


def test_missing_scores_that_keep_a_verdict_open_come_before_the_part_that_was_set_aside():
    settling = (("missing", "Score the missing."), ("spread", "More pairs."))
    action = next_action(diagnosed("inconclusive", *settling, findings=("one_query",)), routes(None))
    steps = treatment_steps("inconclusive", findings=("one_query",), way=action.way)

    assert (action.title, action.reason) == ("Settle it first", "Score the missing.")
    assert [step.title for step in steps[:2]] == [action.title, "Find out what asks the query that was set aside"]


def test_a_held_out_that_says_nothing_of_production_is_drawn_from_it():
    action = next_action(diagnosed("inconclusive", ("heldout", "Draw one: sample.")), routes(None))

    assert (action.title, action.reason) == ("Draw a held-out from production", "Draw one: sample.")


@pytest.mark.parametrize(
    ("sample", "begins"), [("held-out", "Draw held-out over more queries"), ("production", "Find")]
)
def test_a_query_that_outweighs_the_others_is_told_by_its_sample(sample, begins):
    action = next_action(diagnosed("healthy", findings=("one_query",), sample=sample), routes("nothing"))

    assert action.title.startswith(begins)
    assert treatment_steps("healthy", findings=("one_query",), way=action.way)[0].title == action.title


def test_what_an_open_verdict_asks_to_be_scored_again_are_the_pairs_of_the_part_that_was_served_otherwise():
    made = diagnosed("inconclusive", ("student", score_part("arm B (2 pairs)")))
    served = SimpleNamespace(is_served=True, drifted=True, partition="arm", index=1)
    cut = SimpleNamespace(name="arm", production=np.array([0, 1, 0, 1]))
    made.production = np.zeros(4)
    made.regions = SimpleNamespace(partitions=(cut,), regions=(served,))

    assert next_action(made, routes(None)).label == "Bring the new scores"
    assert pairs_to_score_again(made).tolist() == [False, True, False, True]
    made.regions.regions = ()
    assert pairs_to_score_again(made).all()
    other = diagnosed("inconclusive", ("student", VERSION_BETWEEN))
    assert pairs_to_score_again(other) is None
    assert pairs_to_score_again(diagnosed("inconclusive", ("spread", "More pairs."))) is None
