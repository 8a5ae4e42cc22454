"""Agreement and overlap beside what a user would call instead; ratios measured side by side in one run."""

import time
from collections.abc import Callable

import numpy as np
from scipy import stats

from drift_core.measures.agreement import agreement
from drift_core.measures.overlap import overlap_curve
from drift_core.measures.scores import Scores

REPEATS = 5


def best_seconds(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Shortest wall time of several calls, after one that warms up."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    for n, levels in ((1_000_000, None), (1_000_000, 4)):
        compare(n, levels)
    compare_bootstrap(10_000)


def compare(n: int, levels: int | None) -> None:
    scores = draw(n, levels)
    kind = "continuous" if levels is None else f"{levels} levels"
    ours = best_seconds(lambda: agreement(scores))
    scipy = best_seconds(lambda: stats.spearmanr(scores.student, scores.teacher))
    print(f"agreement with interval, n = {n:,}, {kind}: {ours / scipy:.2f} x scipy.stats.spearmanr")
    curve = best_seconds(lambda: overlap_curve(scores.student, scores.teacher))
    sort = best_seconds(lambda: np.argsort(scores.student))
    print(f"overlap at every K, n = {n:,}, {kind}: {curve / sort:.2f} x one argsort")


def compare_bootstrap(n: int) -> None:
    scores = draw(n, None)

    def coefficient(student: np.ndarray, teacher: np.ndarray) -> float:
        return float(stats.spearmanr(student, teacher).statistic)

    def bootstrap() -> object:
        sides = (scores.student, scores.teacher)
        return stats.bootstrap(sides, coefficient, paired=True, n_resamples=999, method="percentile", vectorized=False)

    ours, scipy = best_seconds(lambda: agreement(scores)), best_seconds(bootstrap, repeats=1)
    print(
        f"agreement with interval, n = {n:,}: scipy.stats.bootstrap (999 resamples) takes {scipy / ours:,.0f} x as long"
    )


def draw(n: int, levels: int | None) -> Scores:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=n)
    teacher = truth if levels is None else np.digitize(truth, np.linspace(-1, 1, levels - 1)).astype(float)
    return Scores(student=truth + 0.5 * rng.normal(size=n), teacher=teacher, queries=np.arange(n) // 2)


if __name__ == "__main__":
    main()
