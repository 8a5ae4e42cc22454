"""The GitHub Action, the GitLab component and the pre-commit hook, run as they stand but for what installs."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from drift_core.history.csv_exchange import import_csv
from drift_core.installation import app_folder
from drift_core.judge_card.file import init_card

ROOT = Path(__file__).parents[1]
ACTION = YAML(typ="safe").load(ROOT / "action.yml")
STEPS = {step.get("id", "exit"): step for step in ACTION["runs"]["steps"] if "run" in step}
MARK = "<!-- distillation-drift gate -->"
NASTY = "week $(touch pwned) `touch pwned`; touch pwned.db"
GH = """#!/bin/bash
printf '%s\\n' "$*" >> gh.txt
[ "$GH_FAILS" = yes ] && exit 1
for word in "$@"; do case "$word" in body=@*) cp "${word#body=@}" sent.md;; esac; done
[[ "$*" == *--paginate* ]] && printf '%s' "$KNOWN" || true
"""


@pytest.fixture
def folder(tmp_path):
    """A checkout whose newest week alarms, with a stand-in for gh."""
    import_csv(app_folder() / "sample_data" / "canary" / "history.csv", tmp_path / NASTY)
    init_card(tmp_path / "judges.yaml", teacher_model="large", teacher_revision="r", student_version="ranker-2")
    (tmp_path / "bin").mkdir()
    stub = tmp_path / "bin" / "gh"
    stub.write_text(GH)
    stub.chmod(0o755)
    return tmp_path


def sh(script, folder, **environment):
    """Run a script as GitHub runs `shell: bash`."""
    (folder / "step.sh").write_text(script)
    path = os.pathsep.join([str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("GIT", "CI"))}
    own = {"PATH": path, "RUNNER_TEMP": str(folder), "GITHUB_REPOSITORY": "team/judge"}
    own |= {"GITHUB_OUTPUT": str(folder / "output.txt"), "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(folder / "step.sh")]
    done = subprocess.run(words, cwd=folder, env=kept | own | environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def gate(folder):
    inputs = {"HISTORY": NASTY, "CARD": "judges.yaml"}
    return sh(STEPS["gate"]["run"], folder, GITHUB_ACTIONS="true", **inputs)


def comment(folder, **environment):
    return sh(STEPS["comment"]["run"], folder, GH_TOKEN="t", PULL="7", **environment)  # noqa: S106 - of a stand-in


def test_no_input_is_part_of_a_script():
    assert not [step for step in STEPS.values() if "${{" in step["run"]]
    assert all(step["shell"] == "bash" for step in STEPS.values())
    assert STEPS["install"]["run"].endswith('"${PACKAGE:-$ACTION}"\n')
    assert "[" not in ACTION["inputs"]["package"]["default"]  # the core alone


def test_the_gate_is_run_summed_up_and_kept_in_one_comment(folder):
    code, said = gate(folder)
    assert code == 0, said
    assert (folder / "output.txt").read_text() == "exit-code=1\n"
    assert (folder / "summary.md").read_text().startswith("## Release gate: blocked\n")
    assert not list(folder.glob("pwned*"))

    assert comment(folder)[0] == 0
    first = (folder / "gh.txt").read_text().splitlines()
    body = (folder / "sent.md").read_text()
    assert comment(folder, KNOWN="41\n43\n")[0] == 0
    again = (folder / "gh.txt").read_text().splitlines()[len(first) :]

    asked = [line.split(" --jq ")[0].split(" --field ")[0] for line in (*first, *again)]
    assert [line for line in asked if line != "api user"] == [
        "api --paginate repos/team/judge/issues/7/comments",
        "api --silent --method POST repos/team/judge/issues/7/comments",
        "api --paginate repos/team/judge/issues/7/comments",
        "api --silent --method PATCH repos/team/judge/issues/comments/41",
    ]
    assert body.startswith(f"{MARK}\n\n## Release gate: blocked\n")
    bars = re.findall(r"^\| \d{4}-\d\d-\d\d \| (\w+) \| `([█░]{20})` [\d.]+ \(", body, flags=re.MULTILINE)
    assert len(bars) == 12
    assert {"alarm", "quiet"} >= {state for state, _ in bars} >= {"quiet"}
    assert sh(STEPS["exit"]["run"], folder, CODE="1")[0] == 1


def test_the_weeks_of_a_comment_are_judged_by_the_rule_of_its_answer(folder):
    (folder / "calm.json").write_text('{"alarm_loss": 0.5, "region_loss": 0.5}')
    words = f"distillation-drift gate --history {shlex.quote(NASTY)} --now 2026-02-01 --markdown"

    sh(f"{words} usual.md || true; {words} calm.md --rule calm.json || true", folder)

    usual, calm = ((folder / f"{name}.md").read_text() for name in ("usual", "calm"))
    assert "| alarm | `" in usual
    assert "| alarm | `" not in calm


def test_a_comment_that_may_not_be_written_is_a_warning_and_bad_input_writes_none(folder):
    (folder / "gate.md").write_text("x")
    code, said = comment(folder, GH_FAILS="yes")
    assert (code, said.count("::warning::")) == (0, 1)

    (folder / "gate.md").unlink()
    (folder / "gh.txt").unlink()
    code, _ = sh(STEPS["gate"]["run"], folder, HISTORY="none.db", CARD="")
    assert (code, (folder / "output.txt").read_text()) == (0, "exit-code=2\n")
    assert comment(folder)[0] == 0
    assert not (folder / "gh.txt").exists()


@pytest.mark.parametrize(
    ("history", "package", "expected"),
    [
        ("canary.db", "", "/action"),
        ("postgresql://h/d", "", "/action[postgres]"),
        ("postgresql://h/d", "a.whl", "a.whl"),
    ],
)
def test_what_a_history_needs_is_installed(history, package, expected, folder):
    stub = folder / "bin" / "python"
    stub.write_text("#!/bin/bash\nprintf '%s\\n' \"${@: -1}\"\n")
    stub.chmod(0o755)

    assert sh(STEPS["install"]["run"], folder, ACTION="/action", HISTORY=history, PACKAGE=package) == (
        0,
        f"{expected}\n",
    )


def test_the_component_of_gitlab_runs_with_its_inputs(folder):
    spec, jobs = YAML(typ="safe").load_all(ROOT / "templates" / "gate.yml")
    given = {name: each["default"] for name, each in spec["spec"]["inputs"].items()} | {"history": NASTY}
    job = jobs["distillation-drift-gate"]

    variables = {
        name: re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda found: given[found[1]], text)
        for name, text in job["variables"].items()
    }
    code, said = sh("\n".join(job["script"]), folder, GITLAB_CI="true", **variables)

    assert "inputs." not in "".join([*job["script"], *job["before_script"]])
    assert code == 1, said
    assert all((folder / name).is_file() for name in ("gate.json", "gate.xml", "gate.quality.json"))


def test_the_hook_checks_a_card(folder):
    [hook] = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")

    assert [bool(re.search(hook["files"], name)) for name in ("judges.yaml", "a/judges.yaml", "judges.yml")] == [
        1,
        1,
        0,
    ]
    (folder / "more").mkdir()
    cards = [folder / "judges.yaml", folder / "more" / "judges.yaml"]
    cards[1].write_bytes(cards[0].read_bytes())
    code, said = sh(f"{hook['entry']} {shlex.join(map(str, cards))}", folder)
    assert code == 3, said
    assert said.count("The card is incomplete: ") == 2
