"""The shell lines of the recipes, taken from their YAML and run as they stand, all but the one that installs."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from drift_core import open_history
from drift_core.gate.last_canary import update_last_canary
from drift_core.judge_card.file import read_card
from drift_core.regions.shipped_encoder import WEIGHTS_ALONE
from tests.drift_core.canary.runs_by_hand import week
from tests.sweeps import sweep

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "docs" / "recipes"
N_HELDOUT, N_LOG = 250, 500  # embedding the texts takes most of the time; of the log 300 are drawn


def github(job):
    """Give the variables and the shell lines of a job of the GitHub recipe."""
    recipe = YAML(typ="safe").load(RECIPES / "github-actions.yml")
    steps = recipe["jobs"][job]["steps"]
    return recipe["env"], [step["run"] for step in steps if "run" in step and step.get("id") != "install"]


def gitlab(job):
    """Give the variables and the shell lines of a job of the GitLab recipe."""
    recipe = YAML(typ="safe").load(RECIPES / "gitlab-ci.yml")
    assert recipe[job]["extends"] == ".student"
    assert recipe[".student"]["before_script"] == ['pip install "$PACKAGE"']
    return recipe["variables"], recipe[job]["script"]


def sh(line, folder, **environment):
    """Run a shell line as a runner does, in a folder, with this environment's commands first."""
    path = os.pathsep.join([str(folder / ".same-week"), str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("GIT", "CI"))}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=folder,
        env=kept | {"PATH": path} | environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def succeed(lines, folder, environment):
    for line in lines:
        code, said = sh(line, folder, **environment)
        assert code == 0, f"{line}\n{said}"


