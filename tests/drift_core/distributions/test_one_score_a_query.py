"""A cache that is keyed by the query gives all its docs one score; judges that are coarse, or repeat a pair, do not."""

import numpy as np
import pytest

from drift_core.distributions.one_score_a_query import one_score_a_query
from drift_core.measures.scores import Scores


def judged(
    seed: int, *, cached: float = 0.0, docs: int = 3, n: int = 150, decimals: int = 4, end: float = 0.0
) -> Scores:
    rng = np.random.default_rng(seed)
    queries = np.repeat(np.arange(n), docs)
    teacher = rng.uniform(size=len(queries))
    student = np.clip(teacher + 0.1 * rng.normal(size=len(queries)), 0, 1)
    student = np.where(rng.random(n)[queries] < end, 0.0, student)
    first = student[np.arange(n) * docs]
    student = np.where(rng.random(n)[queries] < cached, first[queries], student)
    return Scores(student=student.round(decimals), teacher=teacher.round(decimals), queries=queries)


@pytest.mark.parametrize("decimals", [2, 4])
def test_a_cache_by_query_is_found(decimals: int) -> None:
    (found,) = one_score_a_query(judged(1, decimals=decimals), judged(2, cached=0.4, decimals=decimals))

    assert 0.3 < found.figures["share"] < 0.5
    assert found.clause.startswith("one student's score for all docs of ")
    assert "keeps or joins the student's scores" in found.look


@pytest.mark.parametrize(
    ("heldout", "production"),
    [
        ({}, {}),
        ({"docs": 4, "decimals": 2}, {"docs": 2, "decimals": 2}),  # fewer docs are oftener all equal
        ({}, {"docs": 2, "decimals": 1}),  # a coarser student
        ({}, {"end": 0.3}),  # queries off the topic, where the student says nothing but 0
        ({"docs": 1}, {"cached": 0.4}),  # held-out does not tell what is usual
    ],
)
def test_equal_scores_of_another_kind_are_no_cache(heldout: dict[str, float], production: dict[str, float]) -> None:
    assert one_score_a_query(judged(1, **heldout), judged(2, **production)) == ()  # type: ignore[arg-type]


def test_repeats_of_one_pair_are_no_cache() -> None:
    rng = np.random.default_rng(5)
    queries, teacher = np.repeat(np.arange(150), 3), np.repeat(rng.uniform(size=150), 3)

    repeated = Scores(student=teacher + 0.01, teacher=teacher, queries=queries)

    assert one_score_a_query(judged(1), repeated) == ()
