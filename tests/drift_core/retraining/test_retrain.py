import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError, SettingError, StudentError
from drift_core.judge_card.file import init_card, read_card
from drift_core.retraining.result import Lineage
from drift_core.retraining.retrain import retrain
from drift_core.retraining.settings import RetrainSettings, ScoreRange
from drift_core.retraining.student import digest_of_folder, load_student
from tests.drift_core.retraining.cases import contents, list_file, pairs, tiny_student, weights

AT = datetime(2026, 11, 22, 6, tzinfo=UTC)
QUICK = RetrainSettings(batch_size=16)


@pytest.fixture
def listed(tmp_path):
    """A re-scored list with its record."""
    return list_file(pairs(32), tmp_path / "rescored.parquet", revision="judge-2026-11")


def trained(student, path, out, **options):
    return retrain(student, path, out, **{"settings": QUICK, "at": AT, "device": "cpu"} | options)


def test_a_student_a_card_and_a_record_are_written_and_the_parent_stays(student, listed, tmp_path):
    before = contents(student)

    made = trained(student, listed, tmp_path / "ranker-2")

    assert contents(student) == before
    assert digest_of_folder(made.folder) == made.student_digest != made.parent_digest == digest_of_folder(student)
    record = json.loads((made.folder / "retraining.json").read_text())
    assert record == json.loads(json.dumps(made.to_json()))
    assert record["teacher"] == {"model": "judge-large", "revision": "judge-2026-11"}
    assert record["list_digest"] == sha256(listed.read_bytes()).hexdigest()
    assert (record["n_listed"], record["n_replayed"], record["n_without_score"], record["n_repeated"]) == (32, 0, 0, 0)
    assert (record["at"], record["seed"]) == ("2026-11-22T06:00:00+00:00", 0)
    assert [note[:26] for note in record["notes"]] == ["The training had 2 steps, "]
    card = read_card(made.folder / "judges.yaml")
    assert (card.student.version, card.student.parent) == ("ranker-2", "ranker-1")
    assert (card.teacher.revision, card.training.list_digest) == ("judge-2026-11", made.list_digest)
    assert made.sentence == (
        "ranker-2 was trained from ranker-1 for one epoch on 32 listed pairs, scored by judge-2026-11."
    )


def test_the_folder_holds_nothing_of_the_training(student, listed, tmp_path):
    made = trained(student, listed, tmp_path / "ranker-2")

    assert contents(made.folder).keys() == contents(student).keys() | {"judges.yaml", "retraining.json"}


def test_the_recorded_loss_is_that_of_the_new_student(student, listed, tmp_path):
    made = trained(student, listed, tmp_path / "ranker-2")

    table = pairs(32)
    model = load_student(made.folder, device="cpu").model
    scores = model.predict(list(zip(table["query"], table["doc"], strict=True)), show_progress_bar=False)
    assert made.loss == pytest.approx(np.mean((scores - table["teacher_score"]) ** 2), rel=1e-4)


def test_a_child_of_a_child_names_its_parent_by_the_card(student, listed, tmp_path):
    parent = shutil.copytree(student, tmp_path / "folder")
    init_card(parent / "judges.yaml", student_version="ranker-7", teacher_model="judge-large")

    made = trained(parent, listed, tmp_path / "ranker-8", lineage=Lineage(version="v8"))

    assert (made.lineage.version, made.lineage.parent) == ("v8", "ranker-7")


def test_what_is_given_goes_before_what_is_found(student, listed, tmp_path):
    given = Lineage(version="a", parent="b", teacher_model="c")

    made = trained(student, listed, tmp_path / "ranker-2", lineage=given).lineage

    assert made == replace(given, teacher_revision="judge-2026-11")


def test_another_revision_than_the_record_of_the_list_says_is_refused(student, listed, tmp_path):
    with pytest.raises(InputError, match="says that judge-2026-11 scored the list; found other"):
        trained(student, listed, tmp_path / "ranker-2", lineage=Lineage(teacher_revision="other"))


def test_a_list_without_its_record_is_taken_and_the_open_pin_is_said(student, tmp_path):
    path = list_file(pairs(32), tmp_path / "list.parquet")

    made = trained(student, path, tmp_path / "ranker-2")

    assert made.lineage.teacher_revision is None
    assert "Which revision of the teacher scored the list is not known" in made.notes[0]
    assert made.sentence.endswith("scored by a teacher whose revision is not known.")
    assert not read_card(made.folder / "judges.yaml").teacher.revision


