import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from drift_core.commands.gate import gate as command
from drift_core.history.history import open_history
from drift_core.judge_card.file import init_card
from tests.drift_core.command_line import run as run_command
from tests.drift_core.gate.judged import judge_by_summary, record
from tests.drift_core.gate.weeks import measured, region, run

LOW, STRADDLING = measured(0.70, 0.62, 0.77), measured(0.83, 0.78, 0.87)
FRESH, LATE, EARLY = "2026-03-17", "2026-04-17", "2026-03-01"
CARD = """\
teacher: {model: large, revision: "2026-01"}
gate: {inconclusive: %s}
critical_slices:
  - {partition: country, name: DE, floor: 0.8}
"""


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    judge_by_summary(monkeypatch)
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


def quiet_weeks(**newest):
    fields = {"regions": (region("DE", measured(0.9)),)} | newest
    record("canary.db", run(0), run(1), run(2, **fields))


def gate(*arguments, now=FRESH):
    code, shown, said = run_command("gate", "--history", "canary.db", "--now", now, *arguments)
    told = [line for line in said.splitlines(keepends=True) if not line.startswith(f"Decided for {now} ")]
    return code, shown, "".join(told)


EVERY_REASON = {
    "alarm": ({"summary": "alarm"}, FRESH, 1),
    "agreement_floor": ({"agreement": LOW}, FRESH, 1),
    "overlap_floor": ({"overlap": measured(0.4, 0.2, 0.6)}, FRESH, 1),
    "slice": ({"regions": (region("DE", LOW),)}, FRESH, 1),
    "revision": ({"teacher_revision": "2026-05"}, FRESH, 1),
    "stale": ({}, LATE, 1),
    "gap": ({"summary": "gap"}, FRESH, 3),
    "clock": ({}, "2026-03-15", 3),
}


@pytest.mark.parametrize("name", EVERY_REASON)
def test_each_reason_has_its_exit_code_and_comes_in_one_line(name, tmp_path):
    changes, now, expected = EVERY_REASON[name]
    quiet_weeks(**changes)
    (tmp_path / "judges.yaml").write_text(CARD % '""')

    code, shown, said = gate("--card", "judges.yaml", "--json", "gate.json", now=now)

    document = json.loads((tmp_path / "gate.json").read_text())
    first = shown.splitlines()[0]
    assert (code, said) == (expected, "")
    assert document["exit_code"] == expected
    assert document["sentence"] == first
    assert name in [reason["name"] for reason in document["reasons"]]
    assert first.startswith("Blocked since" if expected == 1 else "Inconclusive")


def test_the_triggers_that_fired_are_named_and_stop_nothing_by_themselves(tmp_path):
    quiet_weeks()
    (tmp_path / "judges.yaml").write_text(CARD % "block" + 'training: {date: "2025-12-01"}\n')

    code, shown, _ = gate("--card", "judges.yaml", "--json", "gate.json")

    assert code == 0
    assert "Retraining is due: trained 2025-12-01, 106 days ago; the card says every 91 days." in shown.splitlines()[0]
    assert shown.splitlines()[1:] == ["Retrain triggers of the card that fired: age of the training since 2026-03-02."]
    document = json.loads((tmp_path / "gate.json").read_text())
    assert [each["state"] for each in document["triggers"]] == ["quiet", "quiet", "quiet", "fired"]


def test_a_quiet_week_passes_with_and_without_a_card(tmp_path):
    quiet_weeks()
    (tmp_path / "judges.yaml").write_text(CARD % "block")

    with_card, without = gate("--card", "judges.yaml"), gate()

    unchecked = " No judge card was given, so no revision was checked."
    assert without[1].splitlines()[0] == with_card[1].splitlines()[0] + unchecked
    assert (with_card[0], without[0]) == (0, 0)
    assert with_card[1].startswith("Pass since 2026-03-02: the canary of 2026-03-16,")


def test_an_empty_history_is_inconclusive():
    record("canary.db")

    code, shown, _ = gate()

    assert code == 3
    assert shown.startswith("Inconclusive: The history has no canary run.")


@pytest.mark.parametrize(("choice", "expected"), [("block", 1), ("pass", 0), ('""', 3)])
def test_the_card_says_what_inconclusive_counts_as(choice, expected, tmp_path):
    quiet_weeks(agreement=STRADDLING)
    (tmp_path / "judges.yaml").write_text(CARD % choice)

    assert gate("--card", "judges.yaml")[0] == expected


def test_a_new_card_pins_nothing_and_that_is_inconclusive():
    quiet_weeks()
    init_card("judges.yaml")

    code, shown, _ = gate("--card", "judges.yaml")

    assert code == 3
    assert "The judge card pins no teacher revision. Set it with: distillation-drift card pin." in shown


def test_an_override_is_kept_holds_is_taken_back_and_ends_with_the_next_run():
    quiet_weeks(summary="alarm")

    refused = gate("--override", "--by", "Ada", "--reason", " ")
    overridden = gate("--override", "--by", "Ada", "--reason", "The teacher judges that region.")
    afterwards = gate()
    ended = gate("--end-override", "--by", "Bob", "--reason", "It failed.")
    again = gate("--end-override", "--by", "Bob", "--reason", "It failed.")
    assert (ended[0], ended[2]) == (1, "The override is taken back by Bob; both stay in the history.\n")
    assert (again[0], "There is no override to take back" in again[2]) == (2, True)
    record("canary.db", run(3, summary="alarm"))
    next_week = gate(now="2026-03-24")

    assert (refused[0], overridden[0], afterwards[0], next_week[0]) == (2, 0, 0, 1)
    assert overridden[2] == "The override by Ada is kept in the history.\n"
    assert overridden[1].startswith("Pass by an override of Ada on ")
    assert ", 'The teacher judges that region.' It holds until" in overridden[1]
    assert "- alarm of the canary, overridden: " in overridden[1]
    with open_history("canary.db") as history:
        kept, _ = history.decisions()
    assert (kept.by, kept.run_key, kept.reasons) == ("Ada", run(2, summary="alarm").key, ("alarm",))


