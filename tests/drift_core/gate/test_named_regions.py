from dataclasses import replace

import pytest

from drift_core.canary.assessment import PooledRegion
from drift_core.canary.decision import Decision
from drift_core.gate.headline import gate_headline
from drift_core.regions.named_region import DRAWN, NamedRegion
from tests.drift_core.gate.weeks import FIRST, decide, measured, region, week

REFUNDS = Decision(
    kind="name_region", at=FIRST, by="Ada", reason="r", run_key=None, region=NamedRegion(name="refunds", words="refund")
)


def pooled(**changes):
    values = {
        "partition": DRAWN,
        "name": "refunds",
        "since": "2026-03-02",
        "is_new": False,
        "n_weeks": 2,
        "n_pairs": 80,
        "n_queries": 40,
        "share": 0.2,
        "level": 1.8,
        "usual": 0.9,
        "score": 5.0,
        "threshold": 3.4,
        "loss": 0.1,
    }
    return PooledRegion(**(values | changes))


def decided(*found, figures=True, **week_changes):
    regions = (region("refunds", measured(0.9), DRAWN),) if figures else ()
    newest = replace(week(0, regions=regions, **week_changes), regions=found)
    return decide([newest], decisions=[REFUNDS])


def test_an_alarm_of_a_named_region_is_in_the_headline_and_told_with_its_figures():
    decision = decided(pooled(is_alarm=True), status="alarm", reasons=["The student errs more on refunds."])

    assert gate_headline(decision).startswith("Blocked since 2026-03-02: the canary alarms on refunds")
    assert decision.notes == (
        "The named region refunds alarms in the canary of 2026-03-02: its error is 2.0 times the usual, over 2 weeks "
        "with 80 pairs.",
    )


@pytest.mark.parametrize(
    ("found", "figures", "told"),
    [
        ([pooled(level=0.9)], True, "is as before in the canary of 2026-03-02: its error is 1.0 times the usual"),
        ([], True, "is compared with nothing in the canary of 2026-03-02."),
        ([], False, "is not in the canary of 2026-03-02: it was named later, or the sample has none of its pairs."),
    ],
)
def test_a_pass_says_how_each_named_region_stands(found, figures, told):
    decision = decided(*found, figures=figures)

    assert decision.status == "pass"
    assert f"The named region refunds {told}" in decision.sentence


def test_an_alarm_elsewhere_names_no_region():
    decision = decided(pooled(level=0.9), status="alarm", reasons=["It fell."])

    assert "alarms on" not in gate_headline(decision)
