"""Words of a text counted in as many columns as asked for, by hash."""

import re
from collections.abc import Sequence

import numpy as np

from drift_core.samples.stop_words import STOP_WORDS

WORD = re.compile(r"\b\w\w+\b")


def hashed_counts(texts: Sequence[str], n_columns: int) -> np.ndarray:
    """Count the words of each text, float64 of shape (n_texts, n_columns); a word adds 1 or -1 to its column.

    Notes
    -----
    Feature hashing [1]_ of words in lower case, from two characters and without stop words, to the column and sign that
    scikit-learn's ``HashingVectorizer`` gives them, whose import takes longer than the diagnosis of a small sample.

    References
    ----------
    .. [1] Weinberger, K. et al. (2009). Feature hashing for large scale multitask learning. ICML.
    """
    numbers: dict[str, int] = {}
    found, lengths = [], []
    for text in texts:
        words = [
            numbers.setdefault(word, len(numbers)) for word in WORD.findall(text.lower()) if word not in STOP_WORDS
        ]
        found.extend(words)
        lengths.append(len(words))
    hashes = _murmur([word.encode("utf-8", "surrogatepass") for word in numbers])
    signed = hashes.view(np.int32).astype(np.int64)
    word = np.array(found, dtype=np.int64)
    place = np.repeat(np.arange(len(texts)), lengths) * n_columns + (np.abs(signed) % n_columns)[word]
    signs = np.where(signed >= 0, 1.0, -1.0)[word]
    counts = np.bincount(place, weights=signs, minlength=len(texts) * n_columns)
    return counts.reshape(len(texts), n_columns)


def _murmur(words: list[bytes]) -> np.ndarray:
    """MurmurHash3 of 32 bits (Appleby, 2011) with seed 0, uint32 of shape (n_words,)."""
    lengths = np.array([len(word) for word in words], dtype=np.uint32)
    hashes = np.zeros(len(words), dtype=np.uint32)
    for length in np.unique(lengths).tolist():
        same = np.flatnonzero(lengths == length)
        padded = b"".join(words[i].ljust(-(-length // 4) * 4, b"\0") for i in same)
        blocks = np.frombuffer(padded, dtype="<u4").reshape(len(same), -1).astype(np.uint32)
        h = np.zeros(len(same), dtype=np.uint32)
        for column in range(blocks.shape[1]):
            h ^= _turned(blocks[:, column] * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)
            if column < length // 4:  # bytes left over are not mixed further
                h = _turned(h, 13) * np.uint32(5) + np.uint32(0xE6546B64)
        h ^= np.uint32(length)
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
            h = (h ^ (h >> np.uint32(shift))) * np.uint32(factor)
        hashes[same] = h ^ (h >> np.uint32(16))
    return hashes


def _turned(bits: np.ndarray, by: int) -> np.ndarray:
    return np.asarray((bits << np.uint32(by)) | (bits >> np.uint32(32 - by)))
