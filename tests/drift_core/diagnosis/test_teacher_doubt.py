from dataclasses import replace
from types import SimpleNamespace

import pytest

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.label_moves import LabelMoves
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.teacher_doubt import doubt_of_teacher
from drift_core.distributions.narrowed_range import NarrowedRange
from drift_core.measures.level_ratios import Rise
from drift_core.measures.selection import Selection
from tests.drift_core.diagnosis.by_hand import (
    FAMILIAR,
    FELL,
    HEALTHY,
    INFERRED,
    decided,
    measured,
    new_region,
    pinned,
    rise,
)

HELD = rise(0.02, 0.3)


def doubt(region: Region, shared: Rise, **more: object) -> str:
    no = {"docs_moved": False, "student_changed": False, "familiar_moved": False}
    return doubt_of_teacher((region,), shared, HEALTHY.spread, **no, **more, rule=Rule())  # type: ignore[arg-type]


def test_a_familiar_region_that_fell_may_be_the_teachers_doing_which_the_others_do_not_tell() -> None:
    assert doubt(FAMILIAR, HELD) == "the fall of familiar may be the teacher's"


@pytest.mark.parametrize(
    ("region", "shared"),
    [
        (new_region(), HELD),
        (replace(FAMILIAR, is_harder=True), HELD),
        (replace(FAMILIAR, drifted=False), HELD),
        (FAMILIAR, rise(0.4, 0.0001)),  # all rose: the teacher is named by that
    ],
)
def test_nothing_else_that_fell_raises_that_doubt(region: Region, shared: Rise) -> None:
    assert doubt(region, shared) == ""


@pytest.mark.parametrize(
    ("cause", "region", "not_pinned", "is_first"),
    [
        ("query_drift", FAMILIAR, "no scores", True),
        ("query_drift", FAMILIAR, None, False),
        ("query_drift", new_region(), "no scores", False),
        ("teacher_drift", FAMILIAR, "no scores", False),
    ],
)
def test_pinned_scores_come_before_a_retraining_where_the_teacher_may_have_made_a_familiar_region_fall(
    cause: str, region: Region, not_pinned: str | None, is_first: bool
) -> None:
    pinned = SimpleNamespace(aim="pinned")
    made = SimpleNamespace(
        verdict=SimpleNamespace(cause=cause),
        attribution=SimpleNamespace(not_pinned=not_pinned),
        regions=SimpleNamespace(regions=(region,)),
        settling=(SimpleNamespace(aim="overturn"), pinned),
    )

    assert (Diagnosis.to_pin.fget(made) is pinned) == is_first  # type: ignore[attr-defined]


def test_without_pinned_scores_the_teachers_part_is_inferred() -> None:
    assert decided(shared=FELL, attribution=INFERRED).inferred
    assert not decided(**pinned(0.1, 0.0001)).inferred
    assert not decided(attribution=INFERRED).inferred  # a healthy verdict rests on no inference


@pytest.mark.parametrize(
    ("selection", "cause"),
    [
        (Selection(along="yes", student_moved=True, left=measured(0.0)), "healthy"),  # the range explains the rise
        (Selection(along="yes", student_moved=True), "healthy"),  # the shares of labels explain it
        (Selection(along="yes", student_moved=True, left=measured(0.04)), "inconclusive"),
        (Selection(along="yes", student_moved=True, left=measured(0.0, 0.04)), "inconclusive"),  # cannot tell
        (Selection(along="perhaps", student_moved=True), "inconclusive"),  # no revision moves a student's scores
        (Selection(along="no"), "teacher_drift"),
    ],
)
def test_a_teacher_is_named_only_where_no_selection_explains_the_fall(selection: Selection, cause: str) -> None:
    assert decided(shared=FELL, attribution=INFERRED, selection=selection).cause == cause


def test_chosen_pairs_and_a_students_scores_that_moved_are_told() -> None:
    chosen = Selection(along="yes", student_moved=True, left=measured(0.04))
    alone = replace(chosen, along="perhaps", left=None)

    told = [decided(shared=FELL, attribution=INFERRED, selection=each) for each in (chosen, alone)]

    assert told[0].headline == "Inconclusive: production's pairs look chosen by a score."
    assert "which no revision of the teacher does" in told[1].reason
    higher = replace(HEALTHY.spread, spread=measured(-0.03), reading="held")
    assert (
        "errors rose, and the student's scores moved" in decided(shared=FELL, selection=alone, spread=higher).headline
    )


@pytest.mark.parametrize(("along", "cause"), [("no", "teacher_drift"), ("perhaps", "inconclusive")])
def test_labels_that_like_traffic_may_have_moved_come_before_a_teacher_drift(along: str, cause: str) -> None:
    labels = LabelMoves(teacher="the teacher gives 'fail' to 35%", cost=0.04, is_material=True)
    selection = Selection(along=along)  # type: ignore[arg-type]

    verdict = decided(shared=FELL, attribution=INFERRED, labels=labels, selection=selection)

    assert verdict.cause == cause
    assert doubt(new_region(), HELD, selection=selection, labels=labels).startswith(
        "" if along == "no" else "the teacher gives 'fail' to 35%"
    )


def test_closer_calls_of_pairwise_judges_leave_the_teacher_open() -> None:
    verdict = decided(shared=FELL, attribution=INFERRED, is_pairwise=True)

    assert verdict.cause == "inconclusive"
    assert "closer calls" in verdict.headline
    assert decided(shared=FELL, attribution=INFERRED, is_pairwise=True, teacher_changed=True).cause == "teacher_drift"
    not_it = decided(**pinned(0.0, 0.5), shared=FELL, is_pairwise=True)  # type: ignore[arg-type]
    assert "closer calls" in not_it.reason
    assert "not drawn alike" in not_it.reason


def test_a_teacher_without_pinned_scores_is_named_beside_how_samples_were_drawn_and_an_open_cost_is_told() -> None:
    wide = replace(INFERRED, teacher=measured(0.04, 0.05))

    assert "the samples were not drawn alike" in decided(shared=FELL, attribution=INFERRED).reason
    assert "what that costs is open, +0.040 (-0.010 to +0.090)." in decided(shared=FELL, attribution=wide).reason


def test_a_fall_too_little_to_matter_or_of_which_the_range_costs_most_leaves_nothing_unexplained() -> None:
    little = replace(HEALTHY.spread, reading="held")
    narrowed = replace(HEALTHY.attribution, score_range=NarrowedRange(part=measured(0.05), left=0.6))

    assert decided(unexplained=measured(0.04), spread=little).cause == "healthy"
    assert decided(unexplained=measured(0.04), attribution=narrowed).cause == "healthy"
    most = replace(narrowed, score_range=NarrowedRange(part=measured(0.03), left=0.6))
    assert decided(unexplained=measured(0.015), attribution=most).cause == "inconclusive"  # surely left beside it
    assert decided(unexplained=measured(0.04, 0.06), attribution=most).cause == "healthy"


def test_a_scale_that_moved_is_told_beside_a_healthy_verdict() -> None:
    told = decided(scale_moved="the scale of the teacher moved").headline

    assert told == "Healthy, but the scale of the teacher moved."


def test_no_revision_is_inferred_where_agreement_did_not_fall() -> None:
    rose = replace(HEALTHY.spread, spread=measured(-0.1), reading="held")

    verdict = decided(shared=FELL, attribution=INFERRED, spread=rose)

    assert verdict.cause == "inconclusive"
    assert "agreement did not fall" in verdict.summary
