from dataclasses import replace

import pytest

from drift_core.measured import Unmeasured
from tests.drift_core.gate.weeks import card, decide, measured, region, week, weeks

DE = {"partition": "country", "name": "DE", "floor": 0.8}


def decided(agreement):
    found = [*weeks(2), week(2, regions=(region("DE", agreement),))]
    return decide(found, card=card(critical_slices=(DE,)))


def test_a_slice_whose_interval_reaches_below_its_floor_is_held_with_a_warning():
    decision = decided(replace(measured(0.86, 0.74, 0.93), n_pairs=40))

    assert decision.status == "pass"
    assert decision.notes == (
        "Critical slice country: DE has 40 pairs, too few to hold its floor 0.80 with its interval: agreement 0.86 "
        "(0.74 to 0.93). About 160 would do.",
    )
    assert decision.notes[0] in decision.sentence


@pytest.mark.parametrize(
    "agreement",
    [measured(0.9, 0.82, 0.95), measured(0.7, 0.6, 0.78), measured(0.78, 0.7, 0.85), Unmeasured(reason="3 pairs.")],
    ids=["interval above", "interval below", "point below", "unmeasured"],
)
def test_a_slice_that_holds_its_floor_or_that_a_check_tells_of_has_no_warning(agreement):
    assert decided(agreement).notes == ()


def test_a_figure_at_its_floor_has_no_number_of_pairs_that_would_do():
    (note,) = decided(measured(0.8, 0.7, 0.87)).notes

    assert note.endswith("agreement 0.800 (0.700 to 0.870).")
