import pytest

from drift_core.judge_card.file import read_card
from tests.drift_core.command_line import run
from tests.drift_core.gate.judged import judge_by_summary, record
from tests.drift_core.gate.weeks import measured
from tests.drift_core.gate.weeks import run as week_run


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_card_is_made_pinned_and_checked(tmp_path):
    made = run("card", "init", "--student-version", "ranker-7", "--owner", "Ada")
    pinned = run("card", "pin", "--teacher-revision", "2026-01", "--teacher-model", "large")
    again = run("card", "pin", "--teacher-revision", "2026-05")

    assert (made[0], pinned[0], again[0]) == (0, 0, 0)
    assert made[1].startswith("Wrote judges.yaml. The card is incomplete: ")
    assert pinned[1] == "Pinned teacher revision 2026-01 of large in judges.yaml.\n"
    assert again[1] == "Pinned teacher revision 2026-05 of large in judges.yaml, before 2026-01.\n"
    assert read_card("judges.yaml").teacher.revision == "2026-05"


def test_a_partial_pin_is_said_at_once():
    run("card", "init")

    code, shown, _ = run("card", "pin", "--teacher-revision", "2026-01")

    assert code == 0
    assert "The pin is partial: teacher.model is missing. Give it with --teacher-model." in shown


def test_an_incomplete_card_has_its_own_exit_code_and_names_each_field():
    run("card", "init", "--out", "ours.yaml", "--teacher-revision", "2026-01")

    code, shown, said = run("card", "check", "ours.yaml")

    assert (code, said) == (3, "")
    assert shown.startswith("ours.yaml: The card is incomplete: ")
    assert "teacher.model               Fill in: the teacher's name, in quotes." in shown
    assert "teacher.revision" not in shown


def test_the_retrain_triggers_are_read_from_the_history_or_from_the_card_alone(tmp_path, monkeypatch):
    judge_by_summary(monkeypatch)
    record("canary.db", week_run(0), week_run(1, agreement=measured(0.70, 0.62, 0.77)))
    (tmp_path / "judges.yaml").write_text(
        'teacher: {model: large, revision: "2026-01"}\ntraining: {date: "2026-03-02"}'
    )

    _, shown, _ = run("card", "check", "--history", "canary.db", "--now", "2026-03-10")
    _, alone, _ = run("card", "check", "--now", "2026-07-01")

    assert (
        "agreement_below_floor    fired since 2026-03-09. By the canary of 2026-03-09, agreement 0.70 (0.62 to 0.77) "
        "lies below the floor 0.85. Retrain the student, or let the teacher judge."
    ) in shown
    assert "canary.last" in shown
    assert "The history holds weeks; the next one writes it here: distillation-drift canary --card." in shown
    assert "Record a week with: distillation-drift canary --card." in alone
    assert "every_days               quiet. Trained 2026-03-02, 8 days ago; the card says every 91 days." in shown
    assert "agreement_below_floor    cannot tell. No canary with agreement is on the card." in alone
    assert "every_days               fired since 2026-06-01. Trained 2026-03-02, 121 days ago" in alone


def test_a_card_may_be_named_as_the_other_commands_name_it():
    run("card", "init", "--out", "ours.yaml")

    assert run("card", "check", "--card", "ours.yaml") == run("card", "check", "ours.yaml")
    assert run("card", "pin", "--card", "ours.yaml", "--teacher-revision", "r")[0] == 0
    code, _, errors = run("card", "check", "ours.yaml", "--card", "other.yaml")
    assert (code, "Two judge cards are named, ours.yaml and other.yaml." in errors) == (2, True)


def test_what_cannot_be_done_is_one_message_and_exit_code_two(tmp_path):
    run("card", "init")
    (tmp_path / "broken.yaml").write_text("a: [1\n")
    (tmp_path / "typed.yaml").write_text("owner: 3\ncanary: {cadence_days: a}\n")

    cases = {
        ("init",): "judges.yaml is there already",
        ("init", "--out", "no/judges.yaml"): "there is no folder no",
        ("init", "--out", "other.yaml", "--owner", ""): "owner must be a text on one line, and not empty",
        ("check", "gone.yaml"): "There is no judge card gone.yaml",
        ("check", "broken.yaml"): "broken.yaml, line 2: this is not valid YAML",
        ("check", "typed.yaml"): "typed.yaml, line 1: owner: expected who answers for this student",
        ("pin",): "Missing option '--teacher-revision'",
        ("pin", "--teacher-revision", " "): "teacher.revision must be a text on one line",
        ("pin", "gone.yaml", "--teacher-revision", "r"): "There is no judge card gone.yaml",
    }
    for arguments, message in cases.items():
        code, shown, said = run("card", *arguments)

        assert (code, shown) == (2, ""), arguments
        assert message in said, (arguments, said)
        assert "Traceback" not in said
    assert not (tmp_path / "other.yaml").exists()


@pytest.mark.parametrize("command", ["init", "check", "pin"])
def test_help_documents_every_option(command):
    code, shown, _ = run("card", command, "--help")

    assert code == 0
    assert all(len(line.split()) > 2 for line in shown.splitlines() if line.strip().startswith("--"))