def test_a_record_of_another_file_says_nothing_of_this_one(student, listed, tmp_path):
    other = list_file(pairs(32, seed=3), tmp_path / "other.parquet")

    assert trained(student, other, tmp_path / "ranker-2").lineage.teacher_revision is None


def test_a_list_that_was_changed_beside_its_record_is_refused(student, listed, tmp_path):
    list_file(pairs(32, seed=3), listed)

    with pytest.raises(InputError, match=r"rescored\.parquet is not the file that rescored\.json describes"):
        trained(student, listed, tmp_path / "ranker-2")

    assert not (tmp_path / "ranker-2").exists()


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"files": 3}', '{"files": {}}', '{"files": {}, "score_range": [1]}']
)
def test_a_record_that_is_none_is_refused(student, listed, tmp_path, content):
    (tmp_path / "rescored.json").write_text(content)

    with pytest.raises(InputError, match=r"rescored\.json is no record of a re-scored list"):
        trained(student, listed, tmp_path / "ranker-2")


def test_a_bounded_student_takes_the_record_s_range_and_another_does_not(student, tmp_path):
    bounded = tiny_student(tmp_path / "bounded", bounded=True)
    path = list_file(pairs(32, high=10), tmp_path / "rescored.parquet", revision="r", score_range=(0, 10))

    assert trained(bounded, path, tmp_path / "one").score_range == ScoreRange(low=0, high=10)
    assert trained(student, path, tmp_path / "two").score_range is None
    given = trained(student, path, tmp_path / "three", score_range=ScoreRange(low=0, high=20))
    assert given.to_json()["score_range"] == [0, 20]


def test_old_pairs_are_rehearsed_and_a_share_that_cannot_be_is_said(student, listed, tmp_path):
    pairs(60, seed=1).to_csv(tmp_path / "old.csv", index=False)

    made = trained(student, listed, tmp_path / "ranker-2", replay=tmp_path / "old.csv")
    short = trained(
        student,
        listed,
        tmp_path / "ranker-3",
        replay=tmp_path / "old.csv",
        settings=replace(QUICK, replay_share=0.9),
    )

    assert (made.n_listed, made.n_replayed, made.n_steps, len(made.notes)) == (32, 11, 3, 1)
    assert "The training had 3 steps" in made.notes[0]
    assert made.replay_digest == sha256((tmp_path / "old.csv").read_bytes()).hexdigest()
    assert "on 32 listed pairs and 11 old ones" in made.sentence
    assert (short.n_replayed, short.notes[0][:59]) == (
        60,
        "The old pairs are 65% of the training pairs, not 90%: there"[:59],
    )


def test_rows_left_out_are_counted_in_the_sentence(student, tmp_path):
    table = pairs(32)
    table.loc[0, "teacher_score"] = np.nan
    path = list_file(pd.concat([table, table.iloc[[1, 2]]], ignore_index=True), tmp_path / "list.parquet")

    made = trained(student, path, tmp_path / "ranker-2")

    assert (made.n_listed, made.n_without_score, made.n_repeated) == (31, 1, 2)
    assert made.sentence.endswith(" 1 rows without a score were left out. 2 rows repeat a pair and count once.")


