"""A student that lost the top of the teacher's order alone."""

import numpy as np

from drift_core import diagnose
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.samples.pairs import ScoredPairs

TOPICS = ("refund money charged", "login password reset", "parcel courier tracking", "battery screen noise")


def sample(seed: int, *, lost: float) -> ScoredPairs:
    rng, n = np.random.default_rng(seed), 700
    teacher = rng.uniform(size=n)
    student = teacher + rng.normal(scale=0.1, size=n)
    top = teacher > 1 - lost
    student[top] = rng.choice(student, size=top.sum())
    query = np.array([f"{TOPICS[i % 4]} {rng.integers(10**6)}" for i in range(n)], dtype=object)
    return ScoredPairs(name=str(seed), query=query, teacher=teacher, student=student)


def reason(lost: float) -> str:
    samples = sample(1, lost=0.0), sample(2, lost=lost)
    source = EmbeddingSource(encoder="hashing", is_cached=False)
    return diagnose(*samples, embeddings=source.embed(*samples)).verdict.reason


def test_a_clear_fall_of_the_top_stands_in_the_reason() -> None:
    assert "The top fell: at K = " in reason(0.08)
    assert "The top fell" not in reason(0.0)
