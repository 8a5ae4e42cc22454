from hashlib import md5

import duckdb
import numpy as np
import pandas as pd
import psycopg
import pytest

from drift_core.errors import InputError, SettingError
from drift_core.regions.encoding import load_encoder
from drift_core.weekly_sample.clusters import ClusterTexts
from drift_core.weekly_sample.sample import Database, draw_week
from drift_core.weekly_sample.settings import WeekSettings
from tests.drift_core.weekly_sample.databases import draw_inside, odd_log, put_into_duckdb, put_into_postgresql
from tests.drift_core.weekly_sample.logs import draw, read


@pytest.fixture(params=["duckdb", "postgresql"])
def place(request, tmp_path):
    """Puts a log into a database and gives its URL."""
    if request.param == "duckdb":
        return lambda log: put_into_duckdb(tmp_path / "logs.duckdb", log)
    return lambda log: put_into_postgresql(request.getfixturevalue("database"), log)


@pytest.mark.parametrize("seeds", [range(2), pytest.param(range(50), marks=pytest.mark.slow)])
def test_file_databases_and_hashlib_give_the_same_ids(seeds, tmp_path, log, database):
    inside = put_into_duckdb(tmp_path / "logs.duckdb", log), put_into_postgresql(database, log)
    for seed in seeds:
        drawn, sample = draw(tmp_path, log, seed=seed)
        expected = set(sample["qid"])
        numbers = {q: md5(f"week {seed}:{q}".encode()).hexdigest()[:15] for q in log["qid"].unique()}
        by_hand = set()
        for stratum in drawn.strata:
            there = sorted(log.loc[log["cohort"] == stratum.name, "qid"].unique(), key=numbers.get)
            by_hand |= set(there[: stratum.n_queries_drawn])
        assert by_hand == expected
        for url in inside:
            assert set(draw_inside(url, tmp_path / "inside.parquet", seed=seed)[1]["qid"]) == expected, (seed, url)


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ({"is_id_text": True}, {"by": "Cohort %", "n": 60}),
        ({"is_id_text": False}, {"by": "none", "n": 90}),
        ({"has_doc": False}, {"by": "Cohort %", "n": 40, "floor": 0}),
        ({"seed": 2}, {"by": "Cohort %", "n": 2000}),
    ],
    ids=str,
)
def test_a_database_gives_the_sample_of_a_file_whatever_the_log_holds(tmp_path, place, given, chosen):
    log = odd_log(**given)
    of_file, sample = draw(tmp_path, log, seed=3, most_docs=10, **chosen)

    inside, again = draw_inside(place(log), tmp_path / "inside.parquet", seed=3, most_docs=10, **chosen)

    assert (inside.strata, inside.notes) == (of_file.strata, of_file.notes)
    assert inside.sentence == of_file.sentence
    assert any("more than 10 rows" in note for note in inside.notes)
    told = ["n", "stratum", "probability", "weight", *(["doc"] if "doc" in log else [])]
    order = {"by": told, "ignore_index": True}
    pd.testing.assert_frame_equal(again[told].sort_values(**order), sample[told].sort_values(**order))
    assert list(again.columns) == list(sample.columns)


def test_strata_of_numbers_are_called_alike(tmp_path, place):
    tiers = np.resize([0.0, 1.0, 2.5], 120)
    log = pd.DataFrame({"query": [f"q{i}" for i in range(120)], "tier": tiers})

    of_file, _ = draw(tmp_path, log, by="tier", n=60)
    inside, _ = draw_inside(place(log), tmp_path / "inside.parquet", by="tier", n=60)

    assert [each.name for each in of_file.strata] == ["0", "1", "2.5"]
    assert inside.strata == of_file.strata


