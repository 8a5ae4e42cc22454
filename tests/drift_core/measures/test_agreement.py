from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from drift_core.measured import Measured, Unmeasured
from drift_core.measures.agreement import (
    agreement,
    agreement_difference,
    coefficient_of,
    paired_difference,
)
from drift_core.measures.influence import agreement_influence
from drift_core.measures.intervals import adjusted_error, clustered_error, satterthwaite_degrees
from drift_core.measures.scores import Scores


def draw(n: int, *, noise: float = 0.5, levels: int | None = None, docs: int = 1, seed: int = 0) -> Scores:
    rng = np.random.default_rng(seed)
    truth = np.repeat(rng.normal(size=n // docs), docs) + rng.normal(size=n)
    teacher = truth if levels is None else np.digitize(truth, np.linspace(-1.5, 1.5, levels - 1)).astype(float)
    error = np.repeat(rng.normal(size=n // docs), docs) + rng.normal(size=n)
    queries = np.repeat(np.arange(n // docs), docs)
    return Scores(student=truth + noise * error, teacher=teacher, queries=queries)


def measured(result: Measured | Unmeasured) -> Measured:
    assert isinstance(result, Measured)
    return result


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30)), min_size=6, max_size=80).filter(
        lambda rows: len({a for a, _ in rows}) > 1 and len({b for _, b in rows}) > 1
    )
)
def test_estimate_equals_scipys_coefficient(rows: list[tuple[int, int]]) -> None:
    student, teacher = np.array(rows, dtype=float).T

    assert agreement_influence(student, teacher).estimate == pytest.approx(stats.spearmanr(student, teacher).statistic)


@pytest.mark.parametrize("levels", [None, 2, 4, 10])
def test_influence_is_the_derivative_of_the_coefficient(levels: int | None) -> None:
    scores = draw(80, levels=levels)
    influence = agreement_influence(scores.student, scores.teacher)
    step = 1e-6

    for pair in (0, 7, 41):
        weights = np.ones(80)
        weights[pair] += step * 80
        moved = agreement_influence(scores.student, scores.teacher, weights=weights).estimate
        assert (moved - influence.estimate) / step == pytest.approx(influence.values[pair], abs=1e-3)


@pytest.mark.parametrize("levels", [None, 4])
def test_whole_weights_count_as_repeated_pairs(levels: int | None) -> None:
    scores = draw(60, levels=levels)
    weights = np.random.default_rng(1).integers(1, 4, size=60)
    repeated = np.repeat(np.arange(60), weights)

    weighted = agreement_influence(scores.student, scores.teacher, weights=weights.astype(float))
    copied = agreement_influence(scores.student[repeated], scores.teacher[repeated])

    assert weighted.estimate == pytest.approx(copied.estimate)
    assert np.allclose(weighted.values[repeated], copied.values)


def test_standard_error_agrees_with_a_bootstrap_over_queries() -> None:
    scores = draw(400, docs=4)
    rng = np.random.default_rng(2)
    draws = []
    for _ in range(400):
        chosen = (rng.integers(100, size=100)[:, None] * 4 + np.arange(4)).ravel()
        draws.append(stats.spearmanr(scores.student[chosen], scores.teacher[chosen]).statistic)

    # 400 draws give the bootstrap's standard error to within about 7 % (two standard errors of it).
    assert measured(agreement(scores)).standard_error == pytest.approx(np.std(draws), rel=0.12)


def test_shared_queries_widen_the_interval() -> None:
    shared = draw(500, docs=5)
    alone = Scores(student=shared.student, teacher=shared.teacher)

    assert measured(agreement(shared)).standard_error > 1.2 * measured(agreement(alone)).standard_error


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(random: object) -> None:
    scores = draw(90, levels=4, docs=3)
    order = np.arange(90)
    random.shuffle(order)  # type: ignore[attr-defined]

    first, second = measured(agreement(scores)), measured(agreement(scores.take(order)))

    assert first.estimate == pytest.approx(second.estimate)
    assert first.low == pytest.approx(second.low)


def test_monotone_changes_of_either_scale_change_nothing() -> None:
    scores = draw(120)
    moved = Scores(student=np.exp(scores.student), teacher=scores.teacher**3, queries=scores.queries)

    assert measured(agreement(scores)) == measured(agreement(moved))


def test_perfect_agreement_keeps_an_honest_lower_limit() -> None:
    values = np.arange(30.0)

    result = measured(agreement(Scores(student=values, teacher=values)))

    assert result.estimate == 1.0
    assert result.high == 1.0
    assert 0.7 < result.low < 0.8  # 2 x (1 - 0.025 ** (1 / 30)) below 1


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        (Scores(student=np.arange(4.0), teacher=np.arange(4.0)), "4 pairs"),
        (Scores(student=np.arange(9.0), teacher=np.ones(9)), "teacher scores are equal"),
        (Scores(student=np.ones(9), teacher=np.arange(9.0)), "student scores are equal"),
        (Scores(student=np.arange(9.0), teacher=np.arange(9.0), queries=np.arange(9) % 2), "2 queries"),
    ],
)
def test_what_cannot_be_measured_says_why(scores: Scores, reason: str) -> None:
    result = agreement(scores)

    assert isinstance(result, Unmeasured)
    assert reason in result.reason


