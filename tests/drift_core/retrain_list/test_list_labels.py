"""A retrain list of a judge that answers with labels: written, exported, read, re-scored, trained on or refused."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.retrain_list.exports import export_files
from drift_core.retrain_list.files import write_manifest
from drift_core.retrain_list.list_labels import labels_to_ask
from drift_core.retrain_list.manifest import ListSettings, draw_manifest
from drift_core.retrain_list.reader import read_list
from drift_core.retrain_list.verify import verify_manifest
from drift_core.retraining.scored_texts import read_scored_list
from drift_core.retraining.training_set import training_set
from drift_core.samples.score_kind import ScoreKind
from tests.drift_core.command_line import run
from tests.drift_core.options.stand_ins import diagnosis, sample

BINARY = ScoreKind(name="binary", labels=("fail", "pass"))
NOMINAL = ScoreKind(name="nominal", labels=("refund", "ship & send", "other"))  # not by name, to see that it is kept
KINDS = pytest.mark.parametrize("kind", [BINARY, NOMINAL], ids=["binary", "nominal"])


def listed(kind):
    scored = sample([f"query {i}" for i in range(700)], docs=[f"doc {i}" for i in range(700)])
    codes = {name: np.floor(getattr(scored, name) * len(kind.labels)) for name in ("teacher", "student")}
    case = diagnosis(production=replace(scored, kind=kind, **codes))
    return draw_manifest(case, settings=ListSettings(n=60, seed=7))


@KINDS
def test_a_list_of_labels_is_read_as_it_was_written_and_matches_its_manifest(tmp_path, kind):
    drawn = listed(kind)
    *lists, manifest = write_manifest(drawn, tmp_path)

    for path in lists:
        read = read_list(path).table
        for name in ("teacher_score", "student_score"):
            assert read[name].tolist() == drawn.pairs[name].tolist()
        assert verify_manifest(path, manifest).faults == ()


def test_a_label_that_is_missing_is_told(tmp_path):
    drawn = listed(BINARY)
    *_, manifest = write_manifest(drawn, tmp_path)
    drawn.pairs.assign(teacher_score=["", *drawn.pairs["teacher_score"][1:]]).to_csv(tmp_path / "o.csv", index=False)

    assert "1 row (1) without a label in teacher_score." in verify_manifest(tmp_path / "o.csv", manifest).faults


@KINDS
def test_datasets_reads_codes_with_the_names_of_the_labels(tmp_path, kind, load_dataset):
    drawn = listed(kind)
    write_manifest(drawn, tmp_path, formats=["huggingface"])

    data = load_dataset(str(tmp_path / "huggingface"), cache_dir=str(tmp_path / "cache"))["train"]

    assert data.features["label"].names == list(kind.labels)
    assert [kind.labels[code] for code in data["label"]] == drawn.pairs["teacher_score"].tolist()
    assert f"1 {kind.labels[1]}" in (tmp_path / "huggingface" / "README.md").read_text()


@KINDS
def test_label_studio_asks_for_a_label(tmp_path, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its models are written for an older pydantic
        from label_studio_sdk.label_interface import LabelInterface

    write_manifest(listed(kind), tmp_path, formats=["label-studio"])
    interface = LabelInterface((tmp_path / "label-studio" / "config.xml").read_text())

    interface.validate()
    assert tuple(interface.get_control("score").labels) == kind.labels
    assert all(map(interface.validate_task, json.loads((tmp_path / "label-studio" / "tasks.json").read_text())))


def test_a_table_alone_has_the_word_for_yes_last():
    pairs = listed(BINARY).pairs.replace({"teacher_score": {"fail": "wrong", "pass": "right"}})

    config = export_files(pairs, ["label-studio"])["label-studio/config.xml"].decode()

    assert config.index('"wrong"') < config.index('"right"')


def test_yes_and_no_are_trained_on_as_1_and_0(tmp_path):
    parquet, *_ = write_manifest(listed(BINARY), tmp_path)

    labels = training_set(read_scored_list(parquet), is_bounded=True, rng=np.random.default_rng(0)).label

    assert labels.tolist() == (pd.read_parquet(parquet)["teacher_score"] == "pass").tolist()


def test_training_on_other_labels_is_one_message(tmp_path):
    parquet, *_ = write_manifest(listed(NOMINAL), tmp_path)

    with pytest.raises(InputError, match=r"holds labels as scores \('.*--format huggingface writes labels as codes\."):
        read_scored_list(parquet)


@KINDS
def test_re_scoring_asks_for_the_labels_of_the_list(tmp_path, kind):
    parquet, *_ = write_manifest(listed(kind), tmp_path)

    assert set(labels_to_ask(read_list(parquet))) == set(kind.labels)
    code, shown, _ = run("rescore", parquet, "--out", tmp_path / "o", "--model", "m", "--estimate")
    assert (code, "60 pairs to ask" in shown) == (0, True)


def test_a_table_of_ones_own_may_name_the_teachers_labels_as_a_sample_does(tmp_path):
    table = pd.DataFrame({"query": ["a", "b", "c"], "doc": "d", "teacher_label": ["pass", "fail", "parse_error"]})
    table.to_csv(tmp_path / "plain.csv", index=False)

    assert labels_to_ask(read_list(tmp_path / "plain.csv")) == ("fail", "pass")
