from dataclasses import replace

import pytest

from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.evidence import Evidence
from drift_core.samples.simulation.plan import Plan
from tests.calibration.planted import draw_planted


def evidence(plan: Plan) -> tuple[Evidence, ...]:
    drawn = draw_planted(replace(plan, with_texts=False), seed=5)
    made = diagnose(drawn.heldout, drawn.production, embeddings=drawn.embeddings, doc_embeddings=drawn.doc_embeddings)
    return made.verdict.evidence


@pytest.mark.parametrize(
    ("with_pinned", "begins"),
    [(True, "On familiar traffic, under the pinned"), (False, "On familiar traffic the error")],
)
def test_what_familiar_traffic_shows_speaks_for_teacher_drift(with_pinned: bool, begins: str) -> None:
    lines = evidence(Plan(teacher_loss=0.1, with_pinned=with_pinned))

    [line] = [line for line in lines if line.sentence.startswith(begins)]
    assert line.supports


def test_only_a_measured_teachers_part_is_told_as_a_cost_on_the_same_pairs() -> None:
    both = [evidence(Plan(teacher_loss=0.1, with_pinned=with_pinned)) for with_pinned in (True, False)]

    told = [any(line.sentence.startswith("The revision costs") for line in lines) for lines in both]
    assert told == [True, False]
