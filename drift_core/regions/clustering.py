"""Clusters of like texts: k-means, with the number of clusters chosen from the data.

Every text gets a cluster. What the clusters are called is in `naming`.
"""

from dataclasses import dataclass

import numpy as np

MAX_FIT = 50_000
CANDIDATES = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20)
N_SCORED = 2_000  # texts that the silhouette is measured on
NO_STRUCTURE = 0.02  # a silhouette below it is no better than one cluster
MIN_TEXTS_A_CLUSTER = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clustering:
    """Cluster of each text and how the number of clusters came about.

    Attributes
    ----------
    labels
        int64 of shape (n,), numbered by descending weight.
    centroids
        Unit vectors, float32 of shape (n_clusters, d).
    n_clusters
        How many there are.
    reason
        A sentence on why so many.
    scores
        Silhouette of each number of clusters that was tried.
    """

    labels: np.ndarray
    centroids: np.ndarray
    n_clusters: int
    reason: str
    scores: tuple[tuple[int, float], ...]


def cluster(
    vectors: np.ndarray,
    *,
    weights: np.ndarray,
    n_clusters: int | None = None,
    seed: int = 0,
    max_fit: int = MAX_FIT,
) -> Clustering:
    """Cut texts into clusters by k-means on unit vectors (spherical up to the normalisation of centroids).

    Parameters
    ----------
    vectors
        float32 of shape (n, d), rows of unit length.
    weights
        Pairs per text, shape (n,).
    n_clusters
        How many, or None for the number with the highest silhouette [1]_.
    seed
        Seed of the starts; the order of the rows does not matter.
    max_fit
        Texts that k-means is fitted on; the others go to their nearest centroid.

    References
    ----------
    .. [1] Rousseeuw, P. J. (1987). Silhouettes. Journal of Computational and Applied Mathematics 20.
    """
    order = _canonical_order(vectors)
    ordered, rng = vectors[order], np.random.default_rng(seed)
    fitted = np.arange(len(ordered))
    if len(ordered) > max_fit:
        fitted = np.sort(rng.choice(len(ordered), max_fit, replace=False))
    points, mass = ordered[fitted], weights[order][fitted]
    most = max(1, len(points) // MIN_TEXTS_A_CLUSTER)
    if n_clusters is None:
        centroids, reason, scores = _choose(points, mass, most, seed)
    else:
        asked, n_clusters = n_clusters, min(n_clusters, len(np.unique(points, axis=0)))
        centroids, scores = _fit(points, mass, n_clusters, seed), ()
        reason = f"{n_clusters} clusters, as chosen" + ("." if asked == n_clusters else "; there are no more texts.")
    labels = np.empty(len(vectors), dtype=np.int64)
    labels[order] = _nearest(ordered, centroids)
    return _by_weight(labels, centroids, weights, reason, scores)


def _canonical_order(vectors: np.ndarray) -> np.ndarray:
    """Order of the rows by their bytes, so that the order they came in does not matter."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    return np.argsort(rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel(), kind="stable")


def _choose(
    points: np.ndarray, mass: np.ndarray, most: int, seed: int
) -> tuple[np.ndarray, str, tuple[tuple[int, float], ...]]:
    from sklearn.metrics import silhouette_score

    shown = np.random.default_rng(seed).permutation(len(points))[:N_SCORED]
    fits: dict[int, np.ndarray] = {}
    scores: dict[int, float] = {}
    for k in (k for k in CANDIDATES if k <= most):
        fits[k] = _fit(points, mass, k, seed)
        labels = _nearest(points[shown], fits[k])
        scores[k] = float(silhouette_score(points[shown], labels)) if len(np.unique(labels)) > 1 else 0.0
    best = max(scores, key=scores.__getitem__, default=1)
    if not scores or scores[best] < NO_STRUCTURE:
        return _fit(points, mass, 1, seed), "One cluster: the texts show no groups.", tuple(scores.items())
    reason = f"{best} clusters: the silhouette is highest there ({scores[best]:.2f})."
    return fits[best], reason, tuple(scores.items())


def _fit(points: np.ndarray, mass: np.ndarray, k: int, seed: int) -> np.ndarray:
    from sklearn.cluster import KMeans

    fit = KMeans(k, n_init=4, random_state=seed, algorithm="lloyd").fit(points, sample_weight=mass)
    centres = fit.cluster_centers_
    return centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)


def _nearest(points: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    return np.argmax(points @ centroids.T, axis=1)


def _by_weight(
    labels: np.ndarray,
    centroids: np.ndarray,
    weights: np.ndarray,
    reason: str,
    scores: tuple[tuple[int, float], ...],
) -> Clustering:
    totals = np.bincount(labels, weights=weights, minlength=len(centroids))
    kept = [k for k in np.lexsort((np.arange(len(totals)), -totals)) if totals[k] > 0]
    number = np.full(len(centroids), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    return Clustering(
        labels=number[labels],
        centroids=centroids[kept].astype(np.float32),
        n_clusters=len(kept),
        reason=reason,
        scores=scores,
    )
