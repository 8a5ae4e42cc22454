import json

import pytest

from drift_core import open_history
from drift_core.gate.last_canary import update_last_canary
from drift_core.judge_card.file import read_card
from tests.drift_core.canary.runs_by_hand import full_week, measured, week
from tests.drift_core.command_line import run

WEEKS = "at,teacher_revision,n_pairs,spearman,team\n2026-01-05,r1,200,0.9,a\n2026-01-12,r1,200,0.91,a\n"


@pytest.fixture
def place(tmp_path):
    return tmp_path / "history.sqlite"


@pytest.fixture
def weeks(tmp_path):
    path = tmp_path / "weeks.csv"
    path.write_text(WEEKS)
    return path


def test_import_list_and_export_go_together(place, weeks, tmp_path):
    imported = run("history", "import", weeks, "--history", place)
    listed = run("history", "list", "--history", place)
    exported = run("history", "export", tmp_path / "out.csv", "--history", place)
    again = run("history", "import", tmp_path / "out.csv", "--history", tmp_path / "other.sqlite")

    assert imported[:2] == (0, f"Imported 2 runs into {place}; 0 known already.\nColumns not used: team.\n")
    assert listed[0] == 0
    assert listed[1].splitlines()[1].startswith("2026-01-05  quiet    0.90 (0.86 to 0.93)")
    assert listed[1].splitlines()[-1] == f"2 runs in {place}"
    assert exported[:2] == (0, f"Wrote {tmp_path / 'out.csv'}\n")
    assert again[:2] == (0, f"Imported 2 runs into {tmp_path / 'other.sqlite'}; 0 known already.\n")


def test_a_second_run_of_a_week_is_noted(place, weeks):
    with open_history(place) as history:
        history.record(week(0))

    _, shown, _ = run("history", "import", weeks, "--history", place)

    assert "Note: Week 2 of 2026 has another run, of 2026-01-05." in shown


@pytest.mark.parametrize("words", [("list",), ("export", "out.csv")])
def test_without_a_history_the_next_step_is_said(place, words):
    code, shown, said = run("history", *words, "--history", place)

    assert (code, shown) == (2, "")
    assert said.startswith(f"Error: There is no history at {place}. Record a week with: distillation-drift canary")
    assert not place.exists()


def test_a_wrong_file_is_one_message_and_exit_code_2(place, weeks):
    weeks.write_text(WEEKS.replace("0.91", "91"))

    code, shown, said = run("history", "import", weeks, "--history", place)

    assert (code, shown) == (2, "")
    assert "agreement: expected a number in [-1, 1], found 91: row 2" in said
    assert not place.exists()


def test_a_wrong_file_leaves_a_history_as_it_was(place, weeks):
    run("history", "import", weeks, "--history", place)
    weeks.write_text(WEEKS.replace("0.91", "91"))

    assert run("history", "import", weeks, "--history", place)[0] == 2
    with open_history(place) as kept:
        assert len(kept.runs()) == 2


def test_a_password_is_not_printed(weeks):
    code, _, said = run("history", "import", weeks, "--history", "mysql://ada:hunter2@db/canary")

    assert code == 2
    assert "hunter2" not in said


def test_accepting_a_level_needs_a_measured_week_and_says_who(tmp_path):
    place = tmp_path / "history.db"
    with open_history(place) as kept:
        kept.record(week(0))
        kept.record(week(1, agreement=measured(0.80), null_error=0.07))

    code, shown, _ = run("history", "accept", "--history", place, "--by", "Ada", "--reason", "Known mix")

    assert code == 0
    assert "of 2026-01-12 is the baseline" in shown
    with open_history(place) as kept:
        assert kept.decisions()[0].kind == "accept_level"
        kept.record(week(2, n_pairs=12))
    code, _, said = run("history", "accept", "--history", place, "--by", "Ada", "--reason", "Known mix")
    assert code == 2
    assert "is a gap" in said


def test_the_outcome_of_each_week_is_listed(tmp_path):
    place = tmp_path / "history.db"
    with open_history(place) as kept:
        bad = week(
            1, agreement=measured(0.5), null_error=0.07, production_name="other-student.csv", cause="teacher_drift"
        )
        kept.record_all([week(0), bad, week(2, n_pairs=12)])

    _, shown, _ = run("history", "list", "--history", place)

    assert [line.split()[1] for line in shown.splitlines()[1:4]] == ["quiet", "alarm", "gap"]
    assert shown.splitlines()[2].endswith("r1, s1, teacher drift (inferred), other-student.csv")


