from datetime import UTC, datetime, timedelta

import pytest

from drift_core.canary.decision import Decision
from drift_core.diagnosis.rule import Rule
from drift_core.errors import SettingError
from drift_core.gate.gate import decide_gate
from drift_core.gate.overrides import make_override
from drift_core.judge_card.settings import GateSettings
from drift_core.measured import Unmeasured
from tests.drift_core.gate.weeks import DAY, after, card, measured, region, run, week, weeks

SLICE = {"partition": "country", "name": "DE", "floor": 0.8}
LOW, STRADDLING = measured(0.70, 0.62, 0.77), measured(0.83, 0.78, 0.87)


def decide(found, days=1.0, **options):
    """Decide some days after the newest week's run."""
    return decide_gate(found, now=found[-1].run.at + days * DAY, **options)


def reasons(decision):
    return {check.name: (check.outcome, check.sentence) for check in decision.reasons}


def test_a_quiet_fresh_week_on_the_pinned_revision_passes():
    decision = decide(weeks(12), card=card())

    assert (decision.status, decision.exit_code, decision.reasons) == ("pass", 0, ())
    assert decision.sentence == (
        "Pass since 2026-03-02: the canary of 2026-05-18, 1 day old, is quiet: agreement 0.93 (0.90 to 0.96), "
        "overlap at K = 10 0.82 (0.62 to 0.93)."
    )
    assert {check.outcome for check in decision.checks} == {"held"}


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
        "Overlap at K = 10 0.40 (0.20 to 0.60) lies below what held-out shows at this size and K, 0.70. "
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

    assert "alarms: It fell. Diagnose that sample, week-2.csv." in decision.sentence


def test_an_alarm_of_the_last_measured_week_still_blocks_behind_a_gap():
    decision = decide([week(0), week(1, "alarm", ["It fell."]), week(2, "gap", ["Too few."])], days=0)

    assert decision.status == "blocked"
    assert [check.name for check in decision.reasons] == ["alarm", "gap"]
    assert decision.sentence == (
        "Blocked since 2026-03-09: The canary of 2026-03-09 alarms: It fell. Diagnose that sample. And 1 more reason."
    )


@pytest.mark.parametrize(
    ("agreement", "outcome"),
    [
        (measured(0.80, 0.74, 0.8499), "blocked"),
        (measured(0.80, 0.74, 0.85), "inconclusive"),
        (measured(0.8499, 0.80, 0.90), "inconclusive"),
        (measured(0.85, 0.80, 0.90), "held"),
    ],
)
def test_the_interval_decides_at_the_floor_not_the_point(agreement, outcome):
    decision = decide([week(0, agreement=agreement)])

    check = next(check for check in decision.checks if check.name == "agreement_floor")
    assert check.outcome == outcome


def test_a_limit_that_two_decimals_would_make_equal_to_the_floor_gets_three():
    decision = decide([week(0, agreement=measured(0.80, 0.74, 0.8499))])

    assert "0.800 (0.740 to 0.850) lies below the floor 0.850" in reasons(decision)["agreement_floor"][1]


def test_the_overlap_floor_is_never_above_what_held_out_shows():
    low = measured(0.6, 0.45, 0.75)

    assert decide([week(0, overlap=low, overlap_normal_low=0.5)]).status == "pass"
    assert decide([week(0, overlap=low, overlap_normal_low=None)]).status == "blocked"
    assert decide([week(0, overlap=low, overlap_normal_low=0.95)]).status == "blocked"


def test_overlap_where_the_boundary_cuts_through_many_equal_scores_blocks_nothing():
    decision = decide([week(0, overlap=measured(0.4, 0.2, 0.6), n_wide_tie=300)])

    check = next(each for each in decision.checks if each.name == "overlap_floor")
    assert decision.status == "pass"
    assert (check.outcome, check.sentence) == (
        "skipped",
        "Overlap at K = 10 means little: its boundary cuts through 300 equal teacher scores.",
    )


def test_overlap_under_the_low_end_of_held_out_is_chance_until_its_interval_is_below_too():
    low = measured(0.6, 0.45, 0.75)

    decision = decide([week(0, overlap=low, overlap_normal_low=0.7)])

    check = next(check for check in decision.checks if check.name == "overlap_floor")
    assert (decision.status, check.outcome) == ("pass", "held")
    assert check.sentence == (
        "Overlap at K = 10 0.60 (0.45 to 0.75) is below what held-out shows at this size and K, 0.70, "
        "by no more than chance allows."
    )
    assert decide([week(0, overlap=measured(0.7, 0.5, 0.85), overlap_normal_low=0.9)]).status == "inconclusive"