def test_clusters_are_made_of_the_same_first_part(tmp_path, place, log):
    texts = ClusterTexts(encoder=load_encoder("hashing"))
    chosen = {"by": "cluster", "n": 60, "first_phase": 200, "n_clusters": 3, "seed": 2}
    of_file, sample = draw(tmp_path, log, texts=texts, **chosen)

    inside = draw_week(
        Database(url=place(log), table="judged"),
        tmp_path / "inside.parquet",
        settings=WeekSettings(**chosen),
        texts=texts,
    )

    assert inside.strata == of_file.strata
    pd.testing.assert_frame_equal(read(tmp_path / "inside.parquet"), sample)


def test_a_query_gives_the_log(tmp_path, place, log):
    url = place(log)
    query = (
        "-- of last week\nselect qid, query, doc, cohort from judged where query not like '%7%' and 5 % 2 = 1; -- all"
    )
    kept = log.loc[~log["query"].str.contains("7"), ["qid", "query", "doc", "cohort"]]

    _, sample = draw_inside(url, tmp_path / "inside.parquet", query=query)

    pd.testing.assert_frame_equal(sample, draw(tmp_path, kept)[1])


def test_types_of_a_database_are_kept_or_become_text(tmp_path, database):
    with psycopg.connect(database) as connection:
        connection.execute(
            "create table judged as select gen_random_uuid() as query_id, 'query ' || i as query, i % 2 = 0 as cohort, "
            "now() as at, i / 3.0 as cost, jsonb_build_object('a', i) as meta, array[i, 2] as ranks, "
            "null::int as gone, inet '10.0.0.1' as ip, date '2026-11-30' as day from generate_series(1, 40) i"
        )

    _, sample = draw_inside(database, tmp_path / "week.parquet", n=10)
    _, texts = draw_inside(database, tmp_path / "week.csv", n=10)

    assert sample["at"].dtype.tz is not None
    assert sample["meta"][0].startswith('{"a": ')
    assert sample["ranks"][0][1] == 2
    assert {"ip", "day", "cost", "gone"} <= set(texts.columns)
    assert sorted(texts["query_id"]) == sorted(map(str, sample["query_id"]))


def test_candidates_that_were_run_elsewhere_are_a_log(tmp_path, log):
    from drift_core.weekly_sample.printed_select import print_select

    url = put_into_duckdb(tmp_path / "logs.duckdb", log)
    settings = WeekSettings(n=100, by="cohort", seed=3)
    select = print_select("duckdb", table="judged", query=None, columns={"query_id": "qid"}, settings=settings)
    with duckdb.connect(url.removeprefix("duckdb:///")) as connection:
        result = connection.sql(select).df()
    result.rename(columns=str.upper).to_csv(tmp_path / "result.csv", index=False)
    columns = {"query": "QUERY", "query_id": "QID", "doc": "DOC"}

    draw_week([tmp_path / "result.csv"], tmp_path / "week.csv", settings=settings, columns=columns)

    drawn = read(tmp_path / "week.csv")
    assert set(drawn["QID"]) == set(draw(tmp_path, log, seed=3)[1]["qid"])
    for wrong, told in (
        (WeekSettings(n=100, by="cohort"), "asked for was n 100, by cohort, seed 0"),
        (settings, "lacks"),
    ):
        result[1:].to_csv(tmp_path / "result.csv", index=False)
        with pytest.raises(InputError, match=told):
            draw_week([tmp_path / "result.csv"], tmp_path / "week.csv", settings=wrong)


WRONG = (
    ({"table": "judge"}, "there is no such table. There are: judged."),
    ({"by": "team"}, "has no column 'team' to sample by. It has: qid, query, doc, cohort, student"),
    ({"query": "select doc, cohort from judged"}, "It has: doc, cohort. Name it with --column query=COLUMN"),
    ({"query": "select * from judged where 1 = 0"}, "has no row with a query"),
    ({"query": "select *, 1 as weight from judged"}, "has a column 'weight', which the sample would add"),
    ({"query": "select *, 1 as drift_n from judged"}, "has a column 'drift_n', which the draw would add"),
    ({"n": 2}, "has 3 values, and 2 pairs are wanted"),
    ({"query": "select gone from judged"}, "gone"),
    ({"query": "drop table judged"}, "must be one SELECT that changes nothing"),
    ({"query": "select * from judged where random() < 0.5", "n": 1000}, "did not give the same rows each time"),
)


