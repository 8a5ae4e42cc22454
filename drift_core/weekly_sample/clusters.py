"""Strata by clusters of query texts: a first random sample of the queries is embedded and clustered, the log is not."""

from dataclasses import dataclass

import numpy as np

from drift_core.regions.cache import EmbeddingCache, embed
from drift_core.regions.clustering import cluster
from drift_core.regions.encoding import Encoder, Progress
from drift_core.regions.naming import name_clusters
from drift_core.tables.dialects import name_sql
from drift_core.weekly_sample.log import Log
from drift_core.weekly_sample.settings import WeekSettings

# Queries of the first phase for each that is drawn in the end: strata need some to choose from (ours).
MORE_THAN_DRAWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTexts:
    """What turns queries into vectors: an encoder, where they are kept, and who is told."""

    encoder: Encoder
    cache: EmbeddingCache | None = None
    progress: Progress | None = None


def draw_first_phase(log: Log, settings: WeekSettings, *, n_units: int, n_rows: int) -> int:
    """Draw the queries that clusters are made of, as table `first_phase`; give how many."""
    enough = MORE_THAN_DRAWN * settings.n * n_units // n_rows + 1
    size = min(n_units, max(settings.first_phase, enough))
    log.scan.execute(f"create temp table first_phase as select * from units order by number, h, part limit {size}")
    return size


def make_clusters(log: Log, settings: WeekSettings, texts: ClusterTexts) -> tuple[tuple[str, ...], str]:
    """Cluster the texts of the first phase, put the strata into it, and give their names and why so many."""
    hashed = f"select {log.hashed} as h, {name_sql(log.query)}::varchar as query from ({log.scan.query})"
    found = log.scan.rows(
        f"select h, min(query) from ({hashed} where {log.has_query}) where h in (select h from first_phase) group by h"
    )
    hashes = np.array([h for h, _ in found], dtype=np.uint64)
    distinct, codes = np.unique(np.array([text for _, text in found], dtype=object), return_inverse=True)
    vectors = embed(distinct, encoder=texts.encoder, cache=texts.cache, progress=texts.progress)
    sizes = dict(log.scan.rows("select h, sum(n)::bigint from first_phase group by h"))
    rows = np.bincount(codes, weights=[sizes[int(h)] for h in hashes])
    made = cluster(vectors, weights=rows, n_clusters=settings.n_clusters, seed=settings.seed)
    names = tuple(", ".join(terms) for terms in name_clusters(distinct, made.labels))
    _put_strata(log, hashes, made.labels[codes])
    return names, made.reason


def _put_strata(log: Log, hashes: np.ndarray, strata: np.ndarray) -> None:
    import pyarrow as pa

    log.scan.connection.register("found_clusters", pa.table({"h": hashes, "stratum": strata}))
    log.scan.execute(
        "update first_phase set stratum = found_clusters.stratum from found_clusters where "
        "found_clusters.h = first_phase.h"
    )
    log.scan.connection.unregister("found_clusters")
