import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from drift_core import installation
from drift_core.errors import MissingExtraError, SettingError
from drift_core.regions import projection
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.encoding import load_encoder
from drift_core.regions.projection import MapLayout, draw_map, principal_plane
from drift_core.samples.reading import read_pairs

N_GROUPS = 4
N_SMALL = 24
# Of umap-learn 0.5.12 on 500 texts in four groups; a slow test measures it anew.
QUALITY_OF_UMAP_LEARN = (0.924, 0.264)
SAMPLE_DATA = Path(__file__).parents[3] / "sample_data"


def grouped_vectors(n: int, *, seed: int = 0, d: int = 32) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    group = np.arange(n) % N_GROUPS
    vectors = rng.normal(size=(N_GROUPS, d))[group] + 0.4 * rng.normal(size=(n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), group


def as_embeddings(vectors: np.ndarray) -> QueryEmbeddings:
    n = len(vectors)
    return QueryEmbeddings(
        texts=np.array([f"{i:05d}" for i in range(n)], dtype=object),
        vectors=vectors,
        heldout=np.arange(n, dtype=np.int64),
        production=np.arange(n, dtype=np.int64)[::-1].copy(),
        encoder="made up",
    )


def share_of_own_group(points: np.ndarray, group: np.ndarray) -> float:
    """Share of points whose nearest other point is of their group."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return float(np.mean(group[distances.argmin(axis=1)] == group))


def test_like_texts_lie_together() -> None:
    vectors, group = grouped_vectors(200)

    layout = draw_map(as_embeddings(vectors))

    assert layout.method == "umap"
    assert np.isfinite(layout.heldout).all()
    assert share_of_own_group(layout.heldout, group) > 0.97


def test_pairs_of_one_text_share_a_place() -> None:
    layout = draw_map(as_embeddings(grouped_vectors(60)[0]))

    np.testing.assert_array_equal(layout.heldout, layout.production[::-1])


def test_the_same_input_gives_the_same_bytes_in_another_process_and_another_number_of_threads() -> None:
    script = (
        "import hashlib, sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "import test_projection as t\n"
        "from drift_core.regions import projection\n"
        "projection._n_threads = lambda: 3\n"
        "points = projection.draw_map(t.as_embeddings(t.grouped_vectors(150)[0]), seed=4).heldout\n"
        "print(hashlib.sha256(points.tobytes()).hexdigest())\n"
    )
    folder = __file__.rpartition("/")[0]

    here = draw_map(as_embeddings(grouped_vectors(150)[0]), seed=4).heldout
    there = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, check=True).stdout

    assert hashlib.sha256(here.tobytes()).hexdigest() == there.strip()


def test_another_seed_gives_another_picture() -> None:
    embeddings = as_embeddings(grouped_vectors(100)[0])

    assert not np.array_equal(draw_map(embeddings, seed=1).heldout, draw_map(embeddings, seed=2).heldout)


@pytest.mark.parametrize("n_texts", [1, 2, 5, 9])
def test_few_texts_fall_back_to_principal_components(n_texts: int) -> None:
    layout = draw_map(as_embeddings(grouped_vectors(n_texts)[0]))

    assert layout.method == "pca"
    assert layout.heldout.shape == (n_texts, 2)
    assert "too few" in layout.reason


@pytest.mark.parametrize("n_texts", [10, 16, 17])
def test_the_smallest_maps_are_drawn(n_texts: int) -> None:
    layout = draw_map(as_embeddings(grouped_vectors(n_texts)[0]))

    assert layout.method == "umap"
    assert np.isfinite(layout.heldout).all()


def test_texts_with_equal_vectors_are_drawn() -> None:
    vectors = np.repeat(grouped_vectors(4)[0], 10, axis=0)

    assert np.isfinite(draw_map(as_embeddings(vectors)).heldout).all()


def test_texts_beyond_the_limit_are_placed_in_their_group_and_this_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "MAX_FIT", 100)
    vectors, group = grouped_vectors(300)

    layout = draw_map(as_embeddings(vectors))

    assert (layout.n_fitted, layout.n_placed) == (100, 200)
    assert "100 of 300" in layout.reason
    assert share_of_own_group(layout.heldout, group) > 0.97


def test_neighbours_are_the_exact_ones() -> None:
    vectors, _ = grouped_vectors(120)
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)

    indices, values = projection._nearest(vectors, vectors, 15, leave_self_out=True)

    np.testing.assert_array_equal(np.sort(indices), np.sort(np.argsort(-similarity, axis=1)[:, :15]))
    assert (np.diff(values, axis=1) <= 0).all()


def test_a_small_group_apart_stays_near_the_rest() -> None:
    vectors, _ = grouped_vectors(400, d=64)
    apart = np.zeros((20, 64), dtype=np.float32)
    apart[:, 0], apart[np.arange(20), np.arange(1, 21)] = 1.0, 0.05
    apart /= np.linalg.norm(apart, axis=1, keepdims=True)

    points = draw_map(as_embeddings(np.concatenate([vectors, apart]))).heldout

    assert np.ptp(points, axis=0).max() < 2.5 * np.ptp(points[:400], axis=0).max()


def test_progress_ends_at_all_epochs() -> None:
    seen: list[tuple[str, int, int]] = []

    draw_map(as_embeddings(grouped_vectors(50)[0]), progress=lambda *step: seen.append(step))

    assert seen[-1] == ("map", projection.N_EPOCHS, projection.N_EPOCHS)


def test_principal_plane_matches_scikit_learn() -> None:
    from sklearn.decomposition import PCA

    vectors, _ = grouped_vectors(80)

    ours, theirs = principal_plane(vectors), PCA(2).fit_transform(vectors.astype(float))

    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-4)


def test_layout_is_a_plain_value() -> None:
    layout = draw_map(as_embeddings(grouped_vectors(20)[0]))

    assert isinstance(layout, MapLayout)
    assert not layout.heldout.flags.writeable


@pytest.fixture(scope="module")
def drawn_by_umap_learn(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, np.ndarray]]:
    """Two small maps by their number of texts, of a process without numba's compiler: that takes most of a minute."""
    folder = tmp_path_factory.mktemp("maps")
    script = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "import numpy as np, test_projection as t\n"
        "for n in (t.projection.MIN_FIT, t.N_SMALL):\n"
        "    layout = t.draw_map(t.as_embeddings(t.grouped_vectors(n, d=16)[0]), engine='umap-learn')\n"
        "    told = {name: getattr(layout, name) for name in ('heldout', 'production', 'method', 'reason')}\n"
        "    np.savez(f'{sys.argv[2]}/{n}.npz', **told)\n"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent), str(folder)],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        check=True,
    )
    return {int(file.stem): dict(np.load(file)) for file in folder.glob("*.npz")}


