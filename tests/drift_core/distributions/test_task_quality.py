"""Fidelity beside task quality: what the human labels say about student and teacher."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.distributions.task_quality import TaskQuality, measure_task_quality
from drift_core.measured import Unmeasured
from drift_core.measures.scores import scores_of
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.score_kind import ScoreKind

N = 600


def sample(name: str, *, teacher_noise: float, student_noise: float, labelled: int = N) -> ScoredPairs:
    """The student imitates the teacher; where its noise is negative it imitates the label instead."""
    rng = np.random.default_rng(len(name))
    label = rng.standard_normal(N)
    teacher = label + teacher_noise * rng.standard_normal(N)
    student = (teacher if student_noise >= 0 else label) + abs(student_noise) * rng.standard_normal(N)
    return ScoredPairs(
        name=name,
        query=np.array([f"{name} {i}" for i in range(N)], dtype=object),
        teacher=teacher,
        student=student,
        label=np.where(np.arange(N) < labelled, label, np.nan) if labelled else None,
    )


def read(heldout: ScoredPairs, production: ScoredPairs, rule: Rule | None = None) -> TaskQuality:
    return measure_task_quality(heldout, production, scores=scores_of(heldout, production), rule=rule or Rule())


def quality_of(**noise: float) -> TaskQuality:
    heldout, production = (sample(name, **noise) for name in ("held-out", "production"))  # type: ignore[arg-type]
    return read(heldout, production)


@pytest.mark.parametrize(
    ("teacher_noise", "student_noise", "reading"),
    [
        (1.5, 0.2, "teacher is the ceiling"),
        (0.3, 0.8, "student loses"),
        (0.3, 0.05, "as good"),
        (0.8, -0.3, "student is better"),
    ],
)
def test_each_reading_is_reached_and_said(teacher_noise: float, student_noise: float, reading: str) -> None:
    found = quality_of(teacher_noise=teacher_noise, student_noise=student_noise)

    assert found.reading == reading
    words = {"student loses": "it loses +", "student is better": "it is better than its teacher"}.get(reading, reading)
    assert words in found.sentence.replace("The teacher", "teacher")


def test_few_labels_leave_it_open() -> None:
    found = quality_of(teacher_noise=0.5, student_noise=0.5, labelled=25)

    assert found.reading == "cannot tell"
    assert "too uncertain to call" in found.sentence


def test_without_labels_quality_is_unknown_not_a_number() -> None:
    found = quality_of(teacher_noise=0.5, student_noise=0.5, labelled=0)

    assert found.sentence == "Task quality is unknown: no human labels."
    assert found.reading is None
    assert isinstance(found.production, Unmeasured)
    assert found.to_json()["production"]["estimate"] is None  # type: ignore[index]


def test_held_outs_labels_serve_where_production_has_none() -> None:
    heldout = sample("held-out", teacher_noise=0.3, student_noise=0.05)
    production = sample("production", teacher_noise=0.3, student_noise=0.05, labelled=0)

    found = read(heldout, production)

    assert found.shown is found.heldout
    assert found.sentence.startswith("On held-out, as production has too few labels: ")


def test_the_limit_of_low_quality_is_the_rules() -> None:
    samples = [sample(name, teacher_noise=1.5, student_noise=0.2) for name in ("held-out", "production")]

    found = read(*samples, rule=Rule(quality_low=0.2))

    assert found.reading != "teacher is the ceiling"


def test_a_teacher_that_orders_all_pairs_as_rare_positives_do_is_not_called_low() -> None:
    samples = []
    for name in ("held-out", "production"):
        drawn = sample(name, teacher_noise=0.02, student_noise=0.05)
        assert drawn.label is not None
        samples.append(replace(drawn, label=(drawn.label > 1.3).astype(float)))

    found = read(*samples)

    assert found.reading == "as good"
    assert "ties allow 0.49 at most" in found.sentence


def test_of_labels_the_table_names_no_ranks() -> None:
    made = quality_of(teacher_noise=0.5, student_noise=0.5)

    ranked, labels = (list(replace(made, is_ranked=each).table.iloc[:, 0]) for each in (True, False))

    assert ranked[0].startswith("Teacher and labels, rank agreement")
    assert [name.replace("rank agreement", "same label") for name in ranked] == labels


def test_labels_are_measured_as_such() -> None:
    kind = ScoreKind(name="binary", labels=("fail", "pass"))
    pairs = sample("production", teacher_noise=0.5, student_noise=0.5)
    codes = {side: (getattr(pairs, side) > 0) * 1.0 for side in ("teacher", "student")}
    coded = replace(pairs, kind=kind, label=np.arange(len(pairs)) % 2.0, **codes)

    assert not read(coded, coded).is_ranked
