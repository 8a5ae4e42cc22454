"""Digests of pairs: what tells, from its texts alone, that a pair was in another file too."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

DIGEST_LENGTH = 32  # hex digits, 128 bits: two of 10**9 pairs share one by chance once in 10**20


def digest_pairs(query: Sequence[str] | np.ndarray, doc: Sequence[str] | np.ndarray | None = None) -> np.ndarray:
    """Digest the texts of each pair.

    Parameters
    ----------
    query, doc
        Texts, shape (n,); without docs the query alone counts.

    Returns
    -------
    numpy.ndarray
        Object array of lower-case hex text, shape (n,): the first 32 digits of SHA-256 over the query's number of
        UTF-8 bytes as decimal text, a colon, the query and the doc.

    Examples
    --------
    >>> digest_pairs(["a"], ["b"])[0]
    '78901c91d9fe6a7d0ea14356d6ccde1d'
    """
    docs = [""] * len(query) if doc is None else doc
    return np.array([_digest(q, d) for q, d in zip(query, docs, strict=True)], dtype=object)


def _digest(query: str, doc: str) -> str:
    text = query.encode("utf-8", "surrogatepass")
    return sha256(b"%d:%b%b" % (len(text), text, doc.encode("utf-8", "surrogatepass"))).hexdigest()[:DIGEST_LENGTH]
