from dataclasses import replace

import numpy as np
import pytest

from drift_core.distributions.cells import cells_of_mass
from drift_core.distributions.output_distances import OutputDistances, compare_outputs
from drift_core.distributions.usual import MOST_QUERIES
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores
from drift_core.samples.score_kind import TWO_ANSWERS, ScoreKind

CLASSES = ScoreKind(name="nominal", labels=("a", "b", "c"))
GRADES = ScoreKind(name="ordinal", labels=("low", "middle", "high"))


def drawn(n: int, seed: int, *, docs: int = 1, shift: float = 0.0, noise: float = 0.3) -> Scores:
    """A teacher and a student on one scale; `shift` moves the student alone."""
    rng = np.random.default_rng(seed)
    teacher = rng.normal(size=n)
    queries = None if docs == 1 else np.repeat(np.arange(n // docs), docs)
    return Scores(student=teacher + noise * rng.normal(size=n) + shift, teacher=teacher, queries=queries)


def labelled(shares: tuple[float, ...], n: int, seed: int) -> Scores:
    rng = np.random.default_rng(seed)
    teacher, student = (rng.choice(3, size=n, p=each).astype(float) for each in ((0.3, 0.3, 0.4), shares))
    return Scores(student=student, teacher=teacher, is_ranked=False)


def compared(heldout: Scores, production: Scores, **how) -> OutputDistances:
    found = compare_outputs(heldout, production, **how)
    assert isinstance(found, OutputDistances)
    return found


def test_a_student_whose_scale_moved_is_told_apart_from_a_teacher_whose_did_not():
    found = compared(drawn(600, 1), drawn(600, 2, shift=0.5))

    assert found.moved == "student"
    assert found.student.wasserstein is not None
    assert found.student.wasserstein.estimate == pytest.approx(0.5, abs=0.12)
    assert found.student.jensen_shannon.usual < found.student.jensen_shannon.usual_high < 0.13
    assert found.production is not None
    assert found.production.jensen_shannon.is_above
    assert "The student's alone moved" in found.sentence
    assert "no cause" in found.sentence
    assert "on held-out 0." in found.beside


def test_samples_drawn_alike_did_not_move_and_the_same_sample_is_at_distance_0():
    sample = drawn(500, 3, docs=5)

    alike, same = compared(sample, drawn(700, 4, docs=5)), compared(sample, sample)

    assert alike.moved == "neither"
    assert "The student's and the teacher's are within what is usual." in alike.sentence
    assert (same.student.jensen_shannon.estimate, same.teacher.jensen_shannon.estimate) == pytest.approx((0, 0))


def test_values_that_differ_in_their_last_bit_have_cells_of_their_own():
    values = np.repeat([0.25, 0.3, np.nextafter(0.3, 1), np.nextafter(0.3, 1) + 2**-54, 0.5], 10)

    places = cells_of_mass(values, np.ones(len(values)), n_cells=64).place(values)

    assert np.array_equal(places, np.unique(values, return_inverse=True)[1])


def test_traffic_that_changed_moves_both():
    production = drawn(600, 2)

    assert compared(drawn(600, 1), production.take(production.teacher > -0.5)).moved == "both"


def test_neither_the_order_of_rows_nor_the_codes_of_queries_change_a_figure():
    rng = np.random.default_rng(5)
    one, two = drawn(300, 1, docs=5), drawn(400, 2, docs=5)
    shuffled = [each.take(rng.permutation(len(each))) for each in (one, two)]
    recoded = [replace(each, queries=(each.queries * 7) % 1_009) for each in shuffled]

    assert compared(*recoded).to_json() == compared(one, two).to_json()


def test_labels_are_counted_by_class_and_have_no_way_between_them_unless_they_are_grades():
    samples = labelled((0.3, 0.3, 0.4), 400, 1), labelled((0.1, 0.2, 0.7), 400, 2)

    classes = compared(*samples, kind=CLASSES)
    grades = compared(*(replace(each, is_ranked=True) for each in samples), kind=GRADES)

    assert classes.moved == grades.moved == "student"
    assert classes.student.wasserstein is None
    assert list(classes.table.columns) == ["Outputs", "Jensen-Shannon"]
    assert grades.student.wasserstein is not None
    assert grades.student.wasserstein.estimate == pytest.approx(0.5, abs=0.15)  # steps: 0.2 from the lowest, 0.1 more


def test_sides_on_two_scales_are_not_compared_and_it_is_said_why():
    one, two = drawn(300, 1), drawn(300, 2)
    logits = [replace(each, student=each.student * 40) for each in (one, two)]
    answered = [
        Scores(student=1 / (1 + np.exp(-each.student)), teacher=(each.teacher > 0).astype(float)) for each in (one, two)
    ]

    found, chances = compared(*logits), compared(*answered, kind=TWO_ANSWERS)

    assert (found.heldout, found.production) == (None, None)
    assert (
        found.beside
        == "Outputs of teacher and student are not compared: Student and teacher score on different scales."
    )
    assert isinstance(found.entropy, Unmeasured)
    assert len(found.sentences) == 2
    assert "one of two answers" in chances.not_compared
    assert not isinstance(chances.entropy, Unmeasured)
    assert chances.entropy.over == "probabilities"
    assert list(found.table["Outputs"]) == ["Student", "Teacher"]


def test_weights_count_as_pairs_of_the_traffic():
    heldout, production = drawn(600, 1), drawn(600, 2)
    heavy = replace(production, weights=np.where(production.student > 0, 9.0, 1.0))

    found = compared(heldout, heavy)

    assert found.moved == "both"
    assert found.student.jensen_shannon.usual_high > compared(heldout, production).student.jensen_shannon.usual_high


def test_a_student_that_gives_one_value_moves_as_far_as_it_can_and_few_queries_tell_nothing():
    heldout, production = drawn(300, 1), drawn(300, 2)
    constant = replace(production, student=np.zeros(300))

    found = compared(heldout, constant)

    assert found.student.jensen_shannon.estimate > 0.7
    assert compared(constant, heldout).student.jensen_shannon.estimate > 0.5
    assert compared(constant, constant).student.jensen_shannon.estimate == 0
    assert not isinstance(found.entropy, Unmeasured)
    assert found.entropy.student.estimate == pytest.approx(0)
    few = compare_outputs(drawn(40, 1, docs=5), production)
    assert isinstance(few, Unmeasured)
    assert few.reason == "8 queries in a sample; how outputs are spread needs 10."


def test_what_is_usual_of_a_large_sample_is_scaled_from_a_smaller_one():
    found = [compared(drawn(n, 1), drawn(n, 2)).student.jensen_shannon for n in (MOST_QUERIES, 4 * MOST_QUERIES)]

    assert found[0].usual_high / found[1].usual_high == pytest.approx(2, rel=0.15)
