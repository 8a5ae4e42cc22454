"""How old a canary is: by its sample's own end and by the first record of that sample, not by the day it was given."""

import json
from datetime import timedelta

from drift_core.gate.files import gate_to_json
from tests.drift_core.gate.weeks import DAY, card, decide, run, week

EARLY = run(0).at - 50 * DAY


def stale(decision):
    return next(check for check in decision.checks if check.name == "stale")


def test_a_sample_that_ended_long_before_its_week_is_as_old_as_its_end():
    decision = decide([week(0, ends_at=EARLY)], days=0.5)

    assert decision.status == "blocked"
    assert "has a sample that ends on 2026-01-11 and so is 50.5 days old" in stale(decision).sentence
    assert "newer traffic" in stale(decision).sentence
    assert decision.exit_code == 1


def test_a_sample_that_ends_within_the_week_before_is_as_old_as_its_week():
    ended = run(0).at - 7 * DAY

    assert stale(decide([week(0, ends_at=ended)], days=8)).outcome == "held"
    assert stale(decide([week(0, ends_at=run(0).at + 2 * DAY)], days=8)).outcome == "held"
    assert stale(decide([week(0, ends_at=ended - timedelta(days=1))], days=1)).outcome == "blocked"


def test_a_sample_that_is_recorded_again_is_as_old_as_the_first_record():
    same = {"production_digest": "one"}
    weeks = [week(0, **same), week(1, **same), week(2, **same)]

    assert stale(decide(weeks[:2], days=0.5)).outcome == "held"
    decision = decide(weeks, days=0.5)

    assert decision.status == "blocked"
    assert "has the sample of 2026-03-02 and so is 14.5 days old" in stale(decision).sentence


def test_a_sample_of_another_student_recorded_as_this_ones_is_as_old_as_the_first_record():
    other = week(0, production_digest="one", student_version="ranker-6")

    assert stale(decide([other, week(2, production_digest="one")], days=0.5)).outcome == "blocked"


def test_a_pass_does_not_reach_back_over_a_sample_that_was_too_old():
    weeks = [week(0), week(1, ends_at=EARLY), week(2)]

    assert decide(weeks, days=0.5).since == run(2).at


def test_what_the_canary_said_of_the_week_is_said_by_the_gate_too():
    decision = decide([week(0, production_digest="one"), week(1, production_digest="one", ends_at=EARLY)])
    told = json.dumps(gate_to_json(decision))

    for note in ("The sample ends on 2026-01-11, 57 days before", "recorded for 2026-03-02 too. It counts once."):
        assert any(note in each for each in decision.notes)
        assert note in decision.sentence
        assert note in told


def test_the_age_in_the_file_for_machines_is_that_of_the_data():
    measured = gate_to_json(decide([week(0, ends_at=EARLY)], days=0.5))["measured"]

    assert measured["age_days"] == 50.5
    assert measured["data_at"] == EARLY.isoformat()


def test_triggers_do_not_rest_on_a_sample_that_is_too_old():
    quiet = decide([week(0)], days=0.5, card=card()).triggers[0]
    old = decide([week(0, ends_at=EARLY)], days=0.5, card=card()).triggers[0]

    assert (quiet.state, old.state) == ("quiet", "cannot tell")
