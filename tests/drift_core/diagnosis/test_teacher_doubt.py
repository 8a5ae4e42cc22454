from dataclasses import replace

import pytest

from drift_core.diagnosis.region import Region
from drift_core.diagnosis.rule import Rule
from drift_core.diagnosis.teacher_doubt import doubt_of_teacher
from drift_core.measures.level_ratios import Rise
from tests.drift_core.diagnosis.by_hand import FAMILIAR, HEALTHY, new_region, rise

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
