import numpy as np
import pytest

from drift_core.errors import StudentError
from drift_core.retraining.retrain import MOST_PAIRS, loss_of, score_trained
from drift_core.retraining.scored_texts import read_scored_list
from drift_core.retraining.student import load_student
from drift_core.retraining.training_set import training_set
from tests.drift_core.retraining.cases import list_file, pairs


@pytest.fixture
def loaded(student):
    return load_student(student, device="cpu")


@pytest.fixture
def listed(tmp_path):
    path = list_file(pairs(30), tmp_path / "list.parquet")
    return training_set(read_scored_list(path), is_bounded=False, rng=np.random.default_rng(0))


def test_the_loss_is_the_mean_squared_error_on_the_training_pairs(loaded, listed):
    own = loaded.model.predict(list(zip(listed.query, listed.doc, strict=True)), show_progress_bar=False)

    assert loss_of(score_trained(loaded, listed)) == pytest.approx(np.mean((own - listed.label) ** 2), rel=1e-5)


def test_at_most_512_pairs_from_the_whole_length_are_scored(loaded, tmp_path, monkeypatch):
    path = list_file(pairs(1500), tmp_path / "many.parquet")
    many = training_set(read_scored_list(path), is_bounded=False, rng=np.random.default_rng(0))
    asked = []
    monkeypatch.setattr(
        loaded.model, "predict", lambda batch, **_: asked.extend(batch) or np.arange(len(batch), dtype=float)
    )

    score_trained(loaded, many)

    assert len(asked) == MOST_PAIRS
    assert {many.query[0], many.query[-1]} < {query for query, _ in asked}


@pytest.mark.parametrize("bias", [0.0, 1e4])
def test_one_score_for_all_pairs_is_no_student(loaded, listed, bias):
    loaded.model.model.classifier.weight.data.fill_(0)
    loaded.model.model.classifier.bias.data.fill_(bias)

    with pytest.raises(StudentError, match=r"gives 30 different pairs the same score, .* Lower the learning rate"):
        score_trained(loaded, listed)


def test_a_score_that_is_no_number_is_no_student(loaded, listed):
    loaded.model.model.classifier.bias.data.fill_(float("nan"))

    with pytest.raises(StudentError, match="gives no finite score for 30 of 30 pairs"):
        score_trained(loaded, listed)
