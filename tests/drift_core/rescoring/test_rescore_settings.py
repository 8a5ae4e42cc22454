from drift_core.rescoring.budget import Cap
from drift_core.rescoring.settings import RescoreSettings, Rescoring
from drift_core.rescoring.teacher import Teacher


def test_what_nobody_entered_is_as_the_parts_have_it():
    entered = RescoreSettings(model="judge", max_calls=1).rescoring()

    assert entered == Rescoring(teacher=Teacher(model="judge"), cap=Cap(max_calls=1))
