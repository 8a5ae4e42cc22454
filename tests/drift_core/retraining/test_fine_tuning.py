import math
import os
import shutil

import numpy as np
import pytest

from drift_core.errors import InputError, StudentError
from drift_core.retraining.fine_tuning import fine_tune, plan_of, put_in_place, work_folder, write_student
from drift_core.retraining.scored_texts import read_scored_list
from drift_core.retraining.settings import RetrainSettings
from drift_core.retraining.student import load_student
from drift_core.retraining.training_set import training_set
from tests.drift_core.retraining.cases import list_file, pairs, tiny_student, weights
from tests.sweeps import sweep

SETTINGS = RetrainSettings(learning_rate=1e-3, checkpoint_steps=3)
N_PAIRS, N_STEPS = 42, math.ceil(42 / SETTINGS.batch_size)


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    path = list_file(pairs(N_PAIRS), tmp_path_factory.mktemp("list") / "list.parquet")
    return training_set(read_scored_list(path), is_bounded=False, rng=np.random.default_rng(0))


def train(student, listed, out, *, settings=SETTINGS, progress=None):
    """Train a student, or go on where that was stopped; gives the folder of the new one."""
    loaded = load_student(student, device="cpu")
    work = work_folder(out, plan_of(loaded, listed, settings))
    fine_tune(loaded, listed, settings=settings, work=work, progress=progress)
    put_in_place(write_student(loaded, work), out)
    return out


@pytest.fixture(scope="module")
def unbroken(student, listed, tmp_path_factory):
    """A training that nothing stopped."""
    return train(student, listed, tmp_path_factory.mktemp("unbroken") / "ranker-2")


def distance(one, other):
    one, other = weights(one), weights(other)
    assert one.keys() == other.keys()
    return max(float(np.abs(one[name] - other[name]).max()) for name in one)


def stop_at(wanted):
    def progress(stage, step, n_steps):
        if step == wanted:
            raise KeyboardInterrupt

    return progress


def test_one_epoch_is_one_step_a_batch_and_changes_the_weights(student, listed, tmp_path):
    said = []

    out = train(student, listed, tmp_path / "out", progress=lambda *step: said.append(step))

    assert said == [("training", step, N_STEPS) for step in range(1, N_STEPS + 1)]
    assert distance(student, out) > 1e-4
    assert load_student(out, device="cpu").model.device.type == "cpu"


def test_the_default_rate_moves_no_weight_further_than_its_steps_allow(student, listed, tmp_path):
    out = train(student, listed, tmp_path / "out", settings=RetrainSettings())

    assert 0 < distance(student, out) <= 1.1 * N_STEPS * 1e-5


def test_the_new_student_fits_the_labels_better(student, listed, tmp_path):
    settings = RetrainSettings(learning_rate=1e-2, n_epochs=6)

    out = train(student, listed, tmp_path / "out", settings=settings)

    texts = list(zip(listed.query, listed.doc, strict=True))
    before, after = (
        np.mean((load_student(each, device="cpu").model.predict(texts, show_progress_bar=False) - listed.label) ** 2)
        for each in (student, out)
    )
    assert after < before / 2


def test_a_bounded_student_is_trained_through_its_sigmoid(tmp_path):
    before = tiny_student(tmp_path / "bounded", bounded=True)
    path = list_file(pairs(N_PAIRS, low=0.9, high=0.96), tmp_path / "list.parquet")
    high = training_set(read_scored_list(path), is_bounded=True, rng=np.random.default_rng(0))

    out = train(before, high, tmp_path / "out", settings=RetrainSettings(learning_rate=2e-2, n_epochs=4))

    trained = load_student(out, device="cpu")
    scores = trained.model.predict(list(zip(high.query, high.doc, strict=True)), show_progress_bar=False)
    assert trained.is_bounded
    assert scores.mean() == pytest.approx(0.93, abs=0.03)


def test_the_same_seed_gives_the_same_weights_and_another_does_not(student, listed, unbroken, tmp_path):
    again = train(student, listed, tmp_path / "again")
    other = train(student, listed, tmp_path / "other", settings=RetrainSettings(**SETTINGS.to_json() | {"seed": 1}))

    assert distance(unbroken, again) == 0
    assert distance(unbroken, other) > 1e-6


