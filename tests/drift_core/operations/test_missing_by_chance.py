"""Scores missing by chance and otherwise, and what agreement can be with them."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from drift_core.canary.measure import canary_run
from drift_core.distributions.tilted_agreement import tilted_agreement
from drift_core.measured import Measured
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from drift_core.operations.missing_by_chance import odds_of_missing
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from tests.drift_core.diagnosis.test_messy_files import answered, diagnosed, judged, names

N = 800
Share = Callable[[pd.DataFrame], np.ndarray]


def lacking(seed: int, share: Share) -> ScoredPairs:
    frame = answered(*judged(seed, n=N), seed)
    lengths = np.random.default_rng([seed, 1]).integers(1, 9, N)
    frame["doc"] = [" ".join(["text"] * each) for each in lengths]
    frame.loc[np.random.default_rng([seed, 2]).random(N) < share(frame), "teacher_score"] = np.nan
    return read_pairs(frame, name="week")


def odds(sample: ScoredPairs) -> float:
    assert sample.unscored is not None
    return odds_of_missing(sample, sample.unscored, [])


def long_docs(frame: pd.DataFrame) -> np.ndarray:
    return np.where(frame["doc"].str.len() > 35, 0.3, 0.05)


def low_scores(frame: pd.DataFrame) -> np.ndarray:
    return np.where(frame["teacher_score"] < -0.5, 0.25, 0.05)


def middle_scores(frame: pd.DataFrame) -> np.ndarray:
    return np.where(frame["teacher_score"].abs() < 0.4, 0.25, 0.03)


def about_banks(frame: pd.DataFrame) -> np.ndarray:
    return np.where(frame["query"].str.contains("bank"), 0.3, 0.03)


def anywhere(frame: pd.DataFrame) -> np.ndarray:
    return np.full(len(frame), 0.1)


@pytest.mark.parametrize("share", [long_docs, low_scores, middle_scores, about_banks])
def test_scores_that_are_missing_by_what_can_be_seen_are_not_missing_by_chance(share: Share) -> None:
    assert [odds(lacking(seed, share)) for seed in range(3)] == [np.inf] * 3


def test_scores_that_are_missing_anywhere_seldom_look_otherwise() -> None:
    found = [odds(lacking(seed, anywhere)) for seed in range(8)]

    assert sum(np.isinf(each) for each in found) <= 1
    assert min(found) >= 3


def test_few_missing_scores_may_hang_on_more() -> None:
    few = odds(lacking(4, lambda frame: np.full(len(frame), 0.012)))

    assert few > 3


def test_no_missing_scores_within_the_odds_bring_agreement_below_the_least() -> None:
    rng = np.random.default_rng(7)
    teacher, student = judged(8, n=20_000)
    errors = abs(teacher - student)
    odds = np.where(errors > np.quantile(errors, 0.75), 3.0, 1.0)
    is_missing = rng.random(len(teacher)) < 0.08 * odds / (1 - 0.08 + 0.08 * odds)
    scored = Scores(student=student[~is_missing], teacher=teacher[~is_missing])

    with_all, known = agreement(Scores(student=student, teacher=teacher)), agreement(scored)
    assert isinstance(with_all, Measured)
    assert isinstance(known, Measured)
    low, high = tilted_agreement(scored, estimate=known.estimate, share=float(is_missing.mean()), odds=3.0)
    same = tilted_agreement(scored, estimate=known.estimate, share=float(is_missing.mean()), odds=1.0)

    assert low < with_all.estimate < known.estimate < high
    assert same == pytest.approx((known.estimate, known.estimate))


def test_scores_missing_by_chance_are_told_and_neither_open_the_verdict_nor_end_the_week() -> None:
    heldout, production = (answered(*judged(seed, n=N), seed) for seed in (21, 22))
    production.loc[np.random.default_rng(3).random(N) < 0.1, "teacher_score"] = np.nan

    made = diagnosed(heldout, production)
    now = datetime(2026, 3, 2, tzinfo=UTC)

    assert made.verdict.cause == "healthy"
    assert names(made)[0] == "teacher_scores_missing"
    assert "no text, length or student's score makes that likelier" in made.verdict.reason
    assert isinstance(canary_run(made, at=now, recorded_at=now, teacher_revision="r1").agreement, Measured)


@pytest.mark.parametrize("heavy", [1.0, 10.0])
def test_odds_of_one_leave_agreement_as_it_is_and_higher_ones_hold_it_within_whatever_pairs_weigh(heavy: float) -> None:
    rng = np.random.default_rng(3)
    teacher = rng.normal(size=400)
    student = teacher + rng.normal(size=400) * np.where(np.arange(400) % 2, 1.5, 0.3)
    scores = Scores(student=student, teacher=teacher, weights=np.where(np.arange(400) % 2, heavy, 1.0))
    now = agreement(scores)
    assert isinstance(now, Measured)

    alike, apart = (tilted_agreement(scores, estimate=now.estimate, share=0.3, odds=each) for each in (1.0, 3.0))

    assert alike == pytest.approx((now.estimate, now.estimate))
    assert apart[0] < now.estimate < apart[1]
