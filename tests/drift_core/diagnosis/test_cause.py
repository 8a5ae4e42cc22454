"""The cause on planted scenarios, one of each kind; how often it is right is in tests/calibration."""

from dataclasses import replace

import pytest

from drift_core.diagnosis.diagnose import Diagnosis, Settings, diagnose
from drift_core.samples.simulation.plan import PLANS, Plan
from tests.calibration.planted import draw_planted


def diagnosed(plan: Plan, seed: int = 5) -> Diagnosis:
    drawn = draw_planted(plan, seed=seed)
    return diagnose(
        drawn.heldout,
        drawn.production,
        settings=Settings(),
        embeddings=drawn.embeddings,
        doc_embeddings=drawn.doc_embeddings,
    )


@pytest.mark.parametrize("name", ["none", "query", "cohort", "document", "teacher", "both", "mix", "narrow_range"])
def test_the_planted_cause_is_named_without_pinned_scores(name: str) -> None:
    plan = replace(PLANS[name], with_texts=False)

    assert diagnosed(plan).verdict.cause == plan.cause


def test_pinned_scores_make_the_teachers_part_measured_not_inferred() -> None:
    verdict = diagnosed(Plan(teacher_loss=0.1, with_pinned=True, with_texts=False)).verdict

    assert (verdict.cause, verdict.inferred) == ("teacher_drift", False)


@pytest.mark.parametrize("side", ["teacher", "student"])
def test_a_scale_that_moves_alone_is_a_finding_and_no_drift(side: str) -> None:
    made = diagnosed(replace(PLANS[f"{side}_scale"], with_texts=False))

    assert made.verdict.cause == "healthy"
    assert f"{side}_scale_moved" in [finding.name for finding in made.findings]


def test_drifted_pairs_are_those_of_the_new_topics() -> None:
    plan = replace(PLANS["query"], with_texts=False)

    made = diagnosed(plan)

    planted = draw_planted(plan, seed=5).drifted
    both = (made.drifted & planted).sum()
    assert 2 * both / (made.drifted.sum() + planted.sum()) > 0.9
