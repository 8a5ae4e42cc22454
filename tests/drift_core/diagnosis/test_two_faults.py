"""Two faults at once: both stand in the headline, the reason and the steps, and what neither explains is said."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core import diagnose
from drift_core.agreement.rule import Rule
from drift_core.diagnosis.what_would_overturn import what_would_overturn
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.samples.pairs import ScoredPairs
from tests.drift_core.diagnosis.by_hand import HEALTHY, decided, measured, new_region
from tests.drift_core.diagnosis.test_cause import DOCS

TOPIC = new_region()
KIND = replace(TOPIC, kind="doc", partition="doc kind", name="docs with markup", share_production=0.3)


def test_a_topic_beside_docs_that_lost_more_stands_in_the_headline_and_the_reason() -> None:
    verdict = decided(regions=(TOPIC, KIND))

    assert verdict.cause == "document_drift"
    assert verdict.headline == "Document drift: docs with markup, and the new region new."
    assert "docs with markup (30% of today's traffic), a kind that held-out lacks, and the new region new (" in (
        verdict.reason
    )


def test_a_topic_beside_docs_that_moved_as_a_whole_is_named_too() -> None:
    verdict = decided(regions=(TOPIC, KIND), docs=DOCS)

    assert verdict.headline.endswith("a kind that the student does not know, and the new region new fell too.")
    assert "; the new region new (" in verdict.reason


def test_each_kind_of_fault_says_what_would_overturn_it() -> None:
    lines = what_would_overturn("document_drift", HEALTHY.spread, (TOPIC, KIND), HEALTHY.attribution, Rule())

    assert [name for name in ("new at", "docs with markup at") if any(name in line for line in lines)] == [
        "new at",
        "docs with markup at",
    ]


@pytest.mark.parametrize("regions", [(TOPIC,), (KIND,)])
def test_a_sure_loss_outside_what_is_named_is_said(regions: tuple[object, ...]) -> None:
    left = measured(0.09)
    told = "Outside what is named, agreement is still 0.09 below held-out."

    assert told in decided(regions=regions, left=replace(left, low=0.05, high=0.13)).reason
    assert told not in decided(regions=regions, left=replace(left, low=-0.01, high=0.19)).reason
    assert told not in decided(regions=regions, left=replace(left, estimate=0.02, low=0.01, high=0.03)).reason


TOPICS = ("refund money charged", "login password reset", "parcel courier tracking", "battery screen noise")


def in_steps(seed: int, *, noise: float) -> ScoredPairs:
    """Topics whose scores lie in ranges of their own, so that two of them agree less than all four."""
    rng, n = np.random.default_rng(seed), 800
    topic = rng.integers(0, 4, n)
    teacher = (rng.uniform(size=n) + topic) / 4
    student = teacher + rng.normal(size=n) * np.where(topic >= 2, noise, 0.08)
    query = np.array([f"{TOPICS[each]} {rng.integers(10**6)}" for each in topic], dtype=object)
    return ScoredPairs(name=str(seed), query=query, teacher=teacher, student=student)


def test_what_is_outside_is_held_against_the_same_part_of_held_out() -> None:
    samples = in_steps(0, noise=0.08), in_steps(50, noise=0.5)

    verdict = diagnose(*samples, embeddings=EmbeddingSource(encoder="hashing", is_cached=False).embed(*samples)).verdict

    assert verdict.headline.startswith("Fall of familiar regions: ")
    assert "Outside what is named" not in verdict.reason
