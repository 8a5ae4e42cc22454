"""Teacher and student against human labels: ranks, accuracy and the area under the curve."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, spearmanr

from drift_core.measured import Measured, Unmeasured
from drift_core.measures.quality import NO_LABELS, TEACHER_IS_LABEL, Quality, measure_quality
from drift_core.measures.scores import Scores

N = 300


def scored(seed: int = 0) -> tuple[Scores, np.ndarray]:
    """A label, a teacher that knows it well and a student that imitates the teacher."""
    rng = np.random.default_rng(seed)
    label = rng.standard_normal(N)
    teacher = label + 0.6 * rng.standard_normal(N)
    student = teacher + 0.6 * rng.standard_normal(N)
    return Scores(student=student, teacher=teacher, queries=np.repeat(np.arange(N // 3), 3)), label


def measured(value: object) -> Measured:
    assert isinstance(value, Measured)
    return value


def quality(scores: Scores, label: np.ndarray) -> Quality:
    found = measure_quality(scores, label)
    assert isinstance(found, Quality)
    return found


def test_rank_agreement_with_the_labels_is_spearmans_and_the_loss_its_difference() -> None:
    scores, label = scored()

    ranks = quality(scores, label).ranks

    assert measured(ranks.teacher).estimate == pytest.approx(spearmanr(scores.teacher, label).statistic)
    assert measured(ranks.student).estimate == pytest.approx(spearmanr(scores.student, label).statistic)
    lost = measured(ranks.lost)
    assert lost.estimate == pytest.approx(measured(ranks.teacher).estimate - measured(ranks.student).estimate)
    assert lost.n_queries == N // 3
    errors = measured(ranks.teacher).standard_error, measured(ranks.student).standard_error
    assert lost.standard_error < np.hypot(*errors)  # paired


def test_pairs_without_a_label_do_not_count() -> None:
    scores, label = scored()
    some = np.where(np.arange(N) < 100, label, np.nan)

    found = quality(scores, some)

    assert measured(found.ranks.teacher).n_pairs == 100
    assert measured(found.fidelity).n_pairs == 100


@pytest.mark.parametrize("label", [None, np.full(N, np.nan)])
def test_without_labels_quality_is_unknown(label: np.ndarray | None) -> None:
    assert measure_quality(scored()[0], label) == Unmeasured(reason=NO_LABELS)


def test_few_labels_and_labels_that_are_the_teachers_scores_are_refused() -> None:
    scores, label = scored()
    few = np.where(np.arange(N) < 19, label, np.nan)

    few_found, same_found = measure_quality(scores, few), measure_quality(scores, scores.teacher)

    assert isinstance(few_found, Unmeasured)
    assert "19 pairs" in few_found.reason
    assert isinstance(same_found, Unmeasured)
    assert same_found.reason == TEACHER_IS_LABEL


def test_scores_in_the_labels_few_values_are_counted_right_or_wrong() -> None:
    label = np.tile([0.0, 1.0, 2.0, 3.0], 20)
    teacher, student = label.copy(), label.copy()
    teacher[:10] = 3 - teacher[:10]
    student[:30] = 3 - student[:30]

    found = quality(Scores(student=student, teacher=teacher), label)

    assert found.rate_name == "accuracy"
    assert found.rate is not None
    assert measured(found.rate.teacher).estimate == pytest.approx(70 / 80)
    assert measured(found.rate.student).estimate == pytest.approx(50 / 80)
    assert measured(found.rate.lost).estimate == pytest.approx(20 / 80)


def test_binary_labels_beside_scores_give_the_area_under_the_curve() -> None:
    scores, label = scored()
    positive = (label > 0.5).astype(float)

    found = quality(scores, positive)

    assert found.rate_name == "area under the curve"
    assert found.rate is not None
    u = mannwhitneyu(scores.student[positive == 1], scores.student[positive == 0]).statistic
    n = positive.sum()
    student = measured(found.rate.student)
    assert student.estimate == pytest.approx(u / (n * (N - n)))
    assert 0 <= student.low < student.estimate < student.high <= 1
    lost = measured(found.rate.lost)
    assert lost.low < lost.estimate < lost.high


def test_a_perfect_area_keeps_a_lower_limit_below_one() -> None:
    label = np.repeat([0.0, 1.0], 40)

    found = quality(Scores(student=np.arange(80.0), teacher=np.arange(80.0)[::-1].copy()), label)

    assert found.rate is not None
    assert measured(found.rate.student).estimate == measured(found.rate.student).high == 1
    assert 0.9 < measured(found.rate.student).low < 1
    assert measured(found.rate.teacher).low == 0


def test_many_valued_labels_have_no_rate() -> None:
    found = quality(*scored())

    assert found.rate is None
    assert found.rate_name is None


def test_ties_among_the_labels_limit_what_ranks_can_reach() -> None:
    scores, label = scored()
    rare = (label > np.quantile(label, 0.9)).astype(float)

    found = quality(scores, rare)

    assert found.highest == pytest.approx(spearmanr(label, rare).statistic)
    assert quality(scores, label).highest == 1


def test_a_student_that_equals_its_teacher_loses_nothing() -> None:
    scores, label = scored()
    same = Scores(student=scores.teacher, teacher=scores.teacher, queries=scores.queries)

    lost = measured(quality(same, (label > 0).astype(float)).ranks.lost)

    assert (lost.estimate, lost.low, lost.high) == (0, 0, 0)


def test_the_area_is_untouched_by_scale() -> None:
    scores, label = scored()
    positive = (label > 0).astype(float)
    stretched = Scores(student=np.exp(scores.student), teacher=scores.teacher * 7, queries=scores.queries)

    plain, moved = quality(scores, positive).rate, quality(stretched, positive).rate

    assert plain is not None
    assert moved is not None
    assert measured(plain.student).estimate == pytest.approx(measured(moved.student).estimate)
    assert measured(plain.teacher).estimate == pytest.approx(measured(moved.teacher).estimate)
