"""Samples and a diagnosis made by hand, with all that a retrain list looks at."""

from types import SimpleNamespace

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.partitions import Partition
from drift_core.samples.pairs import ScoredPairs

REGIONS = ("delivery", "pets", "taxes")


def sample(queries, *, docs=None, name="production", seed=0):
    rng = np.random.default_rng(seed)
    n = len(queries)
    return ScoredPairs(
        name=name,
        query=np.array(queries, dtype=object),
        doc=None if docs is None else np.array(docs, dtype=object),
        teacher=rng.random(n),
        student=rng.random(n),
        pair_id=np.array([f"p{i}" for i in range(n)], dtype=object),
    )


def diagnosis(*, sizes=(600, 80, 20), drifted_region=1, heldout=None, production=None, region=None):
    """A diagnosis whose production has regions of these sizes, one of them drifted."""
    if region is None:
        region = np.repeat(np.arange(len(sizes)), sizes)
    if production is None:
        names = [f"query {i}" for i in range(len(region))]
        production = sample(names, docs=[f"doc {i}" for i in range(len(region))])
    heldout = heldout or sample(["held 1", "held 2"], docs=["a", "b"], name="heldout")
    partition = Partition(
        name="query clusters",
        kind="query",
        regions=REGIONS,
        terms=tuple((name,) for name in REGIONS),
        heldout=np.zeros(len(heldout), dtype=np.int64),
        production=np.asarray(region, dtype=np.int64),
        reason="made by hand",
    )
    drifted = partition.production == drifted_region
    flagged = SimpleNamespace(partition=partition.name, index=drifted_region)
    return SimpleNamespace(
        findings=(),
        production=production,
        heldout=heldout,
        drifted=drifted,
        to_retrain=drifted,
        rescored_first=(),
        regions=SimpleNamespace(partitions=(partition,), all_partitions=(partition,), drifted=(flagged,), regions=()),
        settings=SimpleNamespace(rule=Rule()),
        embeddings=_unlike(heldout, production),
        version="0.1.0",
    )


def _unlike(heldout, production):
    """Query embeddings in which no text is near another one."""
    texts, codes = np.unique(np.concatenate([heldout.query, production.query]).astype(str), return_inverse=True)
    vectors = np.random.default_rng(0).normal(size=(len(texts), 40)).astype(np.float32)
    return QueryEmbeddings(
        texts=texts.astype(object),
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        heldout=codes[: len(heldout)],
        production=codes[len(heldout) :],
        encoder="by hand@0",
    )
