import json
import shlex

import duckdb
import numpy as np
import pytest

from tests.drift_core.command_line import run
from tests.drift_core.diagnosis.test_odd_scores import passed
from tests.drift_core.weekly_sample.databases import put_into_duckdb
from tests.drift_core.weekly_sample.logs import make_log, read


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    log = make_log()
    log[:500].to_parquet(folder / "monday.parquet", index=False)
    log[500:].to_parquet(folder / "tuesday.parquet", index=False)
    (folder / "empty.csv").write_text("query,cohort\n")
    return folder


def test_the_sample_is_written_and_its_strata_are_shown(logs, tmp_path):
    out = tmp_path / "week.csv"

    code, shown, said = run("sample", logs / "*.parquet", "--n", 100, "--by", "cohort", "--seed", 4, "--out", out)

    sample = read(out)
    assert (code, said) == (0, "")
    assert shown.startswith(
        f"{len(sample):,} pairs of {sample['qid'].nunique():,} queries from 3 strata, seed 4, drawn"
    )
    assert shown.endswith(f"Wrote {out}\n")
    for stratum in ("web", "app", "beta"):
        line = next(line for line in shown.splitlines() if line.startswith(f"{stratum} "))
        assert f"{(sample['stratum'] == stratum).sum():,}" in line.split()


def test_several_logs_are_one_and_their_order_does_not_matter(logs, tmp_path):
    monday, tuesday = logs / "monday.parquet", logs / "tuesday.parquet"
    chosen = ("--n", 100, "--by", "cohort", "--out")

    run("sample", monday, tuesday, *chosen, tmp_path / "a.csv")
    run("sample", tuesday, monday, *chosen, tmp_path / "b.csv")

    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_clusters_of_queries_are_strata_with_names(logs, tmp_path):
    chosen = ("--by", "cluster", "--clusters", 3, "--embedder", "hashing", "--no-cache")

    code, shown, _ = run("sample", logs / "*.parquet", "--n", 60, *chosen, "--out", tmp_path / "week.csv")

    assert code == 0
    assert "from 3 strata" in shown
    names = set(read(tmp_path / "week.csv")["stratum"])
    assert names == {"return, shoes, number", "late, parcel, number", "chart, size, number"}


def test_the_column_of_queries_can_be_named(logs, tmp_path):
    chosen = ("--n", 20, "--by", "cohort", "--out", tmp_path / "week.csv")

    _, shown, _ = run("sample", logs / "*.parquet", *chosen, "--column", "query=doc", "--column", "query_id=")

    assert f"rows of {len(make_log()):,} queries" in shown


def test_bad_input_is_one_message_and_exit_code_two(logs, tmp_path):
    log, out = logs / "*.parquet", tmp_path / "week.csv"
    for arguments, message in {
        ("gone.csv", "--n", 9, "--by", "cohort", "--out", out): "There is no file gone.csv",
        (log, "--n", 0, "--by", "cohort", "--out", out): "n must be a whole number from 1 up; found 0",
        (log, "--n", "many", "--by", "cohort", "--out", out): "--n",
        (log, "--n", 9, "--by", "team", "--out", out): "has no column 'team' to sample by",
        (log, "--n", 2, "--by", "cohort", "--out", out): "has 3 values, and 2 pairs are wanted",
        (log, "--n", 9, "--by", "cohort", "--out", tmp_path / "no" / "week.csv"): "there is no folder",
        (log, "--n", 9, "--by", "cohort", "--out", tmp_path / "week.json"): "must end in .parquet, .pq, .csv, .tsv",
        (logs / "empty.csv", "--n", 9, "--by", "cohort", "--out", out): "has no rows, so there is nothing to sample",
        (log, "--n", 9, "--by", "cohort", "--column", "query", "--out", out): "--column expects ROLE=COLUMN",
        (log, "--n", 9, "--by", "cohort", "--column", "boss=x", "--out", out): "found 'boss'",
        (log, "--n", 9, "--by", "cohort", "--floor", -1, "--out", out): "floor must be a whole number from 0 up",
        ("--n", 9, "--out", out): "Missing argument",
        (log, "--out", out): "Missing option '--n'",
    }.items():
        code, shown, said = run("sample", *arguments)

        assert (code, shown) == (2, ""), arguments
        assert message in said, (arguments, said)
        assert said.count("Error") == 1, said
        assert "Traceback" not in said


