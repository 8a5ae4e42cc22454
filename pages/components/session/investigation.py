"""What is open: two samples and how they are investigated."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from drift_core.diagnosis.settings import Settings
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Investigation:
    """Both samples, the settings, own embeddings, and a key of this content in this order of rows."""

    heldout: ScoredPairs
    production: ScoredPairs
    settings: Settings
    encoder: str
    embeddings: QueryEmbeddings | None
    scenario: str
    pinned_revision: str
    current_revision: str
    samples_key: str


@cache
def read_shipped(path: Path) -> ScoredPairs:
    """Read a sample that ships with the product, once for all visitors: nobody changes it."""
    return read_pairs(path)


def key_of(pairs: ScoredPairs) -> str:
    """Results follow the rows, so the key counts their order; the digest alone does not."""
    texts = pd.util.hash_array(pairs.query, categorize=True)
    order = hashlib.sha256(texts.tobytes() + pairs.teacher.tobytes() + pairs.student.tobytes()).hexdigest()
    return f"{pairs.digest}-{order}"
