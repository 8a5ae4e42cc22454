"""Two students on the same pairs: the interval of the change beside SciPy's bootstrap of whole queries, in time."""

import argparse
import time
from collections.abc import Callable
from operator import itemgetter
from typing import TypeVar

import numpy as np
from scipy.stats import bootstrap, rankdata

from drift_core.comparison.compare import compare
from drift_core.measures.paired_order import PairedOrder, paired_order
from drift_core.measures.scores import Scores
from drift_core.samples.reading import read_pairs
from drift_core.simulation.retrained_samples import shipped_retrained_files

T = TypeVar("T")
N_RESAMPLES, CONFIDENCE, MOST_APART = 9_999, 0.95, 0.1
BATCH, REPEATS = 200, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resamples", type=int, default=N_RESAMPLES)
    chosen = parser.parse_args()
    files = shipped_retrained_files()
    fresh = read_pairs(files.fresh)
    for name, docs in (("one doc a query", 1), ("five docs a query", 5)):
        compare_intervals(name, *draw(2_000, docs), chosen.resamples)
    began = time.perf_counter()
    made = compare(read_pairs(files.frozen), fresh)
    seconds = time.perf_counter() - began
    print(f"shipped retraining, {len(made.parts)} parts read, measured and judged: {seconds:.2f} s")


def draw(n: int, docs: int) -> tuple[Scores, np.ndarray]:
    rng = np.random.default_rng(docs)
    queries = np.arange(n) // docs

    def mixed() -> np.ndarray:
        return np.sqrt(0.4) * rng.normal(size=n)[queries] + np.sqrt(0.6) * rng.normal(size=n)

    teacher = mixed()
    before, after = teacher + 0.8 * mixed(), teacher + 0.5 * mixed()
    return Scores(student=after, teacher=teacher, queries=queries), before


def compare_intervals(name: str, scores: Scores, before: np.ndarray, n_resamples: int) -> None:
    region = np.arange(len(scores)) < len(scores) // 5
    own, fast = min((timed(lambda: own_intervals(scores, before, region)) for _ in range(REPEATS)), key=itemgetter(1))
    rows = np.arange(len(scores)).reshape(scores.n_queries, -1)

    def statistic(queries: np.ndarray, axis: int) -> np.ndarray:
        drawn = rows[queries].reshape(*queries.shape[:-1], -1)
        return spearman_change(scores.teacher[drawn], before[drawn], scores.student[drawn])

    found, slow = timed(
        lambda: bootstrap(
            (np.arange(len(rows)),),
            statistic,
            n_resamples=n_resamples,
            confidence_level=CONFIDENCE,
            vectorized=True,
            batch=BATCH,
            method="percentile",
            rng=np.random.default_rng(0),
        )
    )
    low, high = found.confidence_interval
    print(
        f"{name}: ours {own[0]:+.4f} to {own[1]:+.4f} in {fast * 1000:.1f} ms (whole and one region), "
        f"bootstrap of {n_resamples:,} {low:+.4f} to {high:+.4f} in {slow:.1f} s (whole alone), "
        f"{slow / fast:,.0f} times as long"
    )
    width = high - low
    assert max(abs(own[0] - low), abs(own[1] - high)) < MOST_APART * width + 4 * width / np.sqrt(n_resamples)


def own_intervals(scores: Scores, before: np.ndarray, region: np.ndarray) -> tuple[float, float]:
    order = paired_order(scores, before)
    assert isinstance(order, PairedOrder)
    order.change(region)
    whole = order.change(np.ones(len(scores), dtype=bool)).change.to_json()
    return float(whole["low"]), float(whole["high"])  # type: ignore[arg-type]  # measured


def spearman_change(teacher: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Difference of two Spearman coefficients along the last axis."""
    ranks = [rankdata(side, axis=-1) for side in (teacher, before, after)]
    centred = [rank - rank.mean(axis=-1, keepdims=True) for rank in ranks]
    one, two, three = (rank / np.sqrt((rank**2).sum(axis=-1, keepdims=True)) for rank in centred)
    return np.asarray((one * three).sum(axis=-1) - (one * two).sum(axis=-1))


def timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


if __name__ == "__main__":
    main()