@pytest.fixture(scope="module", autouse=True)
def cache_of_the_tests(kept_embeddings):
    """Keep the embeddings of these runs out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(kept_embeddings))
        yield


@pytest.fixture
def repository(tmp_path):
    """A team's repository with a remote, a card, held-out pairs and a week's log."""
    if shutil.which("git") is None:
        pytest.skip("no git was found, which the recipes use. Get it: apt-get install git")
    folder = tmp_path / "team"
    succeed(
        [
            "git init --quiet --bare --initial-branch main remote.git",
            "git clone --quiet remote.git team 2>/dev/null",
            "git -C team symbolic-ref HEAD refs/heads/main",
        ],
        tmp_path,
        {},
    )
    (folder / "data").mkdir()
    (folder / ".same-week").mkdir()
    date = folder / ".same-week" / "date"  # the seed of the draw, the same whenever the tests run
    date.write_text("#!/bin/sh\necho 202610\n")
    date.chmod(0o755)
    return folder


def fill(repository, scenario, environment):
    for name, n, target in (("heldout.csv", N_HELDOUT, "HELDOUT"), ("production.csv", N_LOG, "LOG")):
        table = pd.read_csv(ROOT / "sample_data" / scenario / name)
        if target == "LOG":  # of this week, as the week that is recorded and the gate's own clock are
            times = pd.to_datetime(table["timestamp"])
            table["timestamp"] = times + (pd.Timestamp.now(times.dt.tz) - times.max())
        table.tail(n).to_csv(repository / environment[target], index=False)
    succeed(
        [
            'distillation-drift card init --out "$CARD" --teacher-model large --owner Ada '
            '--teacher-revision "$TEACHER_REVISION" --student-version "$STUDENT_VERSION"',
            'git add "$CARD" data && git -c user.name=a -c user.email=a@localhost commit --quiet --message Begin',
            "git push --quiet origin HEAD",
        ],
        repository,
        environment,
    )


@pytest.mark.parametrize(
    ("recipe", "written"), sweep([(github, "gate.xml"), (gitlab, "gate.quality.json")], (gitlab, "gate.quality.json"))
)
def test_the_canary_records_a_week_and_the_gate_lets_a_healthy_student_ship(recipe, written, repository):
    environment, canary = recipe("canary")
    _, gate = recipe("gate")
    fill(repository, "healthy", environment)

    succeed([*canary, *gate], repository, environment)

    assert (repository / written).is_file()
    assert sh("git log -1 --format=%s origin/main", repository) == (0, "Record the canary's week\n")
    assert sh("git status --porcelain --untracked-files=no", repository) == (0, "")
    assert 'at: "20' in (repository / environment["CARD"]).read_text()
    shutil.copy(RECIPES / "test_release.py", repository)
    succeed([f"{sys.executable} -m pytest -q -p no:cacheprovider test_release.py"], repository, environment)


@pytest.mark.parametrize("job", ["canary", "resample"])
def test_what_embeds_texts_installs_the_weights_too(job):
    github_job = YAML(typ="safe").load(RECIPES / "github-actions.yml")["jobs"][job]
    [installs] = [step["run"] for step in github_job["steps"] if step.get("id") == "install"]

    lines = ['pip install "${PACKAGE}[embed]"', WEIGHTS_ALONE]
    assert installs.splitlines() == lines
    assert YAML(typ="safe").load(RECIPES / "gitlab-ci.yml")[job]["before_script"] == lines


def test_both_recipes_resample_by_the_same_lines_once_a_month():
    recipe = YAML(typ="safe").load(RECIPES / "github-actions.yml")
    monthly = "0 6 1 * *"

    assert gitlab("resample")[1] == github("resample")[1]
    assert {"cron": monthly} in recipe["on"]["schedule"]
    assert recipe["jobs"]["resample"]["if"] == f"github.event.schedule == '{monthly}'"
    assert monthly not in recipe["jobs"]["canary"]["if"]


def test_the_gate_blocks_a_student_that_drifted_and_the_month_gives_its_retrain_list(repository):
    environment, canary = github("canary")
    _, (gate,) = github("gate")
    fill(repository, "query-drift", environment)

    for line in canary:
        sh(line, repository, **environment)
    code, said = sh(gate, repository, GITHUB_ACTIONS="true", **environment)

    assert code == 1, said
    assert said.startswith("Blocked since ")
    assert "\n::error title=Release gate%3A alarm::" in said
    _, month = github("resample")
    succeed(month, repository, environment | {"MONTH_PAIRS": "300", "LIST_PAIRS": "50"})
    assert 0 < len(pd.read_parquet(repository / "month-list" / "retrain_list.parquet")) <= 50
    assert sh("git status --porcelain --untracked-files=no", repository) == (0, "")


def record(folder, run):
    """Record a run and note it in the card, as the canary does."""
    with open_history(folder / "canary.db") as history:
        history.record(run)
    update_last_canary(folder / "judges.yaml", run)


@pytest.mark.parametrize("recipe", [github, gitlab])
def test_weeks_that_two_runners_record_at_once_are_all_kept_and_each_once(recipe, repository):
    environment, canary = recipe("canary")
    environment = environment | {"HISTORY": "canary.db", "CARD": "judges.yaml"}
    keep = canary[next(place for place, line in enumerate(canary) if "git add" in line) :]
    remote, runner, other = repository.parent, repository.parent / "runner", repository.parent / "other"
    committed = "git -c user.name=a -c user.email=a@localhost commit --quiet"
    succeed(
        [
            "echo before > notes && distillation-drift card init --out judges.yaml",
            f"git add notes judges.yaml && {committed} --message Begin && git push --quiet origin HEAD",
        ],
        repository,
        {},
    )
    succeed([f"git clone --quiet --depth 1 file://$PWD/remote.git {name}" for name in ("runner", "other")], remote, {})

    for each in (other, runner):  # each makes the history, with the same first week
        record(each, week(0))
        succeed(keep, each, environment)
    record(runner, week(2))
    record(other, week(1))
    succeed([f"echo after > notes && {committed} --all --message Other", *keep], other, environment)
    succeed(keep, runner, environment)

    succeed(["git clone --quiet remote.git kept"], remote, {})
    with open_history(remote / "kept" / "canary.db", is_created=False) as history:
        runs = sorted(history.runs(with_regions=True), key=lambda run: run.number)
    assert runs == [replace(week(place), number=place + 1) for place in range(3)]
    assert read_card(remote / "kept" / "judges.yaml").canary.last.at == week(2).at.isoformat()
    assert (remote / "kept" / "notes").read_text() == "after\n"
    assert sh("git status --porcelain --untracked-files=no", runner) == (0, "")


def test_a_week_that_could_not_be_pushed_is_an_artifact():
    steps = YAML(typ="safe").load(RECIPES / "github-actions.yml")["jobs"]["canary"]["steps"]

    assert {"uses": steps[-1]["uses"], "if": "always()", "with": {"name": "canary", "path": "canary.*"}} == steps[-1]
    assert YAML(typ="safe").load(RECIPES / "gitlab-ci.yml")["canary"]["artifacts"] == {
        "when": "always",
        "paths": ["canary.*"],
    }
