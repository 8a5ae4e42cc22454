import pytest

from drift_core.options.treatment_steps import treatment_steps


def test_drift_is_treated_in_the_order_in_which_it_is_done():
    steps = treatment_steps("query_drift")

    assert [step.name for step in steps] == ["list", "rescore", "retrain", "compare", "canary", "pin"]
    assert [step.command for step in steps] == ["manifest", "rescore", "retrain", "compare", "canary", "card pin"]
    assert not any(step.is_done for step in steps)


@pytest.mark.parametrize(
    ("cause", "way", "names", "following"),
    [
        ("query_drift", "retrain", ["list", "rescore", "retrain", "compare", "canary", "pin"], "list"),
        ("query_drift", "route", ["route", "canary", "pin"], "route"),
        ("query_drift", "nothing", ["leave", "canary", "pin"], "canary"),
        ("healthy", None, ["keep", "canary", "pin"], "canary"),
        ("inconclusive", None, ["measure", "canary", "pin"], "measure"),
    ],
)
def test_the_steps_are_those_of_the_recommended_way_and_mark_it(cause, way, names, following):
    steps = treatment_steps(cause, way=way)

    assert [step.name for step in steps] == names
    assert [step.name for step in steps if step.is_next] == [following]


def test_what_is_known_to_be_done_is_marked():
    steps = treatment_steps("query_drift", done=("rescore", "compare"))

    assert [step.name for step in steps if step.is_done] == ["list", "rescore", "compare"]
    assert [step.name for step in steps if step.is_next] == ["retrain"]


def test_a_recorded_revision_counts_as_done():
    pin = treatment_steps("teacher_drift", pinned_revision="judge-2025")[-1]
    assert pin.is_done
    assert "judge-2025" in pin.reason


def test_a_healthy_student_whose_calibration_moved_is_recalibrated():
    steps = treatment_steps("healthy", findings=("few_queries", "calibration_moved"))

    assert [step.name for step in steps] == ["recalibrate", "canary", "pin"]
    assert steps[0].command == "calibrate"
    assert treatment_steps("query_drift", findings=("calibration_moved",))[0].name == "list"
    assert treatment_steps("healthy", findings=("not_calibrated",))[0].name == "keep"


@pytest.mark.parametrize("cause", ["healthy", "inconclusive"])
def test_nothing_is_retrained_without_drift(cause):
    assert all("Retrain" not in step.title for step in treatment_steps(cause))