def test_the_map_can_be_drawn_by_umap_learn_and_says_so(drawn_by_umap_learn: dict[int, dict[str, np.ndarray]]) -> None:
    drawn, group = drawn_by_umap_learn[N_SMALL], grouped_vectors(N_SMALL, d=16)[1]

    assert drawn["method"] == "umap"
    assert "UMAP by umap-learn" in str(drawn["reason"])
    assert drawn["heldout"].dtype == np.float32
    assert share_of_own_group(drawn["heldout"], group) > 0.97
    np.testing.assert_array_equal(drawn["heldout"], drawn["production"][::-1])


def test_umap_learn_draws_the_smallest_map(drawn_by_umap_learn: dict[int, dict[str, np.ndarray]]) -> None:
    drawn = drawn_by_umap_learn[projection.MIN_FIT]

    assert drawn["method"] == "umap"
    assert np.isfinite(drawn["heldout"]).all()


def test_an_unknown_engine_is_refused_with_those_there_are() -> None:
    with pytest.raises(SettingError, match=r"one of built-in, umap-learn; found 'tsne'"):
        draw_map(as_embeddings(grouped_vectors(20)[0]), engine="tsne")  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", projection.ENGINES)
def test_a_missing_extra_is_told_before_anything_is_drawn(
    engine: projection.MapEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "find_spec", lambda name: None if name == "umap" else name)

    with pytest.raises(MissingExtraError, match=r'\(umap\)(.|\n)*pip install "distillation-drift\[app\]"'):
        draw_map(as_embeddings(grouped_vectors(20)[0]), engine=engine)


def quality(points: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Trustworthiness (Venna and Kaski, 2001), and the share of 15 nearest neighbours that the map keeps."""
    from sklearn.manifold import trustworthiness
    from sklearn.neighbors import NearestNeighbors

    near, drawn = (
        NearestNeighbors(n_neighbors=15, metric=metric).fit(each).kneighbors(return_distance=False)
        for each, metric in ((vectors, "cosine"), (points, "euclidean"))
    )
    kept = np.mean([len(np.intersect1d(a, b)) / 15 for a, b in zip(near, drawn, strict=True)])
    return np.array([trustworthiness(vectors, points, n_neighbors=15, metric="cosine"), kept])


def test_neighbours_are_as_true_as_those_of_umap_learn_within_two_percent() -> None:
    vectors = grouped_vectors(500, d=64)[0]

    ours = quality(draw_map(as_embeddings(vectors)).heldout, vectors)

    assert (ours > 0.98 * np.array(QUALITY_OF_UMAP_LEARN)).all(), f"{ours} against {QUALITY_OF_UMAP_LEARN}"


@pytest.mark.slow
def test_the_quality_that_ours_is_held_against_is_that_of_umap_learn() -> None:
    vectors = grouped_vectors(500, d=64)[0]

    theirs = quality(draw_map(as_embeddings(vectors), engine="umap-learn").heldout, vectors)

    np.testing.assert_allclose(theirs, QUALITY_OF_UMAP_LEARN, rtol=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("n_texts", [300, 500, 1200])
def test_neighbours_of_real_texts_are_as_true_as_those_of_umap_learn_within_two_percent(n_texts: int) -> None:
    """Mean of five seeds, as a map of one seed is up to 3 % off another's."""
    samples = [read_pairs(SAMPLE_DATA / "healthy" / name) for name in ("heldout.csv", "production.csv")]
    texts = np.unique(np.concatenate([sample.query for sample in samples]))
    chosen = np.random.default_rng(0).choice(texts, n_texts, replace=False)
    vectors = load_encoder().encode(chosen.tolist())

    ours, theirs = (
        np.mean(
            [quality(draw_map(as_embeddings(vectors), seed=seed, engine=engine).heldout, vectors) for seed in range(5)],
            axis=0,
        )
        for engine in projection.ENGINES
    )

    print(f"{n_texts} texts: trustworthiness {ours[0]:.3f} and {theirs[0]:.3f}, kept {ours[1]:.3f} and {theirs[1]:.3f}")
    assert (ours > 0.98 * theirs).all()
