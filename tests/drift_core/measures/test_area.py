"""Two answers of the teacher beside a student's probability agree by the area under the ROC curve."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from drift_core.measured import Unmeasured
from drift_core.measures.agreement import agreement, agreement_difference, paired_difference
from drift_core.measures.fisher import ZScale
from drift_core.measures.influence import influence_of
from drift_core.measures.level_ratios import loss_implied
from drift_core.measures.paired_order import paired_order
from drift_core.measures.scores import Scores
from drift_core.samples.score_kind import ScoreKind


def answered(seed, n=200, *, docs=1, base=0.5, alike=0.8, decimals=2):
    """Answers, a share `base` of them yes, and probabilities with ties."""
    rng = np.random.default_rng(seed)
    quality = rng.normal(size=n)
    student = alike * quality + np.sqrt(1 - alike**2) * rng.normal(size=n)
    return Scores(
        student=stats.norm.cdf(student).round(decimals),
        teacher=(quality > stats.norm.ppf(1 - base)).astype(float),
        queries=None if docs == 1 else np.repeat(np.arange(n // docs), docs),
        is_answered=True,
    )


def test_the_area_is_that_of_scikit_learn_with_ties_and_weights():
    scores = answered(1, decimals=1)
    weights = np.random.default_rng(2).uniform(0.5, 3, len(scores))

    assert agreement(scores).estimate == pytest.approx(roc_auc_score(scores.teacher, scores.student))
    weighted = roc_auc_score(scores.teacher, scores.student, sample_weight=weights)
    assert agreement(replace(scores, weights=weights)).estimate == pytest.approx(weighted)


def test_the_error_of_independent_pairs_is_that_of_delong():
    scores = answered(3, base=0.8)
    yes, no = (scores.student[scores.teacher == answer] for answer in (1, 0))
    order = (yes[:, None] > no) + 0.5 * (yes[:, None] == no)
    delong = np.sqrt(order.mean(1).var(ddof=1) / len(yes) + order.mean(0).var(ddof=1) / len(no))

    found = agreement(scores)

    assert found.standard_error == pytest.approx(delong)
    assert not found.is_share


def test_few_of_an_answer_leave_an_interval_as_few_degrees_as_they_are():
    few = answered(3)
    few = few.take(few.teacher == 0).take(np.arange(90))
    few = replace(few, teacher=(np.arange(90) < 4) * 1.0, student=np.where(np.arange(90) < 4, 0.8, few.student))

    found, paired = agreement(few), paired_difference(few, replace(few, student=few.student.round()))

    reach = stats.t.ppf(0.975, 3)
    assert (paired.high - paired.low) / 2 == pytest.approx(reach * paired.standard_error)
    effective = found.estimate * (1 - found.estimate) / found.standard_error**2
    middle = (found.estimate + reach**2 / (2 * effective)) / (1 + reach**2 / effective)
    assert (found.low + found.high) / 2 == pytest.approx(middle)


def test_the_influence_on_an_area_is_its_derivative():
    scores = replace(answered(1, n=60), weights=np.random.default_rng(2).uniform(0.5, 3, 60))
    influence, step = influence_of(scores), 1e-6
    for place in (0, 31):
        weights = scores.weights / scores.weights.sum()
        weights[place] += step
        moved = influence_of(scores, weights=weights).estimate
        assert (moved - influence.estimate) / step == pytest.approx(influence.values[place], abs=1e-3)


def test_how_common_an_answer_is_moves_ranks_and_no_area():
    half, most = (answered(4, n=20_000, decimals=9), answered(4, n=20_000, decimals=9).take(np.arange(20_000)))
    kept = (most.teacher == 1) | (np.arange(20_000) % 9 == 0)
    rare = most.take(kept)

    assert agreement(rare).estimate == pytest.approx(agreement(half).estimate, abs=0.01)
    ranks = [agreement(replace(each, is_answered=False)).estimate for each in (half, rare)]
    assert ranks[0] - ranks[1] > 0.15


def test_one_answer_alone_gives_no_area():
    scores = answered(5, n=60)
    one = agreement(replace(scores, teacher=np.ones(60)))
    two = agreement(replace(scores, teacher=(np.arange(60) < 2) * 1.0))

    assert isinstance(one, Unmeasured)
    assert isinstance(two, Unmeasured)
    assert two.reason == "2 queries have the teacher's rarer answer; 3 are needed to measure agreement."


def test_a_perfect_order_is_not_taken_for_certain():
    found = agreement(Scores(student=np.arange(40.0), teacher=(np.arange(40) > 29) * 1.0, is_answered=True))

    assert (found.estimate, found.high) == (1, 1)
    assert 0.6 < found.low < 0.75  # ten pairs of the rarer answer: up to 31 % of them may be unseen in reverse


def test_parts_in_the_order_of_all_pairs_average_to_the_area():
    scores = replace(answered(6), weights=np.random.default_rng(7).uniform(0.5, 2, 200))
    before = answered(8).student
    order, part = paired_order(scores, before), scores.student > 0.4
    whole, *parts = (order.change(chosen) for chosen in (np.ones(200, dtype=bool), part, ~part))

    assert whole.after.estimate == pytest.approx(agreement(scores).estimate)
    shares = [scores.weights[chosen].sum() / scores.weights.sum() for chosen in (part, ~part)]
    assert np.dot(shares, [each.after.estimate for each in parts]) == pytest.approx(whole.after.estimate)
    paired = paired_difference(scores, replace(scores, student=before))
    assert whole.change.estimate == pytest.approx(paired.estimate)
    assert whole.change.standard_error == pytest.approx(paired.standard_error)


def test_the_influence_on_a_part_is_its_derivative():
    scores, before = answered(9, n=60), answered(10, n=60).student
    part, step = scores.student > 0.5, 1e-6
    student = paired_order(scores, before).after
    share = np.full(60, 1 / 60)
    level, influence = student.level(part, share)
    for place in (0, 31, 47):
        moved = share.copy()
        moved[place] += step
        assert (student.level(part, moved / moved.sum())[0] - level) / step == pytest.approx(influence[place], abs=1e-3)


def test_a_larger_error_brings_the_area_nearer_to_chance():
    scale = ZScale("area under the curve")

    assert scale.agreement(scale.z(agreement(answered(1)), 0.0)) == pytest.approx(agreement(answered(1)).estimate)
    assert scale.after(stats.norm.cdf(2), 4) == pytest.approx(stats.norm.cdf(1))
    assert loss_implied(0.95, np.log(1e6), measure="area under the curve") == pytest.approx(0.45, abs=2e-3)


def test_a_kind_names_its_measure():
    names = {kind: ScoreKind(name=kind).measure for kind in ("numeric", "ordinal", "binary", "probability")}

    assert list(names.values()) == ["Spearman", "Spearman", "same label", "area under the curve"]


def test_two_samples_differ_by_their_areas():
    found = agreement_difference(answered(11, alike=0.9), answered(12, alike=0.5))

    assert found.low > 0
    assert found.estimate == pytest.approx(
        agreement(answered(11, alike=0.9)).estimate - agreement(answered(12, alike=0.5)).estimate
    )
