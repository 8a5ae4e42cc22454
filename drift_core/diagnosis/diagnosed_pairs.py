"""The pairs of a diagnosis with the region of each, all that a retrain list is drawn from; and how its JSON keeps them.

In the JSON a partition's regions are counted from 0, one a production pair, in the order of the pairs' content.
"""

import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

import numpy as np

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.region import leading_partition
from drift_core.diagnosis.rule import Rule
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.samples.pairs import ScoredPairs

LABEL = np.dtype("<u4")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairRegions:
    """One partition's regions by name, and which one each production pair is in, int64 of shape (n,)."""

    name: str
    regions: tuple[str, ...]
    production: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DiagnosedPairs:
    """Two samples that were diagnosed, and what was found about the production pairs.

    Attributes
    ----------
    heldout, production
        The samples.
    partitions
        Every way in which production was cut into regions.
    drifted
        Whether each production pair lies in a region that drifted, or in which a teacher who drifted differs most, bool
        of shape (n,).
    leading
        Name of the partition that tells most.
    embeddings
        Query embeddings of the two samples, by the encoder of the diagnosis.
    rule, version
        What made the regions.
    """

    heldout: ScoredPairs
    production: ScoredPairs
    partitions: tuple[PairRegions, ...]
    drifted: np.ndarray
    leading: str
    embeddings: QueryEmbeddings
    rule: Rule
    version: str


def diagnosed_pairs(diagnosis: Diagnosis | DiagnosedPairs) -> DiagnosedPairs:
    """Take out of a diagnosis what a list is drawn from."""
    if isinstance(diagnosis, DiagnosedPairs):
        return diagnosis
    return DiagnosedPairs(
        heldout=diagnosis.heldout,
        production=diagnosis.production,
        partitions=tuple(
            PairRegions(name=each.name, regions=each.regions, production=each.production)
            for each in diagnosis.regions.all_partitions
        ),
        drifted=diagnosis.to_retrain,
        leading=leading_partition(diagnosis.regions.regions, first=diagnosis.regions.partitions[0].name),
        embeddings=diagnosis.embeddings,
        rule=diagnosis.settings.rule,
        version=diagnosis.version,
    )


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
