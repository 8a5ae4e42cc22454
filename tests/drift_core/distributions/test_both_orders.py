"""Consistency and position bias are those worked out by hand, and their intervals hold the truth."""

import json

import numpy as np
import pandas as pd
import pytest

from drift_core.distributions.both_orders import measure_both_orders
from drift_core.distributions.label_measures import measure_labels
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores
from drift_core.samples.reading import read_pairs

A, B, TIE = 0.0, 1.0, 2.0


def verdicts(teacher, student=None, queries=None):
    teacher = np.array(teacher)
    given = teacher if student is None else np.array(student)
    return Scores(student=given, teacher=teacher, queries=queries, is_ranked=False)


def test_ties_count_half_and_are_consistent_in_both_orders_alone():
    # Consistent; consistent tie; the first twice; a tie and the first.
    found = measure_both_orders(verdicts([A, B, TIE, TIE, A, A, TIE, A]), np.arange(8))

    assert found.n_comparisons == 4
    assert found.teacher.consistent.estimate == 0.5
    assert found.teacher.first.estimate == pytest.approx((0.5 + 0.5 + 1 + 0.75) / 4)


def test_agreement_is_told_where_the_teacher_is_consistent_and_where_not():
    teacher, student = [A, B] * 10 + [A, A] * 10, [A, B] * 10 + [A, B] * 10

    found = measure_both_orders(verdicts(teacher, student), np.arange(40))

    assert (found.agreement.estimate, found.elsewhere.estimate) == (1.0, 0.5)
    assert (found.teacher.leans, found.student.leans) == ("first", "")
    assert found.teacher.first.n_pairs == found.teacher.first.n_queries == 20
    assert "leans to the answer shown first" in found.sentence
    assert "100.0%" in found.sentence


def test_a_judge_without_bias_has_an_interval_with_a_width():
    first = measure_both_orders(verdicts([A, B] * 20), np.arange(40)).teacher.first

    assert 0.4 < first.low < first.estimate == 0.5 < first.high < 0.6


def test_rows_without_their_other_order_are_left_out():
    scores = verdicts([A, B, A, A, B])

    found = measure_both_orders(scores, np.array([0, 1, -1, 3, 4]))

    assert found.n_comparisons == 1
    assert isinstance(found.teacher.first, Unmeasured)
    assert measure_both_orders(scores, np.array([-1, 1, 2, 4, -1])) is None
    assert measure_both_orders(scores, None) is None


@pytest.mark.parametrize(("bias", "docs"), [(0.0, 1), (0.1, 1), (0.3, 4)])
def test_intervals_hold_the_truth(bias, docs):
    rng, n, n_draws, held, truth = np.random.default_rng(7), 80, 300, np.zeros(2), _truth(bias)
    for _ in range(n_draws):
        better = rng.random(n) < 0.5
        chance = np.repeat(rng.beta(8 * bias + 1e-9, 8 * (1 - bias), n // docs), docs) if docs > 1 else bias
        by_place = rng.random((n, 2)) < np.column_stack((np.broadcast_to(chance, n), np.zeros(n)))
        flips = rng.random(n) < 0.05
        first = np.column_stack((better, ~better ^ flips)) | by_place
        scores = verdicts(np.where(first, A, B).ravel(), queries=np.repeat(np.arange(n // docs), 2 * docs))
        found = measure_both_orders(scores, np.arange(2 * n))
        held += [
            each.low <= true <= each.high
            for each, true in zip((found.teacher.consistent, found.teacher.first), truth, strict=True)
        ]

    assert (held >= 0.91 * n_draws).all()  # nominal 0.95, less what chance takes from 300 draws


def _truth(bias, flip=0.05):
    """The first order goes by the place in a share `bias`, the second flips: by better or not, with chance a half."""
    rows = [
        (0.5 * chance, one, two)
        for better in (True, False)
        for place, of_place in ((True, bias), (False, 1 - bias))
        for is_flipped, of_flip in ((True, flip), (False, 1 - flip))
        for chance, one, two in [(of_place * of_flip, better or place, (not better) ^ is_flipped)]
    ]
    consistent = sum(chance for chance, one, two in rows if one != two)
    return consistent, sum(chance * (one + two) / 2 for chance, one, two in rows)


def test_samples_in_both_orders_are_told_in_words_and_json():
    rows = [
        {"question": f"q {n}", "model_a": "ab"[swap], "model_b": "ba"[swap], "judge": "AB"[swap], "student": "AA"[swap]}
        for n in range(30)
        for swap in (0, 1)
    ]
    sample = read_pairs(pd.DataFrame(rows), columns={"teacher": "judge"}, kind="pairwise")

    measures = measure_labels(sample, sample)

    assert measures.production.orders.student.first.estimate == 1
    assert measures.order_sentences[1].startswith("Production: 30 comparisons are there in both orders: the teacher is")
    document = json.loads(json.dumps(measures.to_json()))["production"]["both_orders"]
    assert document["student"]["leans"] == "first"
    assert document["teacher"]["consistent"]["estimate"] == 1
