"""A whole log: how long it takes to count, and how many texts a second a core embeds, in this process and on Ray.

    python benchmarks/whole_log.py [ROWS] [TEXTS] [EMBEDDED]

ROWS of a log with TEXTS distinct queries whose vectors are given, by default 1,000,000 and 100,000; and EMBEDDED texts
of about ten words. Both engines embed the same texts into folders of their own, which must be equal byte for byte.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from drift_core import shipped_scenario_paths
from drift_core.traffic.read_frozen import read_frozen
from drift_core.vectors.parts import part_table, write_part
from drift_core.vectors.text_numbers import number_texts

SEED = 0
BLOCK = 100_000
WEEKS = 26
N_PARTS = 12
SCORED = 0.02  # of the rows have a teacher's score


def drift(*arguments: object, parts: Path | None = None, **environment: str) -> list[tuple[int, float, float]]:
    """Run a command; gives its parts, seconds by the clock and of all its processors, as they grow."""
    started, spent, seen = time.perf_counter(), {}, []
    command = [sys.executable, "-m", "drift_core", *map(str, arguments)]
    process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while process.poll() is None:
        spent |= processor_seconds(process.pid)
        n_parts = 0 if parts is None else len(list(parts.glob("*.parquet")))
        seen.append((n_parts, time.perf_counter() - started, sum(spent.values())))
        time.sleep(0.1)
    if process.returncode not in (0, 3):
        sys.exit(process.communicate()[1].decode())
    process.communicate()
    return seen


def processor_seconds(root: int) -> dict[int, float]:
    """Seconds of processors of a process and those below it that live, by their id."""
    parents, seconds = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
        seconds[int(stat.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return {pid: seconds[pid] for pid in found if pid in seconds}


def make_log(folder: Path, record: Path, n_rows: int, n_texts: int) -> None:
    """Write a log, and vectors of its texts: each near the centroid of a region."""
    rng, frozen = np.random.default_rng(SEED), read_frozen(record).frozen
    (folder / "log").mkdir()
    (folder / "vectors").mkdir()
    texts = np.array([f"how do i return order {number} that arrived broken" for number in range(n_texts)])
    for block in np.array_split(texts, -(-n_texts // BLOCK)):
        noise = rng.normal(size=(len(block), frozen.centroids.shape[1])).astype(np.float32) / 40
        vectors = frozen.centroids[rng.integers(len(frozen.regions), size=len(block))] + noise
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        write_part(folder / "vectors", part_table(number_texts(block), block.tolist(), vectors, encoder=frozen.encoder))
    for place, n in enumerate([len(each) for each in np.array_split(np.arange(n_rows), -(-n_rows // (10 * BLOCK)))]):
        student, noise = rng.random((2, n))
        seconds = rng.integers(WEEKS * 7 * 86_400, size=n)
        teacher = pa.array((student + noise) / 2, mask=rng.random(n) >= SCORED)
        times = pa.array(np.datetime64("2026-01-05") + seconds.astype("timedelta64[s]"))
        query = pa.array(texts).take(pa.array(rng.integers(n_texts, size=n)))
        table = pa.table({"query": query, "timestamp": times, "student_score": student, "teacher_score": teacher})
        pq.write_table(table, folder / "log" / f"{place:04}.parquet", compression="zstd")


def main(n_rows: int = 1_000_000, n_texts: int = 100_000, n_embedded: int = 4_000) -> None:
    with tempfile.TemporaryDirectory(prefix="whole-log-") as name:
        folder = Path(name)
        record = folder / "diagnosis.json"
        drift("diagnose", *shipped_scenario_paths("query-drift"), "--json", record)
        make_log(folder, record, n_rows, n_texts)
        where = ("--diagnosis", record, "--embeddings", folder / "vectors", "--json", folder / "shares.json")
        _, seconds, spent = drift("shares", folder / "log", *where)[-1]
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        counted = json.loads((folder / "shares.json").read_text())["whole"]["n_rows"]
        print(
            f"shares: {counted:,} rows, {n_texts:,} distinct queries, vectors given: {seconds:.1f} s "
            f"({spent:.1f} s of processors), at most {peak:.2f} GiB"
        )
        rng = np.random.default_rng(SEED)
        words = np.array(
            sorted(
                {word for text in pd.read_csv(shipped_scenario_paths("query-drift")[1])["doc"] for word in text.split()}
            )
        )
        log = [" ".join(rng.choice(words, rng.integers(6, 15))) + f" {n}" for n in range(n_embedded)]
        pd.DataFrame({"query": log}).to_parquet(folder / "texts.parquet")
        embed(folder, n_embedded)


def embed(folder: Path, n_texts: int) -> None:
    """Embed with one thread in this process, and with two actors of Ray; rates from the first part to the last."""
    engines = {"local, one thread": ("--engine", "local")}
    if find_spec("ray"):
        engines["ray, two actors"] = ("--engine", "ray", "--actors", "2")
    size = max(1, n_texts // N_PARTS)
    outs = [folder / f"parts-{place}" for place in range(len(engines))]
    for out, (name, engine) in zip(outs, engines.items(), strict=True):
        seen = drift(
            "embed",
            *(folder / "texts.parquet", "--out", out, "--part-texts", size, *engine),
            parts=out,
            OMP_NUM_THREADS="1",
        )
        begun, ended = (next(each for each in seen if each[0] >= n) for n in (1, N_PARTS))
        n, seconds, spent = (last - first for last, first in zip(ended, begun, strict=True))
        print(
            f"embed, {name}: {n * size:,} texts in {seconds:.1f} s after {begun[1]:.1f} s to the first part, "
            f"{n * size / seconds:,.0f} a second, {n * size / spent:,.0f} a second of a processor"
        )
    made = [{p.name: p.read_bytes() for p in out.glob("*.parquet")} for out in outs]
    print(f"equal byte for byte: {all(each == made[0] for each in made)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
