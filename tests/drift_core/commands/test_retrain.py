import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from drift_core.judge_card.file import read_card
from tests.drift_core.command_line import run
from tests.drift_core.retraining.cases import contents, list_file, pairs, tiny_student

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    return tiny_student(tmp_path_factory.mktemp("student") / "ranker-1")


@pytest.fixture
def listed(tmp_path):
    return list_file(pairs(32), tmp_path / "rescored.parquet", revision="judge-2026-11")


def retrain(student, path, out, *more):
    return run("retrain", "--student", student, "--list", path, "--out", out, "--device", "cpu", *more)


def test_a_student_is_retrained_and_the_next_step_named(student, listed, tmp_path):
    code, shown, said = retrain(student, listed, tmp_path / "ranker-2")

    assert (code, said.count("Note: ")) == (0, 1)
    assert shown == (
        "ranker-2 was trained from ranker-1 for one epoch on 32 listed pairs, scored by judge-2026-11.\n\n"
        f"Wrote {tmp_path / 'ranker-2'}, with judges.yaml and retraining.json\n"
        "Next: score a frozen and a fresh sample with both students, then compare them.\n"
    )
    assert read_card(tmp_path / "ranker-2" / "judges.yaml").teacher.revision == "judge-2026-11"


def test_every_option_reaches_the_training(student, listed, tmp_path):
    pairs(60, seed=1).to_csv(tmp_path / "old.csv", index=False)

    code, _, _ = retrain(
        *(student, listed, tmp_path / "ranker-2", "--student-version", "v2", "--parent", "v1"),
        *(
            "--teacher-model",
            "m",
            "--teacher-revision",
            "judge-2026-11",
            "--score-range",
            -1,
            3,
            "--replay",
            tmp_path / "old.csv",
        ),
        *("--replay-share", 0.5, "--learning-rate", 2e-5, "--epochs", 2, "--batch-size", 16),
        *("--repeat", listed, "--max-synthetic-share", 0.3, "--max-difference", 0.4, "--held-back-share", 0.2),
        *("--warmup-share", 0.2, "--checkpoint-steps", 50, "--seed", 3),
    )

    assert code == 0
    record = json.loads((tmp_path / "ranker-2" / "retraining.json").read_text())
    assert record["settings"] == {
        "n_epochs": 2,
        "learning_rate": 2e-5,
        "batch_size": 16,
        "warmup_share": 0.2,
        "replay_share": 0.5,
        "max_synthetic_share": 0.3,
        "max_difference": 0.4,
        "held_back_share": 0.2,
        "checkpoint_steps": 50,
        "seed": 3,
    }
    assert (record["student"]["version"], record["parent"]["version"]) == ("v2", "v1")
    assert record["teacher"] == {"model": "m", "revision": "judge-2026-11"}
    assert (record["score_range"], record["n_replayed"]) == ([-1, 3], 32)
    assert record["teacher_noise"] == {
        "n_pairs": 32,
        "deviation": 0.0,
        "limit": 0.4,
        "is_given": True,
        "n_left_out": 0,
    }


def test_columns_of_the_replayed_file_are_named(student, listed, tmp_path):
    other = {"query": "Frage", "doc": "Text", "teacher_score": "JUDGE_MARK"}
    pairs(60, seed=1).rename(columns=other).to_csv(tmp_path / "old.csv", index=False)
    replay = ("--replay", tmp_path / "old.csv")
    named = [
        word
        for role, name in zip(("query", "doc", "teacher"), other.values(), strict=True)
        for word in ("--column", f"{role}={name}")
    ]

    lacking = retrain(student, listed, tmp_path / "ranker-2", *replay, *named[:4])
    unknown = retrain(student, listed, tmp_path / "ranker-2", *replay, "--column", "student=Text")
    alone = retrain(student, listed, tmp_path / "ranker-2", "--column", "query=Frage")
    code, _, _ = retrain(student, listed, tmp_path / "ranker-2", *replay, *named)

    assert "has no column for teacher. It has: " in lacking[2]
    assert "Name it with --column teacher=COLUMN." in lacking[2]
    assert "Columns can be named for query, doc, teacher; found 'student'." in unknown[2]
    assert "--column names columns of the --replay file, and none is given." in alone[2]
    assert [each[0] for each in (lacking, unknown, alone)] == [2, 2, 2]
    assert code == 0
    assert json.loads((tmp_path / "ranker-2" / "retraining.json").read_text())["n_replayed"] > 0