def test_the_entropy_of_each_version_is_listed_below_the_weeks(tmp_path):
    place = tmp_path / "history.db"
    with open_history(place) as kept:
        kept.record_all([full_week(0), full_week(1, student_version="s2"), week(2, student_version="s3")])

    _, shown, _ = run("history", "list", "--history", place)

    assert shown.splitlines()[-3:] == [
        "Entropy of the student's outputs, with its share of the most that they could have:",
        "- s1: 2.90 (2.88 to 2.92) bits, 87%, 0.30 under the teacher's; 1 week",
        "- s2: 2.90 (2.88 to 2.92) bits, 87%, 0.30 under the teacher's; 1 week",
    ]


def test_accepting_among_several_students_needs_one_of_them(tmp_path):
    place = tmp_path / "history.db"
    with open_history(place) as kept:
        kept.record_all([week(0), week(1, student_version="s2")])
    words = ("history", "accept", "--history", place, "--by", "Ada", "--reason", "Known mix")

    code, _, said = run(*words)
    named, shown, _ = run(*words, "--student-version", "s1")

    assert (code, named) == (2, 0)
    assert "runs of several students: s1, s2" in said
    assert "of 2026-01-05 is the baseline" in shown


def test_explaining_says_since_when_and_what_the_textbook_would_do(tmp_path):
    place = tmp_path / "history.db"
    with open_history(place) as kept:
        for number in range(4):
            kept.record(week(number, agreement=measured(0.95 if number < 3 else 0.80), null_error=0.07))

    code, shown, _ = run("history", "explain", "--history", place)

    assert code == 0
    assert "Newest alarm 2026-01-26" in shown
    assert "seen first in the week of 2026-01-26, with one week of evidence." in shown
    assert "The textbook's rule would have fired" in shown
    assert "Region returns (cluster): 4 weeks from 2026-01-05 to 2026-01-26." in shown


def test_an_explanation_as_json_lists_every_region_with_its_weeks(tmp_path):
    place, target = tmp_path / "history.db", tmp_path / "explained.json"
    with open_history(place) as kept:
        for number in range(4):
            kept.record(week(number, agreement=measured(0.95 if number < 3 else 0.80), null_error=0.07))

    code, _, _ = run("history", "explain", "--history", place, "--json", target)

    told = json.loads(target.read_text())
    assert code == 0
    assert told["alarm"]["at"].startswith("2026-01-26")
    (returns,) = [each for each in told["regions"] if each["name"] == "returns"]
    assert (returns["first_seen"], returns["last_seen"], returns["n_weeks"]) == ("2026-01-05", "2026-01-26", 4)
    assert len(returns["weeks"]) == 4


@pytest.mark.parametrize("at", ["9999-12-31", "9999-12-31T23:59:59-12:00", "1650-01-01"])
def test_a_time_that_cannot_be_is_a_fault_of_its_row(tmp_path, at):
    file = tmp_path / "weeks.csv"
    file.write_text(f"at,teacher_revision,n_pairs,agreement\n{at},r1,200,0.9\n")

    code, _, said = run("history", "import", file, "--history", tmp_path / "history.db")

    assert code == 2
    assert "row 1" in said


def test_merge_says_what_it_added_and_notes_the_newest_in_the_card(place, tmp_path):
    other, card = tmp_path / "other.sqlite", tmp_path / "judges.yaml"
    run("card", "init", "--out", card)
    for target, weeks in ((place, (0,)), (other, (0, 2, 1))):
        with open_history(target) as history:
            for number in weeks:
                history.record(week(number))

    merged = run("history", "merge", other, "--history", place, "--card", card)
    again = run("history", "merge", other, "--history", place)

    assert merged[:2] == (0, f"Added 2 runs of {other} to {place}.\n")
    assert again[:2] == (0, f"Added 0 runs of {other} to {place}.\n")
    assert read_card(card).canary.last.at == week(2).at.isoformat()
    assert run("history", "merge", tmp_path / "none.sqlite", "--history", place)[0] == 2
    assert run("history", "merge", other, "--history", tmp_path / "none.sqlite")[0] == 2


def test_merge_takes_a_run_off_the_card_that_the_other_withdrew_also_when_it_is_repeated(place, tmp_path):
    other, card = tmp_path / "other.sqlite", tmp_path / "judges.yaml"
    run("card", "init", "--out", card)
    for target in (place, other):
        with open_history(target) as history:
            for number in (0, 1):
                history.record(week(number))
    run("history", "withdraw", "2026-01-12", "--history", other, "--by", "Ada", "--reason", "Wrong words")

    for _ in range(2):
        update_last_canary(card, week(1))
        assert run("history", "merge", other, "--history", place, "--card", card)[0] == 0
        assert read_card(card).canary.last.at == week(0).at.isoformat()
