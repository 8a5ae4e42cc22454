from dataclasses import replace
from types import SimpleNamespace

import pytest

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.teacher_doubt import doubt_of_teacher
from drift_core.measures.level_ratios import Rise
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


def doubt(region: Region, shared: Rise) -> str:
    no = {"docs_moved": False, "student_changed": False, "familiar_moved": False}
    return doubt_of_teacher((region,), shared, HEALTHY.spread, **no, rule=Rule())


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


def test_no_revision_is_inferred_where_agreement_did_not_fall() -> None:
    rose = replace(HEALTHY.spread, spread=measured(-0.1), reading="held")

    verdict = decided(shared=FELL, attribution=INFERRED, spread=rose)

    assert verdict.cause == "inconclusive"
    assert "agreement did not fall" in verdict.summary
