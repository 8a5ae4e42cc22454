from dataclasses import replace
from datetime import timedelta

import pytest

from drift_core.agreement.rule import Rule
from drift_core.canary.alarm import assess
from drift_core.canary.decision import Decision
from drift_core.canary.figures import Bridge, ErrorFigure, HeldoutFigure, NewTraffic
from drift_core.measured import Unmeasured
from tests.drift_core.canary.runs_by_hand import MONDAY, measured, week

AT_SHIP = ErrorFigure(level=1.0, variance=0.002, third=0.0, degrees=200.0)
HELDOUT = HeldoutFigure(digest="held", agreement=measured(0.95), z_error=0.03, error=AT_SHIP)


def run(number, *, level=1.0, agreement=0.95, **changes):
    """A measured week whose error level is `level`, with a standard error of 0.1."""
    error = ErrorFigure(level=level, variance=0.01, third=0.0, degrees=200.0)
    return week(number, error=error, agreement=measured(agreement), heldout=HELDOUT, **changes)


def imported(number, agreement, **changes):
    return week(number, agreement=measured(agreement), null_error=0.07, origin="import", **changes)


def statuses(weeks):
    return [each.status for each in weeks]


def new_traffic(level=4.0, *, share=0.1, n_tested=1):
    error = ErrorFigure(level=level, variance=0.1, third=0.01, degrees=200.0)
    return NewTraffic(
        names=("charging",), n_pairs=20, n_queries=20, share=share, p_value=0.5, error=error, n_tested=n_tested
    )


@pytest.mark.parametrize(
    "changes", [{}, {"level": 2.0, "agreement": 0.935}, {"level": 0.3, "agreement": 0.99}], ids=["at", "trifle", "rise"]
)
def test_weeks_at_the_baseline_a_trifle_below_it_or_above_it_are_quiet_however_sure_that_is(changes):
    weeks = assess([run(i, **changes) for i in range(8)])

    assert statuses(weeks) == ["quiet"] * 8
    assert all(not each.reasons for each in weeks)


def test_a_large_fall_alarms_in_its_first_week_and_says_the_figures():
    weeks = assess([run(0), run(1, level=1.6, agreement=0.90)])

    assert statuses(weeks) == ["quiet", "alarm"]
    assert weeks[1].signals == ("agreement",)
    assert weeks[1].window == 1
    assert "Agreement is 0.90, 0.050 (" in weeks[1].reasons[0]
    assert "below the baseline 0.95, and the student's error is 1.6 times the baseline's" in weeks[1].reasons[0]


def test_a_fall_too_small_for_a_week_alarms_when_weeks_are_taken_together():
    weeks = assess([run(i, level=1.25, agreement=0.92) for i in range(8)])

    assert weeks[0].status == "quiet"
    first = statuses(weeks).index("alarm")
    assert 1 <= first <= 7
    assert weeks[first].window > 1


def test_a_week_that_has_recovered_is_quiet_although_the_windows_remember():
    weeks = assess([*(run(i, level=1.8, agreement=0.88) for i in range(4)), run(4, level=0.9, agreement=0.955)])

    assert statuses(weeks) == ["alarm"] * 4 + ["quiet"]


def test_a_week_back_at_the_baseline_is_quiet_after_an_outage():
    weeks = assess([run(0), run(1, level=6.0, agreement=0.70), run(2, level=1.02, agreement=0.947)])

    assert statuses(weeks) == ["quiet", "alarm", "quiet"]


def test_error_levels_of_another_held_out_are_not_compared():
    other = replace(HELDOUT, digest="other", agreement=measured(0.75))
    low = replace(run(1, level=1.0, agreement=0.75), heldout=other, null_error=0.07)
    weeks = assess([run(0), low])

    assert weeks[1].status == "alarm"
    assert weeks[1].baseline.agreement.estimate == 0.95


def test_a_week_that_is_added_later_with_an_earlier_date_moves_no_baseline():
    runs = [run(1), run(2, level=1.9, agreement=0.85)]
    low = replace(HELDOUT, digest="other", agreement=measured(0.60))
    late = replace(run(0, agreement=0.60), heldout=low, number=3)

    assert (
        assess([*(replace(each, number=place) for place, each in enumerate(runs, start=1)), late])[2].status == "alarm"
    )


def test_a_small_week_is_a_gap_that_neither_alarms_nor_counts():
    low = run(1, level=3.0, agreement=0.5, n_pairs=20)
    weeks = assess([run(0), low, run(2)])

    assert statuses(weeks) == ["quiet", "gap", "quiet"]
    assert weeks[1].score is None
    assert "20 pairs" in weeks[1].reasons[0]


