"""How the traffic is cut before anything is tested: query clusters and new parts, slices, properties, kinds of doc."""

import numpy as np

from drift_core.diagnosis.region_scan import find_worse_parts
from drift_core.diagnosis.regions_test import comparable_scores
from drift_core.diagnosis.settings import Settings
from drift_core.measures.scores import Scores, scores_of
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.moved_docs import DocsTest, compare_docs
from drift_core.regions.novelty import NewParts, find_new_parts
from drift_core.regions.partitions import Partition, slice_partitions
from drift_core.regions.query_move import MOVED_SHARE, query_move
from drift_core.regions.text_properties import property_partitions
from drift_core.regions.topics import is_clear, topic_partition
from drift_core.samples.pairs import ScoredPairs

MOST_DOCS = 50_000  # beyond it docs are compared only when their embeddings are given


def find_partitions(
    heldout: ScoredPairs,
    production: ScoredPairs,
    *,
    settings: Settings,
    embeddings: QueryEmbeddings,
    parts: NewParts | None = None,
    docs: DocsTest | None = None,
    scores: tuple[Scores, Scores] | None = None,
) -> tuple[Partition, ...]:
    """Cut both samples into query clusters and new parts, by each slice column, and by the kind of doc if that moved.

    A new part that is not clear by density alone stands as a region only where a scan of the scores finds it worse.
    """
    parts = parts or find_new_parts(embeddings, n_clusters=settings.n_clusters, seed=settings.seed)
    others = slice_partitions(heldout, production, settings.slices)
    others += (docs.partition(),) if docs and docs.moved else ()
    compared = comparable_scores(scores or scores_of(heldout, production), production)
    worse = find_worse_parts(parts, embeddings, compared, rule=settings.rule, seed=settings.seed)
    chances = (*worse.cluster_chances, *worse.chances)
    return (topic_partition(embeddings, worse.parts, kind="query", chances=chances), *others)


def moved_properties(
    heldout: ScoredPairs, production: ScoredPairs, *, scores: tuple[Scores, Scores], queries: QueryEmbeddings
) -> tuple[Partition, ...]:
    """Partitions by properties of the texts along which the queries moved clearly."""
    found = property_partitions(heldout, production, queries=queries, least_moved=MOVED_SHARE)
    return tuple(partition for partition in found if query_move(partition, *scores).is_clear)


def find_moved_docs(
    scores: tuple[Scores, Scores],
    *,
    settings: Settings,
    parts: NewParts,
    docs: QueryEmbeddings | None,
    queries: QueryEmbeddings,
) -> DocsTest | None:
    """Tell whether the docs moved where the queries did not; None without docs."""
    if docs is None:
        return None
    clear = np.append(is_clear(parts), False)[parts.part]
    familiar = ~clear[queries.heldout], ~clear[queries.production]
    codes = tuple(np.arange(len(s)) if s.queries is None else s.queries for s in scores)
    rng = np.random.default_rng(settings.seed)
    confidence = settings.rule.confidence
    return compare_docs(docs, queries, codes, familiar=familiar, confidence=confidence, rng=rng)  # type: ignore[arg-type]


def hash_docs(heldout: ScoredPairs, production: ScoredPairs) -> QueryEmbeddings | None:
    """Embeddings of the docs by their words; None without docs, and for very many."""
    from drift_core.regions.embeddings import embed_docs
    from drift_core.regions.encoding import HASHING_ENCODER, load_encoder

    if heldout.doc is None or production.doc is None or len(heldout) + len(production) > MOST_DOCS:
        return None
    return embed_docs(heldout, production, encoder=load_encoder(HASHING_ENCODER))
