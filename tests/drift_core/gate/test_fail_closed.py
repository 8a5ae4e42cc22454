"""Ways by which a gate could open by mistake, one test each, all through the command as CI runs it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from drift_core import open_history
from drift_core.agreement.rule import Rule
from tests.drift_core.canary.runs_by_hand import MONDAY, measured, region
from tests.drift_core.command_line import run as run_command
from tests.drift_core.gate.alarming_weeks import CARD, FALLEN, NAMES, alarm, compared, gate, record, week

pytestmark = pytest.mark.usefixtures("folder_with_card")


def test_without_a_fault_the_alarm_blocks_and_a_quiet_week_passes():
    record(*alarm())

    assert gate()[0] == 1
    record(week(0), week(1), place="quiet.db")
    assert gate(history="quiet.db", now="2026-01-13")[0] == 0


# The rule, the baseline, the alarms and the overrides are those of the card's student.


def test_the_rule_of_another_student_opens_no_gate():
    lax = week(
        2,
        at=MONDAY + timedelta(days=14, hours=1),
        student_version="other",
        rule={**Rule().to_json(), "alarm_loss": 0.9},
    )
    record(*alarm(), lax)

    assert gate()[0] == 1


def test_without_a_card_the_student_of_the_newest_run_is_named():
    record(*alarm(), week(2, at=MONDAY + timedelta(days=15), student_version="other"))

    code, told = gate(card=None, now="2026-01-21")

    assert code == 0
    assert "No card names the student, so it is decided for student other, of the newest run, not for: s1." in told


def test_without_a_card_a_run_of_the_future_does_not_choose_the_student():
    record(
        *alarm(),
        *(week(number, at=MONDAY + timedelta(days=13 + number), student_version="other") for number in (0, 300)),
    )

    assert gate(card=None)[0] == 1


def test_an_override_for_a_student_without_a_run_covers_no_other_student():
    open_history("canary.db").close()
    cannot_tell = CARD.replace("pass", "block")
    Path("judges.yaml").write_text(cannot_tell)
    Path("other.yaml").write_text(cannot_tell.replace("s1", "s2"))
    overridden = gate("--override", "--by", "Ada", "--reason", "First release.")

    assert overridden[0] == 0
    assert gate(card="other.yaml")[0] == 1


def test_a_student_written_otherwise_is_asked_about():
    Path("judges.yaml").write_text(CARD.replace('inconclusive: "pass"', 'inconclusive: "block"'))
    record(week(0), week(1), week(2, agreement=FALLEN, student_version=" S1"))

    code, told = gate(now="2026-01-19T12:00")

    assert code == 1
    assert "The history has runs of student 'S1' too, told from 's1' by case or spaces alone." in told


def test_a_newer_run_that_names_no_student_is_asked_about():
    Path("judges.yaml").write_text(CARD.replace('inconclusive: "pass"', 'inconclusive: "block"'))
    record(week(0), week(1), week(2, agreement=FALLEN, student_version=None))

    code, told = gate(now="2026-01-19T12:00")

    assert code == 1
    assert "1 canary run names no student, dated after the newest of student s1." in told


def test_the_outcomes_that_are_listed_are_by_each_student_s_own_rule():
    strict = {**Rule().to_json(), "alarm_loss": 0.9}
    record(*alarm(), week(2, student_version="s2", agreement=FALLEN, rule=strict))

    listed = run_command("history", "list", "--history", "canary.db")[1]

    assert [line.split()[1] for line in listed.splitlines()[1:-1]] == ["quiet", "quiet", "alarm", "quiet"]


def test_the_runs_of_others_are_not_taken_for_those_of_a_student_without_any():
    nameless = (week(number, student_version=None) for number in (0, 1))
    record(*nameless, week(0, student_version="other", at=MONDAY + timedelta(hours=1)))

    _, told = gate("--json", "gate.json", now="2026-01-13")

    assert json.loads(Path("gate.json").read_text())["status"] == "inconclusive"
    assert "no canary run of student s1" in told


def test_the_rule_is_that_of_the_run_recorded_last():
    lax = week(2, at=MONDAY + timedelta(days=14, hours=2), rule={**Rule().to_json(), "alarm_loss": 0.9})
    record(week(0), week(1), lax, week(2, agreement=FALLEN, production_digest="of the alarm"))

    assert gate()[0] == 1


def test_a_comparison_of_the_card_s_students_is_held():
    record(week(0), week(1), week(2))

    assert gate(*compared())[0] == 0


@pytest.mark.parametrize(
    ("changes", "card", "told"),
    [
        ({"student_after": None}, CARD, "does not name its student"),
        ({"student_after": "S1"}, CARD, "The comparison is of student S1; the card's is s1."),
        ({"student_before": None}, CARD, "does not name the student before"),
        ({"student_before": "S0"}, CARD, "The comparison is with student S0; the card's parent is s0."),
        ({"student_before": "x"}, CARD.replace(', parent: "s0"', ""), "Nothing says that x is the parent of s1."),
        ({"student_before": "s1"}, CARD.replace('"s0"', '"s1"'), "The comparison is of student s1 with itself, s1."),
        ({"student_before": "S 1"}, CARD.replace('"s0"', '"S 1"'), "The comparison is of student s1 with itself, S 1."),
        ({}, None, "Nothing says that s0 is the parent of s1."),
        (dict.fromkeys(NAMES), None, "The comparison does not name its student; the newest run's is s1."),
    ],
)
def test_a_comparison_of_others_does_not_count(changes, card, told):
    record(week(0), week(1), week(2))
    if card:
        Path("judges.yaml").write_text(card.replace('"pass"', '"block"'))

    code, said = gate(*compared(**changes), card="judges.yaml" if card else None)

    assert code in (1, 3)
    assert told in said


def test_a_comparison_where_nobody_names_a_student_does_not_count():
    record(*(week(number, student_version=None) for number in range(3)))

    code, told = gate(*compared(**dict.fromkeys(NAMES)), card=None)

    assert code == 3
    assert "Neither a judge card nor the newest run names the student." in told


def test_the_first_week_is_no_proof_of_itself():
    record(week(2, heldout=None))

    code, told = gate(card=None)

    assert code == 3
    assert "is the first of its student and its own baseline" in told


def test_a_region_that_stands_twice_is_held_to_the_worse():
    good, bad = (region("DE", partition="country", agreement=measured(level)) for level in (0.9, 0.5))
    record(week(0), week(1), week(2, regions=(good, bad)))
    Path("judges.yaml").write_text(CARD + 'critical_slices: [{partition: "country", name: "DE", floor: 0.8}]\n')

    assert gate()[0] == 1
