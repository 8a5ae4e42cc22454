"""Examples of a region: the texts that stand for it best."""

import numpy as np

from drift_core.regions.embeddings import QueryEmbeddings


def typical_queries(embeddings: QueryEmbeddings, among: np.ndarray, *, n: int = 5) -> tuple[str, ...]:
    """Find the distinct production queries that lie nearest to the middle of the chosen pairs.

    Parameters
    ----------
    among
        Production pairs to look at, bool of shape (n_production,).
    n
        How many texts at most.
    """
    places, counts = np.unique(embeddings.production[among], return_counts=True)
    if not len(places):
        return ()
    vectors = embeddings.vectors[places]
    closeness = vectors @ (counts @ vectors)
    return tuple(str(text) for text in embeddings.texts[places[np.argsort(-closeness, kind="stable")[:n]]])
