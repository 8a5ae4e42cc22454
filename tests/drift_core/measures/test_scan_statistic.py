from dataclasses import replace

import numpy as np
import pytest

from drift_core.measures.level_ratios import Between
from drift_core.measures.scan_statistic import Found, Scatter, TextErrors, chance_of_smallest, scan
from tests.sweeps import sweep

N_TEXTS, N_GROUPS = 900, 30
LEAF = np.repeat(np.arange(N_GROUPS), N_TEXTS // N_GROUPS)
NESTED = np.array([np.arange(N_GROUPS) // size == place for size in (1, 2, 5) for place in range(30 // size)])
SCATTER = Scatter(
    pair=2.0, shared=0.0, between=Between(variance=0.0, degrees=10.0, n_groups=5)
)  # chi-squared, 1 degree
# A tenth of the draws is expected, and about three standard errors less or more are let pass.
DRAWS = [(100, 1, 20), pytest.param(200, 8, 34, marks=pytest.mark.slow)]


def errors_of(
    rng: np.random.Generator, *, worse: np.ndarray | None = None, docs: int = 1, factor: float = 2
) -> TextErrors:
    """Squared normal errors, larger in the groups at `worse`."""
    texts = np.repeat(np.arange(N_TEXTS), docs)
    errors = rng.normal(size=len(texts)) ** 2
    if worse is not None:
        errors[np.isin(LEAF[texts], worse)] *= factor
    return TextErrors.of(errors, texts, texts, N_TEXTS)


def find(
    texts: TextErrors,
    *,
    seed: int = 0,
    members: np.ndarray = NESTED,
    alpha: float = 0.05,
    weights: np.ndarray | None = None,
    scatter: Scatter = SCATTER,
) -> tuple[Found, ...]:
    return scan(
        texts,
        leaf=LEAF,
        members=members,
        weights=np.ones(len(members)) if weights is None else weights,
        scatter=scatter,
        least_queries=5,
        least_share=0.02,
        alpha=alpha,
        rng=np.random.default_rng(seed),
    ).found


def test_sums_count_pairs_queries_and_squares_of_each_text() -> None:
    sums = TextErrors.of(np.array([1.0, 2.0, 4.0]), np.array([0, 0, 1]), np.array([1, 1, 1]), n_texts=2)

    assert sums.stacked().tolist() == [[0, 7], [0, 3], [0, 2], [0, 5]]


@pytest.mark.parametrize(("n", "least", "most"), DRAWS)
@pytest.mark.parametrize("docs", sweep((1, 4), 4))
def test_where_no_text_differs_a_set_is_found_as_often_as_alpha_says(docs: int, n: int, least: int, most: int) -> None:
    rng = np.random.default_rng(3)

    n_found = sum(bool(find(errors_of(rng, docs=docs), seed=seed, alpha=0.1)) for seed in range(n))

    assert least <= n_found <= most  # the F distribution is an approximation


@pytest.mark.parametrize(("n", "least", "most"), DRAWS)
def test_groups_that_differ_anyway_are_found_no_more_often_where_that_is_allowed_for(
    n: int, least: int, most: int
) -> None:
    rng = np.random.default_rng(7)
    apart = NESTED[-6:]  # of five groups each
    usual = Scatter(pair=2.0, shared=0.0, between=Between(variance=0.3**2, degrees=10.0, n_groups=20))

    n_found = 0
    for seed in range(n):
        plain = errors_of(rng)
        level = np.exp(rng.normal(scale=0.3, size=6))[LEAF // 5]
        texts = replace(plain, errors=plain.errors * level)
        n_found += bool(find(texts, members=apart, scatter=usual, alpha=0.1, seed=seed))

    assert n_found <= most


def test_a_set_of_more_weight_is_found_from_less() -> None:
    texts = errors_of(np.random.default_rng(1), worse=np.arange(10, 15))
    heavy = np.where(np.arange(len(NESTED)) == 47, 20.0, 1.0)

    plain, weighted = find(texts, alpha=0.5)[0], find(texts, alpha=0.5, weights=heavy)[0]

    assert (plain.place, weighted.place) == (47, 47)
    assert weighted.chance < plain.chance / 5


def test_six_worse_sets_are_all_found() -> None:
    apart = NESTED[:30]
    texts = errors_of(np.random.default_rng(2), worse=np.array([0, 5, 10, 15, 20, 25]), factor=6)

    assert {each.place for each in find(texts, members=apart)} == {0, 5, 10, 15, 20, 25}


def test_the_worse_set_is_found_among_those_that_overlap_it() -> None:
    found = find(errors_of(np.random.default_rng(1), worse=np.arange(10, 15)))

    assert len(found) == 1
    assert np.flatnonzero(NESTED[found[0].place]).tolist() == [10, 11, 12, 13, 14]
    assert found[0].chance < 0.01


def test_two_worse_sets_are_found_one_after_the_other() -> None:
    found = find(errors_of(np.random.default_rng(1), worse=np.array([0, 1, 2, 3, 4, 20, 21, 22, 23, 24])))

    assert {tuple(np.flatnonzero(NESTED[each.place])) for each in found} == {(0, 1, 2, 3, 4), (20, 21, 22, 23, 24)}


def test_more_sets_to_choose_from_make_the_same_errors_less_telling() -> None:
    texts = errors_of(np.random.default_rng(4), worse=np.array([4, 5]))
    alone = NESTED[[32]]  # groups 4 and 5

    assert np.flatnonzero(alone[0]).tolist() == [4, 5]
    assert 3 * find(texts, members=alone)[0].chance < find(texts, alpha=0.5)[0].chance


def test_docs_of_few_queries_tell_less_than_as_many_queries() -> None:
    rng = np.random.default_rng(5)
    many = errors_of(rng, worse=np.arange(5), docs=2)
    together = Scatter(pair=2.0, shared=1.5, between=SCATTER.between)

    apart = find(many, members=NESTED[[45]])[0].chance
    shared = find(many, members=NESTED[[45]], scatter=together, alpha=1.0)[0].chance

    assert shared > apart


def test_sets_below_the_floors_are_not_looked_at() -> None:
    texts = errors_of(np.random.default_rng(1), worse=np.arange(5))
    without = TextErrors(errors=texts.errors, pairs=texts.pairs, queries=texts.queries / 40, squares=texts.squares)

    assert find(texts)
    assert not find(without)


def test_no_sets_find_nothing() -> None:
    assert find(errors_of(np.random.default_rng(1)), members=np.zeros((0, N_GROUPS), dtype=bool)) == ()


@pytest.mark.parametrize("heaviness", [1.0, 2.0])
def test_the_chance_of_a_rare_find_holds_where_p_values_are_too_small(heaviness: float) -> None:
    rng = np.random.default_rng(0)
    chances = [
        chance_of_smallest(rare, rng.random(200) ** heaviness) for rare in rng.random(20_000) ** heaviness if rare < 0.1
    ]

    for level in (0.01, 0.003):
        assert 20_000 * level * 0.7 < np.count_nonzero(np.array(chances) <= level) < 20_000 * level * 1.35


def test_a_find_that_many_permutations_show_is_counted() -> None:
    assert chance_of_smallest(0.5, np.linspace(0.01, 1, 100)) == pytest.approx(51 / 101)
