import numpy as np

from drift_core.measures.score_mapping import on_teachers_scale
from drift_core.measures.scores import Scores


def test_a_line_is_mapped_onto_itself():
    student = np.linspace(0, 1, 200)

    mapped = on_teachers_scale(Scores(student=student, teacher=1 + 9 * student))

    assert np.allclose(mapped, 1 + 9 * student)


def test_the_map_never_turns_the_student_s_order_round():
    rng = np.random.default_rng(0)
    student = rng.normal(size=300)

    mapped = on_teachers_scale(Scores(student=student, teacher=student + 2 * rng.normal(size=300)))

    assert (np.diff(mapped[np.argsort(student)]) >= -1e-12).all()


def test_the_mean_is_the_teacher_s():
    rng = np.random.default_rng(1)
    student = rng.normal(size=500)
    teacher = np.round(5 + 2 * student + rng.normal(size=500))

    mapped = on_teachers_scale(Scores(student=student, teacher=teacher))

    assert abs(mapped.mean() - teacher.mean()) < 0.05
