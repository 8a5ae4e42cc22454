"""Parts of production that broke: arms of a test, hours and days, whose queries are as the rest's."""

import numpy as np
import pandas as pd
import pytest

from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.report.story_times import since
from drift_core.samples.reading import read_pairs

TOPICS = ("garden rose soil", "train ticket delay", "bread oven flour")
N = 400


def table(seed: int, *, words: str = "") -> pd.DataFrame:
    """Pairs of which every fifth is of arm B, where the student knows little, with queries of its own or not."""
    rng = np.random.default_rng(seed)
    is_b = np.arange(N) % 5 == 0
    topic = rng.integers(len(TOPICS), size=N)
    texts = [f"{TOPICS[t]} {rng.integers(10_000)}" for t in topic]
    teacher = rng.standard_normal(N)
    noise = np.where(is_b & bool(seed), 1.5, 0.4)
    return pd.DataFrame(
        {
            "query": [
                f"{words} {i}" if b and words else text for i, (b, text) in enumerate(zip(is_b, texts, strict=True))
            ],
            "teacher": teacher,
            "student": teacher + noise * rng.standard_normal(N),
            "arm": np.where(is_b, "B", "A"),
        }
    )


def diagnosed(heldout: pd.DataFrame, production: pd.DataFrame) -> Diagnosis:
    samples = read_pairs(heldout), read_pairs(production)
    return diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder(HASHING_ENCODER)))


@pytest.mark.parametrize("has_column", [True, False])
def test_an_arm_with_queries_like_the_rest_is_no_query_drift(has_column: bool) -> None:
    heldout = table(0).assign(arm="A") if has_column else table(0).drop(columns="arm")

    made = diagnosed(heldout, table(1))

    assert made.verdict.cause == "inconclusive"
    assert "arm B" in made.verdict.headline
    assert "no query drift" in made.verdict.reason
    assert [each.label for each in made.regions.drifted if each.is_served] == ["arm B"]
    assert made.settling[0].aim == "student"
    assert "arm B" in made.settling[0].sentence


@pytest.mark.parametrize(("arms", "broken"), [("ABCD", "BC"), ("ABCD", "BCD"), ("ABBB", "B")])
def test_several_broken_arms_and_one_of_most_traffic_are_named(arms: str, broken: str) -> None:
    production, rng = table(0), np.random.default_rng(5)
    production["query"] = [f"{TOPICS[t]} {rng.integers(10_000)}" for t in rng.integers(len(TOPICS), size=N)]
    production["arm"] = rng.choice(list(arms), size=N)
    rows = np.flatnonzero(production["arm"].isin(list(broken)))
    production.loc[rows, "student"] = rng.permutation(production["student"].to_numpy()[rows])

    made = diagnosed(table(0).drop(columns="arm"), production)

    assert made.verdict.cause == "inconclusive"
    assert made.verdict.headline.startswith("Inconclusive: arm ")
    assert sorted(each.label for each in made.regions.drifted) == [f"arm {each}" for each in broken]


def of_sources(seed: int, *, later: float = 0.45) -> pd.DataFrame:
    """Pairs sorted by their source, of which the one was always harder; an arm mostly gets that one."""
    rng, of_pdf = np.random.default_rng(seed), np.arange(N) < N // 3
    made = table(0).assign(source=np.where(of_pdf, "pdf", "web"))
    made["query"] = [f"{TOPICS[t]} {rng.integers(10_000)}" for t in rng.integers(len(TOPICS), size=N)]
    made["teacher"] = rng.standard_normal(N)
    made["student"] = made["teacher"] + np.where(of_pdf, 1.2, later) * rng.standard_normal(N)
    return made.assign(arm=np.where(rng.random(N) < np.where(of_pdf, 0.9, 0.1), "B", "A"))


