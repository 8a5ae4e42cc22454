"""Names of clusters: the terms that set each apart from the others. Texts are not escaped here."""

import numpy as np

OTHER_WORDS = "other"
# Words of two letters and more, with inner apostrophes and hyphens; numbers alone are no name.
WORD = r"(?u)\b[^\W\d_][\w'\-]*\w\b"
# Enough to name a cluster; long texts repeat themselves.
CHARACTERS_READ = 2000
MAX_TERMS = 50_000


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
    # Equal scores go by the alphabet, so that a name never depends on the order of the rows.
    best = np.argsort(-scores, axis=1, kind="stable")
    return _make_unique([_pick(terms[best[i]], scores[i, best[i]], n_terms) for i in range(len(scores))])


def _count_terms(texts: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many texts of each cluster hold each term, and the terms in order of the alphabet."""
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import CountVectorizer

    n_clusters = int(labels.max()) + 1 if len(labels) else 0
    vectorizer = CountVectorizer(stop_words="english", token_pattern=WORD, binary=True, max_features=MAX_TERMS)
    try:
        words = vectorizer.fit_transform([str(text)[:CHARACTERS_READ] for text in texts])
    except ValueError:  # no text has a word that counts
        return np.zeros((n_clusters, 0)), np.empty(0, dtype=object)
    member = csr_array((np.ones(len(labels)), (labels, np.arange(len(labels)))), shape=(n_clusters, len(labels)))
    return (member @ words).toarray(), vectorizer.get_feature_names_out()


def _pick(terms: np.ndarray, scores: np.ndarray, n_terms: int) -> tuple[str, ...]:
    """Take the best terms, passing over plurals and other endings of a term that is in already."""
    picked: list[str] = []
    for term, score in zip(terms, scores, strict=True):
        if score <= 0 or len(picked) == n_terms:
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
