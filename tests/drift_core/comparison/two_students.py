"""Samples scored by a student before and one after, with what was planted in each region."""

import numpy as np
import pandas as pd

from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs


def frame(n: int = 600, *, seed: int = 1, before: float = 0.5, after: float = 0.5, worse: float = 0.0) -> pd.DataFrame:
    """Pairs of three regions, two docs a query; errors of both sizes, and more of the one after in region c."""
    rng = np.random.default_rng(seed)
    queries = np.arange(n) // 2
    region = np.array(["a", "b", "c"], dtype=object)[queries % 3]
    teacher = rng.normal(size=n)
    own = after + worse * (region == "c")
    return pd.DataFrame(
        {
            "query": [f"query {seed}-{query}" for query in queries],
            "doc": [f"doc {place}" for place in range(n)],
            "teacher_score": teacher,
            "student_score": teacher + own * rng.normal(size=n),
            "student_score_before": teacher + before * rng.normal(size=n),
            "region": region,
        }
    )


def sample(n: int = 600, name: str = "sample", **planted: float) -> ScoredPairs:
    return read_pairs(frame(n, **planted), name=name)  # type: ignore[arg-type]  # numbers all