def test_a_list_that_was_not_re_scored_is_said_on_stderr(student, tmp_path):
    path = list_file(pairs(32), tmp_path / "list.parquet")

    code, _, said = retrain(student, path, tmp_path / "ranker-2")

    assert code == 0
    assert said.splitlines()[1].startswith("Note: Which revision of the teacher scored the list is not known")
    assert len(said.splitlines()) == 3
    named = retrain(student, path, tmp_path / "ranker-3", "--teacher-revision", "r")[2]
    few = "Note: The training had 4 steps, and at a rate of 1e-05 so few move a student little."
    assert named.splitlines()[1].startswith(few)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--batch-size", 0), "batch_size must be a whole number from 1 up; found 0"),
        (("--batch-size", -4), "batch_size must be a whole number from 1 up; found -4"),
        (("--epochs", 0), "n_epochs must be a whole number from 1 up; found 0"),
        (("--checkpoint-steps", 0), "checkpoint_steps must be a whole number from 1 up; found 0"),
        (("--learning-rate", "nan"), "learning_rate must be a number in (0, 1); found nan"),
        (("--learning-rate", 0), "learning_rate must be a number in (0, 1); found 0.0"),
        (("--replay-share", 1), "replay_share must be a number in (0, 1); found 1.0"),
        (("--warmup-share", -1), "warmup_share must be a number in [0, 1); found -1.0"),
        (("--score-range", 1, 1), "A score range is two numbers, the lower first; found 1 and 1"),
        (("--score-range", "nan", 1), "A score range is two numbers, the lower first; found nan and 1"),
        (("--replay", "nowhere.csv"), "There is no file nowhere.csv"),
        (("--student", "nowhere"), "nowhere holds no student"),
        (("--list", "nowhere.csv"), "nowhere.csv cannot be read"),
        (("--score-range", 0, 0.5), "must lie in [0, 0.5]; found 0 to 1"),
        (("--device", "abacus"), "cannot be loaded"),
    ],
)
def test_an_error_is_one_message_and_exit_code_2(student, listed, tmp_path, more, message):
    code, shown, said = retrain(student, listed, tmp_path / "ranker-2", *more)

    assert (code, shown) == (2, "")
    assert message in said
    assert [line.partition(" ")[0] for line in said.splitlines()] in (["Error:"], ["Retraining", "Error:"])
    assert not (tmp_path / "ranker-2").exists()


def test_a_folder_inside_the_student_before_is_refused(student, listed):
    before = contents(student)

    code, _, said = retrain(student, listed, student / "new")

    assert (code, len(said.splitlines())) == (2, 2)
    assert "neither may lie in the other" in said
    assert contents(student) == before


def test_ctrl_c_is_exit_code_130_and_the_same_command_goes_on(student, listed, tmp_path, monkeypatch):
    from sentence_transformers.cross_encoder import CrossEncoderTrainer

    step, done = CrossEncoderTrainer.training_step, []

    def pressed(*arguments, **options):
        done.append(1)
        if len(done) == 4:
            raise KeyboardInterrupt
        return step(*arguments, **options)

    monkeypatch.setattr(CrossEncoderTrainer, "training_step", pressed)
    stopped = retrain(student, listed, tmp_path / "ranker-2", "--checkpoint-steps", 2)
    code, shown, _ = retrain(student, listed, tmp_path / "ranker-2", "--checkpoint-steps", 2)

    assert stopped[:2] == (130, "")
    assert "Traceback" not in stopped[2]
    assert (code, shown.splitlines()[0][:8]) == (0, "ranker-2")
    assert len(done) == 4 + 2


@pytest.fixture
def small_disk():
    """No file may grow over 200 kB while this is in use."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, old[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_a_full_disk_is_one_message_and_leaves_no_student(student, listed, tmp_path, small_disk):
    code, shown, said = retrain(student, listed, tmp_path / "ranker-2")

    assert (code, shown) == (2, "")
    assert "cannot be trained" in said
    assert [line.partition(" ")[0] for line in said.splitlines()] == ["Retraining", "Error:"]
    assert not (tmp_path / "ranker-2" / "config.json").exists()


@pytest.mark.parametrize("command", ["score", "retrain"])
def test_help_names_every_option_and_loads_nothing_heavy(command):
    look = (
        f"import sys; from drift_core.cli import main; sys.argv = ['x', {command!r}, '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print('heavy:', {'torch', 'transformers', 'safetensors', 'pandas', 'scipy', 'duckdb'} & set(sys.modules))"
    )

    shown = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=ROOT).stdout

    assert "heavy: set()" in shown
    for option in ("--student", "--out", "--device", "--batch-size"):
        assert option in shown