def test_an_override_that_does_not_open_the_gate_says_so():
    quiet_weeks(summary="alarm")

    code, shown, said = gate("--override", "--by", "Ada", "--reason", "why", now="2026-09-01")

    assert code == 1
    assert "is too old" in shown or "old; at most" in shown
    assert said.startswith("The override by Ada is kept in the history. It does not cover what keeps the gate shut now")


def test_what_passes_is_not_overridden():
    quiet_weeks()

    code, shown, said = gate("--override", "--by", "Ada", "--reason", "why")

    assert code == 0
    assert shown.startswith("Pass since")
    assert said == "Nothing is overridden: the gate lets the release ship.\n"
    with open_history("canary.db") as history:
        assert history.decisions() == ()


def test_files_are_written_for_ci_and_json_stands_alone_on_standard_output(tmp_path):
    quiet_weeks(summary="alarm")

    code, shown, _ = gate("--json", "-", "--junit", "junit.xml", "--code-quality", "quality.json")

    assert code == json.loads(shown)["exit_code"] == 1
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert suite.get("failures") == "1"
    (finding,) = json.loads((tmp_path / "quality.json").read_text())
    assert finding["location"]["path"] == "judges.yaml"


def test_github_gets_annotations_and_a_summary(tmp_path, monkeypatch):
    quiet_weeks(summary="alarm")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    _, shown, _ = gate()
    _, without, _ = gate("--annotations", "none")

    assert (
        "\n::error title=Release gate%3A alarm::The canary of 2026-03-16 alarms: It fell. Diagnose that sample.\n"
        in shown
    )
    assert "::error" not in without
    assert (tmp_path / "summary.md").read_text().count("## Release gate: blocked") == 1


def test_a_summary_that_cannot_be_written_changes_no_answer(tmp_path, monkeypatch):
    quiet_weeks()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "summary.md"))

    code, _, said = gate("--annotations", "github")

    assert code == 0
    assert said.endswith("cannot be written: No such file or directory.\n")


def test_gitlab_gets_a_section_that_folds(monkeypatch):
    quiet_weeks(summary="alarm")
    monkeypatch.setenv("GITLAB_CI", "true")

    _, shown, _ = gate()

    assert shown.startswith("Blocked since")
    assert "section_start:" in shown
    assert "section_end:" in shown


def test_what_cannot_be_read_is_one_message_and_exit_code_two(tmp_path):
    quiet_weeks()
    (tmp_path / "broken.yaml").write_text("a: [1\n")
    (tmp_path / "text.db").write_text("no history")
    cases = {
        ("--history", "gone.db"): "There is no history",
        ("--history", "text.db"): "text.db",
        ("--card", "gone.yaml"): "There is no judge card gone.yaml",
        ("--card", "broken.yaml"): "broken.yaml, line 2: this is not valid YAML",
        ("--now", "soon"): "--now must be a date or time from 1970 to 2199",
        ("--annotations", "jenkins"): "--annotations must be github, gitlab or none; found 'jenkins'",
        ("--override", "--end-override"): "--override and --end-override contradict each other",
        ("--end-override",): "--end-override needs --by and --reason",
        ("--override",): "--override needs --by and --reason",
        ("--override", "--by", "Ada"): "--override needs --reason",
        ("--by", "Ada"): "--by and --reason belong to --override",
        ("--json", "no/gate.json"): "there is no folder no",
        ("--junit", "-"): "--junit expects a file",
        ("--code-quality", "-"): "--code-quality expects a file",
        ("--rule", "gone.toml"): "rule file gone.toml cannot be read",
    }
    for arguments, message in cases.items():
        code, shown, said = gate(*arguments)

        assert (code, shown) == (2, ""), arguments
        assert message in said, (arguments, said)
        assert "Traceback" not in said


def test_a_password_in_the_address_is_never_told(tmp_path):
    address = "postgresql://ada:sesame@localhost:1/canary"

    code, shown, said = run_command("gate", "--history", address, "--json", "gate.json")

    assert code == 2
    assert "sesame" not in shown + said
    assert not (tmp_path / "gate.json").exists()


def test_help_documents_every_option_and_exit_code():
    code, shown, _ = run_command("gate", "--help")

    hints = {name: hint for name, hint in command.__annotations__.items() if name != "return"}
    assert code == 0
    assert all(hint.__metadata__[0].help for hint in hints.values())
    assert all(f"--{name.replace('_', '-')}" in shown for name in hints)
    assert "0 it may ship, 1 it may not, 2 bad usage or input, 3 inconclusive" in " ".join(shown.split())


def test_an_answer_loads_nothing_heavy(tmp_path):
    quiet_weeks()
    (tmp_path / "judges.yaml").write_text(CARD % "block")
    asked = ["gate", "--history", "canary.db", "--card", "judges.yaml", "--now", FRESH, "--json", "gate.json"]
    look = (
        "import sys; from drift_core.cli import main\n"
        f"sys.argv = ['x', *{asked}]\n"
        "try: main()\n"
        "finally: print('heavy:', {'pandas', 'scipy', 'sklearn', 'streamlit', 'torch', 'duckdb'} & set(sys.modules))"
    )

    shown = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True).stdout

    assert shown.endswith("heavy: set()\n")
    assert (tmp_path / "gate.json").is_file()
