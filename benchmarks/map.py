"""How fast the map is drawn, beside umap-learn on the same vectors, both warm. Prints seconds and the ratio."""

import time
from collections.abc import Callable

import numpy as np

from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.projection import draw_map, warm_up

N_TEXTS, DIMENSION, N_TOPICS = 5000, 384, 30
TOPIC_WEIGHT = 0.6  # leaves two texts of one topic a cosine of about 0.36, as with real queries


def make_embeddings(rng: np.random.Generator) -> QueryEmbeddings:
    topic = rng.normal(size=(N_TOPICS, DIMENSION))[rng.integers(N_TOPICS, size=N_TEXTS)]
    vectors = TOPIC_WEIGHT * topic + np.sqrt(1 - TOPIC_WEIGHT**2) * rng.normal(size=(N_TEXTS, DIMENSION))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    half = N_TEXTS // 2
    return QueryEmbeddings(
        texts=np.array([f"text {i:05d}" for i in range(N_TEXTS)], dtype=object),
        vectors=vectors,
        heldout=np.arange(half),
        production=np.arange(half, N_TEXTS),
        encoder="made up",
    )


def fastest(work: Callable[[], object], n_runs: int) -> float:
    seconds = []
    for _ in range(n_runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main() -> None:
    import umap

    embeddings = make_embeddings(np.random.default_rng(0))
    warm_up()
    ours = fastest(lambda: draw_map(embeddings), 3)
    # n_jobs=1 is what umap-learn makes of a seed anyway; said, it does not warn.
    reference = umap.UMAP(metric="cosine", random_state=0, n_jobs=1)
    reference.fit_transform(embeddings.vectors)
    theirs = fastest(lambda: reference.fit_transform(embeddings.vectors), 1)
    first, second = draw_map(embeddings), draw_map(embeddings)
    same = np.array_equal(first.heldout, second.heldout) and np.array_equal(first.production, second.production)
    print(f"draw_map, {N_TEXTS:,} texts        {ours:7.2f} s")
    print(f"umap.UMAP(random_state=0)     {theirs:7.2f} s   {theirs / ours:.1f} times as long (at least 4)")
    print(f"identical coordinates twice   {'yes' if same else 'NO'}")


if __name__ == "__main__":
    main()
