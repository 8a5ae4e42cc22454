from datetime import UTC, datetime, timedelta

import pytest

from drift_core.errors import SettingError
from drift_core.gate.gate import decide_gate
from drift_core.judge_card.settings import GateSettings
from drift_core.measured import Unmeasured
from tests.drift_core.gate.weeks import DAY, after, card, decide, measured, reasons, region, run, week, weeks

SLICE = {"partition": "country", "name": "DE", "floor": 0.8}
LOW, STRADDLING = measured(0.70, 0.62, 0.77), measured(0.83, 0.78, 0.87)


def test_a_quiet_fresh_week_on_the_pinned_revision_passes():
    decision = decide(weeks(12), card=card())

    assert (decision.status, decision.exit_code, decision.reasons) == ("pass", 0, ())
    assert decision.sentence == (
        "Pass since 2026-03-02: the canary of 2026-05-18, 1 day old, is quiet: agreement 0.93 (0.90 to 0.96), "
        "top-10 overlap 0.82 (0.62 to 0.93)."
    )
    assert {check.outcome for check in decision.checks} == {"held"}


@pytest.mark.parametrize(
    ("status", "told"), [("alarm", "alarms"), ("quiet", "does not alarm"), ("gap", "is not judged")]
)
def test_a_newer_week_of_another_student_than_the_cards_is_noted(status, told):
    own = [week(number, student_version="s1") for number in range(3)]
    other = week(3, status, student_version="s2")
    whose = card(student={"version": "s1"})

    decision = decide([*own, other], card=whose)

    assert decision.status == "pass"
    (note,) = decision.notes
    assert note.startswith(f"A newer canary, of {other.run.at.date()}, is of student s2 and {told}; it is not decided")
    assert not decide([week(0, student_version="s2"), *own[1:]], card=whose).notes
    beside_one_to_come = decide([*own, other, week(5, student_version="s1")], days=-10, card=whose)
    assert any(each.startswith(f"A newer canary, of {other.run.at.date()}") for each in beside_one_to_come.notes)


def test_the_verdict_is_one_line_whatever_a_team_calls_things():
    found = [week(0, "alarm", ["fell\nin \x1b[31mred\x07"], teacher_revision="r\r\n::error::x")]

    decision = decide(found, card=card())

    assert decision.sentence.isprintable()
    assert all(check.sentence.isprintable() for check in decision.checks)


BLOCKING = {
    "alarm": (
        {"status": "alarm", "reasons": ["Agreement fell by 0.08."]},
        {},
        "The canary of 2026-05-18 alarms: Agreement fell by 0.08. Diagnose that sample.",
    ),
    "agreement_floor": (
        {"agreement": LOW},
        {},
        "Agreement 0.70 (0.62 to 0.77) lies below the floor 0.85. Retrain the student, or let the teacher judge.",
    ),
    "overlap_floor": (
        {"overlap": measured(0.4, 0.2, 0.6)},
        {},
        "Top-10 overlap 0.40 (0.20 to 0.60) lies below what held-out shows at this size and K, 0.70. "
        "Retrain the student, or let the teacher judge.",
    ),
    "slice": (
        {"regions": (region("DE", LOW),)},
        {"critical_slices": (SLICE,)},
        "Critical slice country: DE: agreement 0.70 (0.62 to 0.77) lies below the floor 0.80. "
        "Retrain the student, or let the teacher judge.",
    ),
    "revision": (
        {"teacher_revision": "2026-05"},
        {},
        "The teacher revision is 2026-05; the student was trained against 2026-01. "
        "Retrain and pin, or score the canary with the pinned one.",
    ),
}


@pytest.mark.parametrize("name", BLOCKING)
def test_each_blocking_reason_blocks_and_names_its_figure(name):
    changes, parts, sentence = BLOCKING[name]

    decision = decide([*weeks(11), week(11, **changes)], card=card(**parts))

    assert reasons(decision) == {name: ("blocked", sentence)}
    assert (decision.status, decision.exit_code) == ("blocked", 1)
    assert decision.sentence == f"Blocked since 2026-05-18: {sentence}"


