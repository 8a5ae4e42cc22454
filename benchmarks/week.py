"""The weekly sample: time and memory for 10,000,000 rows, and the bias of weighted numbers over 1,000 draws."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.measures.influence import agreement_influence
from drift_core.tables.dialects import text_sql
from drift_core.weekly_sample.sample import draw_week
from drift_core.weekly_sample.settings import WeekSettings

N_ROWS, N_DRAWS = 10_000_000, 1_000
MOST_SECONDS, MOST_BYTES, MOST_ERRORS = 30, 2**30, 3
# A rank correlation of n pairs has a bias of the order of 1 / n of its own, with weights and without.
UNBIASED = (
    "mean of a score",
    "mean of a score, by the sum of weights",
    "share of the small cohort",
    "agreement, jackknifed",
)
MEASURED = """
import resource, sys, time
from drift_core.weekly_sample.sample import draw_week
from drift_core.weekly_sample.settings import WeekSettings
start = time.perf_counter()
draw_week([sys.argv[1]], sys.argv[2], settings=WeekSettings(n=300, by="cohort", seed=1))
used = [resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - start]
print(used[1], used[0].ru_utime + used[0].ru_stime, used[0].ru_maxrss * 1024)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=N_ROWS)
    parser.add_argument("--draws", type=int, default=N_DRAWS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure_large(Path(folder), chosen.rows)
        measure_bias(Path(folder), chosen.draws)


def measure_large(folder: Path, n_rows: int) -> None:
    log = folder / "log.parquet"
    write_large_log(log, n_rows)
    command = [sys.executable, "-c", MEASURED, str(log), str(folder / "sample.parquet")]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wall, processor, memory = map(float, shown.split())
    size = log.stat().st_size / 1e6
    print(
        f"{n_rows:,} rows, {size:,.0f} MB of Parquet: {wall:.1f} s, {processor:.1f} s of processor, "
        f"{memory / 2**20:,.0f} MiB"
    )
    assert wall < MOST_SECONDS
    assert memory < MOST_BYTES


def write_large_log(path: Path, n_rows: int) -> None:
    """Write queries of one to five docs, with texts, a cohort of 1 % among five, and scores."""
    import duckdb

    with duckdb.connect(":memory:", config={"memory_limit": "1GB", "temp_directory": str(path.parent)}) as connection:
        connection.execute(
            "copy (select q as query_id, "
            "'how to return ' || md5(q::varchar) || ' bought in shop ' || (q % 977) as query, "
            "'document ' || md5((q * 7 + d)::varchar) || ' on refunds and shipping ' || md5(d::varchar) as doc, "
            "case when q % 100 < 60 then 'web' when q % 100 < 85 then 'app' when q % 100 < 95 then 'api' "
            "when q % 100 < 99 then 'partner' else 'beta' end as cohort, "
            "(hash(q + d) % 10000) / 10000 as student_score, (hash(q * 3 + d) % 10000) / 10000 as teacher_score "
            f"from (select q, unnest(range(1 + (hash(q) % 5)::int)) as d from range({n_rows}) numbers(q)) "
            f"limit {n_rows}) to {text_sql(str(path))} (format parquet)"
        )


def measure_bias(folder: Path, n_draws: int) -> None:
    log = small_log(np.random.default_rng(0))
    log.to_parquet(folder / "small.parquet", index=False)
    truth = figures(log.assign(weight=1.0), len(log))
    found = []
    for seed in range(n_draws):
        out = folder / "week.parquet"
        draw_week([folder / "small.parquet"], out, settings=WeekSettings(n=300, by="cohort", seed=seed))
        sample = pd.read_parquet(out)
        found.append(figures(sample, len(log)) | agreements(sample))
    drawn = pd.DataFrame(found)
    truth |= dict.fromkeys(agreements(log[:50].assign(weight=1.0)), truth["agreement"])
    print(f"{n_draws:,} draws of about 300 of {len(log):,} rows:")
    errors = {name: report(name, truth[name], drawn[name].to_numpy()) for name in truth}
    assert max(abs(errors[name]) for name in UNBIASED) < MOST_ERRORS


def report(name: str, truth: float, found: np.ndarray) -> float:
    """Print the bias of a figure, and give it in standard errors of the mean over the draws."""
    error = found.std(ddof=1) / np.sqrt(len(found))
    bias = found.mean() - truth
    print(f"  {name}: true {truth:.4f}, bias {bias:+.5f}, {bias / error:+.2f} standard errors of {error:.5f}")
    return float(bias / error)


def small_log(rng: np.random.Generator) -> pd.DataFrame:
    """Make 3,000 queries of one to five docs; a small cohort scores higher and agrees worse."""
    n_docs = rng.integers(1, 6, size=3_000)
    query = np.repeat(np.arange(len(n_docs)), n_docs)
    cohort = rng.choice(["web", "app", "beta"], size=len(n_docs), p=[0.75, 0.22, 0.03])[query]
    student = rng.normal(size=len(n_docs))[query] + rng.normal(size=len(query)) + 1.5 * (cohort == "beta")
    teacher = np.round(student + np.where(cohort == "beta", 2.0, 0.5) * rng.normal(size=len(query)), 1)
    texts = [f"query {q}" for q in query]
    return pd.DataFrame({"query_id": query, "query": texts, "cohort": cohort, "student": student, "teacher": teacher})


def figures(sample: pd.DataFrame, n_rows: int) -> dict[str, float]:
    weight = sample["weight"].to_numpy()
    student, teacher = sample["student"].to_numpy(), sample["teacher"].to_numpy()
    return {
        "mean of a score": float(weight @ student / n_rows),
        "mean of a score, by the sum of weights": float(np.average(student, weights=weight)),
        "share of the small cohort": float(weight[sample["cohort"] == "beta"].sum() / n_rows),
        "agreement": agreement_influence(student, teacher, weights=weight).estimate,
    }


def agreements(sample: pd.DataFrame) -> dict[str, float]:
    """Agreement less the coefficient's own bias, by the jackknife over queries (Quenouille, 1956); and unweighted."""
    weight = sample["weight"].to_numpy()
    student, teacher = sample["student"].to_numpy(), sample["teacher"].to_numpy()
    code, queries = pd.factorize(sample["query_id"])
    n_queries = len(queries)
    whole = agreement_influence(student, teacher, weights=weight).estimate
    kept = [code != query for query in range(n_queries)]
    without = [agreement_influence(student[k], teacher[k], weights=weight[k]).estimate for k in kept]
    return {
        "agreement, jackknifed": n_queries * whole - (n_queries - 1) * float(np.mean(without)),
        "agreement without weights": agreement_influence(student, teacher).estimate,
    }


if __name__ == "__main__":
    main()
