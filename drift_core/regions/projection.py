"""The map: two coordinates for each text, the same every time for the same input.

UMAP (McInnes, Healy and Melville, 2018) with exact neighbours, a fixed start, and an optimiser whose result depends on
neither threads nor chance; or by umap-learn. Colours and drawing are in `charts`.
"""

import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal, get_args

import numpy as np

from drift_core.errors import SettingError
from drift_core.installation import need_extra
from drift_core.measures.one_blas_thread import one_blas_thread
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.encoding import Progress
from drift_core.regions.threads import n_threads

MapEngine = Literal["built-in", "umap-learn"]
ENGINES: tuple[str, ...] = get_args(MapEngine)
N_NEIGHBORS = 15
N_REPELLED = 5
N_EPOCHS, N_EPOCHS_MANY, MANY = 500, 200, 10_000
START_WIDTH = 10.0
# Above this many distinct texts the rest is placed beside its nearest fitted neighbours: cost grows with the square.
MAX_FIT = 20_000
N_PLACING = 3
# Fewer texts than this have no neighbourhoods worth the name.
MIN_FIT = 10
# Rows of the similarity matrix held at once, as so many bytes of float32.
BLOCK_BYTES = 64 * 2**20
BISECTIONS = 40
# umap-learn runs numba's own threads, which end the process when two visitors draw at once.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapLayout:
    """Where each pair lies on the map.

    Attributes
    ----------
    heldout, production
        Coordinates, float32 of shape (n, 2), one row per pair; pairs with the same text share a place.
    method
        ``umap`` or ``pca``.
    n_fitted, n_placed
        Distinct texts that made the map, and those placed beside their nearest neighbours afterwards.
    reason
        A sentence on how the map was made.
    seed
        Seed of the layout.
    """

    heldout: np.ndarray
    production: np.ndarray
    method: str
    n_fitted: int
    n_placed: int
    reason: str
    seed: int

    def __post_init__(self) -> None:
        for array in (self.heldout, self.production):
            array.flags.writeable = False


@one_blas_thread()
def draw_map(
    embeddings: QueryEmbeddings, *, seed: int = 0, engine: MapEngine = "built-in", progress: Progress | None = None
) -> MapLayout:
    """Lay out the texts of both samples on one plane, like texts close together.

    Parameters
    ----------
    embeddings
        From `embed_queries`.
    seed
        Seed of the layout and of the draw of fitted texts, 0 or more.
    engine
        ``built-in``, or ``umap-learn`` for that library's own map: about five times as slow, and 15 s more at the first
        map of a process, for neighbours that are no truer by more than 2 %.
    progress
        Called as ``progress("map", done, total)`` with counts of epochs; umap-learn tells none.

    Raises
    ------
    MissingExtraError
        Where the extra [app] is not installed.
    SettingError
        For another engine.

    Notes
    -----
    Distances between far groups mean little; neighbours do (McInnes et al., 2018, section 6). The same input gives the
    same bytes on the same machine, in whatever number of threads.
    """
    if engine not in ENGINES:
        raise SettingError(f"The map's engine must be one of {', '.join(ENGINES)}; found {engine!r}.")
    need_extra("app", "The map")
    n_texts = len(embeddings.texts)
    if n_texts < MIN_FIT:
        points = principal_plane(embeddings.vectors)
        reason = f"Principal components: {n_texts} distinct texts are too few for a neighbourhood map."
        return _layout(embeddings, points, method="pca", n_fitted=n_texts, reason=reason, seed=seed)
    fitted = _choose_fitted(n_texts, seed)
    points = np.empty((n_texts, 2), dtype=np.float32)
    if engine == "umap-learn":
        made_by, neighbours = f"UMAP by umap-learn {version('umap-learn')}", f"{N_NEIGHBORS} neighbours"
        points[fitted] = _fit_umap_learn(embeddings.vectors[fitted], seed=seed)
    else:
        made_by, neighbours = "UMAP", f"{N_NEIGHBORS} exact neighbours"
        points[fitted] = _fit(embeddings.vectors[fitted], seed=seed, progress=progress)
    rest = np.setdiff1d(np.arange(n_texts), fitted)
    points[rest] = _place(embeddings.vectors[rest], embeddings.vectors[fitted], points[fitted])
    reason = f"{made_by} of {n_texts:,} distinct texts, cosine distance, {neighbours}."
    if len(rest):
        reason = (
            f"{made_by} of {len(fitted):,} of {n_texts:,} distinct texts, drawn with seed {seed}; the other "
            f"{len(rest):,} lie beside their {N_PLACING} nearest neighbours among them."
        )
    return _layout(embeddings, points, method="umap", n_fitted=len(fitted), reason=reason, seed=seed)


