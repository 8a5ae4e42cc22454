import numpy as np
import pytest

from drift_core.measures.scores import pinned_scores_of, scores_of, why_not_pinned
from drift_core.samples.pairs import ScoredPairs


def sample(queries: list[str], ids: list[str] | None = None, pinned: list[float] | None = None) -> ScoredPairs:
    n = len(queries)
    return ScoredPairs(
        name="sample",
        query=np.array(queries, dtype=object),
        teacher=np.arange(n, dtype=float),
        student=np.arange(n, dtype=float),
        query_id=None if ids is None else np.array(ids, dtype=object),
        teacher_pinned=None if pinned is None else np.array(pinned),
    )


def test_a_query_in_both_samples_has_one_code() -> None:
    first, second = scores_of(sample(["a", "b", "a"]), sample(["b", "c"]))

    assert first.queries is not None
    assert second.queries is not None
    assert first.queries[0] == first.queries[2]
    assert first.queries[1] == second.queries[0]
    assert second.queries[1] not in first.queries


def test_one_id_for_different_texts_in_two_samples_is_two_queries() -> None:
    first, second = scores_of(sample(["a", "b"], ids=["1", "2"]), sample(["other", "b"], ids=["1", "2"]))

    assert first.queries is not None
    assert second.queries is not None
    assert first.queries[0] != second.queries[0]
    assert first.queries[1] == second.queries[1]


def test_rows_of_one_query_id_stay_together_though_their_texts_differ() -> None:
    first, _ = scores_of(sample(["a", "A"], ids=["1", "1"]), sample(["x", "y"], ids=["8", "9"]))

    assert first.n_queries == 1


def test_rows_of_one_text_stay_together_though_their_ids_differ() -> None:
    pairs = sample(["a", "a", "b"], ids=["1", "2", "3"])

    assert pairs.n_queries == 2
    assert pairs.query_codes.tolist() == [0, 0, 1]


def test_pinned_scores_are_taken_where_they_are_known() -> None:
    n = 25
    scores = pinned_scores_of(sample([f"q{i}" for i in range(n)], pinned=[np.nan, *np.arange(1.0, n) * 2]))

    assert scores is not None
    assert scores[0].teacher.tolist() == [2.0 * i for i in range(1, n)]
    assert scores[1].teacher.tolist() == [float(i) for i in range(1, n)]


def test_without_pinned_scores_there_is_nothing_to_pair() -> None:
    assert pinned_scores_of(sample(["a", "b"])) is None
    assert pinned_scores_of(sample(["a", "b"], pinned=[np.nan, np.nan])) is None


def test_too_few_or_constant_pinned_scores_measure_nothing() -> None:
    queries = [f"q{i}" for i in range(40)]

    assert pinned_scores_of(sample(queries, pinned=[*range(10), *[np.nan] * 30])) is None
    assert pinned_scores_of(sample(queries, pinned=[1.0] * 40)) is None
    assert pinned_scores_of(sample(["same"] * 40, pinned=list(range(40)))) is None


@pytest.mark.parametrize(
    ("pinned", "reason"),
    [
        (None, "No scores of the pinned revision"),
        ([np.nan] * 40, "No scores of the pinned revision"),
        ([3.0] + [np.nan] * 39, "Only 1 query has scores of the pinned revision, where 20 are needed"),
        ([*range(10), *[np.nan] * 30], "Only 10 queries have scores of the pinned revision, where 20 are needed"),
        ([1.0] * 40, "All pinned scores are equal"),
        (list(range(40)), None),
    ],
)
def test_it_says_why_pinned_scores_measure_nothing(pinned: list[float] | None, reason: str | None) -> None:
    pairs = sample([f"q{i}" for i in range(40)], pinned=pinned)

    assert why_not_pinned(pairs) == reason
    assert (pinned_scores_of(pairs) is None) == (reason is not None)
