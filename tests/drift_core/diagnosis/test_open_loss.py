from dataclasses import replace

import pytest

from drift_core.measured import Unmeasured
from tests.drift_core.diagnosis.by_hand import HEALTHY, decided, measured


@pytest.mark.parametrize(
    ("fall", "left", "moved", "cause"),
    [
        (0.09, 0.09, False, "inconclusive"),  # what matters, and neither chance nor the mix rules it out
        (0.09, 0.01, False, "healthy"),  # the mix explains it
        (0.02, 0.02, False, "healthy"),  # nothing that matters
        (0.09, 0.09, True, "healthy"),  # the mix moved by so much that what is left says little
    ],
)
def test_a_loss_that_matters_and_that_a_sample_cannot_rule_out_is_not_called_healthy(
    fall: float, left: float, moved: bool, cause: str
) -> None:
    spread = replace(HEALTHY.spread, spread=measured(fall, 0.12), reading="cannot tell")

    verdict = decided(spread=spread, unexplained=measured(left, 0.3), familiar_moved=moved)

    assert verdict.cause == cause
    if cause == "inconclusive":
        assert verdict.headline == "Inconclusive: agreement may have fallen."
        assert verdict.reason.endswith("explains that, and this sample cannot tell it from chance.")


def test_where_what_explains_it_is_not_measured_a_loss_in_doubt_says_nothing() -> None:
    spread = replace(HEALTHY.spread, spread=measured(0.09, 0.12), reading="cannot tell")

    assert decided(spread=spread, unexplained=Unmeasured(reason="few")).cause == "healthy"
