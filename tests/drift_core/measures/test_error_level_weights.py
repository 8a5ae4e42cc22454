"""The mean error at weights, and how it scatters."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.canary.error_scatter import scatter_at
from drift_core.measures.error_level import error_reference, error_shift, mean_error, query_sizes
from drift_core.measures.scores import Scores


def draw(n, fidelity=0.95, *, docs=1, seed=0):
    rng = np.random.default_rng(seed)
    query = np.repeat(np.arange(n // docs), docs)
    own = rng.normal(size=(2, n)) + (rng.normal(size=(2, n // docs))[:, query] if docs > 1 else 0)
    student = fidelity * own[0] + np.sqrt(1 - fidelity**2) * own[1]
    return Scores(student=student, teacher=own[0], queries=query if docs > 1 else None)


def scatter(reference, scores):
    return scatter_at(reference, query_sizes(scores), query_weights=scores.query_weights)


def test_the_mean_counts_each_error_by_its_weight():
    scores = Scores(student=np.arange(3.0), teacher=np.arange(3.0))

    assert mean_error(np.array([1.0, 2.0, 6.0]), scores) == 3
    assert mean_error(np.array([1.0, 2.0, 6.0]), replace(scores, weights=np.array([6.0, 3.0, 1.0]))) == pytest.approx(
        1.8
    )


@pytest.mark.parametrize("docs", [1, 5])
def test_equal_weights_scatter_as_none(docs):
    reference, week = error_reference(draw(1000, docs=docs)), draw(200, docs=docs, seed=1)

    plain, equal = scatter(reference, week), scatter(reference, replace(week, weights=np.full(200, 3.0)))

    assert (equal.variance, equal.third) == pytest.approx((plain.variance, plain.third))


def test_unequal_weights_scatter_as_fewer_pairs():
    """Half of the pairs at three times the weight of the others are worth 80 % of them, by Kish."""
    reference = error_reference(draw(1000))
    weights = np.repeat([1.0, 3.0], 100)

    found = scatter_at(reference, np.ones(200), query_weights=weights)

    assert found.variance == pytest.approx(scatter_at(reference, np.ones(160)).variance)
    # The third cumulant of a mean of w e is that of e times sum(w^3) / sum(w)^3, here 2,800 / 400^3.
    one = scatter_at(reference, np.ones(1)).third
    assert found.third == pytest.approx(one * 2800 / 400**3)


@pytest.mark.parametrize("docs", [1, 5])
def test_weighted_means_scatter_as_said(docs):
    reference = error_reference(draw(4000, docs=docs))
    weights = np.repeat(np.linspace(1, 6, 200 // docs), docs)
    weeks = [replace(draw(200, docs=docs, seed=seed), weights=weights) for seed in range(1, 301)]

    levels = [mean_error(reference.of(week), week) for week in weeks]

    # 300 draws know a standard deviation to 4 %, the reference its own scatter to about 5 %.
    assert np.std(levels) == pytest.approx(scatter(reference, weeks[0]).variance ** 0.5, rel=0.2)


def test_a_small_part_that_is_drawn_too_often_counts_as_much_as_in_the_traffic():
    reference = error_reference(draw(2000))
    parts = draw(3000, seed=2), draw(300, fidelity=0.5, seed=3)
    traffic = Scores(**{side: np.concatenate([getattr(p, side) for p in parts]) for side in ("student", "teacher")})
    week = traffic.take(np.arange(2700, 3300))
    weighted = replace(week, weights=np.repeat([10.0, 1.0], 300))

    truth, found, plain = (mean_error(reference.of(each), each) for each in (traffic, weighted, week))

    assert found == pytest.approx(truth, rel=0.1)
    assert plain > 2 * truth


def test_what_a_revision_adds_is_weighted_too():
    reference, before = error_reference(draw(1000, docs=5)), draw(200, docs=5, seed=1)
    after = replace(before, teacher=before.teacher + np.repeat([0.0, 1.0], 100) * draw(200, seed=4).student)
    weights = np.repeat([9.0, 1.0], 100)

    plain, weighted = (
        error_shift(reference, *(replace(each, weights=w) for each in (before, after))) for w in (None, weights)
    )

    assert 0 < weighted.estimate < 0.5 * plain.estimate
    assert 0 < weighted.variance < plain.variance