def test_a_week_that_could_not_be_measured_is_a_gap():
    week_without = replace(run(0), agreement=Unmeasured(reason="All teacher scores are equal here."))

    assert statuses(assess([week_without])) == ["gap"]


def test_the_order_in_which_runs_come_does_not_matter():
    runs = [run(i, level=1.3, agreement=0.91) for i in range(6)]

    assert assess(runs[::-1]) == assess(runs)


def test_a_smaller_budget_needs_more_evidence():
    runs = [run(0), run(1, level=1.41, agreement=0.91)]

    assert assess(runs, rule=Rule(alarm_budget=0.2))[1].status == "alarm"
    assert assess(runs, rule=Rule(alarm_budget=0.01))[1].status == "quiet"
    assert assess(runs, rule=Rule(alarm_budget=0.2, alarm_share=0.01))[1].status == "quiet"


def test_imported_weeks_are_compared_by_agreement_alone():
    weeks = assess([imported(0, 0.95), imported(1, 0.94), imported(2, 0.90)])

    assert statuses(weeks) == ["quiet", "quiet", "alarm"]


def test_without_held_out_the_first_week_is_compared_with_nothing():
    weeks = assess([imported(i, 0.9, heldout=None) for i in range(3)])

    assert weeks[0].score is None
    assert weeks[1].score is not None


def test_the_limit_of_a_week_lies_below_the_baseline_and_alarms_below_it():
    week_two = assess([run(0), run(1)])[1]
    baseline = week_two.baseline.agreement.estimate
    assert week_two.limit < baseline - Rule().alarm_loss + 1e-9

    under = imported(1, assess([imported(0, 0.95), imported(1, 0.95)])[1].limit - 0.002)

    assert assess([imported(0, 0.95), under])[1].status == "alarm"


def test_new_traffic_with_large_errors_alarms_by_itself():
    weeks = assess([run(0), run(1, level=1.2, agreement=0.935, new_traffic=new_traffic())])

    assert weeks[1].signals == ("new_traffic",)
    assert "charging" in weeks[1].reasons[0]
    assert "10%" in weeks[1].reasons[0]


def test_new_traffic_as_good_as_the_rest_does_not_alarm():
    weeks = assess([run(i, new_traffic=new_traffic(1.1)) for i in range(8)])

    assert statuses(weeks) == ["quiet"] * 8


def test_new_traffic_below_the_share_that_counts_does_not_alarm():
    weeks = assess([run(0, new_traffic=new_traffic(share=0.04))])

    assert statuses(weeks) == ["quiet"]


def test_many_new_regions_raise_the_limit():
    level = 2.8
    assert assess([run(0, new_traffic=new_traffic(level))])[0].status == "alarm"
    assert assess([run(0, new_traffic=new_traffic(level, n_tested=50))])[0].status == "quiet"


def test_the_worst_of_several_good_new_regions_does_not_add_up():
    weeks = assess([run(i, new_traffic=new_traffic(1.7, n_tested=5)) for i in range(12)])

    assert statuses(weeks) == ["quiet"] * 12


def test_the_same_sample_on_several_days_is_no_further_evidence():
    low = [run(i, level=1.25, agreement=0.92, production_digest="one sample") for i in range(8)]

    assert statuses(assess(low)) == ["quiet"] * 8


def test_an_alarm_is_repeated_with_its_sample():
    low = [run(i, level=3.0, agreement=0.80, production_digest="one sample") for i in range(2)]

    assert statuses(assess(low)) == ["alarm"] * 2


def test_a_revision_that_costs_agreement_on_the_same_pairs_alarms_in_the_week_of_its_bridge():
    bridge = Bridge(loss=measured(0.08), z_shift=0.6, z_error=0.05, error_shift=0.9, error_variance=0.01)
    runs = [run(0), run(1, level=1.9, agreement=0.88, teacher_revision="r2", bridge=bridge)]
    weeks = assess([*runs, run(2, level=1.9, agreement=0.88, teacher_revision="r2")])

    assert weeks[1].signals == ("revision",)
    assert "r2 costs 0.08" in weeks[1].reasons[0]
    assert "r2 cost 0.08" in weeks[1].past_reasons[0]
    assert weeks[2].status == "quiet"


def test_a_revision_without_a_bridge_is_held_against_the_old_baseline():
    weeks = assess([run(0), *(run(i, level=1.9, agreement=0.88, teacher_revision="r2") for i in (1, 2))])

    assert statuses(weeks) == ["quiet", "alarm", "alarm"]
    assert weeks[2].baseline.teacher_revision == "r1"