def warm_up() -> None:
    """Compile what the map needs, so that the first map of a process is as fast as the next; for a thread at start."""
    points = np.random.default_rng(0).normal(size=(4 * MIN_FIT, 8)).astype(np.float32)
    _fit(points / np.linalg.norm(points, axis=1, keepdims=True), seed=0, progress=None)


def principal_plane(vectors: np.ndarray) -> np.ndarray:
    """Project onto the first two principal components, signs fixed; float32 of shape (n, 2)."""
    centred = vectors - vectors.mean(axis=0)
    axes = np.linalg.eigh(centred.T.astype(np.float64) @ centred)[1][:, :-3:-1]
    largest = np.abs(axes).argmax(axis=0)
    points = np.zeros((len(vectors), 2), dtype=np.float32)
    points[:, : axes.shape[1]] = centred @ (axes * np.sign(axes[largest, np.arange(axes.shape[1])]))
    return points


def _choose_fitted(n_texts: int, seed: int) -> np.ndarray:
    if n_texts <= MAX_FIT:
        return np.arange(n_texts)
    return np.sort(np.random.default_rng(seed).choice(n_texts, MAX_FIT, replace=False))


def _fit(vectors: np.ndarray, *, seed: int, progress: Progress | None) -> np.ndarray:
    indices, similarities = _nearest(vectors, vectors, min(N_NEIGHBORS, len(vectors) - 1), leave_self_out=True)
    starts, ends, weights = _fuzzy_graph(indices, 1.0 - similarities)
    start = principal_plane(vectors)
    start *= START_WIDTH / max(float(np.abs(start).max()), 1e-12)
    return _optimise(start, starts, ends, weights, seed=seed, progress=progress)


def _fit_umap_learn(vectors: np.ndarray, *, seed: int) -> np.ndarray:
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # of a part that needs TensorFlow
        import umap

        # One job is what umap-learn makes of a seed anyway; said, it does not warn.
        reducer = umap.UMAP(
            n_neighbors=min(N_NEIGHBORS, len(vectors) - 1), metric="cosine", random_state=seed, n_jobs=1
        )
        return np.asarray(reducer.fit_transform(vectors), dtype=np.float32)