def test_difference_of_a_sample_to_itself_is_certain_to_be_zero() -> None:
    scores = draw(200, docs=2)

    result = measured(agreement_difference(scores, scores))

    assert result.estimate == 0
    assert result.standard_error == pytest.approx(0, abs=1e-9)
    assert -0.02 < result.low <= 0 <= result.high < 0.02


def test_shared_queries_make_a_difference_more_certain() -> None:
    both = draw(800, docs=4)
    odd = np.arange(800) % 2 == 1
    first, second = both.take(odd), both.take(~odd)
    apart = Scores(student=second.student, teacher=second.teacher, queries=second.queries + 200)  # type: ignore[operator]

    together, separate = measured(agreement_difference(first, second)), measured(agreement_difference(first, apart))

    assert together.estimate == separate.estimate
    assert together.standard_error < separate.standard_error


def test_paired_difference_is_sharper_than_two_samples() -> None:
    scores = draw(300)
    revised = scores.teacher + 0.3 * np.random.default_rng(9).normal(size=300)
    current = Scores(student=scores.student, teacher=revised, queries=scores.queries)

    paired = measured(paired_difference(scores, current))
    apart = measured(agreement_difference(scores, Scores(student=scores.student, teacher=revised)))

    assert paired.estimate == pytest.approx(apart.estimate)
    assert paired.standard_error < 0.8 * apart.standard_error