@pytest.mark.parametrize("seed", [2, 3])
def test_rows_and_an_arm_that_are_harder_by_their_docs_alone_are_no_broken_part(seed: int) -> None:
    for later in (0.45, 0.7):  # and where all the rest fell
        made = diagnosed(of_sources(1).assign(arm="A"), of_sources(seed, later=later))

        assert made.part is None
        assert not any(each.is_served for each in made.regions.drifted)


def test_a_query_asked_again_elsewhere_moves_no_end_of_a_part_and_no_cluster_takes_it() -> None:
    heldout, production = (table(0).drop(columns="arm") for _ in range(2))
    rng = np.random.default_rng(8)
    production["query"] = [f"{TOPICS[t]} {rng.integers(10_000)}" for t in rng.integers(len(TOPICS), size=N)]
    rows = np.arange(200, 320)
    production.loc[rows, "student"] = rng.permutation(production["student"].to_numpy()[rows])
    production.loc[N - 2, "query"] = production["query"][210]

    made = diagnosed(heldout, production)

    assert made.part is not None
    first, last = np.flatnonzero(made.part.inside)[[0, -1]]
    assert abs(first - 200) < 15
    assert abs(last - 319) < 15
    assert made.verdict.cause == "inconclusive"
    assert made.settling[0].sentence.startswith("Score rows ")
    assert made.verdict.reason.count("other rows") == 0


def test_an_arm_with_queries_of_its_own_stays_query_drift() -> None:
    made = diagnosed(table(0).assign(arm="A"), table(1, words="saddle bridle hoof"))

    assert made.verdict.cause == "query_drift"
    assert not any(each.is_served for each in made.regions.drifted)


def test_an_arm_whose_queries_are_worded_otherwise_is_not_taken_for_one_that_was_served_otherwise() -> None:
    production = table(1)
    is_b = production["arm"] == "B"
    production.loc[is_b, "query"] = production["query"][is_b] + " ??" + "!" * 60

    made = diagnosed(table(0).assign(arm="A"), production)

    assert not any(each.is_served for each in made.regions.regions)


def test_the_day_on_which_a_part_began_is_told_wherever_since_when_is() -> None:
    production = table(1).drop(columns="arm")
    production["timestamp"] = pd.date_range("2026-11-01", periods=N, freq="2h").astype(str)
    rng, late = np.random.default_rng(5), np.arange(N) >= N // 2
    production["student"] = production["teacher"] + np.where(late, 1.4, 0.4) * rng.standard_normal(N)

    made = diagnosed(table(0).drop(columns="arm"), production)

    day = production["timestamp"][N // 2][:10]
    assert made.part is not None
    assert str(made.part.start)[:10] == day
    assert made.part.sentence in made.verdict.reason
    assert diagnosis_to_json(made)["part"]["kind"] == "time"
    assert since(made, ("", "")).sentence == made.part.sentence
    assert any(each.aim == "part" for each in made.settling)


def test_the_day_since_which_a_region_is_broken_is_told() -> None:
    heldout, production = (table(0).assign(tenant="a").drop(columns="arm") for _ in range(2))
    rng = np.random.default_rng(4)
    for side in (heldout, production):
        side["tenant"] = rng.choice(["a", "a", "b"], size=N)
    production["query"] = [f"{TOPICS[t]} {rng.integers(10_000)}" for t in rng.integers(len(TOPICS), size=N)]
    production["timestamp"] = pd.Timestamp("2026-11-01") + pd.to_timedelta(np.arange(N) % 20, unit="D")
    rows = np.flatnonzero((production["tenant"] == "b") & (production["timestamp"] >= "2026-11-11"))
    production.loc[rows, "student"] = rng.permutation(production["student"].to_numpy()[rows])

    made = diagnosed(heldout, production)

    assert made.part is not None
    assert made.part.name == "tenant b since 11 Nov 2026"
    assert not made.part.is_over
    assert "Agreement, tenant b since 11 Nov 2026: -0.10; before: " in made.verdict.reason
    assert (production["tenant"].to_numpy()[made.part.inside] == "b").all()
