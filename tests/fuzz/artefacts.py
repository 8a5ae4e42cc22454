"""Every kind of file that the product reads back: a valid one, made once, and what reads it."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from drift_core import read_pairs
from drift_core.regions.cache import EmbeddingCache, embed
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.embeddings_reader import read_embeddings
from drift_core.regions.encoding import load_encoder
from drift_core.retrain_list.read_diagnosis import read_diagnosis
from drift_core.retrain_list.selection_file import selection_csv
from drift_core.simulation.simulate import Plan, simulate
from tests.drift_core.command_line import FAST, run
from tests.fuzz.artefact import Artefact, Form, Said, contents, told
from tests.fuzz.gate_artefacts import of_the_gate
from tests.fuzz.score_artefacts import of_scores


def all_artefacts(folder: Path) -> tuple[Artefact, ...]:
    """Make one of every kind in a folder."""
    made: list[Artefact] = []
    for name, makers in {"gate": of_the_gate, "lists": _of_the_lists, "scores": of_scores}.items():
        place = folder / name
        place.mkdir()
        made += makers(place)
    return tuple(made)


def _samples(folder: Path) -> tuple[Path, Path]:
    drawn = simulate(Plan(n_heldout=120, n_production=120, new_shares=(0.25,), new_agreement=(0.3,)), seed=1)
    paths = folder / "heldout.csv", folder / "production.csv"
    for table, path in zip((drawn.heldout, drawn.production), paths, strict=True):
        table.to_csv(path, index=False)
    return paths


def _recorded(folder: Path, samples: tuple[Path, Path]) -> Said:
    def read() -> object:
        embedding = EmbeddingSource(is_cached=False)
        found = read_diagnosis(folder / "diagnosis.json", samples[1], heldout=samples[0], embedding=embedding)
        labels = [each.production.tolist() for each in found.partitions]
        return labels, found.drifted.tolist(), found.rule, found.embeddings.encoder

    return told(read)


def _drawn(folder: Path, samples: tuple[Path, Path]) -> Said:
    options = ("--n", 40, "--floor", 5, "--no-cache", "--out", folder / "list")
    code, shown, said = run("manifest", samples[1], "--diagnosis", folder / "diagnosis.json", *options)
    return code, shown.replace(str(folder), ""), said


def _verified(folder: Path, *, file: str) -> Said:
    return run("manifest", "verify", folder / file, folder / "manifest.json")


def _estimated(folder: Path, *, file: str) -> Said:
    return run("rescore", folder / file, "--model", "judge", "--out", folder / "out", "--estimate")


def _excluded(folder: Path) -> Said:
    from drift_core.retrain_list.exclusions import read_excluded

    def read() -> object:
        found = read_pairs(folder / "selection.csv"), read_excluded(folder / "selection.csv")
        return found[0].digest, found[1].digest

    return told(read)


def _embedded(folder: Path, samples: tuple[Any, Any], *, file: str) -> Said:
    def read() -> object:
        found = read_embeddings(folder / file, *samples)
        assert np.isfinite(found.vectors).all()
        return sha256(found.vectors.tobytes()).hexdigest()

    return told(read)


def _cached(folder: Path, texts: np.ndarray) -> Said:
    cache = EmbeddingCache(folder / "cache.db")

    def read() -> object:
        found = embed(texts, encoder=load_encoder("hashing"), cache=cache)
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-3)
        return sha256(found.tobytes()).hexdigest()

    return told(read)


def _of_the_lists(folder: Path) -> list[Artefact]:
    samples = _samples(folder)
    run("diagnose", *samples, *FAST, "--json", folder / "diagnosis.json")
    diagnosis = {"diagnosis.json": (folder / "diagnosis.json").read_bytes()}
    listed = folder / "list"
    options = ("--n", 40, "--floor", 5, "--no-cache", "--out", listed)
    run("manifest", samples[1], "--diagnosis", folder / "diagnosis.json", *options)
    files = contents(listed)
    pairs = tuple(read_pairs(path) for path in samples)
    production = pairs[1]
    chosen = np.arange(len(production)) < 40
    selection = selection_csv(production, chosen, region=np.array(["all"] * len(production), dtype=object))
    read: dict[str, Callable[[Path], Said]] = {
        "recorded": partial(_recorded, samples=samples),
        "drawn": partial(_drawn, samples=samples),
    }
    return [
        Artefact(
            name="diagnosis", file="diagnosis.json", files=diagnosis, read=read["recorded"], form="json", share=200
        ),
        Artefact(
            name="diagnosis to draw a list from", file="diagnosis.json", files=diagnosis, read=read["drawn"],
            form="json", share=20,
        ),
        Artefact(
            name="manifest", file="manifest.json", files=files, share=150, form="json",
            read=partial(_verified, file="retrain_list.parquet"),
        ),
        *(
            Artefact(
                is_digested=word == "to verify", name=f"list as {end} {word}",
                file=f"retrain_list.{end}", files=files, share=40,
                read=partial(read_it, file=f"retrain_list.{end}"), form="bytes" if end == "parquet" else "table",
            )
            for end in ("parquet", "csv", "jsonl")
            for word, read_it in (("to verify", _verified), ("to re-score", _estimated))
        ),
        Artefact(
            name="selection", file="selection.csv", files={"selection.csv": selection}, read=_excluded, form="table"
        ),
        *_of_vectors(folder, pairs),
    ]  # fmt: skip


def _of_vectors(folder: Path, pairs: tuple[Any, Any]) -> list[Artefact]:
    encoder = load_encoder("hashing")
    one, two = (embed(each.query, encoder=encoder)[:, :8] + 0.01 for each in pairs)
    both = np.concatenate([one, two])
    np.save(folder / "mine.npy", both)
    np.savez(folder / "mine.npz", heldout=one, production=two)
    queries = np.concatenate([each.query for each in pairs])
    pd.DataFrame({"query": queries, "embedding": list(both)}).to_parquet(folder / "mine.parquet")
    texts = np.unique(queries)
    embed(texts, encoder=encoder, cache=EmbeddingCache(folder / "cache.db"))
    return [
        *(
            Artefact(
                name=f"embeddings as {end}", file=f"mine.{end}", form=end,
                files={f"mine.{end}": (folder / f"mine.{end}").read_bytes()},
                read=partial(_embedded, samples=pairs, file=f"mine.{end}"),
            )
            for end in VECTORS
        ),
        Artefact(
            name="embedding cache", file="cache.db", files={"cache.db": (folder / "cache.db").read_bytes()},
            read=partial(_cached, texts=texts), form="sqlite", is_optional=True,
        ),
    ]  # fmt: skip


VECTORS: tuple[Form, ...] = ("npy", "npz", "parquet")
