"""Small logs to draw from, and draws of them."""

import numpy as np
import pandas as pd

from drift_core.weekly_sample.sample import draw_week
from drift_core.weekly_sample.settings import WeekSettings

TOPICS = {"web": "return shoes", "app": "late parcel", "beta": "size chart"}


def make_log(n_queries=400, seed=0):
    """Queries of one to five docs in three cohorts, the last of them small."""
    rng = np.random.default_rng(seed)
    n_docs = rng.integers(1, 6, size=n_queries)
    query = np.repeat(np.arange(n_queries), n_docs)
    cohort = rng.choice(list(TOPICS), size=n_queries, p=[0.7, 0.25, 0.05])
    return pd.DataFrame(
        {
            "qid": query,
            "query": [f"{TOPICS[cohort[q]]} number {q}" for q in query],
            "doc": [f"doc {i}" for i in range(len(query))],
            "cohort": cohort[query],
            "student": rng.normal(size=len(query)).round(6) + 2.0 * (cohort[query] == "beta"),
        }
    )


def draw(folder, log, *, out="week.parquet", columns=None, texts=None, **settings):
    """Write a log, draw from it, read the sample."""
    path = folder / "log.parquet"
    log.to_parquet(path, index=False)
    drawn = draw_week(
        [path],
        folder / out,
        settings=WeekSettings(**{"n": 100, "by": "cohort"} | settings),
        columns=columns,
        texts=texts,
    )
    return drawn, read(folder / out)


def read(path):
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, sep="\t" if path.suffix == ".tsv" else ",")
