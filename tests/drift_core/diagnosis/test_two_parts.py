"""A part that was served otherwise beside a region that drifted, and a region that fell while the whole held."""

from dataclasses import replace

import pytest

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.what_would_settle import what_would_settle
from tests.drift_core.diagnosis.by_hand import FAMILIAR, HEALTHY, decided, new_region

WORKER = new_region(
    "w3", partition="worker", kind="slice", is_served=True, n_production=100, share_production=0.25, adjusted=0.001
)
BOATS = new_region("boats", adjusted=0.001)


def test_a_new_region_and_a_worker_that_broke_are_both_named_with_their_shares_and_both_asked_for() -> None:
    verdict = decided(regions=(BOATS, WORKER))

    plan = what_would_settle(
        verdict.cause,
        spread=HEALTHY.spread,
        regions=(BOATS, WORKER),
        attribution=HEALTHY.attribution,
        rule=Rule(),
        or_student=verdict.or_student,
    )

    assert verdict.cause == "query_drift"
    assert verdict.headline == (
        "Query drift: the new region boats (20% of today's traffic), and worker w3 agrees less (25%) with queries "
        "like the rest's."
    )
    assert "because of the new region boats (20% of today's traffic) and of how worker w3 (25%) was" in verdict.reason
    assert plan[0].sentence.startswith("Score worker w3 (100 pairs) again with the student that was measured")


def test_a_worker_that_broke_comes_first_where_a_region_that_may_have_fallen_leaves_the_verdict_open() -> None:
    verdict = decided(regions=(replace(FAMILIAR, adjusted=0.018), WORKER))

    assert verdict.headline == (
        "Inconclusive: worker w3 agrees less (25%), with queries like the rest's; the region familiar fell too (20% "
        "of today's traffic)."
    )


@pytest.mark.parametrize(
    ("reading", "adjusted", "cause"),
    [("fell", 0.002, "query_drift"), ("held", 0.002, "inconclusive"), ("held", 0.0001, "query_drift")],
)
def test_a_familiar_region_that_fell_while_the_whole_held_must_be_as_rare_as_both(reading, adjusted, cause) -> None:
    verdict = decided(spread=replace(HEALTHY.spread, reading=reading), regions=(replace(FAMILIAR, adjusted=adjusted),))

    assert verdict.cause == cause
    is_open = "the region familiar may have fallen, while agreement as a whole held" in verdict.headline
    assert is_open is (cause == "inconclusive")