def test_a_canary_older_than_the_cadence_and_a_day_of_grace_is_stale():
    fresh, stale = decide(weeks(2), days=8.0), decide(weeks(2), days=8.01)

    assert fresh.status == "pass"
    assert stale.sentence == (
        "Blocked since 2026-03-17: The newest measured canary, of 2026-03-09, is 8.1 days old; at most 8 days are "
        "allowed. Record a week with: distillation-drift canary."
    )
    assert decide(weeks(2), days=15, card=card(canary={"cadence_days": 14})).status == "pass"
    assert decide(weeks(2), days=15.1, card=card(canary={"cadence_days": 14})).status == "blocked"


def test_a_block_begins_when_it_blocked_and_not_when_something_else_was_open():
    low = week(0, agreement=measured(0.84))

    decision = decide([low], days=20)

    assert [check.name for check in decision.reasons] == ["stale", "agreement_floor"]
    assert decision.since == run(0).at + 8 * DAY


def test_a_gap_does_not_count_as_fresh():
    decision = decide([*weeks(2), week(2, "gap", ["40 pairs are too few."]), week(3, "gap", ["Again."])])

    assert reasons(decision)["stale"][0] == "blocked"
    assert reasons(decision)["gap"] == (
        "inconclusive",
        "The canary of 2026-03-23 could not be measured: Again. Record a larger sample.",
    )


def test_a_week_that_must_be_mended_asks_for_no_larger_sample():
    decision = decide([week(2, "gap", ["The student's column is a copy. Join its own, and diagnose again."])])

    assert reasons(decision)["gap"][1].endswith("Join its own, and diagnose again.")


INCONCLUSIVE = {
    "agreement_floor": ({"agreement": STRADDLING}, {}),
    "overlap_floor": ({"overlap": Unmeasured(reason="no scores")}, {}),
    "slice": ({}, {"critical_slices": (SLICE,)}),
    "pin": ({}, {"teacher": {"model": "large"}}),
    "gap": ({"status": "gap", "reasons": ["40 pairs are too few"]}, {}),
    "alarm": ({"baseline": None}, {}),
}


@pytest.mark.parametrize("name", INCONCLUSIVE)
@pytest.mark.parametrize(("choice", "code"), [("block", 1), ("pass", 0), (None, 3)])
def test_each_inconclusive_reason_counts_as_the_card_says(name, choice, code):
    changes, parts = INCONCLUSIVE[name]

    decision = decide([*weeks(3), week(3, **changes)], card=card(**parts, gate={"inconclusive": choice}))

    assert {each: outcome for each, (outcome, _) in reasons(decision).items()} == {name: "inconclusive"}
    assert (decision.status, decision.exit_code) == ("inconclusive", code)
    assert decision.sentence.startswith("Inconclusive")


def test_only_runs_of_the_card_s_student_count():
    other = week(2, "alarm", ["It fell."], student_version="ranker-6")

    decision = decide([week(0), week(1), other], days=-3, card=card())

    assert (decision.status, decision.newest) == ("pass", run(1))
    assert decide([week(0), week(1), other]).status == "blocked"
    assert decide([week(0), other], card=card(), days=1).reasons[0].name == "stale"
    assert decide([week(0, student_version=None)], card=card()).status == "pass"


def test_a_student_without_a_run_of_its_own_is_inconclusive():
    found = [week(0, student_version="ranker-5"), week(1, "alarm", ["x"], student_version="ranker-6")]

    decision = decide(found, card=card(gate={}))

    assert reasons(decision) == {
        "student": (
            "inconclusive",
            "The history has no canary run of student ranker-7, only of ranker-5, ranker-6. "
            "Record a week with: distillation-drift canary --student-version ranker-7.",
        )
    }
    assert (decision.newest, decision.exit_code) == (None, 3)


def test_no_run_at_all_is_inconclusive():
    decision = decide_gate([], now=after(0))

    assert (decision.status, decision.exit_code, decision.since) == ("inconclusive", 3, None)
    assert decision.sentence == (
        "Inconclusive: The history has no canary run. Record a week with: distillation-drift canary."
    )


