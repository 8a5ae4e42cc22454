"""Docs of a kind that held-out lacks and that err more, as a region: too few to move the docs as a whole."""

import numpy as np

from drift_core.regions.candidates import MOST_HELDOUT, MOST_OF_PRODUCTION
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.moved_docs import DOC_KIND
from drift_core.regions.naming import name_clusters
from drift_core.regions.new_words import texts_like
from drift_core.regions.novelty import NewParts
from drift_core.regions.partitions import Partition

OF_FAMILIAR = 0.5  # share of such docs whose query is of a familiar kind; else the queries are what is new (ours)
KEPT = 0.7  # share of the docs found that their words must tell again (ours)
N_SCANS = 2  # of the queries and of the docs, at one error rate


def docs_that_err_more(
    parts: NewParts,
    chances: tuple[float, ...],
    cluster_chances: tuple[float | None, ...],
    *,
    docs: QueryEmbeddings,
    familiar: tuple[np.ndarray, np.ndarray],
    alpha: float,
) -> tuple[Partition, ...]:
    """Cut both samples into docs as before and those that a scan of the scores found; none where it found none.

    Parameters
    ----------
    parts, chances, cluster_chances
        New parts of the docs with what the scan says of them; see `WorseParts`.
    docs
        Embeddings of the docs.
    familiar
        Pairs of each sample whose query is of a familiar kind; new queries bring new docs, which is no news.
    alpha
        Chance up to which a part counts as found.
    """
    of_part = np.append([N_SCANS * each <= alpha for each in chances], False)
    of_cluster = np.array([each is not None and N_SCANS * each <= alpha for each in cluster_chances], dtype=bool)
    seed = of_part.astype(bool)[parts.part] | ((parts.part < 0) & of_cluster[parts.cluster])
    if not seed.any() or familiar[1][seed[docs.production]].mean() < OF_FAMILIAR:
        return ()
    inside = texts_like(docs.texts, seed, (docs.heldout, docs.production))
    shares = [inside[side].mean() for side in (docs.heldout, docs.production)]
    if inside[seed].mean() < KEPT or shares[0] > MOST_HELDOUT * shares[1] or shares[1] > MOST_OF_PRODUCTION:
        inside = seed  # their words are not their own
    labels = [inside[side] & known for side, known in zip((docs.heldout, docs.production), familiar, strict=True)]
    found = [each for each in (*chances, *cluster_chances) if each is not None]
    terms = ((), name_clusters(docs.texts, inside.astype(np.int64))[1])
    return (
        Partition(
            name=DOC_KIND,
            kind="doc",
            regions=("docs as before", f"docs with {', '.join(terms[1])}"),
            terms=terms,
            heldout=labels[0].astype(np.int64),
            production=labels[1].astype(np.int64),
            reason=f"A scan of docs found that those of a kind which held-out lacks, {labels[1].mean():.0%}, err more.",
            chances=(None, min(1.0, N_SCANS * min(found))),
        ),
    )
