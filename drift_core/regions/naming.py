"""Names of clusters: the terms that set each apart from the others. Texts are not escaped here."""

import re

import numpy as np
import pandas as pd

from drift_core.regions.partitions import rows_by_region
from drift_core.vectors.stop_words import STOP_WORDS

OTHER_WORDS = "other"
# Words of two letters and more, with inner apostrophes and hyphens; numbers alone are no name.
WORD = re.compile(r"\b[^\W\d_][\w'\-]*\w\b")
# Enough to name a cluster; long texts repeat themselves, and a term that stands out does so in a part of the texts.
CHARACTERS_READ = 2000
TEXTS_READ = 500


def name_clusters(texts: np.ndarray, labels: np.ndarray, *, n_terms: int = 3) -> tuple[tuple[str, ...], ...]:
    """Name each cluster by its most distinguishing terms.

    Parameters
    ----------
    texts
        Texts, array of str, shape (n,).
    labels
        Cluster of each text, int64 in [0, number of clusters).
    n_terms
        Terms per name, at least 1.

    Returns
    -------
    tuple
        Terms of each cluster, best first; no two clusters have the same terms. A cluster without words of its own is
        named ``other``.

    Notes
    -----
    Class-based tf-idf (Grootendorst, 2022, section 4): the frequency of a term in a cluster times the logarithm of one
    plus the mean number of words per cluster over the term's count in all clusters.
    """
    counts, terms = _count_terms(texts, labels)
    if not len(terms):
        return _make_unique([() for _ in range(counts.shape[0])])
    per_cluster = counts.sum(axis=1, keepdims=True)
    frequency = counts / np.maximum(per_cluster, 1)
    scores = frequency * np.log1p(per_cluster.mean() / counts.sum(axis=0))
    return _make_unique([_pick(terms, row, n_terms) for row in scores])


def _count_terms(texts: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many texts of each cluster hold each term, and the terms in order of the alphabet."""
    n_clusters = int(labels.max()) + 1 if len(labels) else 0
    rows = _rows_read(texts, labels, n_clusters)
    words = [set(WORD.findall(str(text)[:CHARACTERS_READ].lower())) - STOP_WORDS for text in texts[rows]]
    flat = np.array([word for held in words for word in held], dtype=object)
    codes, terms = pd.factorize(flat, sort=True)
    cluster = np.repeat(labels[rows], [len(held) for held in words])
    counts = np.bincount(cluster * len(terms) + codes, minlength=n_clusters * len(terms))
    return counts.reshape(n_clusters, len(terms)), terms


def _rows_read(texts: np.ndarray, labels: np.ndarray, n_clusters: int) -> np.ndarray:
    """Rows of the texts that are read: those of a large cluster by their hash, whatever the order of the rows."""
    groups = rows_by_region(labels, n_clusters) if n_clusters else ()
    if all(len(rows) <= TEXTS_READ for rows in groups):
        return np.arange(len(texts))
    lot = pd.util.hash_array(texts, categorize=False)
    return np.concatenate([rows[np.argsort(lot[rows])[:TEXTS_READ]] for rows in groups])


def _pick(terms: np.ndarray, scores: np.ndarray, n_terms: int) -> tuple[str, ...]:
    """Take the best terms, passing over plurals and other endings of a term that is in already."""
    held = np.flatnonzero(scores)
    # Equal scores go by the alphabet, so that a name never depends on the order of the rows.
    best = held[np.argsort(-scores[held], kind="stable")]
    picked: list[str] = []
    for term in terms[best]:
        if len(picked) == n_terms:
            break
        if not any(term.startswith(other) or other.startswith(term) for other in picked):
            picked.append(str(term))
    return tuple(picked)


def _make_unique(names: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Number the second and later clusters of the same name."""
    unique: list[tuple[str, ...]] = []
    for name in names:
        candidate = name or (OTHER_WORDS,)
        number = 1
        while candidate in unique:
            number += 1
            candidate = (*(name or (OTHER_WORDS,)), str(number))
        unique.append(candidate)
    return tuple(unique)
