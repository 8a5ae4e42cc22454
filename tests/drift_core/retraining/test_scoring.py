import json
import shutil

import numpy as np
import pytest

from drift_core.errors import SettingError, StudentError
from drift_core.regions import cache as caching
from drift_core.regions.cache import EmbeddingCache
from drift_core.retraining.scoring import default_score_cache_path, score_pairs
from drift_core.retraining.student import load_student
from tests.drift_core.retraining.cases import pairs


@pytest.fixture
def loaded(student):
    return load_student(student, device="cpu")


@pytest.fixture
def asked(loaded, monkeypatch):
    """Every pair that the model was asked to score, in order."""
    seen, predict = [], loaded.model.predict

    def watched(batch, **options):
        seen.extend(batch)
        return predict(batch, **options)

    monkeypatch.setattr(loaded.model, "predict", watched)
    return seen


def test_scores_are_the_cross_encoder_s_own(loaded):
    table = pairs(50)

    scores = score_pairs(loaded, table["query"], table["doc"], batch_size=7)

    own = loaded.model.predict(list(zip(table["query"], table["doc"], strict=True)), show_progress_bar=False)
    assert scores.dtype == np.float64
    assert np.abs(scores - own).max() < 1e-6
    assert np.ptp(scores) > 1e-3


def test_each_pair_is_scored_once_and_query_and_doc_are_not_exchanged(loaded, asked):
    query = np.array(["visa", "parcel", "visa", "parcel form", "visa"], dtype=object)
    doc = np.array(["border", "form stamp", "border", "stamp", "stamp"], dtype=object)

    scores = score_pairs(loaded, query, doc)

    assert sorted(asked) == sorted(set(zip(query, doc, strict=True)))
    assert scores[0] == scores[2]
    assert len(set(scores)) == 4


def test_texts_of_any_kind_reach_the_model_as_they_are(loaded, asked):
    texts = ['a "quoted" \\ text', "日本語", "two\nlines\x00", "", " "]

    score_pairs(loaded, ["query"] * 5, texts)

    assert {doc for _, doc in asked} == set(texts)


def test_no_pairs_give_no_scores(loaded, asked):
    assert score_pairs(loaded, [], []).shape == (0,)
    assert asked == []


def test_a_run_that_is_stopped_in_the_middle_asks_only_for_the_rest(loaded, asked, tmp_path, monkeypatch):
    monkeypatch.setattr(caching, "TEXTS_PER_CHUNK", 10)
    table, kept = pairs(45), EmbeddingCache(tmp_path / "scores.sqlite")

    def stop(stage, done, total):
        if done == 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_pairs(loaded, table["query"], table["doc"], cache=kept, progress=stop)
    n_before = len(asked)
    scores = score_pairs(loaded, table["query"], table["doc"], cache=kept)

    assert (n_before, len(asked), len(set(asked))) == (30, 45, 45)
    assert np.abs(scores - score_pairs(loaded, table["query"], table["doc"])).max() < 1e-6


def test_a_failure_of_the_model_loses_only_its_own_part(loaded, asked, tmp_path, monkeypatch):
    monkeypatch.setattr(caching, "TEXTS_PER_CHUNK", 10)
    table, kept, watched = pairs(40), EmbeddingCache(tmp_path / "scores.sqlite"), loaded.model.predict

    def failing(batch, **options):
        if len(asked) >= 20:
            raise RuntimeError("CUDA out of memory.\nTried to allocate")
        return watched(batch, **options)

    with monkeypatch.context() as patched:
        patched.setattr(loaded.model, "predict", failing)
        with pytest.raises(StudentError, match=r"ranker-1 cannot score: CUDA out of memory\. Take a smaller"):
            score_pairs(loaded, table["query"], table["doc"], cache=kept)
    score_pairs(loaded, table["query"], table["doc"], cache=kept)

    assert len(asked) == len(set(asked)) == 40


def test_other_weights_do_not_take_kept_scores(loaded, student, tmp_path):
    table, kept = pairs(20), EmbeddingCache(tmp_path / "scores.sqlite")
    first = score_pairs(loaded, table["query"], table["doc"], cache=kept)
    other = load_student(shutil.copytree(student, tmp_path / "other"), device="cpu")
    other.model.model.classifier.bias.data += 1
    other.model.save_pretrained(str(other.path), create_model_card=False)

    second = score_pairs(load_student(other.path, device="cpu"), table["query"], table["doc"], cache=kept)

    assert np.abs(second - first - 1).max() < 1e-5


def test_a_score_that_is_no_number_is_an_error_and_not_kept(loaded, tmp_path):
    loaded.model.model.classifier.weight.data.fill_(float("nan"))
    kept = EmbeddingCache(tmp_path / "scores.sqlite")

    with pytest.raises(StudentError, match="ranker-1 gives no finite score for 3 of 3 pairs"):
        score_pairs(loaded, ["a", "b", "c"], ["d", "e", "f"], cache=kept)

    assert not kept.path.exists()


@pytest.mark.parametrize("size", [0, -3, 2.5, float("nan")])
def test_a_batch_size_must_be_a_whole_number_from_1_up(loaded, size):
    with pytest.raises(SettingError, match="The batch size must be a whole number from 1 up; found"):
        score_pairs(loaded, ["a"], ["b"], batch_size=size)


def test_progress_counts_different_pairs(loaded):
    said = []

    score_pairs(loaded, ["a", "b", "a"], ["c", "c", "c"], progress=lambda *step: said.append(step))

    assert said == [("scoring", 0, 2), ("scoring", 2, 2)]


def test_scores_are_kept_apart_from_embeddings():
    assert default_score_cache_path().name == "student-scores.sqlite"
    assert json.dumps(str(caching.default_cache_path())) != json.dumps(str(default_score_cache_path()))
