import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.moved_docs import FOLDS, MOVED, DocsTest, compare_docs

A_QUERY = 4
STYLE = np.eye(8)[0]


def embedded(heldout: np.ndarray, production: np.ndarray) -> QueryEmbeddings:
    """One text a pair."""
    n = len(heldout) + len(production)
    return QueryEmbeddings(
        texts=np.array([f"text {i}" for i in range(n)], dtype=object),
        vectors=np.concatenate((heldout, production)).astype(np.float32),
        heldout=np.arange(len(heldout)),
        production=np.arange(len(heldout), n),
        encoder="by hand",
    )


def compared(
    *,
    docs_moved: float = 0.0,
    queries_moved: float = 0.0,
    share: float = 1.0,
    n_queries: int = 60,
    seed: int = 0,
) -> tuple[DocsTest | None, np.ndarray]:
    """The test, and which production pairs have a doc of a new style."""
    rng = np.random.default_rng(seed)
    n = n_queries * A_QUERY
    codes = np.repeat(np.arange(n_queries), A_QUERY), np.repeat(np.arange(n_queries, 2 * n_queries), A_QUERY)
    new = rng.random(n) < share
    docs = embedded(rng.standard_normal((n, 8)), rng.standard_normal((n, 8)) + docs_moved * np.outer(new, STYLE))
    asked = [np.repeat(rng.standard_normal((n_queries, 8)), A_QUERY, axis=0) for _ in range(2)]
    queries = embedded(asked[0], asked[1] + queries_moved * STYLE)
    everything = np.ones(n, dtype=bool), np.ones(n, dtype=bool)
    return compare_docs(docs, queries, codes, familiar=everything, confidence=0.95, rng=rng), new


@pytest.mark.parametrize("seed", range(4))
def test_docs_of_another_style_under_the_same_queries_have_moved(seed: int) -> None:
    test, _ = compared(docs_moved=3.0, seed=seed)

    assert test is not None
    assert test.moved
    assert test.docs.estimate > 0.9
    assert test.queries.low < 0.6


@pytest.mark.parametrize("seed", range(4))
def test_docs_as_before_have_not_moved(seed: int) -> None:
    test, _ = compared(seed=seed)

    assert test is not None
    assert not test.moved
    assert test.docs.low < 0.55


@pytest.mark.parametrize("seed", range(4))
def test_docs_that_moved_no_more_than_their_queries_are_no_moved_docs(seed: int) -> None:
    test, _ = compared(docs_moved=1.5, queries_moved=1.5, seed=seed)

    assert test is not None
    assert test.docs.low > 0.6
    assert not test.moved


def test_docs_count_as_moved_only_beyond_the_chance_at_which_a_cause_is_named() -> None:
    test, _ = compared(docs_moved=0.4, seed=13)

    assert test is not None
    assert test.docs.low > max(MOVED, test.queries.estimate)
    assert not test.moved


def test_docs_of_the_new_style_are_told_from_the_others() -> None:
    test, new = compared(docs_moved=6.0, share=0.5)

    assert test is not None
    assert (test.new_production == new).mean() > 0.95
    assert test.new_heldout.mean() < 0.05


def test_the_partition_by_kind_of_doc_says_by_how_much_they_can_be_told_apart() -> None:
    test, _ = compared(docs_moved=3.0)

    assert test is not None
    partition = test.partition()
    assert (partition.name, partition.kind) == ("doc kind", "doc")
    assert partition.regions == ("docs as before", "docs of a new kind")
    assert partition.production.tolist() == test.new_production.astype(int).tolist()
    assert partition.heldout.tolist() == test.new_heldout.astype(int).tolist()
    assert f"right in {test.docs.estimate:.0%} of cases" in partition.reason


@pytest.mark.parametrize(("moved_by", "area"), [(0.0, 0.5), (1.0, 1.0)])
def test_a_sample_may_have_one_doc_for_every_query(moved_by: float, area: float) -> None:
    docs = embedded(np.ones((60, 8)), np.ones((60, 8)) + moved_by * STYLE)
    rng = np.random.default_rng(0)
    queries = embedded(rng.standard_normal((60, 8)), rng.standard_normal((60, 8)))
    everything = np.ones(60, dtype=bool), np.ones(60, dtype=bool)
    codes = np.arange(60), np.arange(60, 120)

    test = compare_docs(docs, queries, codes, familiar=everything, confidence=0.95, rng=rng)

    assert test is not None
    assert test.docs.estimate == pytest.approx(area, abs=0.03)
    assert test.moved is (moved_by > 0)


