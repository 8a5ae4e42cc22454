"""Logs in databases, and draws from them."""

import duckdb
import numpy as np
import pandas as pd
import psycopg

from drift_core.tables.dialects import name_sql
from drift_core.weekly_sample.sample import Database, draw_week
from drift_core.weekly_sample.settings import WeekSettings
from tests.drift_core.weekly_sample.logs import read

TYPES = {"i": "bigint", "u": "bigint", "f": "double precision", "b": "boolean"}


def odd_log(seed=0, *, is_id_text=True, has_doc=True):
    """What logs hold: floods, blank and missing ids, texts and values, several values a query, names like our own."""
    rng = np.random.default_rng(seed)
    query = np.repeat(np.arange(120), rng.integers(1, 6, size=120))
    query = np.concatenate([query, np.repeat([3, 7], [130, 77])])
    ids = pd.Series(query).map(lambda q: None if q % 11 == 0 else f" id-{q}\t" if is_id_text else int(q))
    texts = {5: None, 9: " \n\t"}
    values, shares = ["web", " web ", "Äpp", "", None, "x"], [0.5, 0.1, 0.2, 0.1, 0.05, 0.05]
    log = pd.DataFrame(
        {
            "qid": ids if is_id_text else ids.astype("Int64"),
            "query": [texts.get(q, f"größe 100% '{q}'" if q % 2 else f"\u00a0 zoll {q} ") for q in query],
            "doc": [f"doc {n}" for n in rng.integers(0, 10**6, size=len(query))],
            "Cohort %": rng.choice(values, size=len(query), p=shares),
            **dict.fromkeys(("n", "parts", "part", "place", "number", "choice", "chosen", "log"), query),
            "score": rng.normal(size=len(query)),
        }
    )
    return (log if has_doc else log.drop(columns="doc")).sample(frac=1, random_state=seed)


def put_into_duckdb(path, log, name="judged"):
    with duckdb.connect(str(path)) as connection:
        connection.register("given", log)
        connection.execute(f"create table {name} as select * from given")
    return f"duckdb:///{path}"


def put_into_postgresql(url, log, name="judged"):
    kinds = ", ".join(f"{name_sql(column)} {TYPES.get(log[column].dtype.kind, 'text')}" for column in log)
    rows = log.astype(object).where(log.notna(), None)
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"create table {name} ({kinds})")
        marks = ", ".join(["%s"] * len(log.columns))
        cursor.executemany(f"insert into {name} values ({marks})", rows.values.tolist())
    return url


def draw_inside(url, out, *, table="judged", query=None, columns=None, timeout=600, **settings):
    drawn = draw_week(
        Database(url=url, table=None if query else table, query=query, timeout=timeout),
        out,
        settings=WeekSettings(**{"n": 100, "by": "cohort"} | settings),
        columns=columns,
    )
    return drawn, read(out)