@pytest.mark.parametrize("docs", [1, 4])
@pytest.mark.parametrize("n_changed", [0, 1])
def test_a_revision_of_labels_that_hardly_shows_in_a_sample_is_not_taken_for_none(docs: int, n_changed: int) -> None:
    same, queries = np.ones(80), np.repeat(np.arange(80 // docs), docs)
    pinned = Scores(student=same, teacher=same, queries=queries, is_ranked=False)
    revised = replace(pinned, teacher=np.where(np.arange(80) < n_changed, 0.0, 1.0))

    loss = measured(paired_difference(pinned, revised))

    assert loss.estimate == pytest.approx(n_changed / 80)
    assert loss.low < 0 < loss.high
    assert loss.high > 0.04
    assert (loss.n_pairs, loss.n_queries) == (80, 80 // docs)


def repeated(scores: Scores, weights: np.ndarray) -> Scores:
    return scores.take(np.repeat(np.arange(len(scores)), weights))


@pytest.mark.parametrize(("levels", "docs"), [(None, 1), (4, 1), (4, 3)])
def test_whole_weights_have_the_error_of_pairs_repeated_within_their_query(levels: int | None, docs: int) -> None:
    scores = draw(90, levels=levels, docs=docs)
    weights = np.random.default_rng(1).integers(1, 4, size=90)

    weighted = measured(agreement(replace(scores, weights=weights.astype(float))))
    copied = measured(agreement(repeated(scores, weights)))

    assert weighted.estimate == pytest.approx(copied.estimate)
    assert weighted.standard_error == pytest.approx(copied.standard_error)
    assert (weighted.n_pairs, weighted.n_queries) == (90, 90 // docs)
    assert weighted.low <= copied.low + 1e-9  # degrees of freedom are at most those of the effective number of queries


def test_an_interval_widens_where_one_query_makes_up_most_of_the_error() -> None:
    spread = np.arange(200.0)
    even, torn = spread + 20 * np.sin(spread), spread.copy()
    torn[[0, 199]] = torn[[199, 0]]

    alike, apart = (coefficient_of(Scores(student=each, teacher=spread)) for each in (even, torn))

    assert alike.degrees > 100  # type: ignore[union-attr]  # measured
    assert 2 <= apart.degrees < 6  # type: ignore[union-attr]  # two pairs carry it


def test_equal_queries_have_the_plain_clustered_error_and_an_unlike_one_a_larger_share() -> None:
    contributions = np.array([0.3, -0.1, -0.2])

    equal = adjusted_error(contributions, np.full(3, 1 / 3), 3)
    unlike = adjusted_error(contributions, np.array([0.8, 0.1, 0.1]), 3)

    assert equal == pytest.approx(clustered_error(contributions, 3))
    assert unlike == pytest.approx(np.sqrt(0.09 / (1 / 3) + 0.01 / 0.9 + 0.04 / 0.9))


def test_degrees_of_freedom_are_the_queries_where_contributions_are_normal() -> None:
    contributions = np.random.default_rng(3).normal(size=20_000)

    # The fourth moment of 20,000 normal draws is within 8 % (four standard errors) of three.
    assert satterthwaite_degrees(contributions, 20_000) == pytest.approx(20_000, rel=0.13)
    assert satterthwaite_degrees(np.array([1.0, 0.0]), 1_000_000) == pytest.approx(2, rel=1e-5)


def test_equal_weights_are_no_weights() -> None:
    scores = draw(90, docs=3)

    plain, equal = (measured(agreement(each)) for each in (scores, replace(scores, weights=np.full(90, 7.0))))

    assert (equal.estimate, equal.low, equal.high) == pytest.approx((plain.estimate, plain.low, plain.high))


def test_only_ratios_of_weights_count() -> None:
    scores = replace(draw(90, docs=3), weights=np.linspace(1, 5, 90))

    one, other = (measured(agreement(each)) for each in (scores, replace(scores, weights=1e6 * scores.weights)))

    assert (other.estimate, other.low, other.high) == pytest.approx((one.estimate, one.low, one.high))


def test_one_heavy_pair_leaves_a_wide_interval_and_no_failure() -> None:
    weights = np.ones(60)
    weights[3] = 1e9
    scores = replace(draw(60), weights=weights)

    alone, spread = measured(agreement(scores)), measured(agreement_difference(draw(60, seed=1), scores))

    assert np.isfinite([alone.low, alone.high, spread.low, spread.high]).all()
    assert alone.low <= alone.estimate <= alone.high


def test_a_revision_is_weighted_on_the_same_pairs() -> None:
    scores = draw(90, docs=3)
    revised = replace(scores, teacher=scores.teacher + np.random.default_rng(5).normal(size=90))
    weights = np.random.default_rng(1).integers(1, 4, size=90)

    weighted = measured(paired_difference(replace(scores, weights=weights.astype(float)), revised))
    copied = measured(paired_difference(repeated(scores, weights), repeated(revised, weights)))

    assert weighted.estimate == pytest.approx(copied.estimate)
    assert weighted.standard_error == pytest.approx(copied.standard_error)


def test_a_stratified_sample_gives_the_agreement_of_its_population() -> None:
    """30 draws of 300; how often the interval covers is in tests/calibration."""
    rng = np.random.default_rng(4)
    teacher, is_small = rng.normal(size=20_000), np.arange(20_000) < 400
    student = teacher + np.where(is_small, 3.0, 0.3) * rng.normal(size=20_000)
    truth = agreement_influence(student, teacher).estimate
    found = []

    for _ in range(30):
        rows = np.concatenate(
            (rng.choice(400, 60, replace=False), rng.choice(np.arange(400, 20_000), 240, replace=False))
        )
        plain = Scores(student=student[rows], teacher=teacher[rows])
        weights = np.where(is_small[rows], 400 / 60, 19_600 / 240)
        found.append([measured(agreement(each)).estimate for each in (replace(plain, weights=weights), plain)])

    weighted, unweighted = (np.mean(found, axis=0) - truth) / (np.std(found, axis=0, ddof=1) / np.sqrt(30))
    assert abs(weighted) < 3
    assert unweighted < -10
