"""Verdicts on files that once misled: no cause out of nothing, and what is wrong with the scores is told first."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from drift_core.canary.measure import SCORE_THEM, canary_run
from drift_core.charts.regions import describe_regions
from drift_core.commands.diagnosis_in_words import describe_diagnosis
from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.measured import Unmeasured
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.report.story_parts import where
from drift_core.samples.reading import read_pairs
from tests.sweeps import sweep

WORDS = [
    "bank",
    "loan",
    "card",
    "rate",
    "fee",
    "branch",
    "credit",
    "debit",
    "cash",
    "audit",
    "tax",
    "visa",
    "rent",
    "bond",
    "fund",
    "cheque",
]


def diagnosed(heldout: pd.DataFrame, production: pd.DataFrame) -> Diagnosis:
    samples = [read_pairs(frame, name=name) for frame, name in ((heldout, "held-out"), (production, "production"))]
    return diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder(HASHING_ENCODER)))


def names(made: Diagnosis) -> list[str]:
    return [finding.name for finding in made.findings]


def passed_or_failed(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    teacher = rng.normal(size=400)
    student = 0.9 * teacher + 0.19**0.5 * rng.normal(size=400)
    queries = [" ".join(rng.choice(WORDS, 5)) for _ in teacher]
    return pd.DataFrame({"query": queries, "teacher": (teacher > 0.5).astype(int), "student": student.round(3)})


@pytest.mark.parametrize("seed", sweep((2, 6, 10), 2))
def test_a_teacher_that_passes_or_fails_makes_no_cause_out_of_nothing(seed: int) -> None:
    made = diagnosed(passed_or_failed(seed), passed_or_failed(seed + 1))

    assert made.verdict.cause == "healthy"


def about_pets(seed: int, *, agreement: float, n_scored: int | None) -> pd.DataFrame:
    """Half of the queries about pets, of which the teacher scores the first `n_scored`."""
    rng = np.random.default_rng(seed)
    teacher, is_pet = rng.normal(size=800), np.arange(800) % 2 == 0
    rho = np.where(is_pet, agreement, 0.95)
    student = rho * teacher + np.sqrt(1 - rho**2) * rng.normal(size=800)
    if n_scored is not None:
        teacher[np.flatnonzero(is_pet)[n_scored:]] = np.nan
    pets = rng.choice(["cat", "dog", "rabbit", "vet", "food", "leash"], (800, 5))
    loans = rng.choice(["loan", "rate", "bank", "card", "fee", "credit"], (800, 5))
    queries = [" ".join(words) for words in np.where(is_pet[:, None], pets, loans)]
    return pd.DataFrame({"query": queries, "teacher_score": teacher.round(3), "student_score": student.round(3)})


@pytest.mark.parametrize(("n_scored", "cause"), [(0, "inconclusive"), (10, "query_drift")])
def test_scores_that_the_teacher_no_longer_gives_are_told_first_and_with_their_topic(n_scored: int, cause: str) -> None:
    made = diagnosed(about_pets(1, agreement=0.95, n_scored=None), about_pets(2, agreement=0.2, n_scored=n_scored))

    assert made.verdict.cause == cause
    assert names(made)[0] == "teacher_scores_missing"
    share = 50 if n_scored == 0 else 49
    assert made.verdict.reason.startswith(f"Today's teacher gave no score for {share}% of production (0% of held-out)")
    assert "nearly all of it in" in made.verdict.summary
    assert any(word in made.findings[0].sentence for word in ("cat", "dog", "rabbit", "vet", "leash"))


def test_a_region_that_lacks_far_more_scores_than_the_others_is_not_said_to_have_held() -> None:
    made = diagnosed(about_pets(1, agreement=0.95, n_scored=None), about_pets(2, agreement=0.95, n_scored=200))

    first, second = [region for region in made.regions.regions if region.flag]
    told = f"Cannot tell for {first.name}: 49% unscored; {second.name}: 52% unscored. "
    assert first.flag == "cannot tell, 49% unscored"
    assert first.reason.startswith("Cannot tell: 49% unscored. ")
    assert first.to_json()["unscored"] == first.unscored
    assert made.regions.reading == "cannot tell"
    assert made.regions.sentence == f"{told}No other region got worse: 3 regions compared, each with its own held-out."
    assert made.regions.table["Flag"].tolist()[:3] == [first.flag, second.flag, ""]
    assert describe_regions(made.regions.regions).startswith(told)
    assert where(made).sentence == f"{told}No other part of the traffic stands out."
    assert f"Open: {told}No other region fell more than the rest." in describe_diagnosis(made)
    assert f"  {first.flag}\n" in describe_diagnosis(made)


def test_a_region_that_always_lacked_as_many_scores_is_as_it_was() -> None:
    made = diagnosed(*(about_pets(seed, agreement=0.95, n_scored=200) for seed in (1, 2)))

    assert [region.flag for region in made.regions.regions if region.flag] == []
    assert "teacher_scores_missing" not in names(made)
    assert made.verdict.cause == "healthy"


def test_a_week_with_such_scores_is_a_gap_of_the_canary() -> None:
    made = diagnosed(about_pets(1, agreement=0.95, n_scored=None), about_pets(2, agreement=0.2, n_scored=0))

    now = datetime(2026, 3, 2, tzinfo=UTC)
    run = canary_run(made, at=now, recorded_at=now, teacher_revision="r1")

    assert isinstance(run.agreement, Unmeasured)
    assert run.agreement.reason == made.findings[0].sentence + SCORE_THEM


def test_low_scores_that_are_missing_leave_no_healthy_verdict() -> None:
    heldout, production = (about_pets(seed, agreement=0.9, n_scored=None) for seed in (1, 2))
    production.loc[production["teacher_score"] < 0.45, "teacher_score"] = np.nan

    made = diagnosed(heldout, production)

    assert made.verdict.cause == "inconclusive"
    assert "teacher_scores_missing" in names(made)


def parsed(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    teacher = rng.normal(size=1000)
    student = 0.9 * teacher + 0.19**0.5 * rng.normal(size=1000)
    fractions = (1 / (1 + np.exp(-1.5 * teacher))).round(2)
    queries = [" ".join(rng.choice(WORDS[:8], 5)) for _ in teacher]
    return pd.DataFrame({"query": queries, "teacher_score": fractions, "student_score": student.round(3)})


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (lambda t: np.full(len(t), -1.0), "have the teacher score -1, which held-out never has"),
        (lambda t: np.zeros(len(t)), "have the teacher score 0, which held-out never has"),
        (lambda t: np.full(len(t), 9.2e12), "have a teacher score such as 9.2e+12"),
        (lambda t: np.full(len(t), 9.2e124), "have a teacher score outside"),
    ],
)
def test_broken_parses_are_told_before_any_cause_and_set_aside(broken: object, told: str) -> None:
    heldout, production = parsed(3), parsed(4)
    rows = np.random.default_rng(5).random(1000) < 0.1
    parsed_before = production.loc[rows, "teacher_score"].to_numpy()
    production.loc[rows, "teacher_score"] = broken(parsed_before)  # type: ignore[operator]

    made = diagnosed(heldout, production)

    assert made.verdict.cause == "healthy"
    assert names(made)[:2] == ["odd_teacher_scores", "teacher_scores_missing"]
    assert told in made.verdict.reason.split("Agreement")[0]
    assert abs(made.spread.spread.estimate) < 0.02  # type: ignore[union-attr]


def cohort(
    rng: np.random.Generator, name: str, agreement: float, n_queries: int, n_docs: int
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for i in range(n_queries):
        of_teacher, of_error = rng.normal(size=2)
        for j in range(n_docs):
            teacher = 0.3**0.5 * of_teacher + 0.7**0.5 * rng.normal()
            error = 0.3**0.5 * of_error + 0.7**0.5 * rng.normal()
            query = f"{name} topic {name}{i % 7} item {rng.integers(9**9)}"
            student = agreement * teacher + (1 - agreement**2) ** 0.5 * error
            rows.append((query, f"{name} doc {i} {j}", teacher, student, name, f"{name}{i}"))
    return rows


@pytest.mark.parametrize("seed", sweep((12, 13, 16, 24, 26), 12))
def test_new_traffic_is_compared_with_all_that_held_out_knows_not_with_a_few_lucky_queries(seed: int) -> None:
    rng, columns = np.random.default_rng(seed), ["query", "doc", "teacher", "student", "pair", "query_id"]
    old = [("ende", 0.87, 20, 15), ("enru", 0.81, 32, 15), ("heen", 0.88, 26, 15), ("zhen", 0.80, 35, 15)]
    new = [("ende", 0.87, 8, 23), ("enes", 0.82, 32, 13), ("jazh", 0.84, 34, 13)]
    heldout, production = (
        pd.DataFrame([row for part in parts for row in cohort(rng, *part)], columns=columns) for parts in (old, new)
    )

    made = diagnosed(heldout, production.assign(query_id=production["query_id"] + "p"))

    assert made.verdict.cause in ("healthy", "inconclusive")


def answered(teacher: np.ndarray, student: np.ndarray, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([seed, 9])
    queries = [" ".join(rng.choice(WORDS, 5)) for _ in teacher]
    return pd.DataFrame({"query": queries, "teacher_score": teacher, "student_score": student.round(4)})


def judged(seed: int, n: int = 500, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    teacher = rng.normal(size=n) + shift
    return teacher, 0.9 * teacher + 0.19**0.5 * rng.normal(size=n)


@pytest.mark.parametrize("seed", sweep((1, 3, 5), 1))
def test_a_share_of_lowest_grades_that_moved_with_the_traffic_is_no_coarseness(seed: int) -> None:
    made = []
    for each, shift in ((seed, 0.0), (seed + 1, 1.0)):
        teacher, student = judged(each, shift=shift)
        made.append(answered(np.where(teacher < 0.6, 0, 1 / (1 + np.exp(-teacher))).round(3), student, each))

    found = diagnosed(*made)

    assert found.verdict.cause != "teacher_drift"
    assert "teacher_scores_coarser" not in names(found)


def test_a_student_that_answers_one_constant_is_not_called_healthy() -> None:
    heldout, production = (answered(*judged(seed), seed) for seed in (1, 2))
    rows = np.random.default_rng(3).random(len(production)) < 0.25
    production.loc[rows, "student_score"] = 9.0

    made = diagnosed(heldout, production)

    assert made.verdict.cause == "inconclusive"
    assert "odd_student_scores" in names(made)
    assert made.production.digest == read_pairs(production, name="production").digest


def test_missing_scores_of_a_new_slice_value_are_told_of_no_other_value() -> None:
    heldout, production = (answered(*judged(seed, n=400), seed) for seed in (1, 2))
    heldout["team"] = np.where(np.arange(400) % 2, "alpha", "beta")
    production["team"] = np.where(np.arange(400) < 200, heldout["team"], "gamma")
    production.loc[production["team"] == "gamma", "teacher_score"] = np.nan

    made = diagnosed(heldout, production)

    assert "beta" not in made.findings[0].sentence
    assert "(new values)" in made.findings[0].sentence
