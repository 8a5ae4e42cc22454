"""Lists and settings that the tests of re-scoring share."""

import pandas as pd

from drift_core import Cap, Rescoring, Teacher
from drift_core.rescoring.budget import CallPrices
from drift_core.rescoring.pace import Pace
from drift_core.rescoring.prompt import Prompt
from drift_core.rescoring.score_format import ScoreFormat

QUICK = Pace(concurrency=4, first_wait_seconds=0.01, longest_wait_seconds=0.05, timeout_seconds=60.0, attempts=4)
FREE = Cap(max_calls=10_000)
PRICES = CallPrices(per_million_in=2.0, per_million_out=8.0)


def list_of(n, folder, *, name="list.parquet", **columns):
    """A list of n pairs as a file; gives its path."""
    table = pd.DataFrame(
        {
            "row": range(n),
            "query": [f"query {i} with {{doc}} in it" for i in range(n)],
            "doc": [f"doc {i}" for i in range(n)],
            "teacher_score": 0.1,
            "student_score": 0.2,
            **columns,
        }
    )
    path = folder / name
    table.to_parquet(path) if name.endswith("parquet") else table.to_csv(path, index=False)
    return path


def rescoring(url, *, cap=FREE, pace=QUICK, model="judge", revision=None, key=None, low=0.0, high=1.0, **more):
    return Rescoring(
        teacher=Teacher(model=model, url=url, revision=revision, key=key),
        cap=cap,
        pace=pace,
        prompt=Prompt(answer=ScoreFormat(low=low, high=high)),
        **more,
    )


def by_number(query, doc):
    """A teacher that scores by the number of the doc."""
    return int(doc.split()[1]) / 100
