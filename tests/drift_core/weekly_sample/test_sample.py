from hashlib import md5

import numpy as np
import pandas as pd
import pytest

from drift_core import read_pairs
from drift_core.measures.influence import agreement_influence
from drift_core.regions.encoding import load_encoder
from drift_core.weekly_sample.clusters import ClusterTexts
from drift_core.weekly_sample.sample import draw_week
from drift_core.weekly_sample.settings import WeekSettings
from tests.drift_core.weekly_sample.logs import draw, make_log, read

ADDED = ["stratum", "probability", "weight"]


@pytest.fixture(scope="module")
def hashing():
    return ClusterTexts(encoder=load_encoder("hashing"))


def test_queries_stay_together_with_all_columns_as_they_are(tmp_path, log):
    drawn, sample = draw(tmp_path, log)

    assert list(sample.columns) == [*log.columns, *ADDED]
    assert (sample[log.columns].dtypes == log.dtypes).all()
    again = log[log["qid"].isin(sample["qid"])].sort_values("doc").reset_index(drop=True)
    pd.testing.assert_frame_equal(sample[log.columns].sort_values("doc").reset_index(drop=True), again)
    assert (drawn.n_pairs, drawn.n_queries) == (len(sample), sample["qid"].nunique())


def test_the_strata_tell_what_was_there_and_what_was_drawn(tmp_path, log):
    drawn, sample = draw(tmp_path, log)

    assert [stratum.name for stratum in drawn.strata] == ["app", "beta", "web"]
    for stratum in drawn.strata:
        inside, there = sample[sample["stratum"] == stratum.name], log[log["cohort"] == stratum.name]
        assert (stratum.n_rows, stratum.n_queries) == (len(there), there["qid"].nunique())
        assert (stratum.n_pairs_drawn, stratum.n_queries_drawn) == (len(inside), inside["qid"].nunique())
        assert stratum.probability == pytest.approx(inside["qid"].nunique() / there["qid"].nunique())
        assert np.allclose(inside["weight"], 1 / stratum.probability)
        assert np.allclose(inside["probability"], stratum.probability)
    assert (drawn.n_rows_log, drawn.n_queries_log) == (len(log), 400)
    assert abs(drawn.n_pairs - 100) < 25


def test_every_stratum_keeps_its_floor(tmp_path, log):
    drawn, _ = draw(tmp_path, log, n=60, floor=15)

    assert min(stratum.n_queries_drawn * stratum.n_rows / stratum.n_queries for stratum in drawn.strata) >= 15


def test_the_same_content_and_seed_give_the_same_file_whatever_the_order_of_rows_and_files(tmp_path, log):
    _, sample = draw(tmp_path, log, seed=5)
    shuffled = log.sample(frac=1, random_state=1)
    for name, part in (("b.parquet", shuffled[:300]), ("a.parquet", shuffled[300:])):
        part.to_parquet(tmp_path / name, index=False)
    settings = WeekSettings(n=100, by="cohort", seed=5)

    for logs in (["a.parquet", "b.parquet"], ["b.parquet", "a.parquet"], ["[ab].parquet", "a.parquet"]):
        draw_week([tmp_path / name for name in logs], tmp_path / "again.parquet", settings=settings)
        pd.testing.assert_frame_equal(read(tmp_path / "again.parquet"), sample)


def test_text_files_give_the_queries_that_parquet_gives(tmp_path, log):
    _, sample = draw(tmp_path, log)
    log.to_csv(tmp_path / "log.csv", index=False)
    log.to_csv(tmp_path / "log.csv.gz", index=False)
    log.to_json(tmp_path / "log.jsonl", orient="records", lines=True)

    for name in ("log.csv", "log.csv.gz", "log.jsonl"):
        draw_week([tmp_path / name], tmp_path / "again.csv", settings=WeekSettings(n=100, by="cohort"))
        again = read(tmp_path / "again.csv")
        assert set(again["doc"]) == set(sample["doc"]), name


def test_another_seed_draws_other_queries(tmp_path, log):
    first, second = (set(draw(tmp_path, log, seed=seed)[1]["qid"]) for seed in (0, 1))

    assert len(first & second) < len(first) / 2


def test_the_draw_follows_from_md5_and_so_from_content_alone(tmp_path, log):
    drawn, sample = draw(tmp_path, log, seed=3)

    numbers = {q: md5(f"week 3:{q}".encode()).hexdigest()[:15] for q in log["qid"].unique()}
    for stratum in drawn.strata:
        there = sorted(log.loc[log["cohort"] == stratum.name, "qid"].unique(), key=numbers.get)
        assert set(sample.loc[sample["stratum"] == stratum.name, "qid"]) == set(there[: stratum.n_queries_drawn])