def test_pairs_of_new_queries_take_no_part() -> None:
    rng = np.random.default_rng(0)
    n = 60 * A_QUERY
    codes = np.repeat(np.arange(60), A_QUERY), np.repeat(np.arange(60, 120), A_QUERY)
    new_query = np.arange(n) >= n // 2
    docs = embedded(rng.standard_normal((n, 8)), rng.standard_normal((n, 8)) + 3 * np.outer(new_query, STYLE))
    queries = embedded(rng.standard_normal((n, 8)), rng.standard_normal((n, 8)))

    all_familiar, without = (
        compare_docs(
            docs,
            queries,
            codes,
            familiar=(np.ones(n, dtype=bool), mask),
            confidence=0.95,
            rng=np.random.default_rng(1),
        )
        for mask in (np.ones(n, dtype=bool), ~new_query)
    )

    assert all_familiar is not None
    assert without is not None
    assert all_familiar.moved
    assert not without.moved
    assert without.docs.n_pairs == n + n // 2
    assert not without.new_production[new_query].any()


@pytest.mark.parametrize(("n_queries", "is_compared"), [(2 * FOLDS - 1, False), (2 * FOLDS, True)])
def test_docs_of_too_few_queries_are_not_compared(n_queries: int, is_compared: bool) -> None:
    assert (compared(n_queries=n_queries)[0] is not None) == is_compared


def test_the_area_is_that_of_a_classifier_on_queries_it_has_not_seen() -> None:
    # With one coordinate all folds differ by a factor near 1 at most, so the area is that of the coordinate itself.
    rng = np.random.default_rng(2)
    n = 200
    sides = rng.standard_normal((n, 1)), rng.standard_normal((n, 1)) + 0.8
    docs = embedded(*sides)
    codes = np.arange(n), np.arange(n, 2 * n)
    everything = np.ones(n, dtype=bool), np.ones(n, dtype=bool)

    test = compare_docs(docs, docs, codes, familiar=everything, confidence=0.95, rng=rng)

    assert test is not None
    reference = roc_auc_score(np.repeat([0, 1], n), np.concatenate(sides).ravel())
    assert test.docs.estimate == pytest.approx(reference, abs=0.01)
    assert test.docs.low < reference < test.docs.high
    assert (test.docs.n_pairs, test.docs.n_queries) == (2 * n, 2 * n)


def test_each_fold_is_scored_by_a_ridge_classifier_fitted_on_the_others() -> None:
    """Against the same fits from the vectors themselves, one after the other."""
    rng = np.random.default_rng(4)
    n = 60 * A_QUERY
    codes = np.repeat(np.arange(60), A_QUERY), np.repeat(np.arange(60, 120), A_QUERY)
    asked = rng.standard_normal((n, 5)), rng.standard_normal((n, 5)) + 0.3
    given = [z @ rng.standard_normal((5, 8)) + rng.standard_normal((n, 8)) + 2 for z in asked]
    docs, queries = embedded(*given), embedded(*asked)
    everything = np.ones(n, dtype=bool), np.ones(n, dtype=bool)

    test = compare_docs(docs, queries, codes, familiar=everything, confidence=0.95, rng=np.random.default_rng(5))

    fold = np.random.default_rng(5).permutation(120) % FOLDS
    scores = [np.zeros(n), np.zeros(n)]
    for out in range(FOLDS):
        kept = [fold[c] != out for c in codes]
        z = np.concatenate([side[mask] for side, mask in zip(asked, kept, strict=True)])
        x = np.concatenate([side[mask] for side, mask in zip(given, kept, strict=True)])
        centred, size = z - z.mean(axis=0), len(z)
        scatter = centred.T @ centred / size
        line = np.linalg.solve(scatter + 0.1 * np.trace(scatter) / size * np.eye(5), centred.T @ x / size)
        left = [x - z @ line for x, z in zip(given, asked, strict=True)]
        fitted = [each[mask] for each, mask in zip(left, kept, strict=True)]
        scatter = sum(np.cov(each.T, bias=True) for each in fitted)
        penalty = np.trace(scatter) / min(map(len, fitted)) * np.eye(8)
        direction = np.linalg.solve(scatter + penalty, fitted[1].mean(axis=0) - fitted[0].mean(axis=0))
        for side, mask in enumerate(kept):
            scores[side][~mask] = left[side][~mask] @ direction
    reference = roc_auc_score(np.repeat([0, 1], n), np.concatenate(scores))
    assert test is not None
    assert test.docs.estimate == pytest.approx(reference, abs=1e-4)  # vectors are kept in single precision


def test_docs_of_one_query_that_are_alike_widen_the_interval() -> None:
    rng = np.random.default_rng(3)
    once = rng.standard_normal((50, 8)), rng.standard_normal((50, 8)) + STYLE
    plain, repeated = (
        compare_docs(
            embedded(*(np.repeat(side, times, axis=0) for side in once)),
            embedded(*(np.repeat(side, times, axis=0) for side in once)),
            (np.repeat(np.arange(50), times), np.repeat(np.arange(50, 100), times)),
            familiar=(np.ones(50 * times, dtype=bool), np.ones(50 * times, dtype=bool)),
            confidence=0.95,
            rng=np.random.default_rng(0),
        )
        for times in (1, 6)
    )

    assert plain is not None
    assert repeated is not None
    assert repeated.docs.standard_error == pytest.approx(plain.docs.standard_error, rel=0.15)
    assert repeated.docs.n_queries == plain.docs.n_queries == 100
