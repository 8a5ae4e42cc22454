"""Measures of labels agree with other implementations, count queries and weights, and say what they cannot tell."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

from drift_core.distributions.label_measures import measure_labels
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.chance_corrected import cohen_kappa, confusion, gwet_ac
from drift_core.measures.proportion import proportion
from drift_core.measures.scores import Scores
from drift_core.samples.reading import read_pairs

WEIGHTINGS = {"none": None, "linear": "linear", "quadratic": "quadratic"}


def disagreement_rate(scores):
    return proportion(scores.student != scores.teacher, scores)


def agreement_rate(scores):
    return proportion(scores.student == scores.teacher, scores)


def drawn(seed, n=300, n_labels=3, error=0.3):
    rng = np.random.default_rng(seed)
    teacher = rng.integers(n_labels, size=n)
    student = np.where(rng.random(n) < error, rng.integers(n_labels, size=n), teacher)
    return Scores(student=student.astype(float), teacher=teacher.astype(float))


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), n_labels=st.integers(2, 7), error=st.floats(0.05, 1))
@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_kappa_is_that_of_scikit_learn(weighting, seed, n_labels, error):
    scores = drawn(seed, n_labels=n_labels, error=error)

    found = cohen_kappa(scores, n_labels=n_labels, weighting=weighting)

    known = cohen_kappa_score(
        scores.teacher.astype(int), scores.student.astype(int), labels=range(n_labels), weights=WEIGHTINGS[weighting]
    )
    assert found.estimate == pytest.approx(known, abs=1e-9)
    assert found.low <= found.estimate <= found.high


def test_weighted_pairs_are_as_repeated_ones():
    scores = drawn(1)
    weights = np.random.default_rng(2).integers(1, 4, size=len(scores))
    repeated = Scores(student=np.repeat(scores.student, weights), teacher=np.repeat(scores.teacher, weights))
    weighted = replace(scores, weights=weights.astype(float))

    for measure in (cohen_kappa, gwet_ac):
        estimates = [measure(each, n_labels=3).estimate for each in (weighted, repeated)]
        assert estimates[0] == pytest.approx(estimates[1], abs=1e-12)
    assert disagreement_rate(weighted).estimate == pytest.approx(disagreement_rate(repeated).estimate, abs=1e-12)
    np.testing.assert_allclose(confusion(weighted, n_labels=3), confusion(repeated, n_labels=3))


def by_hand(cells, apart):
    """Gwet (2008): 1 minus agreement by chance is taken from the mean shares of both judges."""
    shares = (cells.sum(0) + cells.sum(1)) / 2
    k = len(cells)
    agree = 1 - apart
    by_chance = agree.sum() / (k * (k - 1)) * (shares * (1 - shares)).sum()
    return ((agree * cells).sum() - by_chance) / (1 - by_chance)


def test_gwets_coefficient_is_that_of_the_formula():
    cells = np.array([[118, 5], [2, 0]]) / 125
    assert by_hand(cells, 1 - np.eye(2)) == pytest.approx((0.944 - 0.054432) / (1 - 0.054432), abs=1e-12)
    scores = drawn(3, n_labels=4)
    apart = np.abs(np.subtract.outer(np.arange(4), np.arange(4))) / 3
    cells = confusion(scores, n_labels=4)

    assert gwet_ac(scores, n_labels=4).estimate == pytest.approx(by_hand(cells, 1 - np.eye(4)), abs=1e-9)
    for weighting, distance in (("linear", apart), ("quadratic", apart**2)):
        found = gwet_ac(scores, n_labels=4, weighting=weighting)
        assert found.estimate == pytest.approx(by_hand(cells, distance), abs=1e-9)


def test_an_interval_of_a_share_is_wilsons_where_each_pair_has_a_query():
    scores = Scores(student=np.arange(2000) < 99, teacher=np.zeros(2000))

    found = disagreement_rate(scores)

    known = binomtest(99, 2000).proportion_ci(0.95, method="wilson")  # of a normal quantile, and n in place of n - 1
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=5e-5)
    assert agreement_rate(scores).low == pytest.approx(1 - found.high)


def test_pairs_of_one_query_count_less_and_a_share_stays_within_its_limits():
    queries = np.repeat(np.arange(40), 5)
    teacher = np.repeat((np.arange(40) < 4).astype(float), 5)
    shared = Scores(student=np.zeros(200), teacher=teacher, queries=queries)
    alone = replace(shared, queries=None)

    for measure in (disagreement_rate, agreement_rate):
        wide, narrow = measure(shared), measure(alone)
        assert wide.high - wide.low > 1.8 * (narrow.high - narrow.low)
        assert 0 <= wide.low <= wide.estimate <= wide.high <= 1
    all_alike = disagreement_rate(replace(shared, teacher=np.zeros(200)))
    assert (all_alike.estimate, all_alike.low) == (0, 0)
    assert all_alike.high > 0.08  # of 40 queries; of 200 pairs it would be 0.02


def test_perfect_agreement_has_a_limit_below_one():
    scores = Scores(student=np.tile([0.0, 1.0], 50), teacher=np.tile([0.0, 1.0], 50))

    for measure in (cohen_kappa, gwet_ac):
        found = measure(scores, n_labels=2)
        assert found.estimate == found.high == 1
        assert 0.85 < found.low < 0.99


@pytest.mark.parametrize("seed", range(40))
def test_a_weighted_share_of_all_has_a_limit_below_one(seed):
    weights = np.random.default_rng(seed).uniform(0.1, 1.1, 40)

    found = proportion(np.ones(40), Scores(student=np.ones(40), teacher=np.ones(40), weights=weights))

    assert found.low < 0.95


def test_what_cannot_be_told_says_why():
    same = Scores(student=np.zeros(30), teacher=np.zeros(30))
    assert isinstance(cohen_kappa(same, n_labels=2), Unmeasured)
    assert isinstance(gwet_ac(same, n_labels=2), Measured)
    few = Scores(student=np.arange(8) % 2.0, teacher=np.arange(8) % 2.0, queries=np.zeros(8, dtype=int))
    for found in (proportion(few.student == 1, few), cohen_kappa(few, n_labels=2)):
        assert "1 query" in found.reason


def frames(values, student):
    base = pd.DataFrame({"query": [f"query {row}" for row in range(60)], "teacher": values * (60 // len(values))})
    return read_pairs(base.assign(student=base["teacher"])), read_pairs(base.assign(student=student * 20))


@pytest.mark.parametrize(
    ("values", "student", "n_labels"),
    [
        (["fail", "pass", "pass"], ["pass", "pass", "pass"], 2),
        ([1, 3, 5], [1, 2, 5], 5),
        (["refund", "other", "bill"], ["refund", "bill", "other"], 3),
        (["A", "B", "tie"], ["A", "A", "tie"], 3),
    ],
)
def test_both_samples_are_measured_on_the_labels_of_both(values, student, n_labels):
    measures = measure_labels(*frames(values, student))

    assert measures.heldout.disagreement.estimate == 0
    expected = np.mean(np.array(values) != np.array(student))
    assert measures.production.disagreement.estimate == pytest.approx(expected)
    assert np.shape(measures.production.confusion) == (n_labels, n_labels)
    assert np.sum(measures.production.confusion) == pytest.approx(1)
    assert [each.label for each in measures.production.labels] == list(measures.kind.labels)
    document = json.loads(json.dumps(measures.to_json()))
    assert document["production"]["disagreement"]["estimate"] == pytest.approx(expected)


def test_recall_precision_and_wins_are_by_label():
    measures = measure_labels(*frames(["A", "B", "tie"], ["A", "A", "tie"]))

    first, second, _ = measures.production.labels
    assert (first.recall.estimate, first.precision.estimate, second.recall.estimate) == (1, 0.5, 0)
    assert second.precision.reason == "0 queries; at least 2 are needed."
    assert [round(each.estimate, 3) for each in measures.production.wins] == [0.5, 0.833]


def test_scores_without_labels_are_not_measured_as_labels():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"query": [f"q{n}" for n in range(40)], "teacher": rng.random(40), "student": rng.random(40)})

    assert measure_labels(read_pairs(frame), read_pairs(frame[::-1])) is None


def test_a_class_that_production_alone_has_does_not_count_by_chance_in_held_out():
    rng = np.random.default_rng(5)

    def judged(labels):
        teacher = rng.choice(labels, 300)
        student = np.where(rng.random(300) < 0.1, rng.choice(labels, 300), teacher)
        texts = {"query": [f"query {row}" for row in range(300)], "doc": "doc"}
        return read_pairs(pd.DataFrame(texts | {"teacher": teacher, "student": student}), name="sample")

    known = ["ant", "bee", "cat"]
    heldout = judged(known)

    others = judged(known), judged([*known, "dog", "fox"])
    one, two = (measure_labels(heldout, other).heldout.gwet for other in others)

    assert one.estimate == two.estimate


def test_a_notebook_shows_the_measures_of_labels():
    frame = pd.DataFrame({"query": [f"q{i}" for i in range(80)], "teacher": ["pass", "pass", "fail", "fail"] * 20})
    first, second = (read_pairs(frame.assign(student=given * 20)) for given in (["pass", "fail"] * 2, ["fail"] * 4))

    shown = measure_labels(first, second)._repr_html_()

    assert "production: recall of pass" in shown
    assert "held-out: kappa" in shown
