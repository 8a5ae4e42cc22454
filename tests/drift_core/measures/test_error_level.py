import numpy as np
import pytest

from drift_core.canary.error_scatter import reference_degrees, scatter_at
from drift_core.measures.error_level import error_reference, error_shift, query_sizes
from drift_core.measures.scores import Scores


def draw(n, fidelity=0.95, *, docs=1, seed=0):
    rng = np.random.default_rng(seed)
    query = np.repeat(np.arange(n // docs), docs)
    shared = rng.normal(size=(2, n // docs))[:, query] if docs > 1 else np.zeros((2, n))
    own = rng.normal(size=(2, n))
    teacher, error = np.sqrt(0.3) * shared + np.sqrt(0.7) * own if docs > 1 else own
    student = fidelity * teacher + np.sqrt(1 - fidelity**2) * error
    return Scores(student=student, teacher=teacher, queries=query if docs > 1 else None)


def level(reference, scores):
    return float(reference.of(scores).mean())


def test_the_reference_errs_by_one_on_itself():
    reference = error_reference(draw(1000))

    assert reference.errors.mean() == pytest.approx(1.0)


def test_new_pairs_as_good_as_the_reference_err_by_one():
    reference = error_reference(draw(1000))
    levels = [level(reference, draw(200, seed=seed)) for seed in range(1, 201)]

    # A sample of 200 has a standard error of about 0.1, the mean of 200 of them 0.007; the reference itself 0.045.
    assert np.mean(levels) == pytest.approx(1.0, abs=4 * 0.046)
    assert np.std(levels) == pytest.approx(scatter_at(reference, np.ones(200)).variance ** 0.5, rel=0.25)


def test_a_miss_where_two_answers_had_none_is_one_miss_and_not_a_thousand():
    def answered(n, seed):
        scores = draw(n, 0.9, seed=seed)
        return Scores(student=scores.student, teacher=(scores.teacher > 0) * 1.0, is_answered=True)

    reference = error_reference(answered(1000, seed=4))
    levels = [level(reference, answered(100, seed=seed)) for seed in range(5, 105)]

    assert np.mean(levels) == pytest.approx(1.0, abs=0.2)
    assert np.std(levels) == pytest.approx(scatter_at(reference, np.ones(100)).variance ** 0.5, rel=0.25)


def test_a_student_that_errs_twice_as_much_shows_about_that():
    reference = error_reference(draw(2000, 0.95))
    worse = draw(5000, np.sqrt(1 - 2 * (1 - 0.95**2)), seed=1)

    assert level(reference, worse) == pytest.approx(2.0, rel=0.15)


@pytest.mark.parametrize("side", ["student", "teacher"])
@pytest.mark.parametrize(("stretch", "shift"), [(1.0, 0.3), (0.7, 0.0), (1.4, 0.0)])
def test_a_moved_scale_is_no_error(side, stretch, shift):
    reference = error_reference(draw(2000))
    scores = draw(300, seed=2)
    sides = {"student": scores.student, "teacher": scores.teacher}
    moved = Scores(**{**sides, side: stretch * sides[side] + shift})

    assert level(reference, moved) == pytest.approx(level(reference, scores), rel=0.15)


def test_a_narrow_range_does_not_raise_the_error():
    reference = error_reference(draw(2000))
    scores = draw(6000, seed=3)
    narrow = scores.take(np.abs(scores.teacher) < 0.5)

    assert 0.5 < level(reference, narrow) < 1.05


def test_the_order_of_the_pairs_does_not_matter():
    reference, scores = error_reference(draw(500)), draw(100, seed=1)
    order = np.random.default_rng(0).permutation(100)

    assert level(reference, scores.take(order)) == pytest.approx(level(reference, scores))


def test_docs_of_one_query_raise_the_scatter():
    reference = error_reference(draw(1000, docs=5))

    assert scatter_at(reference, np.full(40, 5)).variance > scatter_at(reference, np.ones(200)).variance


def test_the_scatter_falls_with_the_number_of_pairs():
    reference = error_reference(draw(1000))
    one, four = (scatter_at(reference, np.ones(n)) for n in (100, 400))

    assert one.variance == pytest.approx(4 * four.variance)
    assert one.third == pytest.approx(16 * four.third)


def test_errors_have_fewer_degrees_of_freedom_than_pairs():
    reference = error_reference(draw(1000))

    assert 50 < reference_degrees(reference) < 1000


@pytest.mark.parametrize(
    "scores",
    [
        draw(19),
        Scores(student=np.ones(50), teacher=np.arange(50.0)),
        Scores(student=np.arange(50.0), teacher=np.ones(50)),
        Scores(student=np.arange(50.0), teacher=np.arange(50.0), queries=np.repeat(np.arange(5), 10)),
    ],
)
def test_too_little_or_constant_scores_give_no_reference(scores):
    assert error_reference(scores) is None


def test_the_same_teacher_shifts_nothing():
    reference, scores = error_reference(draw(500)), draw(100, seed=1)
    shift = error_shift(reference, scores, scores)

    assert shift.estimate == 0
    assert shift.variance == 0


def test_a_noisier_second_teacher_adds_to_the_error():
    reference, scores = error_reference(draw(1000)), draw(400, seed=1)
    noise = np.random.default_rng(9).normal(size=400)
    revised = Scores(student=scores.student, teacher=scores.teacher + 0.3 * noise)
    shift = error_shift(reference, scores, revised)

    assert shift.estimate > 4 * shift.variance**0.5


def test_query_sizes_count_pairs():
    scores = Scores(student=np.zeros(4), teacher=np.zeros(4), queries=np.array([0, 0, 3, 0]))

    assert sorted(query_sizes(scores)) == [1, 3]
    assert query_sizes(Scores(student=np.zeros(3), teacher=np.zeros(3))).tolist() == [1, 1, 1]


@pytest.mark.parametrize("side", ["student", "teacher"])
def test_a_scale_that_was_turned_round_is_an_error_and_no_moved_scale(side):
    reference = error_reference(draw(2000))
    scores = draw(200, seed=2)
    turned = Scores(**{"student": scores.student, "teacher": scores.teacher, side: -getattr(scores, side)})

    assert level(reference, turned) > 3
