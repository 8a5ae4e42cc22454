"""Samples made equally coarse: what was cut off or rounded is carried over, what is alike stays."""

from collections.abc import Callable

import numpy as np
import pytest

from drift_core.measures.coarseness import equally_coarse
from drift_core.measures.ranks import mid_ranks
from drift_core.measures.residuals import residual_errors
from drift_core.measures.scores import Scores


def drawn(seed: int, n: int = 400) -> Scores:
    rng = np.random.default_rng(seed)
    teacher = rng.normal(size=n)
    return Scores(student=0.9 * teacher + 0.4 * rng.normal(size=n), teacher=teacher)


@pytest.mark.parametrize("in_production", [True, False])
def test_scores_cut_off_in_one_sample_are_cut_off_at_the_same_share_in_the_other(in_production: bool) -> None:
    fine, cut = drawn(1), drawn(2)
    cut = Scores(student=np.maximum(cut.student - 0.5, -0.8), teacher=cut.teacher)
    at_end = float(np.mean(cut.student == cut.student.min()))

    samples = equally_coarse(fine, cut) if in_production else equally_coarse(cut, fine)
    found = samples[2][0]
    changed = samples[0] if in_production else samples[1]

    assert (found.side, found.in_production, found.share) == ("student", in_production, at_end)
    assert np.mean(changed.student == changed.student.min()) == pytest.approx(at_end, abs=0.005)
    assert np.array_equal(changed.teacher, fine.teacher)


def test_rounded_scores_make_the_other_sample_as_coarse_and_keep_its_order() -> None:
    fine, rounded = drawn(3), drawn(4)
    rounded = Scores(student=rounded.student, teacher=rounded.teacher.round(0))

    made, left, found = equally_coarse(fine, rounded)

    assert left is rounded
    assert [(each.side, each.n_values) for each in found] == [("teacher", len(np.unique(rounded.teacher)))]
    assert len(np.unique(made.teacher)) <= len(np.unique(rounded.teacher)) + 2
    order = np.argsort(fine.teacher)
    assert (np.diff(mid_ranks(made.teacher)[order]) >= 0).all()


def test_samples_with_the_same_grades_in_other_shares_stay_as_they_are() -> None:
    samples = [
        Scores(student=s.student, teacher=np.clip(s.teacher.round() + shift, -2, 2))
        for s, shift in ((drawn(5), 0), (drawn(6), 1))
    ]

    assert equally_coarse(*samples) == (*samples, ())


def test_a_student_rounded_to_quarters_is_seen_beside_a_teacher_of_few_grades() -> None:
    fine, rounded = drawn(7), drawn(8)
    fine = Scores(student=fine.student, teacher=fine.teacher.round())
    rounded = Scores(student=(rounded.student * 4).round() / 4, teacher=rounded.teacher.round())

    assert [each.side for each in equally_coarse(fine, rounded)[2]] == ["student"]


@pytest.mark.parametrize("rounded", [np.round, np.floor, np.ceil])
def test_scores_are_rounded_as_the_other_sample_was(rounded: Callable[[np.ndarray], np.ndarray]) -> None:
    fine, coarse = drawn(9, n=2000), drawn(10, n=2000)
    coarse = Scores(student=coarse.student, teacher=rounded(2 * coarse.teacher) / 2)

    made, _, _ = equally_coarse(fine, coarse)

    assert np.mean(made.teacher == np.clip(rounded(2 * fine.teacher) / 2, *np.quantile(coarse.teacher, [0, 1]))) > 0.99


@pytest.mark.parametrize("seed", [11, 13, 15])
@pytest.mark.parametrize("moved", [0.0, 0.7])
def test_what_is_rounded_costs_no_errors_beside_scores_made_as_coarse(seed: int, moved: float) -> None:
    fine, coarse = drawn(seed, n=1000), drawn(seed + 1, n=1000)
    coarse = Scores(student=coarse.student, teacher=(coarse.teacher + moved).round())

    errors = residual_errors(*equally_coarse(fine, coarse)[:2])[1]

    assert np.log(errors.of_teacher.mean()) == pytest.approx(0, abs=0.12)
    assert np.log(errors.of_student.mean()) == pytest.approx(0, abs=0.12)
