from datetime import timedelta

import pytest

from drift_core import open_history
from drift_core.canary.decision import Decision
from tests.drift_core.canary.runs_by_hand import MONDAY, week


@pytest.fixture
def history(place):
    """Weeks 0 and 1, of 2026-01-05 and 2026-01-12."""
    with open_history(place) as opened:
        opened.record_all((week(0), week(1)))
        yield opened


def test_a_further_week_has_no_note(history):
    assert history.record(week(2)).notes == ()


def test_a_run_that_is_older_than_the_newest_is_kept_with_a_note(history):
    recorded = history.record(week(-1, recorded_at=MONDAY + timedelta(weeks=3)))

    assert recorded.is_new
    assert recorded.notes == (
        "The run of 2025-12-29 is older than this student's newest in the history, of 2026-01-12.",
    )
    assert len(history.runs()) == 3


def test_a_second_run_of_a_week_is_kept_with_a_note(history):
    recorded = history.record(week(at=MONDAY + timedelta(weeks=1, days=6), production_digest="other"))

    assert recorded.is_new
    assert recorded.notes == ("Week 3 of 2026 has another run, of 2026-01-12.",)


def test_weeks_begin_on_monday(history):
    assert history.record(week(at=MONDAY + timedelta(weeks=2), production_digest="next")).notes == ()


def test_a_sample_that_was_recorded_for_another_day_is_named(history):
    recorded = history.record(week(3, production_digest="sample 1"))

    assert recorded.notes == ("The same production sample was recorded for 2026-01-12 too. It counts once.",)


def test_a_sample_that_was_recorded_for_the_same_day_under_another_name_is_named(history):
    recorded = history.record(week(1, teacher_revision="r1 typo"))

    assert recorded.is_new
    assert recorded.notes[-1] == (
        "The same production sample was recorded for 2026-01-12 with teacher revision r1 too. It counts once."
    )


def test_a_clock_that_went_backwards_is_named(history):
    recorded = history.record(
        week(2, recorded_at=MONDAY + timedelta(days=14, minutes=-1), at=MONDAY + timedelta(days=14))
    )
    earlier = history.record(week(3, recorded_at=MONDAY + timedelta(days=13, hours=12), at=MONDAY + timedelta(days=14)))

    assert recorded.notes == ()
    assert earlier.notes[0] == (
        "The clock went backwards: it was recorded at 2026-01-18 21:00 UTC, the run before it at 2026-01-19 08:59 UTC. "
        "The order of recording decides, so no baseline moves."
    )


def test_a_run_of_the_future_is_named(history):
    recorded = history.record(week(50, recorded_at=MONDAY + timedelta(weeks=2)))

    assert recorded.notes == ("The run is dated 2026-12-21, after the day it was recorded on, 2026-01-19.",)


def test_a_known_run_has_no_note(history):
    assert history.record(week(0)).notes == ()


def test_a_withdrawn_run_is_no_measure_for_the_next(history):
    late, wrong = week(3), week(1, production_digest="wrong")
    history.record_all((late, wrong))
    for run in (late, wrong, week(1)):
        history.decide(Decision(kind="withdraw", at=MONDAY, by="Ada", reason="Wrong file", run_key=run.key))

    now = late.recorded_at + timedelta(days=1)
    in_time = history.record(week(1, production_digest="right", recorded_at=now))
    same_sample = history.record(week(2, production_digest="wrong", recorded_at=now))

    assert in_time.notes == ()
    assert same_sample.notes == ()
