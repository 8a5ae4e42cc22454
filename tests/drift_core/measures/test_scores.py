from dataclasses import replace

import numpy as np
import pytest

from drift_core.measures.scores import Scores, pinned_scores_of, scores_of, why_not_pinned
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


def test_codes_of_the_texts_at_hand_give_the_queries_that_the_texts_give() -> None:
    samples = sample(["b", "a", "b"], ids=["1", "2", "2"]), sample(["c", "b"])

    found = scores_of(*samples, texts=(np.array([1, 0, 1]), np.array([2, 1])))

    for one, other in zip(found, scores_of(*samples), strict=True):
        assert np.array_equal(one.queries, other.queries)


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


WEIGHTED = Scores(
    student=np.arange(6.0),
    teacher=np.arange(6.0),
    queries=np.array([7, 7, 2, 2, 5, 4]),
    weights=np.array([1, 1, 3, 3, 1, 1.0]),
)


def test_weights_count_queries_by_their_effective_number() -> None:
    assert WEIGHTED.query_weights is not None
    assert WEIGHTED.query_weights.tolist() == [3, 1, 1, 1]
    assert WEIGHTED.effective_queries == pytest.approx(36 / 12)
    assert WEIGHTED.total == 10
    assert WEIGHTED.relative_weights.tolist() == pytest.approx([0.6, 0.6, 1.8, 1.8, 0.6, 0.6])


def test_without_weights_every_query_and_pair_counts_as_one() -> None:
    scores = Scores(student=np.arange(4.0), teacher=np.arange(4.0), queries=np.array([0, 0, 1, 2]))

    assert (scores.effective_queries, scores.total, scores.query_weights) == (3, 4, None)
    assert scores.relative_weights.tolist() == [1, 1, 1, 1]


def test_a_part_of_the_pairs_keeps_its_weights() -> None:
    part = WEIGHTED.take(np.array([0, 2]))

    assert part.weights is not None
    assert part.weights.tolist() == [1, 3]


def test_the_weights_of_a_sample_go_with_its_scores() -> None:
    heldout = sample(["a", "b"], pinned=[1.0, 2.0])
    production = replace(sample(["c"] * 30, pinned=[float("nan"), *np.arange(29.0)]), weight=np.arange(1.0, 31.0))
    production = replace(production, query=np.array([f"q{i}" for i in range(30)], dtype=object))

    first, second = scores_of(heldout, production)
    both = pinned_scores_of(production)

    assert first.weights is None
    assert second.weights is not None
    assert second.weights.tolist() == production.weight.tolist()  # type: ignore[union-attr]
    assert both is not None
    assert all(side.weights is not None and side.weights.tolist() == list(range(2, 31)) for side in both)
