"""Time and memory of the whole diagnosis as samples grow, embeddings given: three partitions, about forty regions."""

import resource
import sys
import time

import numpy as np

from drift_core.diagnosis.diagnose import diagnose
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.samples.pairs import ScoredPairs

SIZES = (1_000, 10_000, 100_000)
LARGEST = 1_000_000
DIMENSIONS = 384
N_TOPICS = 8


def main() -> None:
    sizes = (*SIZES, LARGEST) if "--large" in sys.argv else SIZES
    for n in sizes:
        heldout, production, embeddings = draw(n // 2, n - n // 2, np.random.default_rng(0))
        began = time.perf_counter()
        result = diagnose(heldout, production, embeddings=embeddings)
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        regions = len(result.regions.regions)
        print(f"{n:>9,} pairs  {regions:>3} regions  {seconds:7.2f} s  peak {peak:5.2f} GiB  {result.verdict.cause}")


def draw(
    n_heldout: int, n_production: int, rng: np.random.Generator
) -> tuple[ScoredPairs, ScoredPairs, QueryEmbeddings]:
    """Two healthy samples with two docs a query, two slice columns and clouds for embeddings."""
    n = n_heldout + n_production
    query = np.arange(n) // 2
    topic = rng.integers(N_TOPICS, size=query.max() + 1)
    centres = rng.standard_normal((N_TOPICS, DIMENSIONS))
    vectors = (centres[topic] + 1.5 * rng.standard_normal((len(topic), DIMENSIONS))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = np.array([f"query {i:07d}" for i in range(len(topic))], dtype=object)
    teacher = rng.standard_normal(n)
    student = teacher + 0.4 * rng.standard_normal(n)
    slices = {
        "country": np.array([f"c{i}" for i in range(20)], dtype=object)[rng.integers(20, size=n)],
        "surface": np.array([f"s{i}" for i in range(12)], dtype=object)[rng.integers(12, size=n)],
    }
    sides = (slice(0, n_heldout), slice(n_heldout, n))
    heldout, production = (
        ScoredPairs(
            name=name,
            query=texts[query[side]],
            teacher=teacher[side].copy(),
            student=student[side].copy(),
            slices={key: values[side].copy() for key, values in slices.items()},
        )
        for name, side in zip(("held-out", "production"), sides, strict=True)
    )
    embeddings = QueryEmbeddings(
        texts=texts,
        vectors=vectors,
        heldout=query[sides[0]].copy(),
        production=query[sides[1]].copy(),
        encoder="clouds",
    )
    return heldout, production, embeddings


if __name__ == "__main__":
    main()