def test_a_bridge_in_a_gap_moves_nothing():
    bridge = Bridge(loss=measured(0.4), z_shift=1.5, z_error=0.2, error_shift=4.0, error_variance=1.0)
    runs = [run(0), run(1, agreement=0.5, n_pairs=12, teacher_revision="r2", bridge=bridge)]
    weeks = assess([*runs, run(2, level=4.0, agreement=0.6, teacher_revision="r2")])

    assert statuses(weeks) == ["quiet", "gap", "alarm"]
    assert weeks[2].baseline.source == "heldout"


def test_a_revision_that_comes_back_has_its_own_baseline_again():
    bridge = Bridge(loss=measured(0.15), z_shift=0.8, z_error=0.05, error_shift=2.0, error_variance=0.01)
    there = run(1, level=3.0, agreement=0.80, teacher_revision="r2", bridge=bridge)
    weeks = assess([run(0), there, run(2, level=3.0, agreement=0.80)])

    assert weeks[2].baseline.source == "heldout"
    assert weeks[2].status == "alarm"


def test_a_new_student_is_not_held_against_the_old_one():
    better = replace(HELDOUT, agreement=measured(0.90))
    runs = [run(0), replace(run(1, agreement=0.90), student_version="s2", heldout=better)]

    assert statuses(assess(runs)) == ["quiet", "quiet"]


def test_an_accepted_level_ends_the_alarm():
    runs = [run(0), *(run(i, level=1.6, agreement=0.90) for i in (1, 2))]
    accepted = Decision(kind="accept_level", at=MONDAY, by="Ada", reason="Known mix", run_key=runs[1].key)

    assert statuses(assess(runs, [accepted])) == ["quiet", "quiet", "quiet"]


def test_a_further_sample_of_a_day_does_not_cover_its_alarm():
    bad = run(1, level=1.6, agreement=0.90)
    later = bad.recorded_at + timedelta(hours=2)
    good = replace(run(1), at=bad.at + timedelta(hours=2), recorded_at=later, production_digest="another")
    released = replace(good, student_version="s2")

    assert [(each.status, each.run.key) for each in assess([run(0), bad, good])][1:] == [
        ("quiet", good.key),
        ("alarm", bad.key),
    ]
    assert assess([run(0), bad, released])[-1].run.student_version == "s2"


@pytest.mark.parametrize("n", [0, 1, 9, 60])
def test_every_run_is_judged_once(n):
    assert len(assess([run(i) for i in range(n)])) == n


def test_a_withdrawn_week_is_no_part_of_the_windows_of_others():
    low, later = run(4, level=3.0, agreement=0.7), run(5, level=1.2)
    held = [run(i) for i in range(4)]
    taken = Decision(kind="withdraw", at=MONDAY, by="Ada", reason="Wrong file", run_key=low.key)

    with_it, without = assess([*held, low, later])[-1], assess([*held, low, later], [taken])[-1]

    assert without == assess([*held, later])[-1]
    assert with_it.score > without.score


AREA = {"is_answered": True, "is_area": True}


def test_an_area_is_compared_itself_and_not_by_the_error_of_ranks():
    weeks = assess([run(0, **AREA), run(1, agreement=0.75, **AREA), run(2, level=3.0, **AREA)])

    assert statuses(weeks) == ["quiet", "alarm", "quiet"]
    assert "the student's error" not in weeks[1].reasons[0]


def test_a_week_with_few_of_an_answer_is_not_surer_than_held_out_was():
    few = replace(measured(0.90), standard_error=1e-4)
    heldout = replace(HELDOUT, z_error=0.3)
    weeks = assess([replace(run(each, **AREA), agreement=few, heldout=heldout) for each in range(2)])

    assert statuses(weeks) == ["quiet", "quiet"]


def test_areas_after_the_ranks_of_an_earlier_version_have_a_baseline_of_their_own():
    ranks = replace(HELDOUT, agreement=measured(0.74))
    earlier = [replace(run(each, agreement=0.73, is_answered=True), heldout=ranks) for each in range(2)]
    weeks = assess([*earlier, run(2, **AREA), run(3, agreement=0.75, **AREA)])

    assert [round(each.baseline.agreement.estimate, 2) for each in weeks] == [0.74, 0.74, 0.95, 0.95]
    assert statuses(weeks) == ["quiet", "quiet", "quiet", "alarm"]
