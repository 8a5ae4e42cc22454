import math
from dataclasses import replace

import pytest

from drift_core.agreement.rule import Rule
from drift_core.canary.baselines import bridge_refusal, follow_baselines, gap_reason
from drift_core.canary.decision import Decision
from drift_core.canary.figures import Bridge, ErrorFigure, HeldoutFigure
from drift_core.measured import Unmeasured
from drift_core.measures.fisher import unbiased_z
from tests.drift_core.canary.runs_by_hand import MONDAY, measured, week

RULE = Rule()
BRIDGE = Bridge(loss=measured(0.05), z_shift=0.3, z_error=0.04, error_shift=0.5, error_variance=0.01)


def test_held_out_of_the_first_run_is_the_baseline_of_all():
    later = HeldoutFigure(digest="other", agreement=measured(0.80), z_error=0.05)
    found = follow_baselines([week(0), week(1, heldout=later)], (), rule=RULE)

    assert [each.agreement.estimate for each in found] == [0.95, 0.95]
    assert found[0].source == "heldout"
    assert found[0].z == pytest.approx(unbiased_z(0.95, 0.046))


def test_imported_weeks_take_held_out_from_the_first_run_that_has_it():
    found = follow_baselines([week(0, heldout=None), week(1)], (), rule=RULE)

    assert found[0].source == "heldout"
    assert found[0].agreement.estimate == 0.95


def test_without_any_held_out_the_first_measured_week_is_the_baseline():
    small = week(0, heldout=None, n_pairs=10)
    found = follow_baselines([small, week(1, heldout=None), week(2, heldout=None)], (), rule=RULE)

    assert found[2].source == "first_week"
    assert found[2].since == week(1).at


def test_a_new_student_has_a_baseline_of_its_own():
    better = HeldoutFigure(digest="new", agreement=measured(0.97), z_error=0.04)
    found = follow_baselines([week(0), week(1, student_version="s2", heldout=better)], (), rule=RULE)

    assert [each.agreement.estimate for each in found] == [0.95, 0.97]


def test_a_revision_without_a_bridge_keeps_the_baseline():
    found = follow_baselines([week(0), week(1, teacher_revision="r2")], (), rule=RULE)

    assert found[1] == found[0]


def test_a_bridge_moves_the_baseline_by_what_the_revision_costs():
    error = ErrorFigure(level=1.0, variance=0.002, third=0.0, degrees=100.0)
    heldout = HeldoutFigure(digest="held", agreement=measured(0.95), z_error=0.03, error=error)
    runs = [
        week(0, heldout=heldout),
        week(1, teacher_revision="r2", heldout=heldout),
        week(2, teacher_revision="r2", heldout=heldout, bridge=BRIDGE),
        week(3, teacher_revision="r2", heldout=heldout),
    ]
    found = follow_baselines(runs, (), rule=RULE)

    assert found[1].source == "heldout"
    assert found[2].source == found[3].source == "bridge"
    assert found[3].z == pytest.approx(unbiased_z(0.95, 0.03) - 0.3)
    assert found[3].z_error == pytest.approx(math.hypot(0.03, 0.04))
    assert found[3].agreement.low < found[3].agreement.estimate < found[3].agreement.high
    assert found[3].error.level == pytest.approx(1.5)
    assert found[3].error.variance == pytest.approx(0.012)


def test_a_bridge_counts_once_for_its_revision():
    runs = [week(0), *(week(i, teacher_revision="r2", bridge=BRIDGE) for i in (1, 2))]
    found = follow_baselines(runs, (), rule=RULE)

    assert found[2] == found[1]


def test_an_accepted_level_is_the_baseline_from_its_run_on():
    runs = [week(0), week(1, agreement=measured(0.88)), week(2)]
    accepted = Decision(kind="accept_level", at=MONDAY, by="Ada", reason="New mix", run_key=runs[1].key)
    found = follow_baselines(runs, [accepted], rule=RULE)

    assert found[0].source == "heldout"
    assert found[2].source == "accepted"
    assert found[2].agreement.estimate == 0.88


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"n_pairs": 49}, "49 pairs"),
        ({"n_queries": 9}, "9 queries"),
        ({"agreement": Unmeasured(reason="All student scores are equal here.")}, "equal"),
    ],
)
def test_a_week_too_small_or_unmeasured_is_a_gap(changes, word):
    assert word in gap_reason(week(0, **changes), RULE)


def test_a_week_of_50_pairs_and_10_queries_is_no_gap():
    assert gap_reason(week(0, n_pairs=50, n_queries=10), RULE) is None


@pytest.mark.parametrize(("revision", "source"), [(None, "bridge"), ("r1", "bridge"), ("r0", "heldout")])
def test_a_bridge_counts_only_from_the_baseline_s_revision(revision, source):
    runs = [week(0), week(1, teacher_revision="r2", bridge=replace(BRIDGE, pinned_revision=revision))]

    found = follow_baselines(runs, (), rule=RULE)

    assert found[1].source == source
    assert (bridge_refusal(runs[1], found[1]) is None) == (source == "bridge")


def test_pinned_scores_that_stand_for_no_traffic_move_no_baseline_and_say_why():
    loss = Unmeasured(reason="Pinned scores hardly reach returns (60% of traffic).")
    run = week(1, teacher_revision="r2", bridge=replace(BRIDGE, loss=loss))
    found = follow_baselines([week(0), run], (), rule=RULE)

    assert found[1] == found[0]
    assert "no bridge. Pinned scores hardly reach returns" in bridge_refusal(run, found[1])


def test_a_refused_bridge_says_both_revisions():
    run = week(1, teacher_revision="r2", bridge=replace(BRIDGE, pinned_revision="r0"))

    reason = bridge_refusal(run, follow_baselines([week(0), run], (), rule=RULE)[1])

    assert "of revision r0, and the baseline is of r1" in reason