def test_floors_come_from_the_card_and_without_one_from_the_rule():
    found = [week(0, agreement=measured(0.80, 0.76, 0.84))]

    assert decide(found).status == "blocked"
    assert decide(found, card=card(floors={"agreement": 0.75})).status == "pass"
    assert decide(found, settings=GateSettings(rule=Rule(agreement_healthy=0.76))).status == "pass"


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


def override(found, **changes):
    fields = {
        "kind": "override",
        "at": found[-1].run.at,
        "by": "Ada",
        "reason": "The fall is in a region that the teacher judges.",
        "run_key": found[-1].run.key,
        "reasons": ("alarm",),
    }
    return Decision(**(fields | changes))


def test_an_override_lets_the_release_pass_and_is_told_with_its_name():
    found = [week(0), week(1, "alarm", ["It fell."])]

    decision = decide(found, decisions=[override(found)])

    assert (decision.status, decision.exit_code) == ("pass", 0)
    assert decision.sentence == (
        "Pass by an override of Ada on 2026-03-09, 'The fall is in a region that the teacher judges.' "
        "It holds until the next canary run or until one is overdue, and covers: alarm. "
        "No judge card was given, so no revision was checked."
    )
    assert decision.since == run(1).at


def test_a_new_run_ends_an_override():
    found = [week(0), week(1, "alarm", ["It fell."])]

    decision = decide([*found, week(2, "alarm", ["It fell."])], decisions=[override(found)])

    assert (decision.status, decision.override) == ("blocked", None)


def test_an_override_covers_the_reasons_that_it_names_and_no_later_one():
    found = [week(0), week(1, "alarm", ["It fell."])]

    assert decide(found, days=20, decisions=[override(found)]).status == "blocked"
    assert decide(found, decisions=[override(found, reasons=())]).status == "blocked"
    assert decide(found, decisions=[override(found, kind="accept_level")]).status == "blocked"


def test_an_override_ends_when_a_canary_is_due_although_none_was_recorded():
    found = [week(0), week(1, "alarm", ["It fell."])]

    late = decide(found, days=20, decisions=[override(found)])

    assert [check.name for check in late.reasons] == ["alarm", "stale"]


def test_a_run_dated_in_the_future_is_not_fresh():
    found = decide([week(0), week(100)], days=20)

    assert {check.name: check.outcome for check in found.checks}["stale"] == "blocked"


def test_an_override_of_an_inconclusive_gate_passes_too():
    empty = decide_gate([], now=after(0), card=card())
    made = make_override(empty, by="Ada", reason="First release.")

    assert (empty.exit_code, made.run_key, made.reasons) == (1, None, ("no_run",))
    assert decide_gate([], now=after(0), card=card(), decisions=[made]).exit_code == 0
    assert decide(weeks(1), card=card(), decisions=[made]).override is None


def test_an_override_of_one_revision_covers_no_later_pin():
    found = weeks(1)
    first, later = (card(teacher={"model": "large", "revision": name}) for name in ("2026-05", "2026-06"))
    made = make_override(decide(found, card=first), by="Ada", reason="It is the same model.")

    assert decide(found, card=first, decisions=[made]).status == "pass"
    assert decide(found, card=later, decisions=[made]).status == "blocked"


def test_no_override_covers_the_age_of_the_canary():
    found = [week(0, "alarm", ["It fell."])]
    old, late = decide(weeks(1), days=9), decide(found, days=9)

    with pytest.raises(SettingError, match=r"No override covers the age of the canary\. The newest measured canary"):
        make_override(old, by="Ada", reason="It runs tomorrow.")
    made = make_override(late, by="Ada", reason="Known.")

    assert made.reasons == ("alarm",)
    assert [check.name for check in decide(found, days=9, decisions=[made]).reasons] == ["stale"]


@pytest.mark.parametrize(("by", "reason", "word"), [("", "why", "name"), (" \n", "why", "name"), ("Ada", "", "reason")])
def test_an_override_needs_a_name_and_a_reason(by, reason, word):
    blocked = decide([week(0, "alarm", ["x"])])

    with pytest.raises(SettingError, match=f"An override needs a {word}"):
        make_override(blocked, by=by, reason=reason)


def test_what_passes_cannot_be_overridden():
    with pytest.raises(SettingError, match="nothing to override"):
        make_override(decide(weeks(1)), by="Ada", reason="why")


def test_times_without_a_zone_are_taken_for_utc():
    assert decide_gate(weeks(1), now=datetime(2026, 3, 3)).now == datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize("changes", [{"cadence_days": 0}, {"cadence_days": True}, {"grace_days": -1}])
def test_settings_out_of_range_are_refused(changes):
    with pytest.raises(SettingError, match=f"{next(iter(changes))} must be a"):
        GateSettings(**changes)


def test_the_limits_of_the_settings_are_those_in_the_documentation():
    assert (GateSettings().cadence_days, GateSettings().grace_days) == (7, 1)
    assert GateSettings().skew == timedelta(minutes=10)