def test_a_training_that_was_killed_ends_as_an_unbroken_one(student, listed, tmp_path):
    settings = replace(QUICK, batch_size=8, checkpoint_steps=1, learning_rate=1e-3)

    def stop(stage, step, n_steps):
        if (stage, step) == ("training", 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(student, listed, tmp_path / "ranker-2", settings=settings, progress=stop)
    with pytest.raises(InputError, match="Another training was begun"):
        trained(student, listed, tmp_path / "ranker-2")
    again = trained(student, listed, tmp_path / "ranker-2", settings=settings)
    unbroken = trained(student, listed, tmp_path / "unbroken", settings=settings)

    assert again.loss == pytest.approx(unbroken.loss, rel=1e-6)
    one, other = weights(again.folder), weights(unbroken.folder)
    assert max(np.abs(one[name] - other[name]).max() for name in one) < 1e-6


def test_a_failure_before_the_end_leaves_no_student_and_the_next_run_ends_it(student, listed, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("drift_core.retraining.retrain.with_training", stop)
        with pytest.raises(KeyboardInterrupt):
            trained(student, listed, tmp_path / "ranker-2")
    assert not (tmp_path / "ranker-2" / "config.json").exists()

    made = trained(student, listed, tmp_path / "ranker-2")

    assert (made.folder / "judges.yaml").is_file()
    assert (made.folder / "retraining.json").is_file()


def test_a_student_that_went_astray_is_not_kept_and_can_be_trained_anew(listed, tmp_path):
    bounded = tiny_student(tmp_path / "bounded", bounded=True)
    wild = replace(QUICK, learning_rate=0.99, n_epochs=8, warmup_share=0)

    with pytest.raises(StudentError, match=r"went astray"):
        trained(bounded, listed, tmp_path / "ranker-2", settings=wild)
    assert contents(tmp_path / "ranker-2") == {}

    assert trained(bounded, listed, tmp_path / "ranker-2").folder == tmp_path / "ranker-2"


@pytest.mark.parametrize("out", [".", "inside", "inside/deeper", "..", "../ranker-1"])
def test_the_new_student_lies_beside_the_old_one(student, listed, out):
    before = contents(student)

    with pytest.raises(SettingError, match=r"the student before is .*, and neither may lie in the other"):
        trained(student, listed, student / out)

    assert contents(student) == before


def test_a_folder_with_a_student_is_refused_before_any_training(student, listed, tmp_path):
    made = trained(student, listed, tmp_path / "ranker-2")
    before = contents(made.folder)

    with pytest.raises(InputError, match="ranker-2 holds a student already"):
        trained(student, listed, tmp_path / "ranker-2")

    assert contents(made.folder) == before


def test_faults_of_the_card_are_told_before_any_training(student, listed, tmp_path):
    with pytest.raises(SettingError, match=r"student\.version must be a text on one line"):
        trained(student, listed, tmp_path / "ranker-2", lineage=Lineage(version="two\nlines"))

    assert not (tmp_path / "ranker-2").exists()


def test_a_list_that_is_not_there_is_an_input_error(student, tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.parquet cannot be read"):
        trained(student, tmp_path / "nowhere.parquet", tmp_path / "ranker-2")


def test_a_longer_list_holds_pairs_back_and_says_how_far_the_student_stays(student, tmp_path):
    path = list_file(pairs(520), tmp_path / "rescored.parquet", revision="judge-2026-11")

    made = trained(student, path, tmp_path / "ranker-2")

    record = json.loads((made.folder / "retraining.json").read_text())
    assert (made.n_listed, record["capacity"]["gap"]["n_pairs"]) == (468, 52)
    assert record["loss_curve"]["steps"] == [*range(1, 31)]
    assert all(loss > 0 for loss in record["loss_curve"]["losses"])
    assert made.notes[-1] == record["capacity"]["sentence"]
    assert made.capacity.is_far  # a tiny student, trained for 30 steps
    assert read_card(made.folder / "judges.yaml").training.capacity == made.capacity.sentence
    short = list_file(pairs(32), tmp_path / "short.parquet")
    child = trained(made.folder, short, tmp_path / "ranker-3", lineage=Lineage(teacher_revision="r"))
    assert read_card(child.folder / "judges.yaml").training.capacity is None


def test_a_list_scored_again_by_the_same_teacher_counts_by_the_mean_and_another_teacher_is_refused(student, tmp_path):
    for folder in ("one", "two", "three"):
        (tmp_path / folder).mkdir()
    listed = list_file(pairs(32), tmp_path / "one" / "rescored.parquet", revision="r1")
    wild = pairs(32)
    wild.loc[3, "teacher_score"] = 1.0
    again = list_file(wild, tmp_path / "two" / "rescored.parquet", revision="r1")
    other = list_file(wild, tmp_path / "three" / "rescored.parquet", revision="r2")

    made = trained(student, listed, tmp_path / "ranker-2", repeats=[again])

    assert (made.n_listed, made.noise.n_pairs, made.noise.n_left_out) == (31, 32, 1)
    assert "1 pair was left out, whose scores differ by more than" in made.sentence
    assert made.to_json()["teacher_noise"]["n_left_out"] == 1
    with pytest.raises(InputError, match=r"The list was scored by r1, .* by r2\. Repeated scores are those of one"):
        trained(student, listed, tmp_path / "ranker-3", repeats=[other])


def test_synthetic_pairs_are_said_with_their_share_and_what_was_left_out(student, tmp_path):
    path = list_file(pairs(40).assign(synthetic=[True, False] * 20), tmp_path / "list.parquet")

    made = trained(student, path, tmp_path / "ranker-2", lineage=Lineage(teacher_revision="r"))

    assert made.sentence.endswith(
        "5 training pairs are synthetic, 20% of all, 15 more were left out: at most 20% (--max-synthetic-share)."
    )
    assert (made.to_json()["n_synthetic"], made.to_json()["n_synthetic_left_out"]) == (5, 15)
