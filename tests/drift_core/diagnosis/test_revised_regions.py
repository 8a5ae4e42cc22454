"""A teacher who got strict on one topic: said where, scored again first, and no query drift."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from drift_core import diagnose, read_pairs
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.distributions.other_names import OtherName
from drift_core.options.next_action import next_action
from drift_core.options.weigh import weigh_options
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.report.story import tell_story
from drift_core.retrain_list.diagnosed_pairs import diagnosed_pairs
from drift_core.retrain_list.manifest import ListSettings, draw_manifest
from drift_core.samples.pairs import ScoredPairs
from tests.drift_core.diagnosis.by_hand import FAMILIAR, decided, measured, new_region, pinned

TOPICS = ("refund money charged", "login password reset", "parcel courier tracking", "battery screen noise")


def sample(n: int, seed: int, *, strict: bool, **columns: object) -> ScoredPairs:
    rng = np.random.default_rng(seed)
    topic = rng.integers(4, size=n)
    worth = rng.normal(0.5, 1, n)
    old, new = worth > 0, worth - 0.8 * (strict & (topic == 0)) > 0
    table = pd.DataFrame({"query": [f"{TOPICS[each]} {rng.integers(10**6)}" for each in topic], "topic": topic})
    table["teacher"] = np.where(new, "pass", "fail")
    table["student"] = (1 / (1 + np.exp(-2 * worth - 0.5 * rng.normal(size=n)))).round(3)
    if strict:
        table["teacher_pinned"] = np.where(old, "pass", "fail")
    return read_pairs(table.drop(columns="topic").assign(**columns))


def diagnosed(*samples: ScoredPairs) -> Diagnosis:
    return diagnose(*samples, embeddings=EmbeddingSource(encoder="hashing", is_cached=False).embed(*samples))


@pytest.fixture(scope="module")
def made() -> Diagnosis:
    return diagnosed(sample(900, 1, strict=False), sample(1200, 2, strict=True))


def test_the_verdict_says_where_the_revision_differs(made: Diagnosis) -> None:
    assert made.verdict.cause == "teacher_drift"
    assert made.verdict.headline.endswith("follows the old teacher there; elsewhere nothing fell beyond chance.")
    (region,) = made.revised
    assert {"refund", "money", "charged"} & set(region.name.split(", "))
    assert f"The revision differs most in “{region.name}” (" in made.verdict.summary
    assert region.adjusted < 0.001
    assert "teacher_revised_in" in [each.name for each in made.findings]


def test_it_is_in_the_json_and_these_pairs_are_to_be_listed_first(made: Diagnosis) -> None:
    written = json.loads(json.dumps(diagnosis_to_json(made)))
    pairs = diagnosed_pairs(made)
    is_refund = np.array(["refund" in query for query in made.production.query])

    assert [(each["name"], each["rescore_first"]) for each in written["revised"]] == [(made.revised[0].name, True)]
    assert (pairs.drifted == is_refund).mean() > 0.95
    assert pairs.flag == "revised"
    assert " of the pairs in revised ones, " in draw_manifest(made, settings=ListSettings(n=200)).sentence


def test_the_action_and_the_story_name_it(made: Diagnosis) -> None:
    routes = weigh_options(made)

    assert f"Score “{made.revised[0].name}” again first" in next_action(made, routes).reason
    (where,) = [each for each in tell_story(made, routes=routes).parts if each.name == "where"]
    assert where.sentence == f"Most where the teacher changed most: “{made.revised[0].name}”."


def test_a_student_that_changed_too_leaves_no_teacher_to_be_inferred() -> None:
    heldout = sample(400, 3, strict=False, student_version="1")
    production = sample(400, 4, strict=False, student_version="2")

    made = diagnosed(heldout, production)

    assert "student_versions" in [each.name for each in made.findings]
    assert made.attribution.teacher is None
    assert "the student changed" in (made.attribution.teacher_unknown or "")


def test_a_familiar_region_that_fell_after_the_teacher_changed_is_left_open_without_pinned_scores() -> None:
    verdict = decided(regions=(FAMILIAR,), teacher_changed=True)

    assert verdict.cause == "inconclusive"
    assert "the region familiar fell, and the teacher changed: pinned scores tell" in verdict.summary
    assert decided(regions=(new_region(),), teacher_changed=True).cause == "query_drift"


@pytest.mark.parametrize(
    ("within", "part", "cause"),
    [
        (0.002, 0.2, "teacher_drift"),  # the revision alone made the region fall
        (0.2, 0.2, "query_and_teacher_drift"),
        (0.2, 0.0, "query_drift"),
        (0.05, 0.2, "inconclusive"),  # beside the revision something may be left
    ],
)
def test_a_region_that_a_revision_made_fall_is_no_query_drift_where_some_pairs_are_pinned(
    within: float, part: float, cause: str
) -> None:
    facts = pinned(part, 0.0001 if part else 0.5) | {"is_pinned": False}
    parts = replace(facts["attribution"], within=measured(within, 0.06))  # type: ignore[type-var]

    assert decided(**facts | {"attribution": parts}, regions=(FAMILIAR,), teacher_changed=True).cause == cause


def test_both_causes_say_that_the_rest_held_where_it_did() -> None:
    revised = SimpleNamespace(name="fees", figures="by hand", are_ranks=True, elsewhere=measured(0.1))

    verdict = decided(**pinned(0.1, 0.0001) | {"revised": (revised,), "regions": (FAMILIAR, new_region())})

    assert verdict.headline == ("Query and teacher drift: the new region new; a revision in fees. The rest held.")
    assert "all fell" not in verdict.reason


def test_scores_that_run_the_other_way_hide_no_measured_revision_and_no_other_region() -> None:
    named = OtherName(
        name="answers_exchanged", clause="scores run the other way", told="Turned.", look="Turn it.", figures={}
    )
    there = replace(named, clause="scores run the other way in familiar", where="in familiar")

    assert decided(dropped=(named,)).cause == "inconclusive"
    assert decided(**pinned(0.1, 0.0001) | {"dropped": (named,)}).cause == "teacher_drift"
    assert decided(dropped=(there,), regions=(FAMILIAR,)).cause == "inconclusive"
    assert decided(dropped=(there,), regions=(FAMILIAR, new_region())).cause == "query_drift"


@pytest.mark.parametrize(("is_pinned", "cause"), [(True, "teacher_drift"), (False, "inconclusive")])
def test_a_revision_of_all_pairs_that_costs_most_is_named_though_a_region_leaves_doubt(
    is_pinned: bool, cause: str
) -> None:
    doubtful = new_region(adjusted=0.045)

    assert decided(**pinned(0.2, 0.0001) | {"is_pinned": is_pinned, "regions": (doubtful,)}).cause == cause


def test_a_revision_of_a_share_of_the_pairs_is_nowhere_said_to_be_everywhere() -> None:
    facts = pinned(0.05, 0.0001)

    assert decided(**facts, revised_share=0.4).headline.startswith("Teacher drift in 40% of pairs: ")
    assert decided(**facts).headline.startswith("Teacher drift: ")
