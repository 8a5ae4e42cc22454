"""The region of each pair as text: counted from 0, one a pair, in the order of the pairs' content."""

import zlib
from base64 import b64decode, b64encode

import numpy as np

from drift_core.samples.pairs import ScoredPairs

LABEL = np.dtype("<u4")


def write_labels(labels: np.ndarray, sample: ScoredPairs) -> str:
    """Write one whole number a pair as text: little-endian, 4 bytes each, deflated, in base 64."""
    return b64encode(zlib.compress(labels[sample.content_order].astype(LABEL).tobytes())).decode()


def read_labels(text: str, sample: ScoredPairs, *, n_regions: int) -> np.ndarray:
    """Read them back for a sample of the same content, whatever the order of its rows.

    Raises
    ------
    ValueError
        When it is no such text, or not one region a pair.
    """
    size = LABEL.itemsize * len(sample)
    try:
        content = zlib.decompressobj().decompress(b64decode(text, validate=True), size + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(content) != size or (found := np.frombuffer(content, dtype=LABEL)).max() >= n_regions:
        raise ValueError(f"expected {len(sample):,} regions from 0 to {n_regions - 1:,}")
    labels = np.empty(len(sample), dtype=np.int64)
    labels[sample.content_order] = found
    return labels
