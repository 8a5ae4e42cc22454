"""What only the student's scores can have done: a fall under a teacher that did not change, an incident, a release."""

import numpy as np
import pandas as pd
import pytest

from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.options.next_action import next_action
from drift_core.options.weigh import weigh_options
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.samples.reading import read_pairs

TOPICS = ("garden rose soil", "train ticket delay", "bread oven flour")
N = 480


def table(seed: int, noise: float | np.ndarray = 0.4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    teacher = rng.standard_normal(N)
    return pd.DataFrame(
        {
            "query": [f"{TOPICS[t]} {rng.integers(10_000)}" for t in rng.integers(len(TOPICS), size=N)],
            "doc": [f"text {i}" for i in rng.permutation(N)],
            "teacher": teacher,
            "student": teacher + noise * rng.standard_normal(N),
            "shard": rng.choice(["s1", "s2", "s3"], size=N),
        }
    )


def diagnosed(heldout: pd.DataFrame, production: pd.DataFrame) -> Diagnosis:
    samples = read_pairs(heldout), read_pairs(production)
    return diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder(HASHING_ENCODER)))


def broken_shard(seed: int) -> pd.DataFrame:
    production, rng = table(seed), np.random.default_rng(seed)
    rows = np.flatnonzero(production["shard"] == "s2")
    production.loc[rows, "student"] = rng.permutation(production["student"].to_numpy()[rows])
    return production


@pytest.mark.parametrize("pinned", ["none", "half", "all"])
def test_a_familiar_value_that_fell_is_scored_again_by_the_student_before_all_that_costs(pinned: str) -> None:
    production = broken_shard(2)
    share = {"none": 0.0, "half": 0.5, "all": 1.0}[pinned]
    if share:
        known = np.random.default_rng(1).random(N) < share
        production["teacher_pinned"] = production["teacher"].where(known)

    made = diagnosed(table(1), production)
    action = next_action(made, weigh_options(made))

    assert made.verdict.cause == "query_drift"
    assert action.title == "Score with the student again first"
    assert "shard s2" in action.reason
    assert ("not those that were measured" in made.verdict.reason) == bool(share)
    assert ("not by the teacher" in made.verdict.headline) == bool(share)
    assert [each.aim for each in made.settling[:2]] == (["student", "overturn"] if share else ["student", "pinned"])


def test_a_new_topic_is_retrained_on_at_once_where_pinned_scores_clear_the_teacher() -> None:
    production = table(2, noise=np.where(np.arange(N) < 60, 1.6, 0.4))
    production.loc[: 60 - 1, "query"] = [f"saddle bridle hoof {i}" for i in range(60)]
    production["teacher_pinned"] = production["teacher"]

    made = diagnosed(table(1), production)

    assert made.verdict.cause == "query_drift"
    assert made.to_score_again is None
    assert "not by the teacher" not in made.verdict.headline


@pytest.mark.parametrize("is_pinned", [False, True])
def test_an_incident_that_is_over_leaves_the_verdict_open_and_is_left_out(is_pinned: bool) -> None:
    production, rng = table(2), np.random.default_rng(3)
    production["timestamp"] = pd.date_range("2026-11-01", periods=N, freq="90min").astype(str)
    rows = np.arange(200, 260)
    production.loc[rows, "student"] = rng.permutation(production["student"].to_numpy()[rows])
    if is_pinned:
        production["teacher_pinned"] = production["teacher"]

    made = diagnosed(table(1), production)

    assert made.verdict.cause == "inconclusive"
    assert made.verdict.headline.startswith("Inconclusive: broken from 13 to 17 Nov 2026, the rest held")
    assert "familiar traffic" not in made.verdict.summary
    assert made.settling[0].aim == "student"
    assert "13 to 17 Nov 2026" in made.settling[0].sentence
    assert "leave that time out" in made.settling[0].sentence
    assert not made.verdict.not_the_teacher


def test_a_release_of_the_student_that_agrees_less_is_the_headline() -> None:
    is_new = np.arange(N) % 2 == 0
    production = table(2, noise=np.where(is_new, 1.2, 0.4)).assign(student_version=np.where(is_new, "r3.2", "r3.1"))

    made = diagnosed(table(1).assign(student_version="r3.1"), production)

    assert made.verdict.cause == "inconclusive"
    assert "r3.2 agrees less than r3.1" in made.verdict.headline
    assert "all familiar traffic" not in made.verdict.summary
    assert made.settling[0].aim == "student"
    assert "r3.2" in made.settling[0].sentence


def test_more_traffic_of_a_value_that_was_always_weaker_is_told_as_mix() -> None:
    def of_devices(seed: int, share: float) -> pd.DataFrame:
        is_mobile = np.random.default_rng(seed).random(N) < share
        made = table(seed, noise=np.where(is_mobile, 1.3, 0.3))
        return made.assign(device=np.where(is_mobile, "mobile", "desktop")).drop(columns="shard")

    made = diagnosed(of_devices(1, 0.15), of_devices(2, 0.55))

    mobile = next(each for each in made.regions.drifted if each.name == "mobile")
    assert (mobile.is_harder, mobile.flag) == (True, "always weaker")
    assert made.verdict.headline.endswith("more traffic of device mobile.")
    parts = made.attribution
    assert parts.mix is not None
    assert parts.total is not None
    assert parts.mix.estimate > 0.6 * parts.total.estimate
    assert "held-out agreed at" in made.settling[-1].sentence
    options = weigh_options(made)
    assert "drifted at" not in options.sentence


def test_the_share_beside_several_regions_is_of_all_of_them_together() -> None:
    production = broken_shard(2)
    rows = np.arange(60)
    production.loc[rows, "query"] = [f"saddle bridle hoof {i}" for i in rows]
    production.loc[rows, "student"] = np.random.default_rng(4).permutation(production["student"].to_numpy()[rows])

    made = diagnosed(table(1), production)

    assert len({each.partition for each in made.regions.drifted}) > 1
    assert f"({made.drifted.mean():.0%} of today's traffic)" in made.verdict.reason
