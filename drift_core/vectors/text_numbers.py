"""Numbers of texts: the first 15 hex digits of their MD5, the same in every engine that has MD5."""

import hashlib
from collections.abc import Iterable

import numpy as np

DIGITS = 15  # so that the number is positive in 64 bits; two of 10,000,000 texts share one with a chance of 1 in 23,000


def number_texts(texts: Iterable[str]) -> np.ndarray:
    """Give the number of each text, int64 of shape (n,).

    Examples
    --------
    >>> number_texts(["abc"]).tolist()
    [648541476951500027]
    """
    found = (int(hashlib.md5(_utf8(text), usedforsecurity=False).hexdigest()[:DIGITS], 16) for text in texts)
    return np.fromiter(found, dtype=np.int64)


def number_sql(text: str) -> str:
    """SQL for DuckDB: the same number of an expression that gives a text."""
    return f"('0x' || md5({text})[1:{DIGITS}])::bigint"


def _utf8(text: str) -> bytes:
    return str(text).encode("utf-8", "surrogatepass")
