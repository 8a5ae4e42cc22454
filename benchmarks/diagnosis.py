"""Time and memory of the whole diagnosis as samples grow, one fresh process a size: three partitions, forty regions.

Embeddings are given. The time counts the imports of the package; drawing the samples is left out.
"""

import resource
import subprocess
import sys
import time

import numpy as np

SIZES = (1_000, 10_000, 100_000, 1_000_000)
DIMENSIONS = 384
N_TOPICS = 8
SLICES = {"country": 20, "surface": 12}
REPEATS = 3  # the fastest is shown; the others met a busy machine


def main() -> None:
    """Print one line a production size; sizes may be given as arguments."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    print("production pairs  regions  seconds  CPU seconds  peak GiB  before GiB  cause")
    for size in sizes:
        lines = [_measured_elsewhere(size) for _ in range(REPEATS if size <= 100_000 else 1)]
        seconds, cpu, peak, before, regions, cause = min(lines, key=lambda line: float(line[0]))
        print(f"{size:>16,}  {regions:>7}  {seconds:>7}  {cpu:>11}  {peak:>8}  {before:>10}  {cause}", flush=True)


def _measured_elsewhere(size: int) -> list[str]:
    command = [sys.executable, __file__, "--one", str(size)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def measure_one(n_production: int) -> None:
    """Print seconds, CPU seconds, peak memory, memory that the drawn samples take, regions and cause."""
    began = time.perf_counter(), time.process_time()
    from drift_core.diagnosis.diagnose import diagnose
    from drift_core.regions.embeddings import QueryEmbeddings
    from drift_core.samples.pairs import ScoredPairs

    imports = time.perf_counter() - began[0], time.process_time() - began[1]
    drawn = draw(n_production // 2, n_production, np.random.default_rng(0))
    heldout, production = (ScoredPairs(**sample) for sample in drawn["samples"])
    embeddings = QueryEmbeddings(**drawn["embeddings"])
    before = _peak()
    began = time.perf_counter(), time.process_time()
    result = diagnose(heldout, production, embeddings=embeddings)
    seconds = imports[0] + time.perf_counter() - began[0]
    cpu = imports[1] + time.process_time() - began[1]
    print(f"{seconds:.2f} {cpu:.2f} {_peak():.2f} {before:.2f} {len(result.regions.regions)} {result.verdict.cause}")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def draw(n_heldout: int, n_production: int, rng: np.random.Generator) -> dict:
    """Two healthy samples with two docs a query, two slice columns and clouds for embeddings."""
    n = n_heldout + n_production
    query = np.arange(n) // 2
    topic = rng.integers(N_TOPICS, size=query.max() + 1)
    vectors = _clouds(topic, rng)
    texts = np.array([f"query {i:07d}" for i in range(len(topic))], dtype=object)
    teacher = rng.standard_normal(n)
    student = teacher + 0.4 * rng.standard_normal(n)
    slices = {
        name: np.array([f"{name} {i}" for i in range(k)], dtype=object)[rng.integers(k, size=n)]
        for name, k in SLICES.items()
    }
    sides = {"held-out": slice(0, n_heldout), "production": slice(n_heldout, n)}
    samples = [
        {
            "name": name,
            "query": texts[query[side]],
            "teacher": teacher[side].copy(),
            "student": student[side].copy(),
            "slices": {key: values[side].copy() for key, values in slices.items()},
        }
        for name, side in sides.items()
    ]
    codes = {"heldout": query[:n_heldout].copy(), "production": query[n_heldout:].copy()}
    return {"samples": samples, "embeddings": {"texts": texts, "vectors": vectors, "encoder": "clouds", **codes}}


def _clouds(topic: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    centres = rng.standard_normal((N_TOPICS, DIMENSIONS), dtype=np.float32)
    vectors = rng.standard_normal((len(topic), DIMENSIONS), dtype=np.float32)
    vectors *= 1.5
    vectors += centres[topic]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


if __name__ == "__main__":
    if "--one" in sys.argv:
        measure_one(int(sys.argv[-1]))
    else:
        main()