def test_a_run_dated_after_now_is_inconclusive_and_says_to_check_the_clock():
    decision = decide(weeks(2), days=-2)

    assert reasons(decision) == {
        "clock": (
            "inconclusive",
            "A canary is dated 2026-03-09 06:00 UTC, after now, 2026-03-07 06:00 UTC. "
            "Check the clock and the date of the run; a wrong record is taken back with history withdraw.",
        )
    }
    assert decide(weeks(2), days=-1 / 1440).status == "pass"


def test_a_critical_slice_that_the_newest_run_lacks_is_inconclusive():
    decision = decide([week(0, regions=(region("FR", LOW),))], card=card(critical_slices=(SLICE,)))

    assert reasons(decision)["slice"] == (
        "inconclusive",
        "The critical slice country: DE is not in the canary of 2026-03-02. Sample the week by that column.",
    )


def test_an_alarm_names_its_sample():
    decision = decide([week(0), week(1, "alarm", ["It fell."], production_name="week-2.csv")], days=0)

    assert (
        "alarms: It fell. Diagnose that sample, in its folder and with your held-out file as HELDOUT: "
        "distillation-drift diagnose HELDOUT week-2.csv" in decision.sentence
    )


def test_an_alarm_of_the_last_measured_week_still_blocks_behind_a_gap():
    decision = decide([week(0), week(1, "alarm", ["It fell."]), week(2, "gap", ["Too few."])], days=0)

    assert decision.status == "blocked"
    assert [check.name for check in decision.reasons] == ["alarm", "gap"]
    assert decision.sentence == (
        "Blocked since 2026-03-09, for 2 reasons, the first: The canary of 2026-03-09 alarms: It fell. "
        "Diagnose that sample."
    )


def test_without_a_card_no_revision_and_no_student_is_checked():
    decision = decide([week(0, teacher_revision="new", student_version="other")])

    assert decision.status == "pass"
    assert {check.name for check in decision.checks if check.outcome == "skipped"} == {"pin", "revision", "student"}


def test_another_teacher_model_is_another_revision():
    decision = decide([week(0, teacher_model="small")], card=card())

    assert reasons(decision)["revision"] == (
        "blocked",
        "The teacher is small; the student was trained against large. "
        "Retrain and pin, or score the canary with the pinned one.",
    )


def test_the_status_began_with_the_first_week_of_the_unbroken_row():
    found = [week(0, "alarm", ["x"]), week(1), week(2, "alarm", ["x"]), week(3, "gap", ["y"]), week(4, "alarm", ["x"])]

    assert decide(found).since == run(2).at
    assert decide([*found, week(5), week(6)]).since == run(5).at


def test_a_pass_did_not_last_through_a_pause_of_the_canary():
    assert decide([*weeks(3), *(week(number) for number in (6, 7))]).since == run(6).at


def test_a_run_dated_in_the_future_is_not_fresh():
    found = decide([week(0), week(100)], days=20)

    assert {check.name: check.outcome for check in found.checks}["stale"] == "blocked"


def test_times_without_a_zone_are_taken_for_utc():
    assert decide_gate(weeks(1), now=datetime(2026, 3, 3)).now == datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize("changes", [{"cadence_days": 0}, {"cadence_days": True}, {"grace_days": -1}])
def test_settings_out_of_range_are_refused(changes):
    with pytest.raises(SettingError, match=f"{next(iter(changes))} must be a"):
        GateSettings(**changes)


def test_the_limits_of_the_settings_are_those_in_the_documentation():
    assert (GateSettings().cadence_days, GateSettings().grace_days) == (7, 1)
    assert GateSettings().skew == timedelta(minutes=10)


def test_a_canary_that_is_very_old_has_its_age_in_months_too():
    (_, sentence) = reasons(decide(weeks(1), days=511.4, card=card()))["stale"]

    assert "is 512 days (about 17 months) old; at most 8 days are allowed" in sentence