def test_weighted_numbers_are_unbiased_for_the_log(tmp_path):
    """Over fixed seeds; a bias beyond three standard errors has a chance of 0.3 % a figure. Many draws: benchmarks."""
    log = make_log(n_queries=300)
    log["teacher"] = log["student"] + np.where(log["cohort"] == "beta", 2.0, 0.5) * np.sin(np.arange(len(log)) * 7.3)
    found = np.array([figures(draw(tmp_path, log, seed=seed)[1], len(log)) for seed in range(12)])

    truth = np.append(figures(log.assign(weight=1.0), len(log))[:3], agreement_of(log.assign(weight=1.0)))

    errors = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert np.all(np.abs(found.mean(axis=0) - truth) < 3 * errors)


def figures(sample, n_rows):
    """Rows, mean score and share of the small cohort; agreement without its own bias by the jackknife over queries."""
    weight = sample["weight"].to_numpy()
    share = weight[sample["cohort"] == "beta"].sum() / n_rows
    queries = sample["qid"].unique()
    without = np.mean([agreement_of(sample[sample["qid"] != query]) for query in queries])
    agreement = len(queries) * agreement_of(sample) - (len(queries) - 1) * without
    return weight.sum() / n_rows, weight @ sample["student"] / n_rows, share, agreement


def agreement_of(sample):
    sides = (sample[name].to_numpy() for name in ("student", "teacher"))
    return agreement_influence(*sides, weights=sample["weight"].to_numpy()).estimate


def test_without_ids_the_text_is_the_query(tmp_path, log):
    drawn, sample = draw(tmp_path, log.drop(columns="qid"))

    assert drawn.n_queries_log == 400
    assert sample.groupby("query").size().equals(log[log["query"].isin(sample["query"])].groupby("query").size())


def test_a_query_of_several_strata_counts_in_its_most_frequent_one(tmp_path):
    log = pd.DataFrame({"query": ["one"] * 3 + ["two"] * 2, "cohort": ["b", "a", "b", "b", "c"], "d": range(5)})

    drawn, sample = draw(tmp_path, log)

    assert dict(zip(sample["query"], sample["stratum"], strict=True)) == {"one": "b", "two": "b"}
    assert md5(b"b").hexdigest() > md5(b"c").hexdigest()  # which decides where two are as frequent
    assert "2 queries have more than one value of cohort; each counts in its most frequent one." in drawn.notes


def test_a_query_of_very_many_rows_is_drawn_in_parts_of_equal_size(tmp_path, log):
    flood = pd.DataFrame({"qid": 999, "query": "flood", "doc": [f"d{i % 40}" for i in range(1000)], "cohort": "web"})
    both = pd.concat([log, flood], ignore_index=True)

    sizes, totals = [], []
    for seed in range(12):
        drawn, sample = draw(tmp_path, both, seed=seed, n=300)
        sizes.append(int((sample["qid"] == 999).sum()))
        totals.append(sample["weight"].sum())
    drawn_all, everything = draw(tmp_path, both, n=10_000)

    assert all(size % 50 == 0 for size in sizes)
    assert 0 < np.mean(sizes) < 400
    assert np.mean(totals) == pytest.approx(len(both), rel=0.1)
    assert any("1 query has more than 50 rows" in note for note in drawn.notes)
    assert len(everything) == len(both) == drawn_all.n_pairs
    assert (everything["qid"] == 999).sum() == 1000


def test_parts_of_a_query_do_not_depend_on_the_order_of_the_rows(tmp_path):
    flood = pd.DataFrame({"query": "flood", "doc": [f"d{i % 400}" for i in range(1000)], "cohort": "web"})
    flood = flood.assign(h=1, part=2, parts=3, number=4, value=5, n=6, name="seven")

    _, one = draw(tmp_path, flood, n=100)
    _, other = draw(tmp_path, flood.sample(frac=1, random_state=3), n=100)

    assert len(one) == 100
    pd.testing.assert_frame_equal(one, other)


def test_rows_without_a_query_are_left_out_and_counted(tmp_path, log):
    gaps = log.drop(columns="qid").assign(query=[None, "  ", "\n\t", *log["query"][3:]])

    drawn, sample = draw(tmp_path, gaps, n=10_000)

    assert (drawn.n_without_query, drawn.n_rows_log, len(sample)) == (3, len(log) - 3, len(log) - 3)
    assert "3 rows have no query (column 'query'); left out of the population." in drawn.notes


def test_rows_without_a_value_where_one_is_needed_are_left_out_and_counted(tmp_path, log):
    gaps = log.assign(judge=np.where(np.arange(len(log)) % 4 == 0, np.nan, 3.0), note="seen")
    gaps.loc[:2, "note"] = [None, " ", "NaN"]

    drawn, sample = draw(tmp_path, gaps, n=10_000, having="judge")
    _, noted = draw(tmp_path, gaps, n=10_000, having="note")

    assert sample["judge"].notna().all()
    assert drawn.n_rows_log == len(sample) == gaps["judge"].notna().sum()
    assert any("have no query or no value (column 'query' or 'judge'); left out" in note for note in drawn.notes)
    assert len(noted) == len(log) - 3