def test_what_a_database_lacks_is_one_message(tmp_path, place, log):
    url = place(log)
    for chosen, told in WRONG:
        with pytest.raises(InputError) as raised:
            draw_inside(url, tmp_path / "week.csv", **chosen)

        assert told in str(raised.value)
        assert len(str(raised.value).splitlines()) == 1
        assert not (tmp_path / "week.csv").exists()


def test_what_takes_too_long_is_stopped(tmp_path, place, log):
    slow = "select a.qid, a.query, a.cohort from judged a, judged b, judged c, judged d"

    with pytest.raises(InputError, match=r"took longer than 1 seconds\. Sample fewer rows with --query"):
        draw_inside(place(log), tmp_path / "week.csv", query=slow, timeout=1)


def test_a_database_is_only_read(tmp_path, log, database):
    put_into_postgresql(database, log)
    with psycopg.connect(database) as connection:
        connection.execute("create sequence seen")

    with pytest.raises(InputError, match="would change something"):
        draw_inside(database, tmp_path / "week.csv", query="select *, nextval('seen') as seen from judged")


def test_a_user_without_rights_is_told(tmp_path, log, database):
    put_into_postgresql(database, log)
    with psycopg.connect(database) as connection:
        connection.execute("drop role if exists reader")
        connection.execute("create role reader login")
    reader = database.replace("postgres@", "reader:s3cr%40t@")

    with pytest.raises(InputError) as raised:
        draw_inside(reader, tmp_path / "week.csv")

    assert "this user may not read it. Ask for the right to SELECT" in str(raised.value)
    assert "s3cr" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "error", "told"),
    [
        ("here", SettingError, "expects a URL such as"),
        ("sqlite:///x", SettingError, "A week can be drawn in bigquery, clickhouse"),
        ("postgresql://ada:s3cr@t@127.0.0.1:1/x", SettingError, "cannot be read"),
        (
            "postgresql://ada:s3cr%40t@127.0.0.1:1/x",
            InputError,
            "judged in postgresql://ada:***@127.0.0.1:1/x cannot be read",
        ),
        (
            "postgres://127.0.0.1:1/x?password=s3cr%40t",
            InputError,
            "judged in postgresql://127.0.0.1:1/x cannot be read",
        ),
        ("trino://ada:s3cr%40t@h/x", SettingError, "no driver for trino here. Install it with: pip install trino"),
        ("duckdb:///gone.duckdb", InputError, "There is no file 'gone.duckdb' of a DuckDB database"),
        ("duckdb://", InputError, "Expected duckdb:///FILE"),
    ],
)
def test_a_url_that_leads_nowhere_is_one_message_without_its_secret(tmp_path, url, error, told):
    with pytest.raises(error) as raised:
        draw_inside(url, tmp_path / "week.csv")

    assert told in str(raised.value)
    assert "s3cr" not in str(raised.value) + repr(Database(url=url))


@pytest.mark.parametrize("time", ["timestamptz 'infinity'", "timestamp '-infinity'", "date '20000-01-01'"])
def test_times_that_no_file_holds_are_one_message_that_says_what_to_do(tmp_path, log, database, time):
    put_into_postgresql(database, log)

    with pytest.raises(InputError, match=r"cannot be read: a column holds times of infinity, or .* Cast it to text"):
        draw_inside(database, tmp_path / "w.parquet", query=f"select *, {time} as at from judged")

    asked = f"select *, ({time})::text as at from judged"
    assert draw_inside(database, tmp_path / "w.parquet", query=asked)[0].n_pairs