def _nearest(
    vectors: np.ndarray, among: np.ndarray, n_neighbors: int, *, leave_self_out: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Exact neighbours by cosine from one blocked matrix product: indices and similarities, best first."""
    from drift_core.regions.kernels import keep_nearest

    indices = np.zeros((len(vectors), n_neighbors), dtype=np.int64)
    similarities = np.full((len(vectors), n_neighbors), -np.inf, dtype=np.float32)
    n_rows = max(BLOCK_BYTES // (4 * len(among)), 1)
    with ThreadPoolExecutor(n_threads()) as pool:
        for first in range(0, len(vectors), n_rows):
            product = vectors[first : first + n_rows] @ among.T
            own_column = first if leave_self_out else -len(vectors) - 1

            def keep(low: int, high: int, product: np.ndarray = product, first: int = first) -> None:
                rows = slice(first + low, first + high)
                keep_nearest(product[low:high], own_column + low, indices[rows], similarities[rows])  # noqa: B023

            _in_threads(pool, keep, len(product))
    return indices, np.clip(similarities, -1.0, 1.0)


def _fuzzy_graph(indices: np.ndarray, distances: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted neighbour graph (McInnes et al., 2018, section 3.1): row starts, ends of edges, weights."""
    from scipy.sparse import csr_array

    n_points, n_neighbors = indices.shape
    nearest = distances[:, :1]
    scale = _smooth_scale(np.maximum(distances - nearest, 0.0).astype(np.float64))
    strength = np.exp(-np.maximum(distances - nearest, 0.0) / scale)
    starts = np.arange(0, n_points * n_neighbors + 1, n_neighbors)
    directed = csr_array((strength.ravel(), indices.ravel(), starts), shape=(n_points, n_points))
    both = directed.multiply(directed.T)
    graph = csr_array(directed + directed.T - both)
    graph.sort_indices()
    return graph.indptr.astype(np.int64), graph.indices.astype(np.int64), graph.data


def _smooth_scale(beyond: np.ndarray) -> np.ndarray:
    """Find each point's scale at which its neighbours' strengths add up to log2 of their number; shape (n, 1)."""
    target = np.log2(beyond.shape[1] + 1)
    low = np.full((len(beyond), 1), 1e-6)
    high = np.full((len(beyond), 1), 1e3)
    for _ in range(BISECTIONS):
        middle = np.sqrt(low * high)
        too_much = np.exp(-beyond / middle).sum(axis=1, keepdims=True) > target
        low, high = np.where(too_much, low, middle), np.where(too_much, middle, high)
    # As in umap-learn, no scale falls under a thousandth of the mean distance, or copies would repel each other.
    return np.maximum(middle, 1e-3 * max(float(beyond.mean()), 1e-12))


def _optimise(
    start: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    weights: np.ndarray,
    *,
    seed: int,
    progress: Progress | None,
) -> np.ndarray:
    """Pull neighbours together and push chance pairs apart, all points at once from where they were before."""
    from drift_core.regions.kernels import move_points

    n_epochs = N_EPOCHS if len(start) <= MANY else N_EPOCHS_MANY
    heaviest = weights.max()
    period = (heaviest / np.maximum(weights, heaviest / (n_epochs + 1))).astype(np.float32)  # after all epochs is never
    old, new = start.astype(np.float32), np.empty(start.shape, dtype=np.float32)
    key = np.uint64(seed)
    with ThreadPoolExecutor(n_threads()) as pool:
        for epoch in range(n_epochs):
            alpha, now = np.float32(1.0 - epoch / n_epochs), np.float32(epoch)

            def move(low: int, high: int, old: np.ndarray = old, new: np.ndarray = new, now: np.float32 = now) -> None:
                move_points(old, new, low, high, starts, ends, period, now, alpha, N_REPELLED, key)  # noqa: B023

            _in_threads(pool, move, len(old))
            old, new = new, old
            if progress and (epoch + 1) % 50 == 0:
                progress("map", epoch + 1, n_epochs)
    return old


def _place(vectors: np.ndarray, fitted: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Place texts at the mean of their nearest fitted neighbours, nearer ones counting more."""
    if not len(vectors):
        return np.empty((0, 2), dtype=np.float32)
    indices, similarities = _nearest(vectors, fitted, N_PLACING, leave_self_out=False)
    weights = 1.0 / np.maximum(1.0 - similarities, 1e-6)
    return np.asarray((points[indices] * weights[:, :, None]).sum(axis=1) / weights.sum(axis=1, keepdims=True))


def _in_threads(pool: ThreadPoolExecutor, work: Callable[[int, int], None], n_rows: int) -> None:
    """Share rows out over threads; `work` releases the interpreter lock."""
    cuts = np.linspace(0, n_rows, n_threads() + 1).astype(int)
    list(pool.map(work, cuts[:-1].tolist(), cuts[1:].tolist()))


def _layout(
    embeddings: QueryEmbeddings, points: np.ndarray, *, method: str, n_fitted: int, reason: str, seed: int
) -> MapLayout:
    return MapLayout(
        heldout=points[embeddings.heldout],
        production=points[embeddings.production],
        method=method,
        n_fitted=n_fitted,
        n_placed=len(points) - n_fitted,
        reason=reason,
        seed=seed,
    )
