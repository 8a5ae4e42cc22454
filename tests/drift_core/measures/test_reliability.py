"""The teacher's reliability, the ceiling that follows, and agreement as a share of it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from drift_core.measured import Measured, Unmeasured
from drift_core.measures.reliability import ONE_SCORE, Runs, measure_reliability, share_of_ceiling
from drift_core.measures.scores import Scores


def planted(n: int, n_runs: int, reliability: float, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noise-free scores, and runs whose Pearson reliability is given; both have about unit variance of truth."""
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal(n)
    noise = np.sqrt(1 / reliability - 1) * rng.standard_normal((n, n_runs))
    return truth, truth[:, None] + noise


def measured(value: object) -> Measured:
    assert isinstance(value, Measured)
    return value


def test_one_score_a_pair_is_unknown_and_never_a_hundred_percent() -> None:
    found = measure_reliability(None)
    scores = Scores(student=np.arange(30.0), teacher=np.arange(30.0))

    assert found.one_run == found.ceiling == Unmeasured(reason=ONE_SCORE)
    assert share_of_ceiling(scores, None) == Unmeasured(reason=ONE_SCORE)


def test_two_runs_are_correlated_by_spearman_and_the_ceiling_is_the_root() -> None:
    _, runs = planted(500, 2, 0.8)

    found = measure_reliability(Runs(scores=runs, queries=np.arange(500)))

    expected = spearmanr(runs[:, 0], runs[:, 1]).statistic
    assert measured(found.one_run).estimate == pytest.approx(expected)
    assert measured(found.ceiling).estimate == pytest.approx(np.sqrt(expected))
    assert measured(found.ceiling).low == pytest.approx(np.sqrt(measured(found.one_run).low))


def test_more_runs_are_averaged_over_their_pairs_and_narrow_the_interval() -> None:
    _, runs = planted(400, 4, 0.7)

    two = measured(measure_reliability(Runs(scores=runs[:, :2], queries=np.arange(400))).one_run)
    four = measured(measure_reliability(Runs(scores=runs, queries=np.arange(400))).one_run)

    pairs = [spearmanr(runs[:, i], runs[:, j]).statistic for i in range(4) for j in range(i)]
    assert four.estimate == pytest.approx(np.mean(pairs))
    assert four.standard_error < two.standard_error


def test_only_pairs_with_a_second_score_count() -> None:
    _, runs = planted(300, 2, 0.8)
    some = runs.copy()
    some[100:, 1] = np.nan

    found = measured(measure_reliability(Runs(scores=some, queries=np.arange(300))).one_run)

    assert found.estimate == pytest.approx(spearmanr(runs[:100, 0], runs[:100, 1]).statistic)
    assert (found.n_pairs, found.n_queries) == (100, 100)


@pytest.mark.parametrize("n_known", [0, 19])
def test_too_few_repeats_say_how_many_are_needed(n_known: int) -> None:
    _, runs = planted(300, 2, 0.8)
    runs[n_known:, 1] = np.nan

    found = measure_reliability(Runs(scores=runs, queries=np.arange(300)))

    assert isinstance(found.ceiling, Unmeasured)
    assert f"{n_known} pairs" in found.ceiling.reason


def test_equal_repeats_and_runs_that_contradict_each_other_have_no_ceiling() -> None:
    queries, up = np.arange(50), np.arange(50.0)
    flat = Runs(scores=np.column_stack((up, np.ones(50))), queries=queries)
    reverse = Runs(scores=np.column_stack((up, -up)), queries=queries)

    assert isinstance(measure_reliability(flat).one_run, Unmeasured)
    assert isinstance(measure_reliability(reverse).ceiling, Unmeasured)
    assert isinstance(share_of_ceiling(Scores(student=up, teacher=up), reverse), Unmeasured)


def test_docs_of_one_query_do_not_count_as_independent_pairs() -> None:
    rng = np.random.default_rng(2)
    of_query = np.repeat(rng.standard_normal((60, 3)), 5, axis=0)
    runs = of_query[:, :1] + 0.7 * of_query[:, 1:]

    by_row = measured(measure_reliability(Runs(scores=runs, queries=np.arange(300))).one_run)
    by_query = measured(measure_reliability(Runs(scores=runs, queries=np.repeat(np.arange(60), 5))).one_run)

    assert by_query.standard_error > 1.8 * by_row.standard_error


def test_a_student_that_knows_the_noise_free_score_reaches_the_ceiling() -> None:
    truth, runs = planted(20_000, 2, 0.8, seed=3)

    share = measured(
        share_of_ceiling(Scores(student=truth, teacher=runs[:, 0]), Runs(scores=runs, queries=np.arange(20_000)))
    )

    assert share.estimate == pytest.approx(1, abs=0.01)
    assert share.low < 1


# With 200,000 pairs the root of a correlation near 0.7 has a standard error of about 0.001; the bound is 0.01 plus 4.
@pytest.mark.parametrize("reliability", [0.4, 0.6, 0.8, 0.9, 0.95])
def test_the_root_bounds_what_a_perfect_student_reaches_with_four_levels(reliability: float) -> None:
    truth, runs = planted(200_000, 2, reliability, seed=4)
    levels = np.digitize(runs, norm.ppf([0.25, 0.5, 0.75]) / np.sqrt(reliability))

    root = np.sqrt(spearmanr(levels[:, 0], levels[:, 1]).statistic)
    best = spearmanr(truth, levels[:, 0]).statistic

    assert -0.004 < root - best < 0.014


def test_the_share_counts_repeats_of_another_sample_with_common_queries() -> None:
    truth, runs = planted(600, 2, 0.8, seed=5)
    student = truth + 0.5 * np.random.default_rng(6).standard_normal(600)
    here = Scores(student=student[:300], teacher=runs[:300, 0], queries=np.arange(300))
    same, other = (Runs(scores=runs[part], queries=np.arange(600)[part]) for part in (slice(300), slice(300, 600)))

    inside, outside = (measured(share_of_ceiling(here, each)) for each in (same, other))

    assert inside.estimate == pytest.approx(outside.estimate, abs=0.1)
    for each in (inside, outside):
        assert each.low < each.estimate < each.high


def test_a_student_that_disagrees_has_no_share() -> None:
    truth, runs = planted(100, 2, 0.9)
    queries = np.arange(100)
    against = Scores(student=-truth, teacher=runs[:, 0], queries=queries)
    constant = replace(against, student=np.zeros(100))

    for scores in (against, constant):
        assert isinstance(share_of_ceiling(scores, Runs(scores=runs, queries=queries)), Unmeasured)
