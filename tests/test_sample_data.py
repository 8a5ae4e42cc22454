"""The shipped files are what the code makes from the shipped seed, and show what their stories say."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from drift_core.calibration.calibration_test import compare_calibration
from drift_core.errors import InputError
from drift_core.measures.scores import scores_of
from drift_core.regions.encoding import load_encoder
from drift_core.samples.reading import read_pairs
from drift_core.simulation import scenarios
from drift_core.simulation.simulate import SCENARIOS, Truth, shipped_scenario_paths, simulate, write_scenario

SAMPLE_DATA = Path(__file__).parents[1] / "sample_data"


@cache
def shipped(name: str) -> tuple[pd.DataFrame, pd.DataFrame, Truth]:
    heldout, production = (pd.read_csv(path) for path in shipped_scenario_paths(name))
    return heldout, production, simulate(name).truth


def agreement(frame: pd.DataFrame, column: str = "teacher_score") -> float:
    return float(spearmanr(frame[column], frame["student_score"]).statistic)


def by_topic(frame: pd.DataFrame, topic: np.ndarray) -> list[float]:
    return [agreement(part) for _, part in frame.groupby(topic)]


@pytest.mark.parametrize("name", SCENARIOS)
def test_shipped_files_are_made_again_bit_for_bit(name: str, tmp_path: Path) -> None:
    for made in write_scenario(name, tmp_path):
        assert made.read_bytes() == (SAMPLE_DATA / name / made.name).read_bytes()


@pytest.mark.parametrize("name", SCENARIOS)
def test_shipped_files_hold_no_topic_and_1000_to_2000_pairs(name: str) -> None:
    for frame in shipped(name)[:2]:
        assert 1000 <= len(frame) <= 2000
        assert not {"topic", "cohort", "cluster", "drifted"} & set(frame.columns)
        assert frame.notna().all().all()


def test_healthy_shows_no_spread_and_no_weak_topic() -> None:
    heldout, production, truth = shipped("healthy")

    assert abs(agreement(heldout) - agreement(production)) < 0.02
    assert min(by_topic(production, truth.production.topic)) > 0.85


def test_query_drift_is_the_patterns_worked_example() -> None:
    heldout, production, truth = shipped("query-drift")
    topics = by_topic(production, truth.production.topic)

    assert 0.90 <= agreement(heldout) <= 0.95
    assert 0.65 <= agreement(production) <= 0.80
    assert agreement(heldout) - agreement(production) > 0.15
    assert len(topics) == 6
    assert all(0.85 <= value <= 0.95 for value in topics[:4])
    assert all(0.45 <= value <= 0.60 for value in topics[4:])


def test_teacher_drift_falls_in_every_topic_and_not_against_pinned_scores() -> None:
    heldout, production, truth = shipped("teacher-drift")
    before, after = by_topic(heldout, truth.heldout.topic), by_topic(production, truth.production.topic)

    assert all(old - new > 0.06 for old, new in zip(before, after, strict=True))
    assert abs(agreement(heldout) - agreement(production, "teacher_score_pinned")) < 0.02


def test_traffic_moved_keeps_the_agreement_of_every_topic() -> None:
    heldout, production, truth = shipped("traffic-moved")
    before, after = by_topic(heldout, truth.heldout.topic), by_topic(production, truth.production.topic)

    assert agreement(heldout) - agreement(production) < 0.03
    assert all(abs(old - new) < 0.04 for old, new in zip(before, after[:5], strict=True))
    shares = [
        np.bincount(origins.topic, minlength=6) / len(origins.topic) for origins in (truth.heldout, truth.production)
    ]
    assert np.abs(shares[0] - shares[1]).sum() / 2 > 0.3


def test_calibration_moved_keeps_the_ranks_and_not_the_chances() -> None:
    heldout, production, _ = shipped("calibration-moved")
    found = compare_calibration(*scores_of(read_pairs(heldout), read_pairs(production)), ranks="held")

    assert abs(agreement(heldout) - agreement(production)) < 0.03
    assert found is not None
    assert found.state == "moved"
    assert found.heldout.reading == "calibrated"
    assert found.production.reading == "not calibrated"


def test_pass_or_fail_falls_in_its_new_topic_alone() -> None:
    heldout, production, truth = shipped("pass-or-fail")
    same = [frame["teacher_score"] == frame["student_score"] for frame in (heldout, production)]
    new = truth.production.topic == 4

    assert set(heldout["teacher_score"]) == set(heldout["student_score"]) == {"pass", "fail"}
    assert abs(same[0].mean() - same[1][~new].mean()) < 0.02
    assert same[1][new].mean() < 0.7
    assert same[0].mean() - same[1].mean() == pytest.approx(truth.loss.total, abs=0.03)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_description_names_the_cause_and_the_seed(name: str) -> None:
    described = json.loads((SAMPLE_DATA / name / "scenario.json").read_text())

    assert described["cause"] == SCENARIOS[name].plan.cause
    assert described["seed"] == scenarios.SHIPPED_SEED


def test_an_installation_without_the_files_says_how_to_make_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios, "app_folder", lambda: Path("/nowhere"))

    with pytest.raises(InputError, match="distillation-drift simulate healthy --out DIR"):
        shipped_scenario_paths("healthy")


@pytest.mark.slow
def test_the_default_encoder_finds_the_topics_that_no_word_spells_out() -> None:
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    _, production, truth = shipped("query-drift")
    vectors = load_encoder().encode(list(production["query"]))
    found = KMeans(6, n_init=10, random_state=0).fit_predict(vectors)

    assert 0.85 < adjusted_rand_score(truth.production.topic, found) < 1