def test_missing_and_blank_values_of_the_column_are_a_stratum(tmp_path, log):
    drawn, _ = draw(tmp_path, log.assign(cohort=[None, "", *log["cohort"][2:]]), n=10_000)

    assert {stratum.name for stratum in drawn.strata} == {"(none)", "app", "beta", "web"} or log["qid"][2] == 0


def test_a_log_smaller_than_the_sample_is_taken_whole(tmp_path, log):
    drawn, sample = draw(tmp_path, log, n=100_000)

    assert len(sample) == len(log)
    assert set(sample["weight"]) == {1.0}
    assert f"100,000 pairs were wanted and the log has {len(log):,}; all were taken." in drawn.notes


def test_clusters_are_made_of_a_first_random_part_and_weights_multiply(tmp_path, log, hashing):
    drawn, sample = draw(tmp_path, log, by="cluster", n=60, first_phase=200, n_clusters=3, texts=hashing)

    assert drawn.n_first_phase == 200
    assert len(drawn.strata) == 3
    for stratum in drawn.strata:
        assert stratum.probability == pytest.approx(0.5 * stratum.n_queries_drawn / (stratum.n_queries / 2))
    assert sample.groupby("qid").size().equals(log[log["qid"].isin(sample["qid"])].groupby("qid").size())
    assert sample["weight"].sum() == pytest.approx(len(log), rel=0.3)


def test_a_column_called_cluster_is_told_apart_from_clusters(tmp_path, log, hashing):
    drawn, _ = draw(tmp_path, log.assign(cluster="x"), by="cluster", n=60, n_clusters=3, texts=hashing)

    assert any("has a column 'cluster', which was not used" in note for note in drawn.notes)


def test_by_cluster_the_order_of_the_rows_does_not_matter_either(tmp_path, log, hashing):
    chosen = {"by": "cluster", "n": 60, "n_clusters": 3, "texts": hashing}

    _, one = draw(tmp_path, log, **chosen)
    _, other = draw(tmp_path, log.sample(frac=1, random_state=2), **chosen)

    pd.testing.assert_frame_equal(one, other)


def test_by_cluster_weighted_totals_are_unbiased(tmp_path, hashing):
    log = make_log(n_queries=300)
    chosen = {"by": "cluster", "n": 60, "first_phase": 100, "n_clusters": 3, "texts": hashing}

    totals = [draw(tmp_path, log, seed=seed, **chosen)[1]["weight"].sum() for seed in range(12)]

    assert abs(np.mean(totals) - len(log)) < 3 * np.std(totals, ddof=1) / np.sqrt(12)


def test_the_sample_can_be_read_as_pairs_once_it_is_scored(tmp_path, log):
    draw(tmp_path, log.assign(teacher=np.arange(len(log)) % 7), out="week.tsv")

    assert read_pairs(tmp_path / "week.tsv").n_pairs > 50


def test_types_of_all_kinds_are_kept(tmp_path):
    log = pd.DataFrame(
        {
            "query": [f"q{i}" for i in range(30)],
            "cohort": [True, False] * 15,
            "at": pd.date_range("2026-01-01", periods=30, tz="UTC"),
            "docs": [["a", "b"]] * 30,
            "parts": range(30),
            "h": 0.5,
        }
    )

    drawn, sample = draw(tmp_path, log, n=10)

    assert [stratum.name for stratum in drawn.strata] == ["false", "true"]
    assert sample["at"].dtype.tz is not None
    assert sample["docs"][0].tolist() == ["a", "b"]
    assert sample["parts"].tolist() == [int(text[1:]) for text in sample["query"]]


def test_a_broken_row_of_a_csv_is_told_with_its_place_and_left_out(tmp_path, log):
    lines = log.to_csv(index=False).splitlines()
    lines[4] += ",one,too,many"
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n")

    drawn = draw_week([tmp_path / "log.csv"], tmp_path / "week.csv", settings=WeekSettings(n=100, by="cohort"))

    assert "1 row has more columns than the header: row 4. Left out." in drawn.notes
    assert drawn.n_rows_log == len(log) - 1


def test_the_sentence_tells_the_size_and_where_it_comes_from(tmp_path, log):
    drawn, _ = draw(tmp_path, log, n=100_000)

    assert drawn.sentence == (
        f"{len(log):,} pairs of 400 queries from 3 strata, seed 0, drawn from {len(log):,} rows of 400 queries."
    )


def test_parts_of_queries_are_not_counted_as_queries(tmp_path, log):
    drawn, _ = draw(tmp_path, log, n=100_000, most_docs=1)

    assert drawn.n_queries > drawn.n_queries_log == 400
    assert f"pairs of {drawn.n_queries:,} parts of queries, cut by size or stratum, from 3 strata" in drawn.sentence
