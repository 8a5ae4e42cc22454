import pytest

from drift_core.canary.alarm import assess
from drift_core.canary.change_point import ChangePoint
from drift_core.canary.explanation import Explanation, explain_alarm
from drift_core.canary.fall import Fall
from drift_core.canary.figures import Bridge, HeldoutFigure
from drift_core.canary.status import (
    NOTHING_YET,
    alarm_rows,
    lowered_from,
    newest_sentence,
    quiet_since,
    summary_of,
    week_by_itself,
)
from pages.components.frame.steps import canary_state
from tests.drift_core.canary.runs_by_hand import measured, region, week

CALM = [week(number, agreement=measured(0.95), regions=()) for number in range(4)]
LOW = measured(0.6)


def judged(*runs):
    return assess(runs)


def test_without_a_week_there_is_nothing_to_say():
    assert newest_sentence(()) == NOTHING_YET
    assert newest_sentence((), n_withdrawn=2) == "No recorded week counts: all were withdrawn."


def test_a_quiet_week_tells_since_when_and_its_figure_beside_the_baseline():
    weeks = judged(*CALM)

    assert newest_sentence(weeks) == (
        "Quiet since 5 January 2026, 4 weeks: agreement is 0.95 (0.92 to 0.97) against a baseline of 0.95."
    )


def test_quiet_at_a_lower_level_tells_what_it_was_and_since_which_revision():
    bridge = Bridge(loss=measured(0.15), z_shift=0.8, z_error=0.05)
    after = [
        week(number, agreement=measured(0.8), regions=(), teacher_revision="r2", bridge=bridge if number == 4 else None)
        for number in range(4, 8)
    ]

    sentence = newest_sentence(judged(*CALM, *after), floor=0.85)

    assert sentence.endswith("; the floor of a release is 0.85.")
    assert "at a lower level: agreement is 0.80 (0.77 to 0.82); the baseline was 0.95 before r2 and is 0." in sentence


def test_a_new_student_at_a_lower_level_is_held_against_its_own_baseline():
    held = HeldoutFigure(digest="v2", agreement=measured(0.8, n_pairs=500), z_error=0.046)
    own = {"agreement": measured(0.8), "heldout": held, "regions": (), "student_version": "v2"}
    lower = [week(number, **own) for number in range(4, 8)]
    weeks = judged(*CALM, *lower)

    assert weeks[-1].baseline.agreement.estimate < weeks[3].baseline.agreement.low
    assert lowered_from(weeks) is None


def test_an_alarm_tells_since_when_and_how_far_below():
    weeks = judged(*CALM, week(4, agreement=LOW), week(5, agreement=LOW))

    sentence = newest_sentence(weeks, explain_alarm(weeks))

    assert sentence == "Alarm since 2 February 2026: agreement is 0.60 (0.57 to 0.62), 0.350 below the baseline 0.95."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (3, "Lower since 26 January 2026, alarm since 2 February 2026: agreement is 0.60"),
        (4, "Alarm since 2 February 2026: agreement is 0.60"),
        (5, "0.350 below the baseline 0.95; clearest from the week of 9 February 2026 on."),
    ],
)
def test_an_alarm_and_its_change_point_are_told_in_the_order_of_time(changed, said):
    weeks = judged(*CALM, *(week(number, agreement=LOW) for number in range(4, 8)))
    at = weeks[changed].run.at
    change = ChangePoint(at=at, low=at, high=at, confidence=0.95, fall=0.3, n_weeks=8, n_since=8 - changed)
    explained = Explanation(week=weeks[-1], change=change, fall=Fall(change=change), coinciding=())

    assert said in newest_sentence(weeks, explained)


def test_a_week_by_itself_names_its_regions_as_the_history_does():
    drifted = region("delivery, box", drifted=True)
    run = week(cause="query_drift", summary="because of box, delivery", regions=(drifted, region("voice")))

    assert week_by_itself(run) == "That week by itself: query drift; got worse: delivery, box."
    assert week_by_itself(week(cause=None)) == ""


def test_a_cause_by_the_teacher_is_said_to_be_inferred_where_no_pair_was_scored_under_both_revisions():
    assert week(cause="teacher_drift").cause_in_words == "teacher drift (inferred)"
    assert week(cause="teacher_drift", origin="import").cause_in_words == "teacher drift"
    assert week(cause="healthy").cause_in_words == "healthy"


@pytest.mark.parametrize("summary", ["Healthy: nothing got worse. Agreement went from 0.95 to 0.60.", None])
def test_a_week_that_alarms_is_never_told_to_be_healthy(summary):
    calm, low = judged(*CALM[:3], week(3, agreement=LOW, cause="healthy", summary=summary))[-2:]

    told = summary and (
        "By itself this week shows nothing beyond chance; it alarms all the same. Agreement went from 0.95 to 0.60."
    )
    assert (low.status, summary_of(low)) == ("alarm", told)
    assert summary_of(calm) == calm.run.summary


def test_quiet_weeks_count_from_the_newest_alarm():
    weeks = judged(*CALM, week(4, agreement=LOW), week(5, agreement=measured(0.95)))

    assert [each.run.at.day for each in quiet_since(weeks)] == [9]
    assert newest_sentence(weeks).startswith("Quiet since 9 February 2026, 1 week:")


def test_a_gap_is_neither_quiet_nor_an_alarm():
    weeks = judged(*CALM, week(4, n_pairs=20, n_queries=12))

    assert newest_sentence(weeks).startswith("No verdict for 2 February 2026: 20 pairs, fewer than the 50")


def test_alarms_parted_by_a_gap_are_one_row_and_by_a_quiet_week_two():
    runs = [
        *CALM,
        week(4, agreement=LOW),
        week(5, n_pairs=20, n_queries=12),
        week(6, agreement=LOW),
        week(7, agreement=measured(0.95)),
        week(8, agreement=LOW),
    ]

    rows = alarm_rows(judged(*runs))

    assert [[each.run.at.isoformat()[5:10] for each in row] for row in rows] == [["03-02"], ["02-02", "02-16"]]


def test_moved_calibration_is_told_of_the_newest_weeks_in_a_row_and_alarms_nothing():
    moved = {"findings": ("calibration_moved",), "regions": (), "agreement": measured(0.95)}
    weeks = judged(CALM[0], week(1, **moved), week(2, **moved))

    assert weeks[-1].status == "quiet"
    assert newest_sentence(weeks).endswith(
        " Calibration moved in the last 2 weeks, which is no alarm by itself: recalibrate and set thresholds again "
        "(distillation-drift calibrate). Whether the teacher's answers moved instead is known only from scores of the "
        "pinned revision."
    )
    assert canary_state(weeks).state == "to check"
    assert week_by_itself(weeks[-1].run) == "That week by itself: nothing beyond chance, calibration moved."
    assert "Calibration" not in newest_sentence(judged(week(0, **moved), CALM[1]))


@pytest.mark.parametrize(("cause", "is_told"), [("teacher_drift", True), ("query_drift", False)])
def test_a_fall_put_down_to_the_teacher_that_goes_away_is_said_to_be_no_revision(cause, is_told):
    alarm = week(4, agreement=LOW, cause=cause, inferred=cause == "teacher_drift")
    back = [week(number, agreement=measured(0.95), regions=()) for number in range(5, 8)]

    assert ("is back, which a revision" in newest_sentence(judged(*CALM, alarm, *back))) is is_told
    assert "is back" not in newest_sentence(judged(*CALM, alarm))