@pytest.mark.parametrize("stopped", sweep((1, N_STEPS), N_STEPS))
def test_a_training_that_was_stopped_ends_as_an_unbroken_one(student, listed, unbroken, tmp_path, stopped):
    said = []
    with pytest.raises(KeyboardInterrupt):
        train(student, listed, tmp_path / "out", progress=stop_at(stopped))
    assert not (tmp_path / "out" / "config.json").exists()

    out = train(student, listed, tmp_path / "out", progress=lambda _, step, n: said.append(step))

    kept = (stopped - 1) // 3 * 3  # the callback stops before the checkpoint of its own step
    assert said == list(range(kept + 1, N_STEPS + 1))
    assert distance(unbroken, out) < 1e-6
    assert not (out / ".training").exists()


@pytest.mark.parametrize("state", sweep((None, '{"global_step": 4, "lo'), None))
def test_a_checkpoint_that_was_not_finished_is_passed_over(student, listed, unbroken, tmp_path, state):
    with pytest.raises(KeyboardInterrupt):
        train(student, listed, tmp_path / "out", progress=stop_at(5))
    half = tmp_path / "out" / ".training" / "checkpoint-4"
    shutil.copytree(half.with_name("checkpoint-3"), half)
    (half / "trainer_state.json").unlink()
    if state is not None:
        (half / "trainer_state.json").write_text(state)

    assert distance(unbroken, train(student, listed, tmp_path / "out")) < 1e-6


def test_another_training_in_the_same_folder_is_refused(student, listed, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(student, listed, tmp_path / "out", progress=stop_at(4))

    with pytest.raises(InputError, match=r"Another training was begun in .*out: .* or delete .*\.training to begin"):
        train(student, listed, tmp_path / "out", settings=RetrainSettings(batch_size=4))


def test_a_pipe_in_place_of_the_plan_is_refused_and_not_waited_for(tmp_path):
    (tmp_path / ".training").mkdir()
    os.mkfifo(tmp_path / ".training" / "plan.json")

    with pytest.raises(InputError, match=r"plan.json is a pipe, not the plan of a training. Delete .*\.training to"):
        work_folder(tmp_path, {})


def test_the_plan_tells_students_pairs_and_settings_apart(student, listed, tmp_path):
    loaded = load_student(student, device="cpu")
    other = training_set(
        read_scored_list(list_file(pairs(N_PAIRS, seed=2), tmp_path / "other.parquet")),
        is_bounded=False,
        rng=np.random.default_rng(0),
    )
    stranger = load_student(tiny_student(tmp_path / "stranger", seed=5), device="cpu")

    plans = [
        plan_of(loaded, listed, SETTINGS),
        plan_of(loaded, other, SETTINGS),
        plan_of(stranger, listed, SETTINGS),
        plan_of(loaded, listed, RetrainSettings()),
    ]

    assert plan_of(loaded, listed, SETTINGS) == plans[0]
    assert all(plans[i] != plans[j] for i in range(4) for j in range(i))


def test_a_folder_with_a_student_stays_as_it_is(unbroken):
    with pytest.raises(InputError, match="ranker-2 holds a student already and stays as it is"):
        work_folder(unbroken, {})

    assert not (unbroken / ".training").exists()


def test_half_a_save_is_no_student_and_the_next_run_finishes_it(student, listed, unbroken, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(
            "pathlib.Path.replace", lambda path, to: full() if path.suffix == ".safetensors" else path.rename(to)
        )
        with pytest.raises(InputError, match=r"cannot be written to .*No space left on device"):
            train(student, listed, tmp_path / "out")
    with pytest.raises(StudentError, match="holds no student"):
        load_student(tmp_path / "out")

    assert distance(unbroken, train(student, listed, tmp_path / "out")) < 1e-6


@pytest.mark.parametrize("kind", ["checkpoint", "student"])
def test_a_full_disk_is_one_message(student, listed, tmp_path, monkeypatch, kind):
    from safetensors import SafetensorError
    from sentence_transformers.cross_encoder import CrossEncoder

    save = CrossEncoder.save_pretrained

    def full(model, path, **options):
        if ("checkpoint" in str(path)) == (kind == "checkpoint"):
            raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")
        return save(model, path, **options)

    monkeypatch.setattr(CrossEncoder, "save_pretrained", full)
    error, message = (StudentError, "cannot be trained") if kind == "checkpoint" else (InputError, "cannot be written")

    with pytest.raises(error, match=rf"{message}.*: .*No space left.*the same command goes on from") as caught:
        train(student, listed, tmp_path / "out")

    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_one_message(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match=r"cannot be made: .* is a file"):
        work_folder(tmp_path / "file" / "out", {})


def test_training_says_nothing_on_the_terminal(student, listed, tmp_path, capfd):
    train(student, listed, tmp_path / "out")

    assert capfd.readouterr() == ("", "")
