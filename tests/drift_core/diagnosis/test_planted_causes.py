"""The cause of planted scenarios, one draw of each; how often it is right is in tests/calibration."""

from dataclasses import replace

import pytest

from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.settings import Settings
from drift_core.simulation.plan import PLANS, Plan
from tests.calibration.causes import f1_of
from tests.calibration.planted import draw_plan, draw_planted
from tests.sweeps import sweep


def diagnosed(plan: Plan, seed: int = 5) -> Diagnosis:
    drawn = draw_planted(plan, seed=seed)
    return diagnose(
        drawn.heldout,
        drawn.production,
        settings=Settings(),
        embeddings=drawn.embeddings,
        doc_embeddings=drawn.doc_embeddings,
    )


@pytest.mark.parametrize(
    "name",
    sweep(
        ("none", "query", "cohort", "document", "teacher", "both", "mix", "narrow_range"),
        *("query", "document", "teacher", "mix"),
    ),
)
def test_the_planted_cause_is_named_without_pinned_scores(name: str) -> None:
    plan = replace(PLANS[name], with_texts=False)

    assert diagnosed(plan).verdict.cause == plan.cause


def test_pinned_scores_make_the_teachers_part_measured_not_inferred() -> None:
    verdict = diagnosed(Plan(teacher_loss=0.1, with_pinned=True, with_texts=False)).verdict

    assert (verdict.cause, verdict.inferred) == ("teacher_drift", False)


@pytest.mark.parametrize("side", sweep(("teacher", "student"), "teacher"))
def test_a_scale_that_moves_alone_is_a_finding_and_no_drift(side: str) -> None:
    made = diagnosed(replace(PLANS[f"{side}_scale"], with_texts=False))

    assert made.verdict.cause == "healthy"
    assert f"{side}_scale_moved" in [finding.name for finding in made.findings]


def test_drifted_pairs_are_those_of_the_new_topics() -> None:
    plan = replace(PLANS["query"], with_texts=False)
    assert (f1_of(diagnosed(plan).drifted, draw_planted(plan, seed=5).drifted) or 0.0) > 0.9


def test_a_revision_that_falls_unevenly_on_topics_is_one_cause() -> None:
    plan = Plan(teacher_loss=0.12, revision_unevenness=0.5, with_texts=False)

    assert diagnosed(plan).verdict.cause == "teacher_drift"


def test_topics_of_a_few_queries_are_found_together_with_their_docs() -> None:
    seed = 81_001  # two new topics of 31 and 36 pairs, at 0.6 to 0.8
    drawn = draw_planted(draw_plan("query", is_hard=True, with_pinned=False, seed=seed), seed=seed)
    docs = drawn.doc_embeddings
    found = [
        diagnose(drawn.heldout, drawn.production, embeddings=drawn.embeddings, doc_embeddings=each)
        for each in (docs, replace(docs, encoder="another"))
    ]

    f1 = [f1_of(made.drifted, drawn.drifted) or 0.0 for made in found]
    assert found[0].verdict.cause == "query_drift"
    assert f1[0] > 0.95
    assert f1[1] < f1[0]
