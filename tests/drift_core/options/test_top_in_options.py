from types import SimpleNamespace

import pytest

from drift_core.options.weigh import weigh_options
from tests.drift_core.options.drifted_case import case

FELL = "The top fell: at K = 71 the student promotes 12 of the teacher's top 71."


@pytest.mark.parametrize("cause", ["query_drift", "healthy"])
@pytest.mark.parametrize("narrowed", [None, "a part of the range"])
def test_leaving_it_says_that_the_top_fell_unless_the_range_is_another(cause, narrowed):
    made = case(cause=cause)
    made.top_k = SimpleNamespace(fall=FELL)
    made.attribution = SimpleNamespace(score_range=narrowed)

    sentence = weigh_options(made, floor=0.5).sentence

    assert (FELL in sentence) is (narrowed is None)
    assert ("costs nothing" in sentence) is (cause != "healthy" and narrowed is not None)
