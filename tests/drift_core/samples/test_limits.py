"""A source over the limit is reduced by whole queries, the same ones for the same seed in any order."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError, SettingError
from drift_core.samples.limits import Limits
from drift_core.samples.reading import read_pairs

N = 3_000
LIMITS = Limits(max_rows=500)


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    query = rng.integers(0, 400, N)
    return pd.DataFrame(
        {
            "query": [f"query {i}" for i in query],
            "teacher": rng.random(N),
            "student": rng.random(N),
            "surface": rng.choice(["web", "app"], N),
        }
    )


def test_whole_queries_are_kept_up_to_the_limit() -> None:
    given = frame()
    per_query = given["query"].value_counts()

    found = read_pairs(given, limits=LIMITS, seed=3)

    assert LIMITS.max_rows - per_query.max() < len(found) <= LIMITS.max_rows
    kept = pd.Series(found.query).value_counts()
    assert (kept == per_query[kept.index]).all()
    np.testing.assert_array_equal(found.teacher, given["teacher"].to_numpy()[found.row])


def test_the_reduction_is_recorded_and_said() -> None:
    found = read_pairs(frame(), limits=LIMITS, seed=3)

    assert found.sampling is not None
    assert (found.sampling.n_pairs_before, found.sampling.seed) == (N, 3)
    assert found.sampling.n_queries_before == frame()["query"].nunique()
    (problem,) = found.problems
    assert (problem.name, problem.n_rows, problem.left_out) == ("sampled", N - len(found), True)
    assert "3,000 rows, the limit is 500" in problem.message
    assert "seed 3" in problem.message


def test_the_draw_depends_on_the_seed_but_not_on_order_or_format(tmp_path: Path) -> None:
    given = frame()
    shuffled = given.sample(frac=1, random_state=0)
    shuffled.to_csv(tmp_path / "a.csv", index=False)
    given.to_parquet(tmp_path / "a.parquet")
    given.to_json(tmp_path / "a.jsonl", orient="records", lines=True, double_precision=15)

    expected = read_pairs(given, limits=LIMITS, seed=3)

    for source in (shuffled, tmp_path / "a.csv", tmp_path / "a.parquet"):
        assert read_pairs(source, limits=LIMITS, seed=3).digest == expected.digest
    assert set(read_pairs(tmp_path / "a.jsonl", limits=LIMITS, seed=3).query) == set(expected.query)
    assert set(read_pairs(given, limits=LIMITS, seed=4).query) != set(expected.query)


def test_what_is_within_the_limit_is_taken_whole() -> None:
    found = read_pairs(frame(), limits=Limits(max_rows=N))

    assert len(found) == N
    assert found.sampling is None


def test_the_limit_of_bytes_counts_texts_and_numbers(tmp_path: Path) -> None:
    given = frame()
    n_bytes = int(given["query"].str.len().sum() + given["surface"].str.len().sum()) + 16 * N
    given.to_parquet(tmp_path / "a.parquet")

    for source in (given, tmp_path / "a.parquet"):
        assert read_pairs(source, limits=Limits(max_bytes=n_bytes)).sampling is None
        reduced = read_pairs(source, limits=Limits(max_bytes=n_bytes // 2))
        assert reduced.sampling is not None
        assert 0.4 * N < len(reduced) < 0.6 * N


def test_queries_are_kept_together_by_their_id() -> None:
    given = frame().assign(query_id=[f"id {i % 100}" for i in range(N)])

    found = read_pairs(given, limits=LIMITS)

    assert found.query_id is not None
    assert set(pd.Series(found.query_id).value_counts()) == {N // 100}


def test_a_query_larger_than_the_limit_is_refused() -> None:
    with pytest.raises(InputError, match="the first query drawn alone is over the limit of 500 rows"):
        read_pairs(frame().assign(query="the same"), limits=LIMITS)


@pytest.mark.parametrize("settings", [{"max_rows": 19}, {"max_bytes": 0}])
def test_a_limit_too_small_for_any_sample_is_refused(settings: dict[str, int]) -> None:
    with pytest.raises(SettingError, match="must be in"):
        Limits(**settings)
