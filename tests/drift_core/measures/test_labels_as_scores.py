"""Labels in the measures that ranks were made for: agreement, errors in units of the usual, levels and scales."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.distributions.label_measures import measure_labels
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.agreement import agreement, agreement_difference, paired_difference
from drift_core.measures.chance_corrected import chance_agreement
from drift_core.measures.error_level import error_reference
from drift_core.measures.fisher import ZScale
from drift_core.measures.influence import influence_of
from drift_core.measures.level_ratios import loss_implied, rise_of
from drift_core.measures.paired_order import PairedOrder, paired_order
from drift_core.measures.proportion import proportion
from drift_core.measures.residual_levels import ErrorSample
from drift_core.measures.residuals import Residuals, label_errors, residual_errors
from drift_core.measures.scores import Scores
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.score_kind import ScoreKind

RATES = np.array([0.02, 0.10])  # how often the student contradicts either label


def labelled(seed, n=2_000, *, passes=0.5, docs=1, rates=RATES):
    rng = np.random.default_rng(seed)
    teacher = (rng.random(n) < passes) * 1
    is_off = rng.random(n) < np.asarray(rates)[teacher]
    queries = None if docs == 1 else np.repeat(np.arange(n // docs), docs)
    return Scores(student=1.0 * (teacher ^ is_off), teacher=1.0 * teacher, queries=queries, is_ranked=False)


def test_agreement_of_labels_is_their_share_with_the_interval_of_a_share():
    for scores in (labelled(1), labelled(2, docs=5), replace(labelled(3), weights=np.linspace(1, 3, 2_000))):
        found, rate = agreement(scores), proportion(scores.student == scores.teacher, scores)

        assert found.estimate == pytest.approx(rate.estimate)
        assert (found.low, found.high) == pytest.approx((rate.low, rate.high), abs=2e-3)


def test_the_influence_on_a_share_is_its_derivative():
    scores = labelled(1, n=60)
    influence, step = influence_of(scores), 1e-6
    for place in (0, 31):
        weights = np.ones(60)
        weights[place] += step * 60
        moved = influence_of(scores, weights=weights).estimate
        assert (moved - influence.estimate) / step == pytest.approx(influence.values[place], abs=1e-3)


def test_labels_that_are_all_one_are_measured_where_ranks_are_not():
    same = Scores(student=np.ones(40), teacher=np.ones(40), is_ranked=False)

    assert agreement(same).estimate == 1
    assert 0.85 < agreement(same).low < 1
    assert isinstance(agreement(replace(same, is_ranked=True)), Unmeasured)


def test_the_difference_of_two_shares_lies_where_both_say():
    before, after = labelled(1), labelled(2, rates=(0.2, 0.3))
    found = agreement_difference(before, after)

    assert found.low < 0.19 < found.high
    assert found.low > 0.1


def test_errors_are_one_on_average_also_where_the_shares_of_labels_moved():
    heldout = labelled(1, n=20_000)
    for other in (heldout, labelled(2, n=20_000, passes=0.9)):
        given_teacher = label_errors(heldout, other)[0]
        assert given_teacher.mean() == pytest.approx(1, abs=0.1)
    assert label_errors(heldout, labelled(3, n=20_000, rates=2 * RATES))[0].mean() == pytest.approx(2, abs=0.2)


def test_a_label_that_held_out_lacks_is_expected_to_be_mistaken_as_often_as_all():
    heldout = labelled(1)
    other = replace(heldout, student=np.full(2_000, 2.0), teacher=np.full(2_000, 2.0))

    assert np.isfinite(label_errors(heldout, other)).all()
    assert (label_errors(heldout, other)[0] < 1).all()


@pytest.mark.parametrize(("n_differ", "is_clear"), [(2, False), (8, True)])
def test_a_group_without_a_disagreement_is_not_without_error(n_differ, is_clear):
    heldout = labelled(1)
    calm = np.arange(2_000) >= 1_970
    heldout = replace(heldout, student=np.where(calm, heldout.teacher, heldout.student))
    differ = np.arange(2_000) >= 2_000 - n_differ
    production = replace(heldout, student=np.where(differ, 1 - heldout.teacher, heldout.student))
    levels = [
        ErrorSample.of(scores, errors).level(calm)
        for scores, errors in zip((heldout, production), residual_errors(heldout, production), strict=True)
    ]

    assert (rise_of(levels[1], levels[0]).p_value < 0.01) == is_clear


def test_a_perfect_held_out_has_units_and_no_reference():
    perfect = labelled(1, rates=(0.0, 0.0))

    assert np.isfinite(label_errors(perfect, labelled(2))).all()
    assert error_reference(perfect) is None
    assert error_reference(labelled(2)).of(labelled(3, n=20_000)).mean() == pytest.approx(1, abs=0.2)


def test_errors_of_ranks_are_what_they_were():
    rng = np.random.default_rng(0)
    teacher = rng.normal(size=300)
    scores = Scores(student=teacher + rng.normal(size=300), teacher=teacher)
    sample = ErrorSample.of(scores, Residuals(of_student=rng.chisquare(1, 300), of_teacher=rng.chisquare(1, 300)))

    assert not sample.half.any()


def test_the_scale_of_a_share_is_half_its_log_odds():
    scale = ZScale("same label")
    found = Measured(estimate=0.9, low=0.8, high=0.95, confidence=0.95, standard_error=0.01, n_pairs=900, n_queries=900)

    assert scale.z(found, 0.0) == pytest.approx(np.log(9) / 2)
    assert scale.agreement(scale.z(found, 0.0)) == pytest.approx(0.9)
    near = [scale.z(replace(found, estimate=0.9 + step), 0.0) for step in (-0.0005, 0.0005)]
    assert scale.error(found) == pytest.approx((near[1] - near[0]) / 0.001 * 0.01, rel=1e-3)
    assert scale.sampling_error(0.9, 900) == pytest.approx(scale.error(found))
    perfect = replace(found, estimate=1.0)
    assert scale.agreement(scale.z(perfect, 0.0)) == pytest.approx(1 - 0.5 / 900)
    assert scale.sampling_error(1.0, 50) > scale.sampling_error(0.9, 50)


def test_a_rise_of_the_error_is_a_fall_of_the_share():
    assert loss_implied(0.95, np.log(3), measure="same label") == pytest.approx(0.10)
    assert loss_implied(0.95, np.log(99), measure="same label") == pytest.approx(0.95)


def test_two_students_are_compared_by_equal_labels():
    after, before = labelled(1), labelled(1, rates=(0.2, 0.3)).student
    order = paired_order(after, before)
    assert isinstance(order, PairedOrder)
    inside = np.arange(2_000) < 900
    change = order.change(inside)

    assert change.after.estimate == pytest.approx(np.mean((after.student == after.teacher)[inside]))
    assert change.change.estimate == pytest.approx(change.after.estimate - change.before.estimate)
    assert change.change.low > 0.1


def test_measures_of_labels_agree_with_the_diagnosis_of_them():
    scores, kind = labelled(1, n=400), ScoreKind(name="binary", labels=("fail", "pass"))
    texts, weight = np.array([f"query {place}" for place in range(400)], dtype=object), np.linspace(0.2, 3, 400)
    sample = ScoredPairs(name="", query=texts, teacher=scores.teacher, student=scores.student, weight=weight, kind=kind)
    found, told = measure_labels(sample, sample).heldout, agreement(Scores.of(sample))

    assert (found.agreement.estimate, found.agreement.low) == pytest.approx((told.estimate, told.low), abs=1e-12)
    assert (found.disagreement.low, found.disagreement.high) == pytest.approx((1 - told.high, 1 - told.low), abs=1e-12)


@pytest.mark.parametrize(("n_labels", "n_heldout"), [(2, 200), (10, 500), (50, 500)])
def test_many_labels_of_a_small_held_out_make_no_error_of_a_new_sample(n_labels, n_heldout):
    rng = np.random.default_rng(0)
    levels = []
    for _ in range(60):
        sides = []
        for n in (n_heldout, 2_000):
            teacher = rng.integers(n_labels, size=n)
            student = np.where(rng.random(n) < 0.05, (teacher + 1) % n_labels, teacher)
            sides.append(Scores(student=1.0 * student, teacher=1.0 * teacher, is_ranked=False))
        levels.append([np.mean(label_errors(sides[0], each)) for each in sides])

    usual, new = np.mean(levels, axis=0)
    assert usual == pytest.approx(1)
    assert new == pytest.approx(1, abs=0.12)


def test_chance_agreement_is_that_of_labels_given_at_random():
    scores = labelled(2, n=4_000)

    assert chance_agreement(scores) == pytest.approx(0.5, abs=0.02)
    assert chance_agreement(replace(scores, is_ranked=True)) == 0


def test_a_paired_difference_of_labels_is_right_for_few_and_for_many_changes() -> None:
    rng, held = np.random.default_rng(5), {0.02: 0, 0.2: 0}
    for rate in held:
        for _ in range(300):
            first = Scores(student=np.ones(100), teacher=np.ones(100), is_ranked=False)
            loss = paired_difference(first, replace(first, teacher=(rng.random(100) >= rate) * 1.0))
            held[rate] += loss.low <= rate <= loss.high

    assert held[0.02] >= 0.93 * 300
    assert 0.91 * 300 <= held[0.2] <= 0.99 * 300


def test_few_labels_that_differ_and_all_weigh_little_are_not_taken_for_sure() -> None:
    rng, n_above, n_below = np.random.default_rng(8), 0, 0
    for _ in range(600):
        weights, student = rng.exponential(size=100), (rng.random(100) >= 0.05) * 1.0
        found = agreement(Scores(student=student, teacher=np.ones(100), weights=weights, is_ranked=False))
        n_above, n_below = n_above + (found.low > 0.95), n_below + (found.high < 0.95)

    assert n_above <= 0.035 * 600
    assert n_below <= 0.05 * 600


def test_weights_that_many_differing_labels_show_to_matter_little_keep_their_own_error() -> None:
    often = np.arange(2000) < 1000
    weights, differs = np.where(often, 0.2, 1.8), np.where(often, np.arange(2000) % 3 == 0, np.arange(2000) % 50 == 0)
    found = agreement(Scores(student=differs * 1.0, teacher=np.zeros(2000), weights=weights, is_ranked=False))

    usual = np.sqrt(found.estimate * (1 - found.estimate) * (weights @ weights)) / weights.sum()
    assert found.standard_error < 0.9 * usual
