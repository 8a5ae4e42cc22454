"""The command ``canary`` on files: what it records, prints and writes."""

import json
import shutil
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

from drift_core import open_history
from drift_core.history.withdraw import withdraw_run
from drift_core.simulation.plan import Plan
from drift_core.simulation.simulate import simulate
from tests.drift_core.command_line import run as run_command


class Ran(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str


SMALL = {"n_heldout": 400, "n_production": 200, "agreement": (0.94, 0.93), "topics": ("login", "recipes")}


def lacking(frame, rows):
    """A sample without the teacher's score in some rows."""
    return frame.assign(teacher_score=frame["teacher_score"].mask(rows))


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Held-out, a healthy week, a week with a new topic, and a week scored by two revisions."""
    folder = tmp_path_factory.mktemp("weeks")
    healthy = simulate(Plan(**SMALL), seed=3)
    drifted = simulate(
        Plan(**{**SMALL, "topics": ("login", "recipes", "pets")}, new_shares=(0.3,), new_agreement=(0.3,)), seed=4
    )
    bridged = simulate(Plan(**SMALL, teacher_loss=0.10, with_pinned=True), seed=5)
    frames = {
        "heldout": healthy.heldout,
        "healthy": healthy.production,
        "drifted": drifted.production,
        "bridged": bridged.production,
        "small": healthy.production.head(30),
        "tiny": healthy.production.head(10),
        "dead": healthy.production.assign(student_score=0.5),
        "empty": healthy.production.head(0),
        "turned": healthy.production.assign(student_score=lambda frame: -frame["student_score"]),
        "turned heldout": healthy.heldout.assign(student_score=lambda frame: -frame["student_score"]),
        "evenly": lacking(healthy.production, np.arange(200) % 29 == 0),
    }
    order = healthy.production["student_score"].rank(ascending=False)
    frames |= {f"top {n}": lacking(healthy.production, order <= n) for n in (12, 40)}
    for name, frame in frames.items():  # docs play no part here
        frame.drop(columns="doc").to_csv(folder / f"{name}.csv", index=False)
    return folder


def record(samples, folder, week, *options, revision="r1"):
    """Run the command on a week by name; give the process and the JSON."""
    target = folder / "week.json"
    target.unlink(missing_ok=True)
    places = (samples / "heldout.csv", samples / f"{week}.csv", "--history", folder / "history.db")
    done = run_command(
        "canary", *places, "--teacher-revision", revision, "--embedder", "hashing", "--json", target, *options
    )
    return Ran(*done), json.loads(target.read_text()) if target.exists() else None


@pytest.fixture
def canary(samples, tmp_path):
    return partial(record, samples, tmp_path)


@pytest.fixture(scope="module")
def healthy_week(samples, tmp_path_factory):
    """A history of the healthy week alone."""
    folder = tmp_path_factory.mktemp("healthy")
    done, _ = record(samples, folder, "healthy", "--at", "2026-05-04")
    assert done.exit_code == 0
    return folder / "history.db"


@pytest.fixture
def after_a_healthy_week(canary, healthy_week, tmp_path):
    """The command where the history holds the healthy week."""
    shutil.copy(healthy_week, tmp_path / "history.db")
    return canary


def test_a_healthy_week_is_recorded_without_an_alarm(canary, tmp_path):
    done, week = canary("healthy", "--at", "2026-05-04", "--student-version", "s1")

    assert done.exit_code == 0
    assert done.stdout.startswith("No alarm.")
    assert (week["alarm"], week["reasons"], week["budget"]) == (False, [], 0.05)
    assert week["spearman"]["low"] < week["spearman"]["estimate"] < week["spearman"]["high"]
    assert {"estimate", "low", "high"} <= set(week["overlap"])
    assert week["baseline"]["source"] == "heldout"
    with open_history(tmp_path / "history.db", is_created=False) as history:
        (run,) = history.runs()
    assert (run.student_version, run.at.date().isoformat()) == ("s1", "2026-05-04")
    assert run.production_name == "healthy.csv"


def test_new_traffic_alarms_with_its_reasons(canary):
    done, week = canary("drifted")

    assert done.exit_code == 0
    assert done.stdout.startswith("Alarm.")
    assert done.stdout.splitlines()[1].startswith("Diagnose that sample")
    assert week["alarm"]
    assert "below the baseline" in week["reasons"][0]
    assert {"partition", "name", "spearman"} <= set(week["regions"][0])


def test_the_same_run_twice_is_one_record(after_a_healthy_week, tmp_path):
    done, week = after_a_healthy_week("healthy", "--at", "2026-05-04")

    assert week["is_new"] is False
    assert "recorded before" in done.stdout
    with open_history(tmp_path / "history.db") as history:
        assert len(history.runs()) == 1


def test_a_small_week_is_a_gap(canary):
    _, week = canary("small")

    assert week["status"] == "gap"
    assert "30 pairs" in week["reasons"][0]


@pytest.mark.parametrize(("name", "word"), [("tiny", "10 usable pairs"), ("dead", "student")])
def test_a_week_that_cannot_be_measured_is_recorded_as_a_gap(canary, tmp_path, name, word):
    done, week = canary(name)

    assert done.exit_code == 0
    assert week["status"] == "gap"
    assert word in week["reasons"][0]
    with open_history(tmp_path / "history.db") as history:
        assert [run.production_name for run in history.runs()] == [f"{name}.csv"]


@pytest.mark.parametrize(("n", "share"), [(12, "6%"), (40, "20%")])
def test_scores_that_are_missing_at_the_top_are_named_and_leave_week_and_gate_open(canary, tmp_path, n, share):
    done, week = canary(f"top {n}", "--at", "2026-05-04")
    code, decided, _ = run_command("gate", "--history", tmp_path / "history.db", "--now", "2026-05-04")

    assert week["status"] == "gap"
    (reason,) = week["reasons"]
    assert f"Today's teacher gave no score for {share} of production" in reason
    assert "most of them among the pairs that the student scores high" in reason
    assert "holds only" not in reason  # a narrow range is what is left, not why
    assert reason.endswith("Have the teacher score these rows too, and record the week again.")
    assert f"{n} of 200 rows have no teacher score; left out." in done.stdout
    assert code == 3
    assert f"{n} of 200 rows have no teacher score; left out." in decided
    assert "Record a larger sample" not in decided


def test_rows_without_a_teachers_score_are_counted_wherever_they_lie(canary, tmp_path):
    done, week = canary("evenly", "--at", "2026-05-04")

    assert week["status"] == "quiet"
    assert done.stdout.startswith("No alarm. 7 of 200 rows have no teacher score; left out.")
    with open_history(tmp_path / "history.db") as history:
        assert [run.n_unscored for run in history.runs()] == [7]


def test_scores_that_run_the_other_way_are_asked_about_before_anything_else(canary, samples, tmp_path):
    _, week = canary("turned", "--at", "2026-05-04")
    _, decided, _ = run_command("gate", "--history", tmp_path / "history.db", "--now", "2026-05-04")
    places = (samples / "turned heldout.csv", samples / "turned.csv", "--history", tmp_path / "both.db")
    _, both, _ = run_command("canary", *places, "--teacher-revision", "r1", "--embedder", "hashing")

    told = "Agreement is negative: do the scores run the other way? "
    assert week["reasons"][0].startswith(told)
    assert "See first whether the scores run the other way, or let the teacher judge." in decided
    assert both.startswith(f"No alarm. {told.strip()}")


def test_a_file_without_rows_is_refused_and_makes_no_history(canary, tmp_path):
    done, week = canary("empty")

    assert (done.exit_code, week) == (2, None)
    assert "empty.csv has no rows" in done.stderr
    assert not (tmp_path / "history.db").exists()


def test_a_held_out_that_cannot_be_measured_ends_the_command(samples, tmp_path):
    code, _, said = run_command(
        *("canary", samples / "tiny.csv", samples / "healthy.csv", "--history", tmp_path / "history.db"),
        *("--teacher-revision", "r1", "--embedder", "hashing"),
    )

    assert code == 2
    assert not (tmp_path / "history.db").exists()
    assert "tiny.csv" in said


def test_both_revisions_on_the_same_pairs_make_a_new_baseline(after_a_healthy_week):
    _, week = after_a_healthy_week("bridged", "--at", "2026-05-11", revision="r2")

    assert week["baseline"]["source"] == "bridge"
    assert week["baseline"]["teacher_revision"] == "r2"
    assert week["signals"] == ["revision"]


def test_pinned_scores_of_another_revision_than_the_baseline_s_are_no_bridge(after_a_healthy_week):
    ran, week = after_a_healthy_week("bridged", "--at", "2026-05-11", "--pinned-revision", "r0", revision="r2")

    assert week["baseline"]["source"] == "heldout"
    assert "of revision r0, and the baseline is of r1" in week["bridge"]["refused"]
    assert week["bridge"]["refused"] in ran.stdout


def test_a_revision_without_a_bridge_keeps_the_baseline(after_a_healthy_week):
    _, week = after_a_healthy_week("drifted", "--at", "2026-05-11", revision="r2")

    assert week["baseline"]["source"] == "heldout"


def test_a_second_run_of_one_week_is_kept_and_told(after_a_healthy_week, tmp_path):
    _, week = after_a_healthy_week("drifted", "--at", "2026-05-05")

    assert week["notes"]
    with open_history(tmp_path / "history.db") as history:
        assert len(history.runs()) == 2


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--at", "yesterday"), "--at"),
        (("--budget", "2"), "alarm_budget"),
        (("--student-version", " "), "--student-version"),
        (("--card", "nowhere.yaml"), "nowhere.yaml"),
    ],
)
def test_a_bad_option_is_one_message_and_records_nothing(canary, tmp_path, options, word):
    done, week = canary("healthy", *options)

    assert done.exit_code == 2
    assert week is None
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_history_of_something_else_is_refused_and_untouched(canary, tmp_path):
    (tmp_path / "history.db").write_text("not a database")
    done, _ = canary("healthy")

    assert done.exit_code == 2
    assert (tmp_path / "history.db").read_text() == "not a database"


def test_the_run_is_noted_in_the_judge_card(canary, tmp_path):
    card = tmp_path / "judges.yaml"
    run_command("card", "init", "--out", card)
    slices = "critical_slices: [{partition: surface, name: web, floor: 0.3, measure: overlap}]"
    card.write_text(card.read_text().replace("critical_slices: []", slices))
    canary("healthy", "--at", "2026-05-04", "--card", card)

    assert "2026-05-04" in card.read_text()
    with open_history(tmp_path / "history.db") as history:
        (run,) = history.runs(with_regions=True)
    assert {(each.partition, each.name): set(each.measures) for each in run.regions if each.measures} == {
        ("surface", "web"): {"overlap"}
    }


def test_a_run_of_another_student_than_the_cards_is_noted_beside_the_week(after_a_healthy_week, tmp_path):
    card = tmp_path / "judges.yaml"
    run_command("card", "init", "--out", card, "--student-version", "s1")
    before = card.read_text()

    done, week = after_a_healthy_week("bridged", "--at", "2026-05-11", "--student-version", "s2", "--card", card)

    assert card.read_text() == before
    (note,) = [each for each in week["notes"] if "is of student s1, this run of s2" in each]
    assert note in done.stdout


def test_a_withdrawn_week_is_not_recorded_again_in_silence(after_a_healthy_week, tmp_path):
    with open_history(tmp_path / "history.db") as history:
        withdraw_run(history, "2026-05-04", by="Ada", reason="Wrong file")

    done, week = after_a_healthy_week("healthy", "--at", "2026-05-04")

    assert (done.exit_code, week) == (2, None)
    assert "was withdrawn by Ada on" in done.stderr
    assert "Wrong file. It stays withdrawn and does not count. To count it: distillation-drift history" in done.stderr
    next_done, next_week = after_a_healthy_week("bridged", "--at", "2026-05-04")
    assert (next_done.exit_code, next_week["notes"]) == (0, [])