def test_a_week_comes_out_of_a_database_that_a_variable_names(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGS_URL", put_into_duckdb(tmp_path / "logs.duckdb", make_log()))
    (tmp_path / "week.sql").write_text("select * from judged where cohort <> 'beta';\n")
    chosen = ("--n", 100, "--by", "cohort", "--out", tmp_path / "week.csv")

    code, shown, said = run("sample", "--database", "LOGS_URL", "--table", "judged", *chosen)
    _, part, _ = run("sample", "--database", "LOGS_URL", "--query", tmp_path / "week.sql", *chosen)

    assert (code, said) == (0, "")
    assert "from 3 strata" in shown
    assert "from 2 strata" in part


def test_the_select_is_printed_and_its_result_is_a_log(tmp_path):
    url = put_into_duckdb(tmp_path / "logs.duckdb", make_log())
    chosen = ("--n", 100, "--by", "cohort", "--seed", 4)

    code, printed, _ = run("sample", "--print-sql", "duckdb", "--table", "judged", *chosen, "--column", "query_id=qid")
    with duckdb.connect(url.removeprefix("duckdb:///")) as connection:
        connection.sql(printed).write_parquet(str(tmp_path / "result.parquet"))
    _, shown, _ = run("sample", tmp_path / "result.parquet", *chosen, "--out", tmp_path / "week.csv")
    _, inside, _ = run("sample", "--database", url, "--table", "judged", *chosen, "--out", tmp_path / "week.csv")

    assert code == 0
    assert "sample RESULT --column query_id=qid --n 100 --by cohort --seed 4 --out week.parquet" in printed
    assert shown == inside


def test_options_of_a_database_that_do_not_fit_are_one_message(tmp_path, monkeypatch):
    monkeypatch.delenv("LOGS_URL", raising=False)
    place, out = ("--database", "LOGS_URL"), ("--n", 9, "--by", "none", "--out", tmp_path / "week.csv")
    for arguments, message in {
        ("log.csv", *place, "--table", "a", *out): "--database is about a database, and the log is 'log.csv'",
        ("--table", "a", *out): "--table is about a database. Name it with --database",
        (*place, *out): "needs --table NAME or --query FILE",
        (*place, "--table", "a", "--query", "b", *out): "needs --table NAME or --query FILE",
        (*place, "--table", "a", "--print-sql", "trino", *out): "--print-sql connects to nothing",
        (
            *place,
            "--table",
            "a",
            *out,
        ): "The environment variable LOGS_URL, which should hold the database's URL, is not",
        (*place, "--query", "gone.sql", *out): "The query gone.sql cannot be read: No such file",
        ("--print-sql", "oracle", "--table", "a", *out): "SQL is written for bigquery, clickhouse",
        ("--print-sql", "trino", "--table", "a", "--column", "boss=x", *out): "query, query_id, doc; found 'boss'",
        ("--database", "duckdb:///gone.duckdb", "--table", "a", "--n", 9, "--by", "none"): "Missing option '--out'",
        ("--database", "sqlite:///a.db", "--table", "a", *out): "A week can be drawn in bigquery",
        ("--database", "postgres:ada:s3cret@x", "--table", "a", *out): "--database expects a URL such as",
    }.items():
        code, shown, said = run("sample", *arguments)

        assert (code, shown) == (2, ""), arguments
        assert message in said, (arguments, said)
        assert "s3cret" not in said


def test_the_pairs_that_a_verdict_asks_pinned_scores_for_are_drawn_by_its_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (heldout, _), (production, topic) = passed(1), passed(2)
    pinned = production["teacher_score"].copy()
    production.loc[(topic == 2) & (np.random.default_rng(3).random(1200) < 0.85), "teacher_score"] = 0
    production.loc[::40, "teacher_score"] = np.nan
    heldout.to_csv("heldout.csv", index=False)
    production.assign(number=range(1200)).to_csv("my production.csv", index=False)
    chosen = ("--embedder", "hashing", "--json", "found.json")

    run("diagnose", "heldout.csv", "my production.csv", *chosen)
    found = json.loads((tmp_path / "found.json").read_text())
    asked = next(each for each in found["settling"] if each["aim"] == "pinned")
    command, again = (shlex.split(each.partition(" ")[2]) for each in asked["commands"])
    assert all(each in asked["sentence"] for each in asked["commands"])
    code, _, said = run(*command, "--embedder", "hashing")
    drawn = read(tmp_path / "to_pin.csv")
    drawn.assign(teacher_pinned=pinned[drawn["number"]].to_numpy()).to_csv("to_pin.csv", index=False)
    run(*again, *chosen)

    assert (code, said) == (0, "")
    assert abs(len(drawn) - int(command[command.index("--n") + 1])) < 20
    assert drawn["teacher_score"].notna().all()
    assert json.loads((tmp_path / "found.json").read_text())["cause"] == "teacher_drift"
