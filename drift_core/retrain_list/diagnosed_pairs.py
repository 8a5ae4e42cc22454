"""The pairs of a diagnosis with the region of each: all that a retrain list is drawn from."""

from dataclasses import dataclass

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.regions_in_words import leading_partition
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.samples.pairs import ScoredPairs


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
    flag
        What the pairs marked `drifted` are called: "drifted", "revised" by the teacher, or both.
    """

    heldout: ScoredPairs
    production: ScoredPairs
    partitions: tuple[PairRegions, ...]
    drifted: np.ndarray
    leading: str
    embeddings: QueryEmbeddings
    rule: Rule
    version: str
    flag: str = "drifted"


def flag_of(*, is_drifted: bool, is_revised: bool) -> str:
    """What pairs that a retraining needs most are called."""
    return " or ".join(["drifted"] * (is_drifted or not is_revised) + ["revised"] * is_revised)


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
        flag=flag_of(is_drifted=bool(diagnosis.regions.drifted), is_revised=bool(diagnosis.rescored_first)),
    )
