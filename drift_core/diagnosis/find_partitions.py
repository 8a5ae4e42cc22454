"""How the traffic is cut before anything is tested: query clusters and new parts, slices, words, kinds of doc."""

import numpy as np

from drift_core.diagnosis.region_scan import find_worse_parts
from drift_core.diagnosis.regions_test import comparable_scores
from drift_core.diagnosis.settings import Settings
from drift_core.measures.scores import Scores, scores_of
from drift_core.operations.new_docs import docs_beyond, docs_that_err_more
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.moved_docs import DocsTest
from drift_core.regions.new_words import new_words
from drift_core.regions.novelty import NewParts, find_new_parts
from drift_core.regions.partitions import Partition, slice_partitions
from drift_core.regions.text_properties import doc_lengths, scripts_of_texts
from drift_core.regions.topics import topic_partition
from drift_core.samples.pairs import ScoredPairs


def find_partitions(
    heldout: ScoredPairs,
    production: ScoredPairs,
    *,
    settings: Settings,
    embeddings: QueryEmbeddings,
    parts: NewParts | None = None,
    docs: DocsTest | None = None,
    doc_embeddings: QueryEmbeddings | None = None,
    scores: tuple[Scores, Scores] | None = None,
) -> tuple[Partition, ...]:
    """Cut both samples into query clusters and new parts, slices, new words, docs' lengths, and their kind if moved.

    A new part that is not clear by density alone stands as a region only where a scan of the scores finds it worse.
    So do docs of a new kind where they are too few to move the docs as a whole.
    """
    parts = parts or find_new_parts(embeddings, n_clusters=settings.n_clusters, seed=settings.seed)
    others = slice_partitions(heldout, production, settings.slices)
    others += (*doc_lengths(heldout, production), *scripts_of_texts(heldout, production))
    others += (docs.partition(),) if docs and docs.moved else ()
    compared = comparable_scores(scores or scores_of(heldout, production), production)
    worse = find_worse_parts(parts, embeddings, compared, rule=settings.rule, seed=settings.seed)
    chances = (*worse.cluster_chances, *worse.chances)
    topics = topic_partition(embeddings, worse.parts, kind="query", chances=chances)
    least = settings.rule.region_min_queries
    words = new_words(heldout, production, queries=embeddings, topics=topics, least_queries=least)
    new = np.append(np.ones(len(worse.parts.gains), dtype=bool), False)[worse.parts.part]
    familiar = ~new[embeddings.heldout], ~new[embeddings.production]
    others += docs_beyond(heldout, production, familiar=familiar)
    if docs is not None and not docs.moved and doc_embeddings is not None:
        of_docs = find_new_parts(doc_embeddings, seed=settings.seed)
        found = find_worse_parts(of_docs, doc_embeddings, compared, rule=settings.rule, seed=settings.seed)
        others += docs_that_err_more(
            found.parts,
            found.chances,
            found.cluster_chances,
            docs=doc_embeddings,
            familiar=familiar,
            alpha=settings.rule.alpha,
        )
    return (topics, *others, *words)
