"""The ceiling is said in words, from the sample that has repeated scores."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import measure_spread
from drift_core.distributions.noise_ceiling import Ceiling, measure_ceiling
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.scores import scores_of
from drift_core.samples.pairs import ScoredPairs

N = 400
NOISE = 0.5


def sample(name: str, *, n_repeats: int, n_known: int = N, seed: int = 0) -> ScoredPairs:
    rng = np.random.default_rng([seed, len(name)])
    truth = rng.standard_normal(N)
    runs = truth[:, None] + NOISE * rng.standard_normal((N, 1 + n_repeats))
    runs[n_known:, 1:] = np.nan
    return ScoredPairs(
        name=name,
        query=np.array([f"{name} {i // 2}" for i in range(N)], dtype=object),
        teacher=runs[:, 0].copy(),
        student=truth + 0.4 * rng.standard_normal(N),
        teacher_repeats=runs[:, 1:].copy() if n_repeats else None,
    )


def ceiling_of(heldout: ScoredPairs, production: ScoredPairs) -> Ceiling:
    spread = measure_spread(heldout, production, rule=Rule())
    scores = scores_of(heldout, production)
    return measure_ceiling(
        heldout, production, scores=scores, agreement=spread.production, confidence=Rule().confidence
    )


def test_one_score_a_pair_is_unknown_and_says_what_judges_usually_reach() -> None:
    found = ceiling_of(sample("held-out", n_repeats=0), sample("production", n_repeats=0))

    assert found.sentence.startswith("How high agreement could be is unknown: one teacher score a pair. ")
    assert "0.92" in found.sentence
    assert isinstance(found.share, Unmeasured)
    assert found.measured_on is None
    assert found.to_json()["share"]["estimate"] is None  # type: ignore[index]


@pytest.mark.parametrize(("before", "after", "measured_on"), [(1, 1, "production"), (2, 0, "held-out")])
def test_production_is_preferred_and_held_out_serves_otherwise(before: int, after: int, measured_on: str) -> None:
    found = ceiling_of(sample("held-out", n_repeats=before), sample("production", n_repeats=after))

    assert found.measured_on == measured_on
    assert ("measured on held-out" in found.sentence) == (measured_on == "held-out")


def test_a_handful_of_repeats_on_production_gives_way_to_many_on_held_out() -> None:
    found = ceiling_of(sample("held-out", n_repeats=1), sample("production", n_repeats=1, n_known=5))

    assert found.measured_on == "held-out"


def test_the_figures_are_those_that_were_planted() -> None:
    found = ceiling_of(sample("held-out", n_repeats=0), sample("production", n_repeats=3))

    ceiling, share = found.reliability.ceiling, found.share
    assert isinstance(ceiling, Measured)
    assert isinstance(share, Measured)
    assert found.reliability.n_runs == 4
    assert ceiling.low < np.sqrt(1 / (1 + NOISE**2)) < ceiling.high + 0.01  # Spearman lies a little below Pearson
    assert share.low < np.sqrt(1 / (1 + 0.4**2)) < share.high
    assert f"{ceiling.estimate:.2f}" in found.sentence
    assert f"{share.estimate:.0%}" in found.sentence


def test_a_student_surely_above_the_ceiling_shows_that_the_runs_are_not_alike() -> None:
    rng = np.random.default_rng(7)
    plain = sample("production", n_repeats=1)
    worse = plain.teacher + 3.0 * rng.standard_normal(N)
    production = replace(plain, student=plain.teacher + 0.1 * rng.standard_normal(N), teacher_repeats=worse[:, None])

    found = ceiling_of(sample("held-out", n_repeats=0), production)

    assert isinstance(found.share, Unmeasured)
    assert isinstance(found.reliability.ceiling, Unmeasured)
    assert isinstance(found.reliability.one_run, Measured)
    assert "the runs are not alike" in found.share.reason
    assert "the runs are not alike" in found.sentence
    assert "100%" not in found.sentence
